// SPDX-License-Identifier: Apache-2.0
// Lower-case hexadecimal text of bytes, and back.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace skua::base {

std::string to_hex(std::string_view bytes);
// Writes exactly 2 * bytes.size() characters to `out`.
void to_hex(std::span<const unsigned char> bytes, char* out);
// Either case. Nothing for an odd length or another character.
std::optional<std::string> from_hex(std::string_view text);
// Fills all of `out` from exactly 2 * out.size() digits; false (and `out` unspecified) otherwise.
bool from_hex(std::string_view text, std::span<unsigned char> out);

}  // namespace skua::base
