// SPDX-License-Identifier: Apache-2.0
// Writes a segment file from its first byte to its last: parts made of heads or copied from other segments, then the
// indexes over all of them. Seals write one part, merges several.
//
// Confined to one thread; lives for one segment.
#pragma once

#include "store/embedded/head/memory_head.h"
#include "store/embedded/index/packed_entries.h"
#include "store/embedded/segment/directory.h"
#include "store/embedded/segment/edges.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/rollups.h"
#include "store/embedded/segment/row_order.h"
#include "store/embedded/segment/segment_writer.h"
#include "store/embedded/segment/stored_segment.h"

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

inline constexpr std::uint32_t kNoGranule = 0xFFFFFFFF;

// Numbers of the value index stand for 2^shift granules in segments of many.
unsigned value_shift(std::uint32_t granules);

class SegmentOutput {
public:
    // `stats` may be null.
    SegmentOutput(File& file, std::uint64_t id, const Lineage& lineage, std::stop_token stop, SealStats* stats);

    // Encodes the rows of a closed head.
    base::Status encode_part(const MemoryHead& head, const RowOrder& order);
    // Copies the granules that `place` gives no kNoGranule for; sets their numbers in this segment. `dead` are traces
    // of each of them to be skipped from now on, in addition to those that were.
    base::Status copy_part(const StoredSegment& from, const SegmentMeta& meta, std::size_t part,
                           const std::vector<std::vector<std::uint32_t>>& dead, std::vector<std::uint32_t>& place);
    // After the parts were copied: what else is known of the granules of `from`, by where they are now.
    // `longest` may be null: not known.
    void merge_directory(const Directory& from, const LongestSpans* longest, const std::vector<std::uint32_t>& place);

    // Rows and traces alive in copied granules.
    void add_counts(std::uint64_t rows, std::uint64_t traces) {
        footer_.rows += rows;
        footer_.traces += traces;
    }

    [[nodiscard]] std::uint32_t granules() const { return static_cast<std::uint32_t>(granules_.size()); }
    [[nodiscard]] const GranuleInfo& granule(std::uint32_t number) const { return granules_[number]; }
    // Edges of granules, in the order in which these were written: encoded parts do that themselves.
    EdgeTableWriter& edges() { return edges_; }
    // Of a merge: what its inputs have. `rollups` have all spans of the inputs, so that those of encoded parts are not
    // added to them; duplicates left out are taken away.
    struct Merged {
        std::vector<std::unique_ptr<HashStream>> traces;
        std::vector<std::unique_ptr<HashStream>> values;
        std::vector<RollupMerger::Source> rollups;
        std::uint64_t duplicates = 0;
    };
    // Indexes, tables, footer.
    base::Result<SegmentEntry> finish(std::optional<Merged> merged);

private:
    base::Status flush();
    base::Status flush_if_large();
    [[nodiscard]] std::uint64_t offset() const { return written_ + buffer_.size(); }
    Section put_section(SectionId id, std::string_view name, std::string_view raw, bool compress);
    void put_strings(const StringTable& table, Part& part);
    base::Result<HashPages> merge_pages(std::vector<std::unique_ptr<HashStream>> streams, unsigned spare,
                                        std::uint32_t number_max);
    base::Status put_trace_index(std::vector<std::unique_ptr<HashStream>> others);
    base::Status put_value_index(std::vector<std::unique_ptr<HashStream>> others);
    base::Status close_pages(SectionId id, SectionId directory, std::string_view name, std::uint64_t begin,
                             const HashPages& pages);
    base::Result<Section> copy_section(const StoredSegment& from, const Section& section);
    base::Status put_rollups(std::vector<RollupMerger::Source> sources);
    void add_granule(const GranuleInfo& info);
    void count(std::string_view name, std::uint64_t bytes);

    File& file_;
    const std::stop_token stop_;
    SealStats* const stats_;
    std::string buffer_;
    std::uint64_t written_ = 0;
    Footer footer_;
    std::vector<GranuleInfo> granules_;
    DirectoryWriter directory_;
    EdgeTableWriter edges_;
    // Of encoded parts.
    std::vector<HashEntry> traces_;
    PackedEntries values_;
    std::vector<std::vector<RollupCell>> cells_;
    std::vector<RollupCell> duplicate_cells_;
};

}  // namespace skua::store::embedded
