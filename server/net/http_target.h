// SPDX-License-Identifier: Apache-2.0
// The request target of HTTP/1.1 taken apart (RFC 9112, section 3.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::net {

struct HttpTarget {
    std::string path;  // still percent-encoded
    std::vector<std::pair<std::string, std::string>> query;
};

// Origin form ("/a?b=c") and absolute form ("http://host/a"); nothing for anything else.
std::optional<HttpTarget> parse_target(std::string_view target);
// '+' is a space; an escape that is none stays as it is.
std::string decode_query_component(std::string_view text);

}  // namespace skua::net
