// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/format.h"

#include "store/embedded/codec/bytes.h"

#include <cstring>
#include <limits>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kU32 = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint64_t kSizeMax = std::uint64_t{1} << 48;

void put_section(ByteWriter& w, const Section& s) {
    w.u8(static_cast<std::uint8_t>(s.id));
    w.varint(s.offset);
    w.varint(s.stored);
    w.varint(s.raw);
    w.u32(s.crc);
}

Section get_section(ByteReader& in) {
    Section s;
    s.id = static_cast<SectionId>(in.u8());
    s.offset = in.bounded(kSizeMax);
    s.stored = in.bounded(kSizeMax);
    s.raw = in.bounded(kSizeMax);
    s.crc = in.u32();
    return s;
}

}  // namespace

const Section* Footer::section(SectionId wanted) const {
    for (const Section& s : sections) {
        if (s.id == wanted) return &s;
    }
    return nullptr;
}

void Footer::encode(std::string& out) const {
    ByteWriter w(out);
    w.u32(version);
    w.bytes(std::string_view(reinterpret_cast<const char*>(lineage.store_id.data()), lineage.store_id.size()));
    w.varint(id);
    w.varint(lineage.generation_min);
    w.varint(lineage.generation_max);
    w.signed_varint(lineage.arrival_min_ns);
    w.signed_varint(lineage.arrival_max_ns);
    w.varint(lineage.level);
    w.varint(lineage.replaces.size());
    for (const std::uint64_t replaced : lineage.replaces) w.varint(replaced);
    w.varint(rows);
    w.varint(traces);
    w.varint(duplicates);
    w.u64(start_min_ns);
    w.u64(start_max_ns);
    w.varint(parts.size());
    for (const Part& part : parts) {
        w.varint(part.granules);
        put_section(w, part.catalog);
        put_section(w, part.strings);
        put_section(w, part.string_blocks);
    }
    w.varint(sections.size());
    for (const Section& s : sections) put_section(w, s);
}

base::Result<Footer> Footer::decode(std::string_view bytes, const std::string& path) {
    ByteReader in(bytes);
    Footer f;
    f.version = in.u32();
    if (in.ok() && f.version != kSegmentVersion) {
        return base::Error{
            base::Code::kInvalidArgument,
            fmt::format("cannot read {}: format version {} is not known; want {}", path, f.version, kSegmentVersion)};
    }
    const std::string_view store = in.bytes(f.lineage.store_id.size());
    if (in.ok()) std::memcpy(f.lineage.store_id.data(), store.data(), store.size());
    f.id = in.varint();
    f.lineage.generation_min = in.varint();
    f.lineage.generation_max = in.varint();
    f.lineage.arrival_min_ns = in.signed_varint();
    f.lineage.arrival_max_ns = in.signed_varint();
    f.lineage.level = static_cast<std::uint32_t>(in.bounded(kU32));
    f.lineage.replaces.resize(static_cast<std::size_t>(in.bounded(in.remaining())));
    for (std::uint64_t& replaced : f.lineage.replaces) replaced = in.varint();
    f.rows = in.bounded(kSizeMax);
    f.traces = in.bounded(kSizeMax);
    f.duplicates = in.bounded(kSizeMax);
    f.start_min_ns = in.u64();
    f.start_max_ns = in.u64();
    f.parts.resize(static_cast<std::size_t>(in.bounded(in.remaining() / 25)));
    for (Part& part : f.parts) {
        part.granules = static_cast<std::uint32_t>(in.bounded(kU32));
        part.catalog = get_section(in);
        part.strings = get_section(in);
        part.string_blocks = get_section(in);
    }
    f.sections.resize(static_cast<std::size_t>(in.bounded(in.remaining() / 8)));
    for (Section& s : f.sections) s = get_section(in);
    if (!in.ok() || in.remaining() != 0)
        return base::Error{base::Code::kCorruption,
                           fmt::format("cannot read the footer of {}: it does not end where it should", path)};
    return f;
}

void encode_granules(const std::vector<GranuleInfo>& granules, std::string& out) {
    ByteWriter w(out);
    w.varint(granules.size());
    for (const GranuleInfo& g : granules) {
        w.varint(g.offset);
        w.varint(g.bytes);
        w.varint(g.directory_bytes);
        w.u32(g.directory_crc);
        w.varint(g.rows);
        w.varint(g.traces);
        w.u64(g.start_min_ns);
        w.varint(g.start_max_ns - g.start_min_ns);
        w.varint(g.end_max_ns - g.start_max_ns);
        w.varint(g.duration_max_ns);
        w.varint(g.dead.size());
        std::uint32_t last = 0;
        for (const std::uint32_t trace : g.dead) {
            w.varint(trace - last);
            last = trace;
        }
    }
}

bool decode_granules(std::string_view bytes, std::vector<GranuleInfo>& out) {
    ByteReader in(bytes);
    out.resize(static_cast<std::size_t>(in.bounded(in.remaining() / 21)));
    for (GranuleInfo& g : out) {
        g.offset = in.bounded(kSizeMax);
        g.bytes = in.bounded(kSizeMax);
        g.directory_bytes = static_cast<std::uint32_t>(in.bounded(kU32));
        g.directory_crc = in.u32();
        g.rows = static_cast<std::uint32_t>(in.bounded(kGranuleRows));
        g.traces = static_cast<std::uint32_t>(in.bounded(g.rows));
        g.start_min_ns = in.u64();
        g.start_max_ns = g.start_min_ns + in.varint();
        g.end_max_ns = g.start_max_ns + in.varint();
        g.duration_max_ns = in.varint();
        g.dead.resize(static_cast<std::size_t>(in.bounded(g.traces)));
        std::uint64_t last = 0;
        for (std::uint32_t& trace : g.dead) {
            last += in.bounded(g.traces);
            trace = static_cast<std::uint32_t>(last);
            if (last >= g.traces) in.fail();
        }
    }
    return in.ok() && in.remaining() == 0;
}

void StringBlocks::encode(std::string& out) const {
    ByteWriter w(out);
    w.varint(count);
    w.varint(blocks.size());
    for (const StringBlock& b : blocks) {
        w.varint(b.first);
        w.varint(b.stored);
        w.varint(b.raw);
        w.u32(b.crc);
    }
}

bool StringBlocks::decode(std::string_view bytes, StringBlocks& out) {
    ByteReader in(bytes);
    out.count = static_cast<std::uint32_t>(in.bounded(kU32));
    out.blocks.resize(static_cast<std::size_t>(in.bounded(in.remaining() / 7)));
    std::uint64_t offset = 0;
    std::uint32_t last = 0;
    for (StringBlock& b : out.blocks) {
        b.first = static_cast<std::uint32_t>(in.bounded(out.count));
        b.offset = offset;
        b.stored = static_cast<std::uint32_t>(in.bounded(std::uint64_t{1} << 30));
        b.raw = static_cast<std::uint32_t>(in.bounded(std::uint64_t{1} << 30));
        b.crc = in.u32();
        offset += b.stored;
        if (b.first < last) in.fail();
        last = b.first;
    }
    return in.ok() && in.remaining() == 0 && (out.count == 0 || (!out.blocks.empty() && out.blocks.front().first == 0));
}

}  // namespace skua::store::embedded
