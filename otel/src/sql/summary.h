// SPDX-License-Identifier: Apache-2.0
// db.query.summary of raw SQL: its operations and targets in order of appearance, `INSERT orders SELECT carts`.
#pragma once

#include "otel/src/sql/scanner.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace skua::otel::sql {

inline constexpr std::size_t max_summary = 255;          // the convention's
inline constexpr std::size_t max_summarised = 16 << 10;  // bytes of SQL looked at

// Case and quotes as written, aliases and names of common table expressions left out, at most max_summary bytes, cut
// between words. Empty for text without an operation.
std::string summarize(std::string_view sql, dialect rules);

}  // namespace skua::otel::sql
