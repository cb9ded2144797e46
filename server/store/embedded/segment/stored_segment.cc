// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/stored_segment.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/zstd.h"
#include "store/embedded/segment/granule_encoder.h"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kReadMax = std::uint64_t{1} << 30;  // of one piece: what a broken size may allocate
constexpr std::uint64_t kMetaKey = 0;                       // places in the cache that no piece of a file has
constexpr std::uint64_t kDirectoryKey = 1;
constexpr std::uint64_t kLongestKey = 2;
constexpr std::uint64_t kEdgesKey = 3;
constexpr std::uint64_t kPlaces = 4;  // bytes at an offset have offset * 4 + 2, catalogs offset * 4 + 3

base::Result<std::string> read_exact(const File& file, std::uint64_t offset, std::uint64_t size) {
    if (size > kReadMax) {
        return base::Error{
            base::Code::kCorruption,
            fmt::format("cannot read {}: {} bytes at {} are too many for one piece", file.path(), size, offset)};
    }
    std::string out(static_cast<std::size_t>(size), '\0');
    SKUA_ASSIGN_OR_RETURN(const std::size_t got, file.read_at(offset, out));
    if (got != size) {
        return base::Error{base::Code::kCorruption, fmt::format("cannot read {}: it ends within bytes [{}, {}); got {}",
                                                                file.path(), offset, offset + size, got)};
    }
    return out;
}

}  // namespace

std::size_t SegmentMeta::bytes() const {
    std::size_t total = sizeof(SegmentMeta) + granules.capacity() * sizeof(GranuleInfo) +
                        footer.parts.capacity() * (sizeof(Part) + sizeof(std::uint32_t)) +
                        traces.pages.capacity() * sizeof(HashPage);
    for (const GranuleInfo& g : granules) total += g.dead.capacity() * sizeof(std::uint32_t);
    return total;
}

std::size_t SegmentMeta::part_of(std::uint32_t granule) const {
    return static_cast<std::size_t>(std::upper_bound(first_granule.begin(), first_granule.end(), granule) -
                                    first_granule.begin()) -
           1;
}

StoredSegment::StoredSegment(const SegmentEntry& entry, std::unique_ptr<File> file, BlockCache& cache)
    : Segment(entry), file_(std::move(file)), cache_(cache), cache_file_(cache.new_file()) {}

base::Result<std::shared_ptr<const StoredSegment>> StoredSegment::open(Disk& disk, const SegmentEntry& entry,
                                                                       BlockCache& cache) {
    if (entry.format_version != kSegmentVersion) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("cannot open segment {}: format version {} is not known; want {}", entry.id,
                                       entry.format_version, kSegmentVersion)};
    }
    if (entry.files.empty())
        return base::Error{base::Code::kCorruption, fmt::format("cannot open segment {}: it names no file", entry.id)};
    SKUA_ASSIGN_OR_RETURN(auto file, disk.open(entry.files.front().name, {Access::kRead}));
    return std::shared_ptr<const StoredSegment>(new StoredSegment(entry, std::move(file), cache));
}

base::Error StoredSegment::corrupt(std::uint64_t offset, std::uint64_t size, std::string_view what) const {
    return {base::Code::kCorruption, fmt::format("cannot read {} of {}: bytes [{}, {}) are not what was written", what,
                                                 file_->path(), offset, offset + size)};
}

base::Result<Bytes> StoredSegment::read(std::uint64_t offset, std::uint64_t size, std::uint32_t crc,
                                        std::string_view what) const {
    const CacheKey key{cache_file_, offset * kPlaces + 2};
    if (auto item = cache_.find(key)) {
        auto bytes = std::static_pointer_cast<const BytesItem>(item);
        if (bytes->text.size() == size) return bytes;
    }
    SKUA_ASSIGN_OR_RETURN(std::string text, read_exact(*file_, offset, size));
    if (crc32c(text) != crc) return corrupt(offset, size, what);
    auto item = std::make_shared<const BytesItem>(std::move(text));
    cache_.put(key, item);
    return item;
}

base::Result<Footer> StoredSegment::read_footer(const File& file) {
    SKUA_ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
    const auto bad = [&](std::string_view why) {
        return base::Error{base::Code::kCorruption, fmt::format("cannot read the footer of {}: {}", file.path(), why)};
    };
    if (size < kTailBytes + kSegmentMagic.size()) return bad("the file is too short");
    std::array<char, kTailBytes> tail{};
    SKUA_ASSIGN_OR_RETURN(const std::size_t got, file.read_at(size - kTailBytes, tail));
    if (got != tail.size()) return bad("it is cut off");
    ByteReader in(std::string_view(tail.data(), tail.size()));
    const std::uint32_t bytes = in.u32();
    const std::uint32_t crc = in.u32();
    if (in.bytes(kSegmentMagic.size()) != kSegmentMagic) return bad("its end has no magic number");
    if (bytes > size - kTailBytes) return bad("it is longer than the file");
    SKUA_ASSIGN_OR_RETURN(const std::string text, read_exact(file, size - kTailBytes - bytes, bytes));
    if (crc32c(text) != crc)
        return bad(
            fmt::format("bytes [{}, {}) are not what was written", size - kTailBytes - bytes, size - kTailBytes));
    return Footer::decode(text, file.path());
}

