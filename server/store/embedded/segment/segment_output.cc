// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/segment_output.h"

#include "store/embedded/codec/bits.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/zstd.h"
#include "store/embedded/segment/granule_encoder.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;
constexpr std::size_t kStringBlockBytes = std::size_t{32} << 10;
// Merges keep the bits they find, so that each doubling of entries costs one of them.
constexpr unsigned kTraceSpareBits = 20;
constexpr unsigned kValueSpareBits = 8;
constexpr unsigned kValueNumberBits = 10;  // more would cost more than the few granules looked at in vain
constexpr std::size_t kValuesOfRow = 4;    // about; memory that is not used costs nothing
constexpr unsigned kPlaceBits = 12;        // of the number of a trace in its granule

std::string column_name(std::uint32_t column) {
    static constexpr std::string_view kNames[] = {"trace ids", "trace rows", "span ids", "parents",   "far parents",
                                                  "starts",    "durations",  "shapes",   "resources", "summaries"};
    return column < std::size(kNames) ? "column " + std::string(kNames[column]) : "column fields";
}

}  // namespace

SegmentOutput::SegmentOutput(File& file, std::uint64_t id, const Lineage& lineage, std::stop_token stop,
                             SealStats* stats)
    : file_(file), stop_(std::move(stop)), stats_(stats) {
    footer_.id = id;
    footer_.lineage = lineage;
    footer_.start_min_ns = ~std::uint64_t{0};
    buffer_ += kSegmentMagic;
}

unsigned value_shift(std::uint32_t granules) {
    return std::max(kValueNumberBits, bit_width_of(granules)) - kValueNumberBits;
}

base::Status SegmentOutput::flush() {
    SKUA_RETURN_IF_ERROR(file_.write_at(written_, buffer_));
    written_ += buffer_.size();
    buffer_.clear();
    return {};
}

base::Status SegmentOutput::flush_if_large() {
    if (stop_.stop_requested()) return base::Error{base::Code::kCancelled, "writing a segment was stopped"};
    return buffer_.size() >= kFlushBytes ? flush() : base::Status{};
}

void SegmentOutput::count(std::string_view name, std::uint64_t bytes) {
    if (stats_ != nullptr) stats_->part_bytes[std::string(name)] += bytes;
}

void SegmentOutput::add_granule(const GranuleInfo& info) {
    footer_.start_min_ns = std::min(footer_.start_min_ns, info.start_min_ns);
    footer_.start_max_ns = std::max(footer_.start_max_ns, info.start_max_ns);
    granules_.push_back(info);
    count("granule directories", info.directory_bytes);
}

base::Status SegmentOutput::encode_part(const MemoryHead& head, const RowOrder& order) {
    if (granules() + order.rows.size() / kGranuleRows + order.traces.size() >= PackedEntries::kNumbersMax)
        return base::Error{base::Code::kTooLarge, "cannot write a segment: it has too many granules"};
    GranuleEncoder encoder(head);
    encoder.value_entries().reserve(order.rows.size() * kValuesOfRow);
    Part part;
    std::vector<OrderedTrace> traces;
    std::size_t first = 0;
    std::size_t rows = 0;
    const auto close = [&]() -> base::Status {
        GranuleInfo info;
        info.offset = offset();
        encoder.encode(std::span(order.rows).subspan(first, rows), traces, granules(), buffer_, info);
        add_granule(info);
        std::vector<Edge> edges = encoder.edges();
        for (Edge& edge : edges) {
            edge.parent = edges_.service(encoder.tables().services()[edge.parent]);
            edge.child = edges_.service(encoder.tables().services()[edge.child]);
        }
        edges_.granule(edges);
        ++part.granules;
        first += rows;
        rows = 0;
        traces.clear();
        return flush_if_large();
    };
    for (const OrderedTrace& trace : order.traces) {
        // A trace stays in one granule unless it is larger than one.
        if (rows > 0 && rows + trace.count > kGranuleRows) SKUA_RETURN_IF_ERROR(close());
        OrderedTrace rest = trace;
        while (rest.count > 0) {
            OrderedTrace piece = rest;
            piece.whole = trace.count <= kGranuleRows;
            piece.count = static_cast<std::uint32_t>(std::min<std::size_t>(rest.count, kGranuleRows - rows));
            traces.push_back(piece);
            rows += piece.count;
            rest.count -= piece.count;
            // The end of such a trace stays alone: what follows may have started before it.
            if (rest.count > 0 || trace.count > kGranuleRows) SKUA_RETURN_IF_ERROR(close());
        }
    }
    if (rows > 0) SKUA_RETURN_IF_ERROR(close());

    // Rows left out may have shapes that no other row has: before the catalog is written.
    for (const RowRef row : order.duplicates) duplicate_cells_.push_back(encoder.cell_of(row));
    for (const auto& [column, bytes] : encoder.column_bytes()) count(column_name(column), bytes);
    std::string bytes;
    encoder.numbers().catalog().encode(bytes);
    part.catalog = put_section(SectionId::kCatalog, "catalog", bytes, true);
    put_strings(encoder.numbers().strings(), part);
    footer_.parts.push_back(part);
    footer_.rows += order.rows.size();
    footer_.traces += order.traces.size();
    footer_.duplicates += order.duplicates.size();
    cells_.push_back(encoder.tables().cells());

    std::vector<std::uint32_t> scopes;
    for (const std::string_view scope : encoder.numbers().scopes()) scopes.push_back(directory_.scope(scope));
    for (const auto& [operation, granules] : encoder.numbers().operations()) {
        const std::uint32_t number = directory_.operation(operation, scopes[operation.scope]);
        for (const OperationGranule& g : granules) directory_.operation_in(number, g);
    }
    for (const auto& resource : encoder.numbers().resources()) {
        const std::uint32_t number = directory_.resource(resource.bytes, resource.service);
        for (const std::uint32_t g : resource.granules) directory_.resource_in(number, g);
    }
    const std::vector<HashEntry>& traces_of_part = encoder.trace_entries();
    traces_.insert(traces_.end(), traces_of_part.begin(), traces_of_part.end());
    if (values_.empty()) {
        values_ = std::move(encoder.value_entries());
    } else {
        values_.append(encoder.value_entries());
    }
    return {};
}

