// SPDX-License-Identifier: Apache-2.0
// A search as Jaeger's APIs ask it, and its translation into the filter language.
#pragma once

#include "store/filter.h"
#include "store/span_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skua::query {

struct TraceQuery {
    std::string service;                                          // empty: any
    std::string operation;                                        // empty: any
    std::vector<std::pair<std::string, std::string>> attributes;  // all must hold
    // Of single spans, both ends included; ns.
    std::optional<std::int64_t> min_duration_ns;
    std::optional<std::int64_t> max_duration_ns;
    std::optional<store::Filter> filter;  // instead of everything above
    store::TimeRange window;              // of span starts
    std::size_t limit = 100;              // traces
    std::optional<store::Cursor> after;
};

// One of Jaeger's tags. A key means what it means in either of Jaeger's views of a span: the attribute of that name
// anywhere, or what the key stands for in the v1 tags (otel.status_code, w3c.tracestate, …) or the v2 memory store
// (span.status, resource.…).
store::Filter tag_filter(const std::string& key, const std::string& value);

store::Filter to_filter(const TraceQuery& query);

}  // namespace skua::query