base::Result<std::string> StoredSegment::section(const Footer& footer, SectionId id, std::string_view what) const {
    const Section* s = footer.section(id);
    if (s == nullptr)
        return base::Error{base::Code::kCorruption,
                           fmt::format("cannot read {} of {}: the footer does not name it", what, file_->path())};
    return unpack(*s, what);
}

base::Result<std::string> StoredSegment::unpack(const Section& s, std::string_view what) const {
    SKUA_ASSIGN_OR_RETURN(std::string stored, read_exact(*file_, s.offset, s.stored));
    if (crc32c(stored) != s.crc) return corrupt(s.offset, s.stored, what);
    if (s.raw == s.stored) return stored;
    if (s.raw > kReadMax) return corrupt(s.offset, s.stored, what);
    std::string raw(static_cast<std::size_t>(s.raw), '\0');
    if (!zstd_into(stored, raw.data(), raw.size())) return corrupt(s.offset, s.stored, what);
    return raw;
}

base::Result<std::string> StoredSegment::read_section(const Section& s) const {
    SKUA_ASSIGN_OR_RETURN(std::string stored, read_exact(*file_, s.offset, s.stored));
    if (crc32c(stored) != s.crc) return corrupt(s.offset, s.stored, "a section");
    return stored;
}

base::Result<std::string> StoredSegment::read_granule(const GranuleInfo& g) const {
    SKUA_ASSIGN_OR_RETURN(std::string all, read_exact(*file_, g.offset, g.bytes + g.directory_bytes));
    const std::string_view bytes = all;
    const std::string_view directory = bytes.substr(static_cast<std::size_t>(g.bytes));
    if (crc32c(directory) != g.directory_crc)
        return corrupt(g.offset + g.bytes, g.directory_bytes, "a granule's directory");
    ByteReader in(directory);
    std::uint64_t at = 0;
    while (in.remaining() > 0) {
        in.varint();
        const std::uint64_t size = in.bounded(g.bytes - at);
        const std::uint32_t crc = in.u32();
        if (!in.ok()) return corrupt(g.offset + g.bytes, g.directory_bytes, "a granule's directory");
        if (crc32c(bytes.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size))) != crc)
            return corrupt(g.offset + at, size, "a column");
        at += size;
    }
    if (at != g.bytes) return corrupt(g.offset, g.bytes, "a granule's directory");
    return all;
}

base::Result<std::shared_ptr<const SegmentMeta>> StoredSegment::meta() const {
    const CacheKey key{cache_file_, kMetaKey};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const SegmentMeta>(item);
    auto meta = std::make_shared<SegmentMeta>();
    SKUA_ASSIGN_OR_RETURN(meta->footer, read_footer(*file_));
    const auto part = [&](SectionId id, std::string_view what, auto&& decode) -> base::Status {
        SKUA_ASSIGN_OR_RETURN(const std::string bytes, section(meta->footer, id, what));
        if (decode(bytes)) return {};
        const Section* s = meta->footer.section(id);
        return corrupt(s->offset, s->stored, what);
    };
    SKUA_RETURN_IF_ERROR(
        part(SectionId::kGranules, "the zone maps", [&](const auto& b) { return decode_granules(b, meta->granules); }));
    SKUA_RETURN_IF_ERROR(part(SectionId::kTraceDirectory, "the trace directory",
                              [&](const auto& b) { return HashPages::decode(b, meta->traces); }));
    std::uint64_t first = 0;
    for (const Part& p : meta->footer.parts) {
        meta->first_granule.push_back(static_cast<std::uint32_t>(first));
        first += p.granules;
    }
    if (first != meta->granules.size()) return corrupt(0, 0, "the zone maps");
    cache_.put(key, meta);
    return std::shared_ptr<const SegmentMeta>(std::move(meta));
}

