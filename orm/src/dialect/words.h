// SPDX-License-Identifier: Apache-2.0
// Pieces of SQL that several dialects write in the same way.
#pragma once

#include <string>
#include <string_view>

#include <skua/orm/dialect.hpp>

namespace skua::orm::detail {

// The identifier between two `quote`s, with those inside doubled.
void append_quoted(std::string& out, std::string_view identifier, char quote);
// For databases whose OFFSET needs a LIMIT. `limit`: the placeholder, or the number that stands for "all".
void append_limit(std::string& out, std::string_view limit, bool has_offset, std::string_view placeholder);
void append_when_taken(std::string& out, row_lock::when_taken taken);
// The words gorm's tags have for kinds of types, which are not types of a database; or no word at all.
[[nodiscard]] bool is_generic(std::string_view type);

}  // namespace skua::orm::detail
