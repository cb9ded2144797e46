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
constexpr std::uint64_t kCatalogKey = 1;

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

bool decode_operations(std::string_view bytes, std::size_t granules, std::vector<SegmentMeta::Postings>& out) {
    ByteReader in(bytes);
    out.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (auto& operation : out) {
        operation.rows = in.varint();
        const std::uint64_t count = in.bounded(granules);
        if (count == granules) continue;
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
            last += in.bounded(granules);
            if (last >= granules) return false;
            operation.granules.push_back(static_cast<std::uint32_t>(last));
        }
        if (count == 0) return false;  // an operation without rows is not written
    }
    return in.ok() && in.remaining() == 0;
}

}  // namespace

std::size_t SegmentMeta::bytes() const {
    std::size_t total = sizeof(SegmentMeta) + granules.capacity() * sizeof(GranuleInfo) +
                        strings.blocks.capacity() * sizeof(StringBlock);
    total += (traces.pages.capacity() + values.pages.capacity()) * sizeof(HashPage) +
             operations.capacity() * sizeof(Postings);
    for (const auto& o : operations) total += o.granules.capacity() * sizeof(std::uint32_t);
    return total;
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
    const CacheKey key{cache_file_, offset + 2};
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
    SKUA_ASSIGN_OR_RETURN(std::string stored, read_exact(*file_, s->offset, s->stored));
    if (crc32c(stored) != s->crc) return corrupt(s->offset, s->stored, what);
    if (s->raw == s->stored) return stored;
    if (s->raw > kReadMax) return corrupt(s->offset, s->stored, what);
    std::string raw(static_cast<std::size_t>(s->raw), '\0');
    if (!zstd_into(stored, raw.data(), raw.size())) return corrupt(s->offset, s->stored, what);
    return raw;
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
    SKUA_RETURN_IF_ERROR(part(SectionId::kStringBlocks, "the directory of texts",
                              [&](const auto& b) { return StringBlocks::decode(b, meta->strings); }));
    SKUA_RETURN_IF_ERROR(part(SectionId::kTraceDirectory, "the trace directory",
                              [&](const auto& b) { return HashPages::decode(b, meta->traces); }));
    SKUA_RETURN_IF_ERROR(part(SectionId::kValueDirectory, "the value directory",
                              [&](const auto& b) { return HashPages::decode(b, meta->values); }));
    SKUA_RETURN_IF_ERROR(part(SectionId::kOperations, "the postings", [&](const auto& b) {
        return decode_operations(b, meta->granules.size(), meta->operations);
    }));
    cache_.put(key, meta);
    return std::shared_ptr<const SegmentMeta>(std::move(meta));
}

base::Result<std::shared_ptr<const Catalog>> StoredSegment::catalog(const SegmentMeta& meta) const {
    const CacheKey key{cache_file_, kCatalogKey};
    if (auto item = cache_.find(key)) return std::static_pointer_cast<const Catalog>(item);
    SKUA_ASSIGN_OR_RETURN(std::string bytes, section(meta.footer, SectionId::kCatalog, "the catalog"));
    auto catalog = Catalog::decode(std::move(bytes), meta.strings.count);
    if (catalog == nullptr || catalog->operations.size() != meta.operations.size()) {
        const Section* s = meta.footer.section(SectionId::kCatalog);
        return corrupt(s->offset, s->stored, "the catalog");
    }
    cache_.put(key, catalog);
    return catalog;
}

base::Result<std::shared_ptr<const TextBlock>> StoredSegment::text_block(const SegmentMeta& meta,
                                                                         std::size_t index) const {
    const Section* s = meta.footer.section(SectionId::kStrings);
    const StringBlock& b = meta.strings.blocks[index];
    const std::uint64_t offset = (s == nullptr ? 0 : s->offset) + b.offset;
    const CacheKey key{cache_file_, offset + 2};
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
    const std::uint32_t end =
        index + 1 < meta.strings.blocks.size() ? meta.strings.blocks[index + 1].first : meta.strings.count;
    ByteReader in(block->raw);
    for (std::uint32_t i = b.first; i < end && in.ok(); ++i) block->texts.push_back(in.string());
    if (!in.ok() || in.remaining() != 0) return corrupt(offset, b.stored, "texts");
    cache_.put(key, block);
    return std::shared_ptr<const TextBlock>(std::move(block));
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find(const SegmentMeta& meta, const HashPages& pages,
                                                             SectionId id, std::uint64_t hash) const {
    const Section* s = meta.footer.section(id);
    const HashPage& page = pages.pages[pages.page_of(hash)];
    const std::uint64_t offset = (s == nullptr ? 0 : s->offset) + page.offset;
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, read(offset, page.bytes, page.crc, "an index page"));
    std::vector<std::uint32_t> out;
    if (!find_in_page(pages, bytes->text, hash, out)) return corrupt(offset, page.bytes, "an index page");
    return out;
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find_trace(const SegmentMeta& meta,
                                                                   const model::TraceId& id) const {
    return find(meta, meta.traces, SectionId::kTracePages, trace_id_hash(id));
}

base::Result<std::vector<std::uint32_t>> StoredSegment::find_value(const SegmentMeta& meta, std::uint64_t hash) const {
    return find(meta, meta.values, SectionId::kValuePages, hash);
}

base::Status StoredSegment::verify() const {
    SKUA_ASSIGN_OR_RETURN(const auto m, meta());
    SKUA_ASSIGN_OR_RETURN(const auto ignored, catalog(*m));
    (void)ignored;
    for (std::size_t i = 0; i < m->strings.blocks.size(); ++i) {
        SKUA_ASSIGN_OR_RETURN(const auto block, text_block(*m, i));
        (void)block;
    }
    const auto pages = [&](SectionId id, const HashPages& all) -> base::Status {
        const Section* s = m->footer.section(id);
        for (const HashPage& page : all.pages) {
            SKUA_ASSIGN_OR_RETURN(const Bytes bytes, read((s == nullptr ? 0 : s->offset) + page.offset, page.bytes,
                                                          page.crc, "an index page"));
            (void)bytes;
        }
        return {};
    };
    SKUA_RETURN_IF_ERROR(pages(SectionId::kTracePages, m->traces));
    SKUA_RETURN_IF_ERROR(pages(SectionId::kValuePages, m->values));
    for (const GranuleInfo& g : m->granules) {
        SKUA_ASSIGN_OR_RETURN(const Bytes directory,
                              read(g.offset + g.bytes, g.directory_bytes, g.directory_crc, "a granule's directory"));
        ByteReader in(directory->text);
        std::uint64_t offset = g.offset;
        while (in.remaining() > 0) {
            in.varint();
            const std::uint64_t bytes = in.varint();
            const std::uint32_t crc = in.u32();
            if (!in.ok()) return corrupt(g.offset + g.bytes, g.directory_bytes, "a granule's directory");
            SKUA_ASSIGN_OR_RETURN(const Bytes column, read(offset, bytes, crc, "a column"));
            (void)column;
            offset += bytes;
        }
    }
    return {};
}

}  // namespace skua::store::embedded
