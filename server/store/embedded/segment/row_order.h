// SPDX-License-Identifier: Apache-2.0
// The order in which a seal writes the rows of a closed head: traces by their earliest start and id, the rows of a
// trace by start and span id. Traces stay whole and rows nearly in time.
#pragma once

#include "store/embedded/head/memory_head.h"

#include <cstdint>
#include <vector>

namespace skua::store::embedded {

struct RowRef {
    std::uint32_t row = 0;
    std::uint32_t shard = 0;
};

struct OrderedTrace {
    model::TraceId id;
    std::uint64_t start_ns = 0;
    std::uint32_t first = 0;  // in RowOrder::rows
    std::uint32_t count = 0;
    bool whole = true;  // false: a piece of a trace larger than a granule
};

struct RowOrder {
    std::vector<RowRef> rows;
    std::vector<OrderedTrace> traces;
    std::vector<RowRef> duplicates;  // exact ones, left out
};

RowOrder order_rows(const MemoryHead& head, const std::array<std::uint32_t, kHeadShards>& rows);

}  // namespace skua::store::embedded