base::Result<std::shared_ptr<const Directory>> StoredSegment::directory(const SegmentMeta& meta) const {
    const CacheKey key{cache_file_, kDirectoryKey};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const Directory>(item);
    SKUA_ASSIGN_OR_RETURN(std::string bytes, section(meta.footer, SectionId::kDirectory, "the directory"));
    auto directory = Directory::decode(std::move(bytes), static_cast<std::uint32_t>(meta.granules.size()));
    if (directory == nullptr) {
        const Section* s = meta.footer.section(SectionId::kDirectory);
        return corrupt(s->offset, s->stored, "the directory");
    }
    SKUA_ASSIGN_OR_RETURN(bytes, section(meta.footer, SectionId::kValueDirectory, "the value directory"));
    HashPages values;
    if (!HashPages::decode(bytes, values)) {
        const Section* s = meta.footer.section(SectionId::kValueDirectory);
        return corrupt(s->offset, s->stored, "the value directory");
    }
    directory->set_values(std::move(values));
    cache_.put(key, directory);
    return std::shared_ptr<const Directory>(std::move(directory));
}

base::Result<std::shared_ptr<const LongestSpans>> StoredSegment::longest_spans(const SegmentMeta& meta,
                                                                               const Directory& directory) const {
    const Section* s = meta.footer.section(SectionId::kLongestSpans);
    if (s == nullptr) return std::shared_ptr<const LongestSpans>();
    const CacheKey key{cache_file_, kLongestKey};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const LongestSpans>(item);
    SKUA_ASSIGN_OR_RETURN(std::string bytes, unpack(*s, "the longest spans"));
    auto longest = LongestSpans::decode(std::move(bytes), directory);
    if (longest == nullptr) return corrupt(s->offset, s->stored, "the longest spans");
    cache_.put(key, longest);
    return longest;
}

base::Result<std::shared_ptr<const EdgeTable>> StoredSegment::edges(const SegmentMeta& meta) const {
    const CacheKey key{cache_file_, kEdgesKey};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const EdgeTable>(item);
    SKUA_ASSIGN_OR_RETURN(std::string bytes, section(meta.footer, SectionId::kEdges, "the edges"));
    auto table = EdgeTable::decode(std::move(bytes), meta.granules.size());
    if (table == nullptr) {
        const Section* s = meta.footer.section(SectionId::kEdges);
        return corrupt(s->offset, s->stored, "the edges");
    }
    cache_.put(key, table);
    return table;
}

base::Result<std::vector<RollupBlock>> StoredSegment::rollup_blocks(const SegmentMeta& meta) const {
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, section(meta.footer, SectionId::kRollupBlocks, "the rollups"));
    std::vector<RollupBlock> blocks;
    if (decode_rollup_blocks(bytes, blocks)) return blocks;
    const Section* s = meta.footer.section(SectionId::kRollupBlocks);
    return corrupt(s->offset, s->stored, "the rollups");
}

base::Result<std::vector<RollupCell>> StoredSegment::rollup_cells(const SegmentMeta& meta,
                                                                  const RollupBlock& block) const {
    const Section* s = meta.footer.section(SectionId::kRollups);
    Section part;
    part.offset = (s == nullptr ? 0 : s->offset) + block.offset;
    part.stored = block.stored;
    part.raw = block.raw;
    part.crc = block.crc;
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, unpack(part, "rollups"));
    std::vector<RollupCell> cells;
    if (decode_rollup_cells(bytes, cells)) return cells;
    return corrupt(part.offset, part.stored, "rollups");
}

base::Result<std::shared_ptr<const Catalog>> StoredSegment::catalog(const SegmentMeta& meta, std::size_t number) const {
    const Part& part = meta.footer.parts[number];
    const CacheKey key{cache_file_, part.catalog.offset * kPlaces + 3};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const Catalog>(item);
    SKUA_ASSIGN_OR_RETURN(std::string bytes, unpack(part.string_blocks, "the directory of texts"));
    StringBlocks strings;
    if (!StringBlocks::decode(bytes, strings))
        return corrupt(part.string_blocks.offset, part.string_blocks.stored, "the directory of texts");
    SKUA_ASSIGN_OR_RETURN(bytes, unpack(part.catalog, "a catalog"));
    auto catalog = Catalog::decode(std::move(bytes), std::move(strings));
    if (catalog == nullptr) return corrupt(part.catalog.offset, part.catalog.stored, "a catalog");
    cache_.put(key, catalog);
    return catalog;
}

base::Result<std::shared_ptr<const TextBlock>> StoredSegment::text_block(const Part& part, const StringBlocks& blocks,
                                                                         std::size_t index) const {
    const StringBlock& b = blocks.blocks[index];
    const std::uint64_t offset = part.strings.offset + b.offset;
    const CacheKey key{cache_file_, offset * kPlaces + 2};
    if (auto item = cache_.find(key)) {
        if (auto block = std::dynamic_pointer_cast<const TextBlock>(item)) return block;
    }
    SKUA_ASSIGN_OR_RETURN(std::string stored, read_exact(*file_, offset, b.stored));
    if (crc32c(stored) != b.crc) return corrupt(offset, b.stored, "texts");
    auto block = std::make_shared<TextBlock>();
    if (b.raw == b.stored) {
        block->raw = std::move(stored);
    } else {
        block->raw.resize(b.raw);
        if (!zstd_into(stored, block->raw.data(), block->raw.size())) return corrupt(offset, b.stored, "texts");
    }
    block->first = b.first;
    const std::uint32_t end = index + 1 < blocks.blocks.size() ? blocks.blocks[index + 1].first : blocks.count;
    ByteReader in(block->raw);
    for (std::uint32_t i = b.first; i < end && in.ok(); ++i) block->texts.push_back(in.string());
    if (!in.ok() || in.remaining() != 0) return corrupt(offset, b.stored, "texts");
    cache_.put(key, block);
    return std::shared_ptr<const TextBlock>(std::move(block));
}

