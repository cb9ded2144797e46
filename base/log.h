// SPDX-License-Identifier: Apache-2.0
// The server's own log: one line per event on stderr, `time level area message`. Thread-safe; never throws.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <fmt/core.h>

namespace skua::base {

enum class Level : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

void set_log_level(Level level);
[[nodiscard]] bool log_enabled(Level level);
// `area` is the folder that speaks: "net", "store".
void log_line(Level level, std::string_view area, std::string_view message);

template <class... Args>
void log(Level level, std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
    if (log_enabled(level)) log_line(level, area, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace skua::base
