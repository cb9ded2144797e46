// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/segment_writer.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/zstd.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/granule_encoder.h"
#include "store/embedded/segment/row_order.h"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 20;
constexpr std::size_t kStringBlockBytes = std::size_t{32} << 10;
constexpr unsigned kTraceSpareBits = 16;
constexpr unsigned kValueSpareBits = 7;

double thread_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Buffers what goes to a file from its start on.
class Output {
public:
    explicit Output(File& file) : file_(file) {}
    std::string buffer;
    [[nodiscard]] std::uint64_t offset() const { return written_ + buffer.size(); }
    base::Status flush() {
        SKUA_RETURN_IF_ERROR(file_.write_at(written_, buffer));
        written_ += buffer.size();
        buffer.clear();
        return {};
    }
    base::Status flush_if_large() { return buffer.size() >= kFlushBytes ? flush() : base::Status{}; }

private:
    File& file_;
    std::uint64_t written_ = 0;
};

class Writer {
public:
    Writer(const SealInput& input, File& file, std::uint64_t id, SealStats* stats)
        : input_(input),
          head_(static_cast<const MemoryHead&>(*input.head.head)),
          out_(file),
          stats_(stats),
          encoder_(head_) {
        footer_.id = id;
        footer_.lineage = input.lineage;
    }

    base::Result<Footer> run(const RowOrder& order) {
        double begin = thread_seconds();
        out_.buffer += kSegmentMagic;
        SKUA_RETURN_IF_ERROR(granules(order));
        const double encoded = thread_seconds();
        if (stats_ != nullptr) stats_->encode_seconds = encoded - begin;
        sections();
        footer_.rows = order.rows.size();
        footer_.traces = order.traces.size();
        footer_.duplicates = order.duplicates;
        finish();
        SKUA_RETURN_IF_ERROR(out_.flush());
        if (stats_ != nullptr) stats_->index_seconds = thread_seconds() - encoded;
        return std::move(footer_);
    }
    [[nodiscard]] std::uint64_t bytes() const { return out_.offset(); }

private:
    base::Status granules(const RowOrder& order) {
        footer_.start_min_ns = ~std::uint64_t{0};
        std::vector<OrderedTrace> traces;
        std::size_t first = 0;
        std::size_t rows = 0;
        const auto close = [&]() -> base::Status {
            if (input_.stop.stop_requested()) return base::Error{base::Code::kCancelled, "the seal was stopped"};
            GranuleInfo info;
            info.offset = out_.offset();
            encoder_.encode(std::span(order.rows).subspan(first, rows), traces,
                            static_cast<std::uint32_t>(granules_.size()), out_.buffer, info);
            footer_.start_min_ns = std::min(footer_.start_min_ns, info.start_min_ns);
            footer_.start_max_ns = std::max(footer_.start_max_ns, info.start_max_ns);
            granules_.push_back(info);
            first += rows;
            rows = 0;
            traces.clear();
            return out_.flush_if_large();
        };
        for (const OrderedTrace& trace : order.traces) {
            // A trace stays in one granule unless it is larger than one.
            if (rows > 0 && rows + trace.count > kGranuleRows) SKUA_RETURN_IF_ERROR(close());
            OrderedTrace rest = trace;
            while (rest.count > 0) {
                OrderedTrace part = rest;
                part.count = static_cast<std::uint32_t>(std::min<std::size_t>(rest.count, kGranuleRows - rows));
                traces.push_back(part);
                rows += part.count;
                rest.count -= part.count;
                // The end of such a trace stays alone: what follows may have started before it.
                if (rest.count > 0 || trace.count > kGranuleRows) SKUA_RETURN_IF_ERROR(close());
            }
        }
        if (rows > 0) SKUA_RETURN_IF_ERROR(close());
        return {};
    }

    void add_section(SectionId id, std::string_view name, std::string_view raw, bool compress) {
        Section s;
        s.id = id;
        s.offset = out_.offset();
        s.raw = raw.size();
        const std::size_t begin = out_.buffer.size();
        if (compress && raw.size() >= 64) zstd_append(raw, out_.buffer);
        if (out_.buffer.size() == begin || out_.buffer.size() - begin >= raw.size()) {
            out_.buffer.resize(begin);
            out_.buffer += raw;
        }
        s.stored = out_.buffer.size() - begin;
        s.crc = crc32c(std::string_view(out_.buffer).substr(begin));
        footer_.sections.push_back(s);
        count(name, s.stored);
    }

    void add_pages(SectionId id, SectionId directory, std::string_view name, std::vector<HashEntry>& entries,
                   unsigned spare) {
        Section s;
        s.id = id;
        s.offset = out_.offset();
        const std::size_t begin = out_.buffer.size();
        const HashPages pages = build_hash_pages(entries, spare, out_.buffer);
        s.stored = s.raw = out_.buffer.size() - begin;
        footer_.sections.push_back(s);
        count(name, s.stored);
        std::string bytes;
        pages.encode(bytes);
        add_section(directory, name, bytes, false);
    }

