// SPDX-License-Identifier: Apache-2.0
// The manifest: which segments there are and which generations their WAL no longer needs to hold. It is the truth about
// a folder. Each edit writes it whole to a new file. Format: docs/formats/manifest.md (version 1).
#pragma once

#include "store/embedded/io/disk.h"
#include "store/embedded/manifest/segment_entry.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

inline constexpr char kManifestFolder[] = "manifest";
inline constexpr std::uint32_t kManifestVersion = 1;
inline constexpr std::uint64_t kManifestBytesMax = 256 << 20;  // guards readers

struct Manifest {
    std::uint64_t number = 0;  // of this edit, from 1
    StoreId store_id{};
    std::uint64_t released_generation = 0;  // all up to this one are in segments
    std::uint64_t next_segment_id = 1;
    std::vector<SegmentEntry> segments;  // by generation_min, then id
    std::vector<std::string> dropped;    // no longer needed, perhaps not yet removed
};

// "manifest/0000000000000007.manifest"
std::string manifest_name(std::uint64_t number);
[[nodiscard]] std::string encode_manifest(const Manifest& manifest);
// `name` for messages. kCorruption; kInvalidArgument naming the version when that is not known.
base::Result<Manifest> decode_manifest(std::string_view bytes, const std::string& name);

// 0: there is none.
base::Result<std::uint64_t> newest_manifest_number(Disk& disk);
// The newest one; nothing in a folder that has none. A newest one that cannot be read is an error: the one before it
// may name files that are gone, and not name others. `skua verify --rebuild` makes a new one from the segments.
base::Result<std::optional<Manifest>> load_manifest(Disk& disk);
// Writes it under the next number (set in `manifest` on success only), durably; the previous two stay. `in_doubt` is
// set when, after a failure, either this edit or the one before may be found by the next start: nothing either of them
// names may be removed then.
base::Status save_manifest(Disk& disk, Manifest& manifest, bool* in_doubt = nullptr);

}  // namespace skua::store::embedded
