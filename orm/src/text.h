// SPDX-License-Identifier: Apache-2.0
// ASCII text at run time, whatever the locale; lower() and trimmed() are those that read tags.
#pragma once

#include <string>
#include <string_view>

#include <skua/orm/tag.hpp>

namespace skua::orm::detail {

inline std::string lowered(std::string_view s) {
    std::string out(s);
    for (char& ch : out) ch = lower(ch);
    return out;
}

}  // namespace skua::orm::detail
