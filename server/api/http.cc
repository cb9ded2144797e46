// SPDX-License-Identifier: Apache-2.0
#include "api/http.h"

namespace skua::api {
namespace {

template <class Pairs>
std::optional<std::string_view> first(const Pairs& pairs, std::string_view name) {
    for (const auto& [key, value] : pairs) {
        if (key == name) return value;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string_view> HttpRequest::header(std::string_view name) const {
    return first(headers, name);
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
    return first(query, name);
}

std::vector<std::string_view> HttpRequest::parameters(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [key, value] : query) {
        if (key == name) values.emplace_back(value);
    }
    return values;
}

}  // namespace skua::api
