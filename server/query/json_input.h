// SPDX-License-Identifier: Apache-2.0
// The JSON that comes inside query parameters. Errors are kInvalidArgument; the caller names the parameter.
#pragma once

#include "store/filter.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::query {

// An object of strings; its order is kept, the last of equal keys counts.
base::Result<std::vector<std::pair<std::string, std::string>>> parse_string_map(std::string_view json);

// A filter in RFC 0005's JSON: {"op":"eq","args":[{"attr":{"key":"k"}},{"scalar":{"value":"v"}}]}. The result passes
// store::validate.
base::Result<store::Filter> parse_filter(std::string_view json);

}  // namespace skua::query
