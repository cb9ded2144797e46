// SPDX-License-Identifier: Apache-2.0
// The two leaves of JSON for answers that are put together by hand (JsonWriter has the rest).
#pragma once

#include <string>
#include <string_view>

namespace skua::api {

// With quotes. Bytes that are not UTF-8 become U+FFFD; '<', '>', '&', U+2028 and U+2029 are escaped as Go does, so that
// the text may stand inside a script element.
void append_json_text(std::string& out, std::string_view text);
// The shortest form, with an exponent below 1e-6 and from 1e21 on.
void append_json_number(std::string& out, double value);

}  // namespace skua::api
