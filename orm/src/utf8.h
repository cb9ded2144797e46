// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace skua::orm::detail {

bool is_utf8_slowly(std::string_view text) noexcept;

// Well-formed: no surrogates, nothing overlong, nothing above U+10FFFF. Plain ASCII costs next to nothing.
inline bool is_utf8(std::string_view text) noexcept {
    std::size_t i = 0;
    for (; i + 8 <= text.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + i, 8);
        if (word & 0x8080808080808080ULL) return is_utf8_slowly(text.substr(i));
    }
    for (; i < text.size(); ++i)
        if (static_cast<unsigned char>(text[i]) >= 0x80) return is_utf8_slowly(text.substr(i));
    return true;
}

}  // namespace skua::orm::detail
