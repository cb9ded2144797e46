// SPDX-License-Identifier: Apache-2.0
// A trace in a few numbers, as a list of results shows it.
#pragma once

#include "model/span.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skua::store {

struct ServiceCount {
    std::string name;
    std::uint64_t spans = 0;
    std::uint64_t errors = 0;
    friend bool operator==(const ServiceCount&, const ServiceCount&) = default;
};

struct TraceSummary {
    model::TraceId trace_id;
    // Of the earliest span without a parent id; empty when there is none.
    std::string root_service;
    std::string root_name;
    std::uint64_t start_ns = 0;  // of the earliest span
    std::uint64_t end_ns = 0;    // of the latest, after sanitizing
    std::uint64_t spans = 0;
    std::uint64_t errors = 0;            // status code Error
    std::uint64_t orphans = 0;           // a parent id that no span of the trace has
    std::vector<ServiceCount> services;  // sorted by name
    friend bool operator==(const TraceSummary&, const TraceSummary&) = default;
};

// REQUIRES: not empty; all of one trace, duplicates removed.
TraceSummary summarize(std::span<const model::Span* const> spans);

}  // namespace skua::store