base::Status SegmentOutput::copy_part(const StoredSegment& from, const SegmentMeta& meta, std::size_t part,
                                      const std::vector<std::vector<std::uint32_t>>& dead,
                                      std::vector<std::uint32_t>& place) {
    Part to;
    const std::uint32_t first = meta.first_granule[part];
    for (std::uint32_t g = first; g < first + meta.footer.parts[part].granules; ++g) {
        if (place[g] == kNoGranule) continue;
        GranuleInfo info = meta.granules[g];
        SKUA_ASSIGN_OR_RETURN(const std::string bytes, from.read_granule(info));
        info.offset = offset();
        std::vector<std::uint32_t> all;
        std::set_union(info.dead.begin(), info.dead.end(), dead[g].begin(), dead[g].end(), std::back_inserter(all));
        info.dead = std::move(all);
        buffer_ += bytes;
        place[g] = granules();
        add_granule(info);
        ++to.granules;
        SKUA_RETURN_IF_ERROR(flush_if_large());
    }
    if (to.granules == 0) return {};
    SKUA_ASSIGN_OR_RETURN(to.catalog, copy_section(from, meta.footer.parts[part].catalog));
    SKUA_ASSIGN_OR_RETURN(to.strings, copy_section(from, meta.footer.parts[part].strings));
    SKUA_ASSIGN_OR_RETURN(to.string_blocks, copy_section(from, meta.footer.parts[part].string_blocks));
    footer_.parts.push_back(to);
    return flush_if_large();
}

base::Result<Section> SegmentOutput::copy_section(const StoredSegment& from, const Section& section) {
    SKUA_ASSIGN_OR_RETURN(const std::string bytes, from.read_section(section));
    Section to = section;
    to.offset = offset();
    buffer_ += bytes;
    return to;
}

void SegmentOutput::merge_directory(const Directory& from, const LongestSpans* longest,
                                    const std::vector<std::uint32_t>& place) {
    std::vector<std::uint32_t> scopes;
    for (const std::string_view scope : from.encoded_scopes) scopes.push_back(directory_.scope(scope));
    OperationGranules moved;
    for (std::size_t i = 0; i < from.operations.size(); ++i) {
        const auto& [operation, granules] = from.operations[i];
        const std::string_view buckets = longest == nullptr ? std::string_view() : longest->of(i);
        moved.clear();
        std::size_t at = 0;
        granules.each([&](std::uint32_t g) {
            const auto bucket = buckets.empty() ? static_cast<std::uint8_t>(kDurationBuckets - 1)
                                                : static_cast<std::uint8_t>(buckets[at]);
            ++at;
            if (place[g] != kNoGranule) moved.push_back({place[g], bucket});
        });
        if (moved.empty()) continue;
        const std::uint32_t number = directory_.operation(operation, scopes[operation.scope]);
        for (const OperationGranule& g : moved) directory_.operation_in(number, g);
    }
    Postings kept;
    for (const auto& entry : from.resources) {
        kept.clear();
        entry.granules.each([&](std::uint32_t g) {
            if (place[g] != kNoGranule) kept.push_back(place[g]);
        });
        if (kept.empty()) continue;
        const std::uint32_t number = directory_.resource(entry.encoded, entry.resource.service);
        for (const std::uint32_t g : kept) directory_.resource_in(number, g);
    }
}

