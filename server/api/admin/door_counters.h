// SPDX-License-Identifier: Apache-2.0
// What came in through a door, for the metrics page. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace skua::api {

struct DoorCounters {
    DoorCounters(std::string r, std::string t, std::string f)
        : receiver(std::move(r)), transport(std::move(t)), format(std::move(f)) {}

    // Constant after construction: the labels of the collector (receiver, transport) and of Jaeger v1 (format).
    const std::string receiver;
    const std::string transport;
    const std::string format;

    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> accepted_spans{0};
    std::atomic<std::uint64_t> rejected_spans{0};       // not storable; the others of the body were taken
    std::atomic<std::uint64_t> unreadable_requests{0};  // nothing of the body was taken, and never will be
    std::atomic<std::uint64_t> failed_requests{0};      // nothing was taken now: full, stopping, broken
    std::atomic<std::uint64_t> metric_points{0};
};

inline void add(std::atomic<std::uint64_t>& counter, std::uint64_t n = 1) {
    counter.fetch_add(n, std::memory_order_relaxed);
}

}  // namespace skua::api
