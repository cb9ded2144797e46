// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/tools/rebuild.h"

#include "store/embedded/engine/segment_files.h"
#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/io/lost.h"
#include "store/embedded/segment/stored_segment.h"
#include "store/embedded/wal/ring.h"
#include "store/embedded/wal/wal_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

namespace skua::store::embedded {
namespace {

using Entries = std::vector<SegmentEntry>;

std::string in_seg(const DirEntry& entry) {
    return std::string(kSegmentFolder) + "/" + entry.name;
}

base::Status put_aside(Disk& disk, const std::string& name, const std::string& why, std::vector<std::string>& lines) {
    auto status = move_to_lost(disk, name);
    if (!status.ok() && status.error().code != base::Code::kNotFound) return status;
    lines.push_back(fmt::format("{} moved to lost/: {}", name, why));
    return {};
}

// The store most files are of: a stray file must not decide.
base::Result<StoreId> most_common_store(Disk& disk) {
    std::map<StoreId, int> votes;
    SKUA_ASSIGN_OR_RETURN(const auto segments, disk.list(kSegmentFolder));
    for (const DirEntry& entry : segments) {
        const auto file = disk.open(in_seg(entry), {});
        if (!file) continue;
        if (const auto footer = StoredSegment::read_footer(**file)) ++votes[footer->lineage.store_id];
    }
    SKUA_ASSIGN_OR_RETURN(const auto logs, disk.list(kWalFolder));
    for (const DirEntry& entry : logs) {
        const auto file = disk.open(std::string(kWalFolder) + "/" + entry.name, {});
        AlignedBuffer block(kWalBlock);
        if (!file || entry.size < kWalBlock || !(*file)->read_at(0, block.bytes()).ok()) continue;
        const auto header = decode_file_header({block.data(), block.size()});
        if (header.ok() && header->state == HeaderState::kValid) ++votes[header->header.store_id];
    }
    if (votes.empty()) {
        return base::Error{base::Code::kNotFound, "cannot make a manifest for " + disk.path() +
                                                      ": no segment and no log file says which store it is"};
    }
    const auto most =
        std::max_element(votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    return most->first;
}

// Sound segments of the folder, by their footers; the others move to lost/.
base::Result<Entries> describe_all(Disk& disk, DataHalf& data, const StoreId& id, std::vector<std::string>& lines) {
    Entries found;
    std::map<std::string, std::string> bad;  // with the reason
    std::set<std::string> named;
    SKUA_ASSIGN_OR_RETURN(const auto files, disk.list(kSegmentFolder));
    for (const DirEntry& file : files) {
        auto described = data.describe(disk, in_seg(file), id);
        if (!described && described.error().code == base::Code::kInvalidArgument) return std::move(described).error();
        if (!described) {
            bad[in_seg(file)] = described.error().message;
        } else if (described->has_value()) {
            SegmentEntry entry = std::move(**described);
            for (const SegmentFile& one : entry.files) named.insert(one.name);
            if (const auto sound = data.verify(disk, entry); !sound.ok()) {
                bad[in_seg(file)] = sound.error().message;
            } else {
                found.push_back(std::move(entry));
            }
        }
    }
    for (const auto& [name, why] : bad) SKUA_RETURN_IF_ERROR(put_aside(disk, name, why, lines));
    for (const DirEntry& file : files) {
        if (named.contains(in_seg(file)) || bad.contains(in_seg(file))) continue;
        SKUA_RETURN_IF_ERROR(put_aside(disk, in_seg(file), "no segment names it", lines));
    }
    return found;
}

bool lies_in(const SegmentEntry& inner, const SegmentEntry& outer) {
    return inner.level < outer.level && inner.generation_min >= outer.generation_min &&
           inner.generation_max <= outer.generation_max;
}

// A merge and what it was made of hold the same rows: keeps one of them. The inputs when all are there (of several
// outputs some may be missing then), else the output (inputs go only after it was published).
Entries without_twice_kept(Entries entries) {
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.level > b.level; });
    std::set<std::uint64_t> there;
    for (const SegmentEntry& entry : entries) there.insert(entry.id);
    Entries kept;
    for (SegmentEntry& entry : entries) {
        const auto is_in = [&](const SegmentEntry& other) { return lies_in(entry, other); };
        if (std::any_of(kept.begin(), kept.end(), is_in)) continue;
        const bool has_inputs =
            !entry.replaces.empty() && std::all_of(entry.replaces.begin(), entry.replaces.end(),
                                                   [&](std::uint64_t id) { return there.contains(id); });
        if (!has_inputs) kept.push_back(std::move(entry));
    }
    return kept;
}

// The log still has all of the newest sealed generation: a seal whose segments were moved into place only in part is
// then done again by the next start, so its segments are left out here.
base::Result<bool> log_has_all(Disk& disk, const StoreId& id, std::uint64_t generation) {
    SKUA_ASSIGN_OR_RETURN(WalScan scan, scan_wal(disk, id, generation - 1));
    for (RecoveredGeneration& one : scan.generations) {
        if (one.generation != generation) continue;
        if (one.chunks.empty() || one.chunks.front().header.number != 1 || one.torn_chunks != 0) return false;
        SKUA_RETURN_IF_ERROR(replay_wal(disk, one, [](const WalRecord&, std::uint64_t) { return base::Status(); }));
        return one.damage.empty();
    }
    return false;
}

base::Status from_footers(Disk& disk, DataHalf& data, Manifest& manifest, std::vector<std::string>& lines) {
    SKUA_ASSIGN_OR_RETURN(manifest.store_id, most_common_store(disk));
    SKUA_ASSIGN_OR_RETURN(const Entries all, describe_all(disk, data, manifest.store_id, lines));
    std::uint64_t newest_sealed = 0;
    for (const SegmentEntry& entry : all) {
        manifest.next_segment_id = std::max(manifest.next_segment_id, entry.id + 1);
        manifest.released_generation = std::max(manifest.released_generation, entry.generation_max);
        if (entry.level == 0) newest_sealed = std::max(newest_sealed, entry.generation_max);
    }
    manifest.segments = without_twice_kept(all);
    if (newest_sealed != 0 && newest_sealed == manifest.released_generation) {
        SKUA_ASSIGN_OR_RETURN(const bool is_in_log, log_has_all(disk, manifest.store_id, newest_sealed));
        if (is_in_log) {
            std::erase_if(manifest.segments,
                          [&](const SegmentEntry& entry) { return entry.generation_max == newest_sealed; });
            manifest.released_generation = newest_sealed - 1;
        }
    }
    std::sort(manifest.segments.begin(), manifest.segments.end(), [](const auto& a, const auto& b) {
        return a.generation_min != b.generation_min ? a.generation_min < b.generation_min : a.id < b.id;
    });
    return {};
}

// Leaves out what cannot be read. Nothing: all can.
base::Result<bool> without_damaged(Disk& disk, DataHalf& data, Manifest& manifest, std::vector<std::string>& lines) {
    Entries sound;
    std::vector<std::pair<SegmentEntry, std::string>> bad;
    for (const SegmentEntry& entry : manifest.segments) {
        const auto status = data.verify(disk, entry);
        if (!status.ok() && status.error().code == base::Code::kInvalidArgument) return status.error();
        if (status.ok()) {
            sound.push_back(entry);
        } else {
            bad.emplace_back(entry, status.error().message);
        }
    }
    if (bad.empty()) return false;
    std::set<std::string> needed;
    for (const SegmentEntry& entry : sound) {
        for (const SegmentFile& file : entry.files) needed.insert(file.name);
    }
    for (const auto& [entry, why] : bad) {
        lines.push_back(fmt::format("segment {:016x} left out, {} spans: {}", entry.id, entry.rows, why));
        for (const SegmentFile& file : entry.files) {
            if (needed.contains(file.name)) continue;
            auto status = move_to_lost(disk, file.name);
            if (!status.ok() && status.error().code != base::Code::kNotFound) return status.error();
        }
    }
    manifest.segments = std::move(sound);
    return true;
}

}  // namespace