Section SegmentOutput::put_section(SectionId id, std::string_view name, std::string_view raw, bool compress) {
    Section s;
    s.id = id;
    s.offset = offset();
    s.raw = raw.size();
    const std::size_t begin = buffer_.size();
    if (compress && raw.size() >= 64) zstd_append(raw, buffer_);
    if (buffer_.size() == begin || buffer_.size() - begin >= raw.size()) {
        buffer_.resize(begin);
        buffer_ += raw;
    }
    s.stored = buffer_.size() - begin;
    s.crc = crc32c(std::string_view(buffer_).substr(begin));
    count(name, s.stored);
    return s;
}

void SegmentOutput::put_strings(const StringTable& table, Part& part) {
    Section& s = part.strings;
    s.id = SectionId::kStrings;
    s.offset = offset();
    StringBlocks blocks;
    blocks.count = static_cast<std::uint32_t>(table.size());
    std::string raw;
    StringBlock block;
    const std::size_t begin = buffer_.size();
    const auto close = [&] {
        const std::size_t at = buffer_.size();
        block.raw = static_cast<std::uint32_t>(raw.size());
        zstd_append(raw, buffer_);
        if (buffer_.size() - at >= raw.size()) {
            buffer_.resize(at);
            buffer_ += raw;
        }
        block.stored = static_cast<std::uint32_t>(buffer_.size() - at);
        block.crc = crc32c(std::string_view(buffer_).substr(at));
        blocks.blocks.push_back(block);
        raw.clear();
    };
    for (std::uint32_t i = 0; i < blocks.count; ++i) {
        if (raw.size() >= kStringBlockBytes) {
            close();
            block.first = i;
        }
        ByteWriter(raw).string(table[i]);
    }
    if (!raw.empty()) close();
    s.stored = s.raw = buffer_.size() - begin;
    // Blocks have their own; this one is for copying the section as a whole.
    s.crc = crc32c(std::string_view(buffer_).substr(begin));
    count("strings", s.stored);
    std::string bytes;
    blocks.encode(bytes);
    part.string_blocks = put_section(SectionId::kStringBlocks, "strings", bytes, false);
}

// The pages of an index, merged from several streams.
base::Result<HashPages> SegmentOutput::merge_pages(std::vector<std::unique_ptr<HashStream>> streams, unsigned spare,
                                                   std::uint32_t number_max) {
    MergedStream merged(std::move(streams));
    HashPagesWriter writer(merged, spare, number_max);
    for (bool more = true; more;) {
        SKUA_ASSIGN_OR_RETURN(more, writer.write_page(buffer_));
        if (buffer_.size() >= kFlushBytes) SKUA_RETURN_IF_ERROR(flush_if_large());
    }
    return writer.take();
}

base::Status SegmentOutput::put_trace_index(std::vector<std::unique_ptr<HashStream>> others) {
    const std::uint64_t begin = offset();
    if (others.empty())
        return close_pages(SectionId::kTracePages, SectionId::kTraceDirectory, "trace index", begin,
                           build_hash_pages(traces_, kTraceSpareBits, buffer_));
    if (!traces_.empty()) others.push_back(hash_stream(std::move(traces_)));
    SKUA_ASSIGN_OR_RETURN(const HashPages pages,
                          merge_pages(std::move(others), kTraceSpareBits, (granules() << kPlaceBits) - 1));
    return close_pages(SectionId::kTracePages, SectionId::kTraceDirectory, "trace index", begin, pages);
}

