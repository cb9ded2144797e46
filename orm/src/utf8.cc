// SPDX-License-Identifier: Apache-2.0
#include "utf8.h"

namespace skua::orm::detail {

bool is_utf8_slowly(std::string_view text) noexcept {
    const auto at = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    for (std::size_t i = 0; i < text.size();) {
        const unsigned lead = at(i++);
        if (lead < 0x80) continue;
        const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        if (lead < 0xc2 || lead > 0xf4) return false;
        // The second byte tells overlong forms, surrogates and what lies beyond the last character.
        const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (at(i) < low || at(i) > high) return false;
        for (int k = 1; k < more; ++k)
            if ((at(i + static_cast<std::size_t>(k)) & 0xc0) != 0x80) return false;
        i += static_cast<std::size_t>(more);
    }
    return true;
}

}  // namespace skua::orm::detail
