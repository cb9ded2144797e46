// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include "api/http_error.h"
#include "base/hex.h"

#include <optional>

namespace skua::api {
namespace {

// No request path is longer than its header's limit; this bounds the walk all the same.
constexpr std::size_t kMaxSegments = 64;

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (path.starts_with('/') && segments.size() <= kMaxSegments) {
        path.remove_prefix(1);
        const std::size_t end = path.find('/');
        segments.push_back(path.substr(0, end));
        path.remove_prefix(end == std::string_view::npos ? path.size() : end);
    }
    return segments;
}

// What is not a proper escape stays as it is.
std::string percent_decoded(std::string_view text, bool plus_is_space) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            if (const auto byte = base::from_hex(text.substr(i + 1, 2))) {
                out += *byte;
                i += 2;
                continue;
            }
        }
        out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
    return out;
}

bool is_wildcard(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

// How many segments match literally, or nothing.
std::optional<std::size_t> match(const std::vector<std::string>& pattern, const std::vector<std::string_view>& path) {
    if (pattern.size() != path.size()) return std::nullopt;
    std::size_t literal = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_wildcard(pattern[i])) {
            if (path[i].empty()) return std::nullopt;
        } else if (percent_decoded(path[i], false) == pattern[i]) {
            ++literal;
        } else {
            return std::nullopt;
        }
    }
    return literal;
}

}  // namespace

std::string PathValues::get(std::string_view name) const {
    for (const auto& [key, raw] : values_) {
        if (key == name) return percent_decoded(raw, false);
    }
    return {};
}

std::string PathValues::get_with_plus(std::string_view name) const {
    for (const auto& [key, raw] : values_) {
        if (key == name) return percent_decoded(raw, true);
    }
    return {};
}

Router::Router(std::string_view base_path) : base_path_(base_path) {
    while (base_path_.ends_with('/')) base_path_.pop_back();
}

void Router::add(std::string_view pattern, Handler handler) {
    const std::size_t space = pattern.find(' ');
    Route route;
    route.method = pattern.substr(0, space);
    for (const std::string_view segment : split(pattern.substr(space + 1))) route.segments.emplace_back(segment);
    route.handler = std::move(handler);
    routes_.push_back(std::move(route));
}

void Router::handle(const HttpRequest& request, Respond respond) const {
    std::string_view path = request.path;
    const bool inside =
        path.starts_with(base_path_) && (path.size() == base_path_.size() || path[base_path_.size()] == '/');
    if (!inside) return respond(page_not_found());
    path.remove_prefix(base_path_.size());

    const std::vector<std::string_view> segments = split(path);
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    const Route* best = nullptr;
    std::size_t best_literal = 0;
    for (const Route& route : routes_) {
        if (route.method != method) continue;
        const auto literal = match(route.segments, segments);
        if (literal && (best == nullptr || *literal > best_literal)) {
            best = &route;
            best_literal = *literal;
        }
    }
    if (best != nullptr) {
        PathValues values;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const std::string_view segment = best->segments[i];
            if (is_wildcard(segment)) values.add(segment.substr(1, segment.size() - 2), segments[i]);
        }
        return best->handler(request, values, std::move(respond));
    }
    if (fallback_ == nullptr || path == "/api" || path.starts_with("/api/")) return respond(page_not_found());
    fallback_(request, std::move(respond));
}

}  // namespace skua::api
