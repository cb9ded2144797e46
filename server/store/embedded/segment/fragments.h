// SPDX-License-Identifier: Apache-2.0
// Which traces of the inputs of a merge are to be written anew, in one place.
#pragma once

#include "store/embedded/segment/merger.h"
#include "store/embedded/segment/stored_segment.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace skua::store::embedded {

// A segment being merged, and what becomes of its granules.
struct MergeSource {
    const StoredSegment* segment = nullptr;
    std::shared_ptr<const SegmentMeta> meta;
    std::shared_ptr<const Directory> directory;
    // Of each granule: where it went (any number but kNoGranule: it is copied), and traces that leave it.
    std::vector<std::uint32_t> place;
    std::vector<std::vector<std::uint32_t>> dead;
};

// Marks small parts, the fragments to be joined, and granules of which little is left.
base::Status plan_merge(std::vector<MergeSource>& sources, const MergeOptions& options, const std::stop_token& stop);

}  // namespace skua::store::embedded
