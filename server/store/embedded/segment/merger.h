// SPDX-License-Identifier: Apache-2.0
// Merges neighbouring segments into one. Granules are copied as they are, with the catalogs they need; indexes are
// merged as sorted streams. Encoded anew are only small parts, traces in many pieces, traces of which a span came
// twice, and granules of which little else is left. Then a trace stands together again, and exact duplicates are gone.
//
// Memory: one head of `head_bytes`, the ids of suspected fragments (bounded), postings, one page of each index.
// Confined to one thread.
#pragma once

#include "store/embedded/head/memory_head.h"
#include "store/embedded/segment/segment_output.h"

#include <cstdint>

namespace skua::store::embedded {

struct MergeOptions {
    std::uint64_t small_part_bytes = std::uint64_t{1} << 20;  // of granules; larger ones are worth their own catalog
    std::uint64_t head_bytes = std::uint64_t{32} << 20;
    std::uint32_t fragments_min = 3;         // a trace in so many inputs is joined
    std::uint32_t join_rows_max = 1U << 20;  // rows written anew for the sake of joins, and at most a quarter of all
    std::uint64_t join_span_ns = 2ULL * 3600 * 1'000'000'000;
    std::uint32_t suspects_max = 1U << 20;  // fragments looked at
};

base::Result<SegmentEntry> merge_segments(const CompactInput& input, SegmentFiles& files, ArenaPool& pool,
                                          const HeadLimits& limits, const MergeOptions& options);

}  // namespace skua::store::embedded
