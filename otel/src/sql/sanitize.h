// SPDX-License-Identifier: Apache-2.0
// Raw SQL made fit to leave the process.
#pragma once

#include "otel/src/sql/scanner.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace skua::otel::sql {

// Every literal becomes `?`, comments go, a list of literals after IN becomes one `?`; placeholders, names and white
// space stay. At most `max_bytes` long, cut at a character.
std::string sanitize(std::string_view sql, dialect rules, std::size_t max_bytes);

// What a database said, without the values it may quote: anything between quotes that is not a plain name, and numbers,
// become `?`. At most 256 bytes.
std::string without_values(std::string_view message);

// Cuts at a character, never inside one of UTF-8.
std::string_view cut(std::string_view text, std::size_t max_bytes) noexcept;

}  // namespace skua::otel::sql
