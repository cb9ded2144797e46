// SPDX-License-Identifier: Apache-2.0
// The strategies in force: a file read again at an interval, or the default. Thread-safe.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "sampling/strategies.h"

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace skua::sampling {

struct StrategyOptions {
    std::string file;                             // empty: everything at default_rate
    std::chrono::nanoseconds reload_interval{0};  // 0: never read again
    double default_rate = 1;
};

class StrategySource {
public:
    // Fails when the file cannot be read now. `clock` outlives the source.
    static base::Result<std::unique_ptr<StrategySource>> open(StrategyOptions options, const base::Clock& clock);

    // Reads the file again when its time has come (on the caller's thread; such files are small). One that has become
    // unreadable is logged, and the strategies stay as they were.
    std::shared_ptr<const Strategies> current();

private:
    StrategySource(StrategyOptions options, const base::Clock& clock, std::shared_ptr<const Strategies> strategies)
        : options_(std::move(options)), clock_(clock), strategies_(std::move(strategies)) {}

    // Constant after construction.
    const StrategyOptions options_;
    const base::Clock& clock_;
    // Guarded by mutex_.
    std::mutex mutex_;
    std::shared_ptr<const Strategies> strategies_;
    std::int64_t read_at_ns_ = 0;
};

}  // namespace skua::sampling
