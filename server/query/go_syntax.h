// SPDX-License-Identifier: Apache-2.0
// Numbers, durations and times as Go's standard library reads and writes them, with its error texts: Jaeger's answers
// quote them, and its users' tests compare them. Errors are kInvalidArgument.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace skua::query {

// strconv.ParseInt(text, 10, bits), bits 32 or 64: `strconv.ParseInt: parsing "x": invalid syntax`.
base::Result<std::int64_t> parse_int(std::string_view text, int bits = 64);
// strconv.ParseUint(text, 10, bits).
base::Result<std::uint64_t> parse_uint(std::string_view text, int bits = 64);
// strconv.ParseBool: 1 t T TRUE true True, and their opposites.
base::Result<bool> parse_bool(std::string_view text);
// strconv.ParseFloat(text, 64), decimal forms, Inf and NaN.
base::Result<double> parse_float(std::string_view text);

// time.ParseDuration: "1.5s", "100ms", "2h45m", "-3us"; ns.
base::Result<std::int64_t> parse_duration(std::string_view text);
// Duration.String: "1.5s", "2h45m0s", "120ms".
std::string format_duration(std::int64_t ns);

// time.Parse(time.RFC3339Nano, text), as ns since the epoch; times before it are 0 and after 2554 the largest.
base::Result<std::uint64_t> parse_rfc3339(std::string_view text);
// Time.String of a UTC time: "2026-01-01 00:00:00.5 +0000 UTC".
std::string format_time(std::uint64_t unix_ns);
// "2026-01-01T00:00:00.5Z".
std::string format_rfc3339(std::uint64_t unix_ns);

// strconv.Quote.
std::string quote(std::string_view text);

}  // namespace skua::query
