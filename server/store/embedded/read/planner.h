// SPDX-License-Identifier: Apache-2.0
// Which granules of a segment can hold matching rows, by its indexes. Never too few.
//
// Made once for a query, then asked of each segment. Confined to one thread.
#pragma once

#include "store/embedded/segment/stored_segment.h"
#include "store/predicate.h"

#include <memory>
#include <vector>

namespace skua::store::embedded {

class Planner {
public:
    static base::Result<std::unique_ptr<Planner>> make(const Filter& filter);
    ~Planner();
    // One flag for each granule.
    base::Result<std::vector<bool>> candidates(const StoredSegment& segment, const SegmentMeta& meta) const;

private:
    struct Node;
    struct Asked;
    Planner();
    static base::Result<std::unique_ptr<Node>> build(const Filter& filter);

    std::unique_ptr<Node> root_;
};

}  // namespace skua::store::embedded
