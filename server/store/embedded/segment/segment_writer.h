// SPDX-License-Identifier: Apache-2.0
// Writes a closed head as one segment file.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/head/memory_head.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace skua::store::embedded {

// Where the bytes and the CPU went, for benches and `inspect`.
struct SealStats {
    std::map<std::string, std::uint64_t> part_bytes;
    double order_seconds = 0;
    double encode_seconds = 0;
    double index_seconds = 0;
};

// Nothing: no row is alive. The entry's lineage fields are left to the caller.
base::Result<std::optional<SegmentEntry>> write_segment(const SealInput& input, SegmentFiles& files,
                                                        SealStats* stats = nullptr);

}  // namespace skua::store::embedded
