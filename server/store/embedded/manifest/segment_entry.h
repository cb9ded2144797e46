// SPDX-License-Identifier: Apache-2.0
// What the manifest keeps about a segment. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace skua::store::embedded {

// Random, made once per folder: files of one store are never taken for another's.
using StoreId = std::array<unsigned char, 16>;

struct SegmentFile {
    std::string name;  // from the disk's root: "seg/0000000000000007.idx"
    std::uint64_t bytes = 0;
    friend bool operator==(const SegmentFile&, const SegmentFile&) = default;
};

struct SegmentEntry {
    std::uint64_t id = 0;  // never used twice in a store
    std::uint32_t format_version = 0;
    std::uint32_t level = 0;  // 0: from a seal; a compaction gives one more than its highest input
    // The generations whose rows are in it, both included.
    std::uint64_t generation_min = 0;
    std::uint64_t generation_max = 0;
    // When its rows were received (wall clock, Unix epoch): what retention goes by.
    std::int64_t arrival_min_ns = 0;
    std::int64_t arrival_max_ns = 0;
    // Of its spans.
    std::uint64_t start_min_ns = 0;
    std::uint64_t start_max_ns = 0;
    std::uint64_t rows = 0;
    std::uint64_t traces = 0;
    // The first holds the footer. A file may belong to several segments (granules stay where they were sealed): it is
    // removed with the last of them.
    std::vector<SegmentFile> files;
    // Ids of the segments whose rows it took over. Only footers and rebuilding need it; not in the manifest.
    std::vector<std::uint64_t> replaces;
    // The data half's own, at most 4 KiB; kept as it is.
    std::string extra;

    friend bool operator==(const SegmentEntry&, const SegmentEntry&) = default;
};

inline constexpr std::size_t kSegmentExtraMax = 4096;

}  // namespace skua::store::embedded
