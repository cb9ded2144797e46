// SPDX-License-Identifier: Apache-2.0
// An open segment file. Nothing of it stays in memory but through the cache.
//
// Every byte is checked against its checksum when it is read from the file. Errors name the file and the range.
// Thread-safe; lives as long as a view holds it.
#pragma once

#include "store/embedded/cache/block_cache.h"
#include "store/embedded/engine/data_half.h"
#include "store/embedded/index/pages.h"
#include "store/embedded/segment/catalog.h"
#include "store/embedded/segment/directory.h"
#include "store/embedded/segment/edges.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/rollups.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

class BytesItem final : public CacheItem {
public:
    explicit BytesItem(std::string b) : text(std::move(b)) {}
    [[nodiscard]] std::size_t bytes() const override { return text.capacity() + sizeof(BytesItem); }
    std::string text;
};
using Bytes = std::shared_ptr<const BytesItem>;

// Footer, zone maps, the directory of the trace index: what finding a trace needs.
class SegmentMeta final : public CacheItem {
public:
    [[nodiscard]] std::size_t bytes() const override;
    [[nodiscard]] std::uint8_t patience() const override { return 3; }
    // REQUIRES: there is such a granule.
    [[nodiscard]] std::size_t part_of(std::uint32_t granule) const;
    Footer footer;
    std::vector<GranuleInfo> granules;
    std::vector<std::uint32_t> first_granule;  // of each part
    HashPages traces;
};

// Texts of one block, by number.
class TextBlock final : public CacheItem {
public:
    [[nodiscard]] std::size_t bytes() const override {
        return raw.capacity() + texts.capacity() * sizeof(std::string_view);
    }
    std::string raw;
    std::uint32_t first = 0;
    std::vector<std::string_view> texts;
};

class StoredSegment final : public Segment {
public:
    static base::Result<std::shared_ptr<const StoredSegment>> open(Disk& disk, const SegmentEntry& entry,
                                                                   BlockCache& cache);
    ~StoredSegment() override { cache_.forget(cache_file_); }
    StoredSegment(const StoredSegment&) = delete;
    StoredSegment& operator=(const StoredSegment&) = delete;
    // Reads the footer alone.
    static base::Result<Footer> read_footer(const File& file);

    base::Result<std::shared_ptr<const SegmentMeta>> meta() const;
    base::Result<std::shared_ptr<const Directory>> directory(const SegmentMeta& meta) const;
    // Null: the segment does not know.
    base::Result<std::shared_ptr<const LongestSpans>> longest_spans(const SegmentMeta& meta,
                                                                    const Directory& directory) const;
    base::Result<std::shared_ptr<const Catalog>> catalog(const SegmentMeta& meta, std::size_t part) const;
    base::Result<std::shared_ptr<const TextBlock>> text_block(const Part& part, const StringBlocks& blocks,
                                                              std::size_t block) const;
    // Places (granule << 12 | trace of it) where the trace may be.
    base::Result<std::vector<std::uint32_t>> find_trace(const SegmentMeta& meta, const model::TraceId& id) const;
    // Hints: the page of the index that has the trace, or all of a granule, will be read soon. Several random reads
    // wait for the disk together then, not one after the other.
    void will_find_trace(const SegmentMeta& meta, const model::TraceId& id) const;
    void will_read(const GranuleInfo& granule) const;
    // Runs of granules (see Directory::value_shift) that may hold the value.
    base::Result<std::vector<std::uint32_t>> find_value(const SegmentMeta& meta, const Directory& directory,
                                                        std::uint64_t hash) const;
    base::Result<std::shared_ptr<const EdgeTable>> edges(const SegmentMeta& meta) const;
    base::Result<std::vector<RollupBlock>> rollup_blocks(const SegmentMeta& meta) const;
    base::Result<std::vector<RollupCell>> rollup_cells(const SegmentMeta& meta, const RollupBlock& block) const;
    // For merges, past the cache: a granule with its directory, all checksums compared; a section as it is stored.
    base::Result<std::string> read_granule(const GranuleInfo& info) const;
    base::Result<std::string> read_section(const Section& section) const;
    // All entries of an index, page by page. The segment outlives the stream.
    base::Result<std::unique_ptr<HashStream>> stream(const SegmentMeta& meta, const HashPages& pages,
                                                     SectionId id) const;
    base::Result<Bytes> read(std::uint64_t offset, std::uint64_t size, std::uint32_t crc, std::string_view what) const;
    // Reads everything there is.
    base::Status verify() const;
    [[nodiscard]] base::Error corrupt(std::uint64_t offset, std::uint64_t size, std::string_view what) const;

private:
    StoredSegment(const SegmentEntry& entry, std::unique_ptr<File> file, BlockCache& cache);
    base::Result<std::string> section(const Footer& footer, SectionId id, std::string_view what) const;
    base::Result<std::string> unpack(const Section& section, std::string_view what) const;
    // Where the entries of `hash` are, if any.
    struct Piece {
        std::uint64_t offset = 0;
        std::uint32_t bytes = 0;
        std::uint32_t crc = 0;
    };
    static Piece page_of(const SegmentMeta& meta, const HashPages& pages, SectionId id, std::uint64_t hash);
    base::Result<std::vector<std::uint32_t>> find(const SegmentMeta& meta, const HashPages& pages, SectionId id,
                                                  std::uint64_t hash) const;

    const std::unique_ptr<File> file_;
    BlockCache& cache_;
    const std::uint64_t cache_file_;
};

}  // namespace skua::store::embedded
