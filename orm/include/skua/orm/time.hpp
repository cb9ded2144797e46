// SPDX-License-Identifier: Apache-2.0
// orm::time: a moment, UTC, in nanoseconds; rounded to what the database keeps.
#pragma once

#if defined(__GLIBCXX__) && __has_include(<bits/chrono.h>)
#include <bits/chrono.h>  // durations and clocks without the calendar and its streams: 0.15 s less for each user file
#else
#include <chrono>
#endif
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skua::orm {

using time = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

constexpr std::int64_t to_unix_ns(time moment) noexcept {
    return moment.time_since_epoch().count();
}
constexpr time from_unix_ns(std::int64_t ns) noexcept {
    return time(std::chrono::nanoseconds(ns));
}

// "2026-11-22 22:07:59.5+00:00", trailing zeros of the fraction cut. Years 0 to 9999 (nanoseconds reach 1677 to 2262).
inline constexpr std::size_t time_text_max = 35;
std::size_t format_time(char (&into)[time_text_max], std::int64_t unix_ns) noexcept;
// Also with T, Z, another offset, without offset (UTC), without seconds, or a date alone. False: not a time.
bool parse_time(std::string_view text, std::int64_t& unix_ns) noexcept;

}  // namespace skua::orm
