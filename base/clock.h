// SPDX-License-Identifier: Apache-2.0
// Time is passed in, so that tests can stop it.
#pragma once

#include <cstdint>
#include <ctime>

namespace skua::base {

class Clock {
public:
    virtual ~Clock() = default;
    // Nanoseconds since the Unix epoch; may jump.
    [[nodiscard]] virtual std::int64_t now_ns() const = 0;
    // Never goes back; origin unspecified.
    [[nodiscard]] virtual std::int64_t monotonic_ns() const = 0;
};

// The machine's clock. Thread-safe; lives for ever.
const Clock& system_clock();

// CPU time used, in nanoseconds: of the calling thread, or of the one whose clock it is (pthread_getcpuclockid).
std::int64_t cpu_ns(clockid_t of = CLOCK_THREAD_CPUTIME_ID);

// Moves only when told.
class ManualClock final : public Clock {
public:
    explicit ManualClock(std::int64_t now_ns) : now_ns_(now_ns) {}
    [[nodiscard]] std::int64_t now_ns() const override { return now_ns_; }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return now_ns_; }
    void advance(std::int64_t ns) { now_ns_ += ns; }

private:
    std::int64_t now_ns_;
};

}  // namespace skua::base
