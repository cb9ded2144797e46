// SPDX-License-Identifier: Apache-2.0
// Which granules of a segment can hold matching rows, by its indexes. Never too few.
#pragma once

#include "store/embedded/segment/stored_segment.h"
#include "store/predicate.h"

#include <vector>

namespace skua::store::embedded {

// One flag for each granule.
base::Result<std::vector<bool>> candidate_granules(const StoredSegment& segment, const SegmentMeta& meta,
                                                   const Directory& directory, const Filter& filter);

}  // namespace skua::store::embedded
