// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/span_data.h"

#include "store/embedded/segment/segment_writer.h"
#include "store/embedded/segment/stored_segment.h"

#include <fmt/core.h>
#include <malloc.h>

namespace skua::store::embedded {

base::Result<std::shared_ptr<Head>> SpanData::new_head(std::uint64_t /*generation*/) {
    const std::lock_guard lock(mutex_);
    const auto head = std::make_shared<MemoryHead>(arenas_, options_.head, duplicates_, newest_head_);
    newest_head_ = head;
    return std::static_pointer_cast<Head>(head);
}

base::Result<std::vector<SegmentEntry>> SpanData::seal(const SealInput& input, SegmentFiles& files) {
    SKUA_ASSIGN_OR_RETURN(auto entry, write_segment(input, files));
    std::vector<SegmentEntry> out;
    if (entry) out.push_back(std::move(*entry));
    return out;
}

base::Result<std::vector<SegmentEntry>> SpanData::compact(const CompactInput& input, SegmentFiles& files) {
    SKUA_ASSIGN_OR_RETURN(SegmentEntry entry, merge_segments(input, files, arenas_, options_.head, options_.merge));
    return std::vector<SegmentEntry>{std::move(entry)};
}

std::uint64_t SpanData::compaction_bytes_max(std::span<const SegmentEntry* const> inputs) const {
    std::uint64_t total = 1 << 20;
    for (const SegmentEntry* entry : inputs) {
        for (const SegmentFile& file : entry->files) total += file.bytes + file.bytes / 4;
    }
    return total;
}

base::Result<std::shared_ptr<const Segment>> SpanData::open(Disk& disk, const SegmentEntry& entry) {
    SKUA_ASSIGN_OR_RETURN(auto segment, StoredSegment::open(disk, entry, cache_));
    return std::static_pointer_cast<const Segment>(segment);
}

base::Result<std::optional<SegmentEntry>> SpanData::describe(Disk& disk, const std::string& name,
                                                             const StoreId& store_id) {
    SKUA_ASSIGN_OR_RETURN(const auto file, disk.open(name, {Access::kRead}));
    SKUA_ASSIGN_OR_RETURN(const Footer footer, StoredSegment::read_footer(*file));
    if (footer.lineage.store_id != store_id) {
        return base::Error{base::Code::kCorruption,
                           fmt::format("cannot take {}: it belongs to another store", file->path())};
    }
    SegmentEntry entry;
    entry.id = footer.id;
    entry.format_version = footer.version;
    entry.level = footer.lineage.level;
    entry.generation_min = footer.lineage.generation_min;
    entry.generation_max = footer.lineage.generation_max;
    entry.arrival_min_ns = footer.lineage.arrival_min_ns;
    entry.arrival_max_ns = footer.lineage.arrival_max_ns;
    entry.start_min_ns = footer.start_min_ns;
    entry.start_max_ns = footer.start_max_ns;
    entry.rows = footer.rows;
    entry.traces = footer.traces;
    entry.replaces = footer.lineage.replaces;
    SKUA_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    entry.files.push_back({name, size});
    return std::optional(std::move(entry));
}

base::Status SpanData::verify(Disk& disk, const SegmentEntry& entry) {
    // Not through the shared cache: what is read must come from the disk.
    BlockCache empty(0);
    SKUA_ASSIGN_OR_RETURN(const auto segment, StoredSegment::open(disk, entry, empty));
    return segment->verify();
}

void SpanData::trim() {
    arenas_.trim();
#ifdef __GLIBC__
    ::malloc_trim(0);  // what seals and requests have freed is kept by the allocator otherwise
#endif
}

}  // namespace skua::store::embedded
