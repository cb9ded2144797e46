// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/tools/inspect.h"

#include "base/hex.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/manifest/manifest.h"
#include "store/embedded/segment/stored_segment.h"
#include "store/embedded/wal/wal_reader.h"

#include <ctime>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kWalBytesMax = 1ULL << 30;

template <class... Args>
void line(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
    out += '\n';
}

std::string id_text(const StoreId& id) {
    return base::to_hex({reinterpret_cast<const char*>(id.data()), id.size()});
}

// "2023-11-14T22:13:20.000000000Z", or the number where no calendar has it.
std::string time_text(std::int64_t unix_ns) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    if (unix_ns < 0) return std::to_string(unix_ns);
    const std::time_t seconds = unix_ns / kSecond;
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                       utc.tm_hour, utc.tm_min, utc.tm_sec, unix_ns % kSecond);
}

std::string start_text(std::uint64_t ns) {
    return ns > static_cast<std::uint64_t>(INT64_MAX) ? std::to_string(ns) : time_text(static_cast<std::int64_t>(ns));
}

// --- WAL

// Those that begin in the chunk; the last may go on elsewhere.
void records_of(std::string& out, std::string_view payload, const WalChunkHeader& chunk) {
    if (chunk.first_record_offset == kWalNoRecord) {
        line(out, "    no record begins here");
        return;
    }
    std::uint64_t number = chunk.first_record_number;
    std::size_t at = chunk.first_record_offset;
    while (at < payload.size()) {
        if (payload.size() - at < kWalRecordHeaderBytes) {
            line(out, "    record {} at {}: its header goes on in the next chunk", number, at);
            return;
        }
        WalRecord record;
        const auto lengths = decode_record_header(payload.substr(at, kWalRecordHeaderBytes), record);
        if (!lengths) {
            line(out, "    at {}: no record", at);
            return;
        }
        const std::size_t end = at + kWalRecordHeaderBytes + lengths->limits + lengths->body;
        line(out,
             "    record {} at {}: door {}, encoding {}, interpretation {}, received {}, {} spans accepted, {} "
             "rejected, "
             "{} bytes{}",
             number, at, static_cast<int>(record.door), static_cast<int>(record.encoding), record.interpretation,
             time_text(record.received_ns), record.accepted_spans, record.rejected_spans, lengths->body,
             end > payload.size() ? ", goes on in the next chunk" : "");
        ++number;
        at = end;
    }
}

base::Result<std::string> inspect_wal(std::string_view bytes, const std::string& path) {
    auto decoded = decode_file_header(bytes.substr(0, kWalBlock));
    if (!decoded) return base::Error{decoded.error().code, path + ": " + decoded.error().message};
    std::string out;
    line(out, "WAL file, version {}", kWalVersion);
    if (decoded->state == HeaderState::kEmpty) {
        line(out, "never used");
        return out;
    }
    if (decoded->state == HeaderState::kDamaged) {
        line(out, "DAMAGED: both copies of the header have a wrong checksum");
        return out;
    }
    const WalFileHeader& header = decoded->header;
    if (decoded->copy_damaged) line(out, "DAMAGED: one copy of the header has a wrong checksum");
    line(out, "store {}, generation {}, file {} of it, salt {:016x}, {} bytes", id_text(header.store_id),
         header.generation, header.index, header.salt, header.file_bytes);
    if (header.file_bytes != bytes.size()) {
        line(out, "DAMAGED: the file has {} bytes; want {}", bytes.size(), header.file_bytes);
    }
    for (const WalChunkPlace& place : find_wal_chunks(bytes, header, 0)) {
        line(out, "  chunk {} at {}: {} bytes, durable up to {}, generation before up to {}{}", place.header.number,
             place.offset, place.header.payload_bytes, place.header.synced, place.header.previous_synced,
             place.is_sound ? "" : ", DAMAGED: wrong checksum");
        if (!place.is_sound || place.header.payload_bytes == 0) continue;
        records_of(out, bytes.substr(place.offset + kWalHeaderBytes, place.header.payload_bytes), place.header);
    }
    return out;
}

// --- manifest

void entry_lines(std::string& out, const SegmentEntry& entry) {
    line(out, "  segment {:016x}: level {}, generations {} to {}, format {}", entry.id, entry.level,
         entry.generation_min, entry.generation_max, entry.format_version);
    line(out, "    received {} to {}", time_text(entry.arrival_min_ns), time_text(entry.arrival_max_ns));
    line(out, "    starts {} to {}", start_text(entry.start_min_ns), start_text(entry.start_max_ns));
    line(out, "    {} spans, {} traces", entry.rows, entry.traces);
    for (const SegmentFile& file : entry.files) line(out, "    {}, {} bytes", file.name, file.bytes);
}

