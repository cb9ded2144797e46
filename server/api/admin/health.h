// SPDX-License-Identifier: Apache-2.0
// Whether the server takes work. Set by the one who starts and stops it, read by the health doors. Thread-safe.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace skua::api {

enum class ServerState : std::uint8_t { kStarting, kReady, kStopping };

class Health {
public:
    // `clock` outlives this.
    explicit Health(const base::Clock& clock);

    void set(ServerState state);
    // What it is at, in a few words, until the next state: "replaying the log: 3 of 1024 MiB".
    void set_detail(std::string detail);
    [[nodiscard]] std::string detail() const;
    [[nodiscard]] ServerState state() const { return state_.load(); }
    [[nodiscard]] std::int64_t started_ns() const { return started_ns_; }
    // When the state was set last.
    [[nodiscard]] std::int64_t changed_ns() const { return changed_ns_.load(); }
    [[nodiscard]] std::int64_t now_ns() const { return clock_.now_ns(); }

private:
    const base::Clock& clock_;
    const std::int64_t started_ns_;
    std::atomic<std::int64_t> changed_ns_;
    std::atomic<ServerState> state_{ServerState::kStarting};
    mutable std::mutex mutex_;
    std::string detail_;  // guarded by mutex_
};

// RFC 3339 with nanoseconds as Go writes it: trailing zeros cut.
std::string format_time(std::int64_t unix_ns);
// As Go's time.Duration: "1h2m3.5s", "250ms".
std::string format_duration(std::int64_t ns);

}  // namespace skua::api
