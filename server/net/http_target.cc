// SPDX-License-Identifier: Apache-2.0
#include "net/http_target.h"

#include "base/hex.h"

#include <span>

namespace skua::net {

std::string decode_query_component(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned char byte = 0;
        if (text[i] == '+') {
            out += ' ';
        } else if (text[i] == '%' && i + 2 < text.size() &&
                   base::from_hex(text.substr(i + 1, 2), std::span(&byte, 1))) {
            out += static_cast<char>(byte);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::optional<HttpTarget> parse_target(std::string_view target) {
    if (const std::size_t scheme = target.find("://"); !target.starts_with('/') && scheme != std::string_view::npos) {
        const std::size_t path = target.find_first_of("/?", scheme + 3);
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    target = target.substr(0, target.find('#'));
    HttpTarget result;
    const std::size_t mark = target.find('?');
    result.path = target.substr(0, mark);
    if (result.path.empty() && mark == 0) result.path = "/";
    if (!result.path.starts_with('/')) return std::nullopt;
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        const std::string_view pair = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        if (pair.empty()) continue;
        const std::size_t equals = pair.find('=');
        result.query.emplace_back(
            decode_query_component(pair.substr(0, equals)),
            equals == std::string_view::npos ? std::string() : decode_query_component(pair.substr(equals + 1)));
    }
    return result;
}

}  // namespace skua::net
