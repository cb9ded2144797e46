// SPDX-License-Identifier: Apache-2.0
// The two leaves of JSON that the small answers of the doors need: text and numbers.
#pragma once

#include <string>
#include <string_view>

namespace skua::api {

// With quotes. Bytes that are not UTF-8 become U+FFFD; '<', U+2028 and U+2029 are escaped, so that the text may stand
// inside a script element.
void append_json_text(std::string& out, std::string_view text);
// As Go writes a float64: the shortest form, with an exponent below 1e-6 and from 1e21 on.
void append_json_number(std::string& out, double value);

}  // namespace skua::api
