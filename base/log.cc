// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <atomic>
#include <ctime>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace skua::base {
namespace {

std::atomic<Level> g_level{Level::kInfo};

std::string_view name(Level level) {
    switch (level) {
        case Level::kDebug:
            return "debug";
        case Level::kInfo:
            return "info";
        case Level::kWarn:
            return "warn";
        default:
            return "error";
    }
}

}  // namespace

void set_log_level(Level level) {
    g_level.store(level, std::memory_order_relaxed);
}

bool log_enabled(Level level) {
    return level >= g_level.load(std::memory_order_relaxed);
}

void log_line(Level level, std::string_view area, std::string_view message) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    tm utc{};
    gmtime_r(&now.tv_sec, &utc);
    std::string line = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z {:5} {}: {}", utc.tm_year + 1900,
                                   utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                                   now.tv_nsec / 1000000, name(level), area, message);
    // A client's bytes may be in the message: one event stays one line.
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    line += '\n';
    // One write call, so that lines of different threads do not mix.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace skua::base
