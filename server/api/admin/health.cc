// SPDX-License-Identifier: Apache-2.0
#include "api/admin/health.h"

#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace skua::api {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// ".5" of 500000000 with nine places; "" of zero.
std::string fraction(std::int64_t value, int places) {
    if (value == 0) return {};
    std::string text = fmt::format(".{:0{}}", value, places);
    while (text.back() == '0') text.pop_back();
    return text;
}

}  // namespace

Health::Health(const base::Clock& clock) : clock_(clock), started_ns_(clock.now_ns()), changed_ns_(started_ns_) {}

void Health::set(ServerState state) {
    changed_ns_.store(clock_.now_ns());
    state_.store(state);
    set_detail({});
}

void Health::set_detail(std::string detail) {
    const std::lock_guard lock(mutex_);
    detail_ = std::move(detail);
}

std::string Health::detail() const {
    const std::lock_guard lock(mutex_);
    return detail_;
}

std::string format_time(std::int64_t unix_ns) {
    const std::int64_t seconds = unix_ns / kSecond;
    const std::time_t time = seconds;
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                       utc.tm_hour, utc.tm_min, utc.tm_sec, fraction(unix_ns % kSecond, 9));
}

std::string format_duration(std::int64_t ns) {
    if (ns <= 0) return "0s";
    if (ns < 1000) return fmt::format("{}ns", ns);
    if (ns < 1'000'000) return fmt::format("{}{}µs", ns / 1000, fraction(ns % 1000, 3));
    if (ns < kSecond) return fmt::format("{}{}ms", ns / 1'000'000, fraction(ns % 1'000'000, 6));
    const std::int64_t seconds = ns / kSecond;
    std::string out;
    if (seconds >= 3600) out += fmt::format("{}h", seconds / 3600);
    if (seconds >= 60) out += fmt::format("{}m", seconds / 60 % 60);
    return out + fmt::format("{}{}s", seconds % 60, fraction(ns % kSecond, 9));
}

}  // namespace skua::api