base::Status rebuild_manifest(Disk& disk, DataHalf& data, std::vector<std::string>& lines) {
    for (const char* folder : {kSegmentFolder, kWalFolder, kManifestFolder, kLostFolder}) {
        SKUA_RETURN_IF_ERROR(disk.make_dir(folder));
    }
    Manifest manifest;
    bool is_changed = false;
    auto loaded = load_manifest(disk);
    if (loaded.ok() && loaded->has_value()) {
        manifest = std::move(**loaded);
        SKUA_ASSIGN_OR_RETURN(is_changed, without_damaged(disk, data, manifest, lines));
    } else {
        if (!loaded.ok() && loaded.error().code != base::Code::kCorruption) return loaded.error();
        lines.push_back(loaded.ok() ? "there is no manifest" : loaded.error().message);
        SKUA_RETURN_IF_ERROR(from_footers(disk, data, manifest, lines));
        SKUA_ASSIGN_OR_RETURN(manifest.number, newest_manifest_number(disk));
        is_changed = true;
    }
    if (!is_changed) {
        lines.emplace_back("nothing to rebuild");
        return {};
    }
    SKUA_RETURN_IF_ERROR(save_manifest(disk, manifest));
    lines.push_back(fmt::format("{} written: {} segments, log released up to generation {}",
                                manifest_name(manifest.number), manifest.segments.size(),
                                manifest.released_generation));
    return {};
}

}  // namespace skua::store::embedded