StoredSegment::Piece StoredSegment::page_of(const SegmentMeta& meta, const HashPages& pages, SectionId id,
                                            std::uint64_t hash) {
    const Section* s = meta.footer.section(id);
    const HashPage& page = pages.pages[pages.page_of(hash)];
    return {(s == nullptr ? 0 : s->offset) + page.offset, page.bytes, page.crc};
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find(const SegmentMeta& meta, const HashPages& pages,
                                                             SectionId id, std::uint64_t hash) const {
    const Piece page = page_of(meta, pages, id, hash);
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, read(page.offset, page.bytes, page.crc, "an index page"));
    std::vector<std::uint32_t> out;
    if (!find_in_page(pages, bytes->text, hash, out)) return corrupt(page.offset, page.bytes, "an index page");
    return out;
}

void StoredSegment::will_find_trace(const SegmentMeta& meta, const model::TraceId& id) const {
    const Piece page = page_of(meta, meta.traces, SectionId::kTracePages, trace_id_hash(id));
    if (cache_.find({cache_file_, page.offset * kPlaces + 2}) == nullptr) file_->will_read(page.offset, page.bytes);
}

void StoredSegment::will_read(const GranuleInfo& granule) const {
    const std::uint64_t directory = granule.offset + granule.bytes;
    if (cache_.find({cache_file_, directory * kPlaces + 2}) == nullptr)
        file_->will_read(granule.offset, granule.bytes + granule.directory_bytes);
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find_trace(const SegmentMeta& meta,
                                                                   const model::TraceId& id) const {
    return find(meta, meta.traces, SectionId::kTracePages, trace_id_hash(id));
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find_value(const SegmentMeta& meta, const Directory& directory,
                                                                   std::uint64_t hash) const {
    return find(meta, directory.values, SectionId::kValuePages, hash);
}

namespace {

class StoredStream final : public HashStream {
public:
    StoredStream(const File& file, const HashPages& pages, std::uint64_t offset)
        : file_(file), pages_(pages), offset_(offset) {}
    base::Result<bool> next(HashEntry& entry) override {
        while (at_ == entries_.size()) {
            if (page_ == pages_.pages.size()) return false;
            SKUA_RETURN_IF_ERROR(load());
        }
        entry = entries_[at_++];
        return true;
    }
    base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) override {
        for (;;) {
            while (at_ < entries_.size() && entries_[at_].hash <= last) out.push_back(entries_[at_++]);
            if (at_ < entries_.size() || page_ == pages_.pages.size()) return {};
            // Pages beyond are not opened: nothing of them is wanted yet.
            if (pages_.page_of(last) < page_) return {};
            SKUA_RETURN_IF_ERROR(load());
        }
    }
    [[nodiscard]] std::uint64_t entries() const override { return pages_.entries; }
    [[nodiscard]] unsigned kept_bits() const override { return pages_.kept_bits(); }

private:
    base::Status load() {
        const HashPage& page = pages_.pages[page_];
        SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_exact(file_, offset_ + page.offset, page.bytes));
        entries_.clear();
        at_ = 0;
        if (crc32c(bytes) == page.crc && read_page(pages_, page_++, bytes, entries_)) return {};
        return base::Error{base::Code::kCorruption,
                           fmt::format("cannot read an index page of {}: bytes [{}, {}) are not what was written",
                                       file_.path(), offset_ + page.offset, offset_ + page.offset + page.bytes)};
    }

    const File& file_;
    const HashPages pages_;
    const std::uint64_t offset_;
    std::size_t page_ = 0;
    std::vector<HashEntry> entries_;
    std::size_t at_ = 0;
};

}  // namespace

base::Result<std::unique_ptr<HashStream>> StoredSegment::stream(const SegmentMeta& meta, const HashPages& pages,
                                                                SectionId id) const {
    const Section* s = meta.footer.section(id);
    if (s == nullptr) return corrupt(0, 0, "an index");
    return std::unique_ptr<HashStream>(std::make_unique<StoredStream>(*file_, pages, s->offset));
}

}  // namespace skua::store::embedded