base::Result<std::string> inspect_manifest(std::string_view bytes, const std::string& path) {
    SKUA_ASSIGN_OR_RETURN(const Manifest manifest, decode_manifest(bytes, path));
    std::string out;
    line(out, "manifest {}, version {}", manifest.number, kManifestVersion);
    line(out, "store {}, log released up to generation {}, next segment {:016x}", id_text(manifest.store_id),
         manifest.released_generation, manifest.next_segment_id);
    line(out, "{} segments, {} files no longer needed", manifest.segments.size(), manifest.dropped.size());
    for (const SegmentEntry& entry : manifest.segments) entry_lines(out, entry);
    for (const std::string& name : manifest.dropped) line(out, "  no longer needed: {}", name);
    return out;
}

// --- segment

std::string_view section_name(SectionId id) {
    switch (id) {
        // clang-format off
        case SectionId::kCatalog: return "catalog";
        case SectionId::kStrings: return "texts";
        case SectionId::kStringBlocks: return "blocks of texts";
        case SectionId::kGranules: return "zone maps";
        case SectionId::kTracePages: return "trace pages";
        case SectionId::kTraceDirectory: return "trace directory";
        case SectionId::kValuePages: return "value pages";
        case SectionId::kValueDirectory: return "value directory";
        case SectionId::kDirectory: return "operations and resources";
        case SectionId::kRollups: return "rollups";
        case SectionId::kEdges: return "edges";
        case SectionId::kRollupBlocks: return "blocks of rollups";
        case SectionId::kLongestSpans: return "longest spans";
            // clang-format on
    }
    return "unknown";
}

base::Result<std::string> inspect_segment(const File& file) {
    SKUA_ASSIGN_OR_RETURN(const Footer footer, StoredSegment::read_footer(file));
    SKUA_ASSIGN_OR_RETURN(const std::uint64_t size, file.size());
    const Lineage& lineage = footer.lineage;
    std::string out;
    line(out, "segment {:016x}, version {}, {} bytes", footer.id, footer.version, size);
    line(out, "store {}, level {}, generations {} to {}", id_text(lineage.store_id), lineage.level,
         lineage.generation_min, lineage.generation_max);
    line(out, "received {} to {}", time_text(lineage.arrival_min_ns), time_text(lineage.arrival_max_ns));
    line(out, "starts {} to {}", start_text(footer.start_min_ns), start_text(footer.start_max_ns));
    line(out, "{} spans, {} traces, {} duplicates dropped", footer.rows, footer.traces, footer.duplicates);
    for (const std::uint64_t id : lineage.replaces) line(out, "replaces segment {:016x}", id);
    const auto section_line = [&](const Section& section) {
        line(out, "  {} at {}: {} bytes stored, {} unpacked", section_name(section.id), section.offset, section.stored,
             section.raw);
    };
    for (const Part& part : footer.parts) {
        line(out, "part of {} granules", part.granules);
        for (const Section* section : {&part.catalog, &part.strings, &part.string_blocks}) section_line(*section);
    }
    for (const Section& section : footer.sections) section_line(section);
    return out;
}

}  // namespace

base::Result<std::string> inspect_file(const std::string& path) {
    const auto slash = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    SKUA_ASSIGN_OR_RETURN(const auto disk, PosixDisk::open_existing(folder));
    SKUA_ASSIGN_OR_RETURN(const auto file, disk->open(name, OpenOptions{}));
    std::string magic(8, '\0');
    SKUA_ASSIGN_OR_RETURN(const std::size_t got, file->read_at(0, magic));
    magic.resize(got);
    if (magic == kSegmentMagic) return inspect_segment(*file);
    if (magic == "SKUAMAN\n") {
        SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_whole(*disk, name, kManifestBytesMax));
        return inspect_manifest(bytes, path);
    }
    // The name too: the header of a damaged one says nothing, and a new one has none.
    if (magic == "SKUAWAL\n" || name.ends_with(".wal")) {
        SKUA_ASSIGN_OR_RETURN(const std::string bytes, read_whole(*disk, name, kWalBytesMax));
        if (bytes.size() < kWalBlock) return std::string("WAL file whose making was cut off\n");
        return inspect_wal(bytes, path);
    }
    return base::Error{base::Code::kInvalidArgument,
                       "cannot inspect " + path + ": it is no WAL file, no segment and no manifest"};
}

}  // namespace skua::store::embedded
