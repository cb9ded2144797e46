// SPDX-License-Identifier: Apache-2.0
// SHA-1 for names that are too long, as gorm cuts them. Not for secrets.
#pragma once

#include <string>
#include <string_view>

namespace skua::orm::detail {

std::string sha1_hex(std::string_view text);

}  // namespace skua::orm::detail