    void strings() {
        Section s;
        s.id = SectionId::kStrings;
        s.offset = out_.offset();
        const StringTable& table = encoder_.strings();
        StringBlocks blocks;
        blocks.count = static_cast<std::uint32_t>(table.size());
        std::string raw;
        StringBlock block;
        const std::size_t begin = out_.buffer.size();
        const auto close = [&] {
            const std::size_t at = out_.buffer.size();
            block.raw = static_cast<std::uint32_t>(raw.size());
            zstd_append(raw, out_.buffer);
            if (out_.buffer.size() - at >= raw.size()) {
                out_.buffer.resize(at);
                out_.buffer += raw;
            }
            block.stored = static_cast<std::uint32_t>(out_.buffer.size() - at);
            block.crc = crc32c(std::string_view(out_.buffer).substr(at));
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
        s.stored = s.raw = out_.buffer.size() - begin;
        footer_.sections.push_back(s);
        count("strings", s.stored);
        std::string bytes;
        blocks.encode(bytes);
        add_section(SectionId::kStringBlocks, "strings", bytes, false);
    }

    void operations() {
        std::string bytes;
        ByteWriter w(bytes);
        const auto& granules = encoder_.operation_granules();
        w.varint(granules.size());
        for (std::size_t i = 0; i < granules.size(); ++i) {
            w.varint(encoder_.operation_rows()[i]);
            w.varint(granules[i].size());
            if (granules[i].size() == granules_.size()) continue;  // all of them
            std::uint32_t last = 0;
            for (const std::uint32_t g : granules[i]) {
                w.varint(g - last);
                last = g;
            }
        }
        add_section(SectionId::kOperations, "postings", bytes, true);
    }

    void sections() {
        for (const auto& [column, bytes] : encoder_.column_bytes()) count(column_name(column), bytes);
        std::uint64_t directories = 0;
        for (const GranuleInfo& g : granules_) directories += g.directory_bytes;
        count("granule directories", directories);
        std::string bytes;
        encoder_.catalog().encode(bytes);
        add_section(SectionId::kCatalog, "catalog", bytes, true);
        strings();
        bytes.clear();
        encode_granules(granules_, bytes);
        add_section(SectionId::kGranules, "zone maps", bytes, true);
        operations();
        add_pages(SectionId::kTracePages, SectionId::kTraceDirectory, "trace index", encoder_.trace_entries(),
                  kTraceSpareBits);
        add_pages(SectionId::kValuePages, SectionId::kValueDirectory, "value index", encoder_.value_entries(),
                  kValueSpareBits);
    }

    void finish() {
        const std::size_t begin = out_.buffer.size();
        footer_.encode(out_.buffer);
        const std::string_view bytes = std::string_view(out_.buffer).substr(begin);
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const std::uint32_t crc = crc32c(bytes);
        ByteWriter w(out_.buffer);
        w.u32(size);
        w.u32(crc);
        w.bytes(kSegmentMagic);
        count("footer", size + kTailBytes);
    }

    static std::string column_name(std::uint32_t column) {
        static constexpr std::string_view kNames[] = {"trace ids", "trace rows", "span ids", "parents",  "far parents",
                                                      "starts",    "durations",  "shapes",   "resources"};
        return column < std::size(kNames) ? "column " + std::string(kNames[column]) : "column fields";
    }
    void count(std::string_view name, std::uint64_t bytes) {
        if (stats_ != nullptr) stats_->part_bytes[std::string(name)] += bytes;
    }

    const SealInput& input_;
    const MemoryHead& head_;
    Output out_;
    SealStats* stats_;
    GranuleEncoder encoder_;
    Footer footer_;
    std::vector<GranuleInfo> granules_;
};

}  // namespace

base::Result<std::optional<SegmentEntry>> write_segment(const SealInput& input, SegmentFiles& files, SealStats* stats) {
    const double begin = thread_seconds();
    const auto& head = static_cast<const MemoryHead&>(*input.head.head);
    const RowOrder order = order_rows(head, input.head.rows);
    if (stats != nullptr) stats->order_seconds = thread_seconds() - begin;
    if (order.rows.empty()) return std::optional<SegmentEntry>();
    const std::uint64_t id = files.new_id();
    SKUA_ASSIGN_OR_RETURN(SegmentFiles::Created created, files.create(id, "seg"));
    Writer writer(input, *created.file, id, stats);
    SKUA_ASSIGN_OR_RETURN(const Footer footer, writer.run(order));
    SegmentEntry entry;
    entry.id = id;
    entry.format_version = footer.version;
    entry.rows = footer.rows;
    entry.traces = footer.traces;
    entry.start_min_ns = footer.start_min_ns;
    entry.start_max_ns = footer.start_max_ns;
    entry.files.push_back({created.name, writer.bytes()});
    return std::optional(std::move(entry));
}

}  // namespace skua::store::embedded