base::Status SegmentOutput::put_value_index(std::vector<std::unique_ptr<HashStream>> others) {
    const std::uint64_t begin = offset();
    const unsigned shift = value_shift(granules());
    values_.shift_numbers(shift);
    if (others.empty())
        return close_pages(SectionId::kValuePages, SectionId::kValueDirectory, "value index", begin,
                           values_.build_pages(kValueSpareBits, buffer_));
    if (!values_.empty()) others.push_back(PackedEntries::stream(std::move(values_)));
    SKUA_ASSIGN_OR_RETURN(const HashPages pages, merge_pages(std::move(others), kValueSpareBits, granules() >> shift));
    return close_pages(SectionId::kValuePages, SectionId::kValueDirectory, "value index", begin, pages);
}

base::Status SegmentOutput::close_pages(SectionId id, SectionId directory, std::string_view name, std::uint64_t begin,
                                        const HashPages& pages) {
    Section s;
    s.id = id;
    s.offset = begin;
    s.stored = s.raw = offset() - begin;
    footer_.sections.push_back(s);
    count(name, s.stored);
    std::string bytes;
    pages.encode(bytes);
    footer_.sections.push_back(put_section(directory, name, bytes, false));
    return flush_if_large();
}

base::Status SegmentOutput::put_rollups(std::vector<RollupMerger::Source> sources) {
    const bool merged = !sources.empty();
    if (!merged) {
        for (auto& cells : cells_) {
            sources.emplace_back(
                [&cells]() -> base::Result<std::vector<RollupCell>> { return std::exchange(cells, {}); });
        }
    }
    RollupMerger merger(std::move(sources));
    if (merged) {
        std::sort(duplicate_cells_.begin(), duplicate_cells_.end(), [](const RollupCell& a, const RollupCell& b) {
            return a.minute_ns != b.minute_ns ? a.minute_ns < b.minute_ns : a.key < b.key;
        });
        merger.subtract(std::move(duplicate_cells_));
    }
    Section s;
    s.id = SectionId::kRollups;
    s.offset = offset();
    RollupWriter writer;
    for (;;) {
        SKUA_ASSIGN_OR_RETURN(const std::vector<RollupCell> cells, merger.next_minute());
        if (cells.empty()) break;
        for (const RollupCell& cell : cells) writer.add(cell, buffer_);
        SKUA_RETURN_IF_ERROR(flush_if_large());
    }
    const std::vector<RollupBlock> blocks = writer.finish(buffer_);
    s.stored = s.raw = offset() - s.offset;
    footer_.sections.push_back(s);
    count("rollups", s.stored);
    std::string bytes;
    encode_rollup_blocks(blocks, bytes);
    footer_.sections.push_back(put_section(SectionId::kRollupBlocks, "rollups", bytes, false));
    return flush_if_large();
}

base::Result<SegmentEntry> SegmentOutput::finish(std::optional<Merged> merged) {
    if (!merged) merged.emplace();
    std::string bytes;
    encode_granules(granules_, bytes);
    footer_.sections.push_back(put_section(SectionId::kGranules, "zone maps", bytes, true));
    bytes.clear();
    std::string longest;
    directory_.encode(granules(), value_shift(granules()), bytes, longest);
    footer_.sections.push_back(put_section(SectionId::kDirectory, "directory", bytes, true));
    footer_.sections.push_back(put_section(SectionId::kLongestSpans, "longest spans", longest, true));
    SKUA_RETURN_IF_ERROR(put_trace_index(std::move(merged->traces)));
    SKUA_RETURN_IF_ERROR(put_value_index(std::move(merged->values)));
    bytes.clear();
    edges_.encode(bytes);
    footer_.sections.push_back(put_section(SectionId::kEdges, "edges", bytes, true));
    SKUA_RETURN_IF_ERROR(put_rollups(std::move(merged->rollups)));
    footer_.duplicates += merged->duplicates;
    const std::size_t begin = buffer_.size();
    footer_.encode(buffer_);
    const std::string_view footer = std::string_view(buffer_).substr(begin);
    const auto size = static_cast<std::uint32_t>(footer.size());
    const std::uint32_t crc = crc32c(footer);
    ByteWriter w(buffer_);
    w.u32(size);
    w.u32(crc);
    w.bytes(kSegmentMagic);
    count("footer", size + kTailBytes);
    SKUA_RETURN_IF_ERROR(flush());
    SegmentEntry entry;
    entry.id = footer_.id;
    entry.format_version = footer_.version;
    entry.rows = footer_.rows;
    entry.traces = footer_.traces;
    entry.start_min_ns = footer_.start_min_ns;
    entry.start_max_ns = footer_.start_max_ns;
    entry.files.push_back({"", written_});
    return entry;
}

}  // namespace skua::store::embedded
