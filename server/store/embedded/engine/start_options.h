// SPDX-License-Identifier: Apache-2.0
// What the one who opens a store may watch and stop while the log is read back.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>

namespace skua::store::embedded {

// How far a start has read its log back.
struct ReplayProgress {
    std::uint64_t bytes = 0;
    std::uint64_t bytes_total = 0;
};

// Of the start alone.
struct StartOptions {
    // The start is given up with kCancelled: what was read back and sealed stays, the rest is still in the log.
    std::stop_token stop;
    // Called on the starting thread before the first record and every MiB or so.
    std::function<void(const ReplayProgress&)> progress;
};

}  // namespace skua::store::embedded
