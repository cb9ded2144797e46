// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/wal_reader.h"

#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/wal/ring.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

namespace skua::store::embedded {

namespace {

constexpr std::uint64_t kFileBytesMax = 1ULL << 30;  // larger ones are none of ours
constexpr std::size_t kReadStep = 1 << 20;

// Reads the file as far as it can be read; what cannot is zeros, and said.
base::Result<AlignedBuffer> read_file(const File& file, std::uint64_t size, std::vector<WalDamage>& damage) {
    AlignedBuffer bytes(static_cast<std::size_t>(size));
    for (std::uint64_t at = 0; at < size; at += kReadStep) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(kReadStep, size - at));
        const auto got = file.read_at(at, {bytes.data() + at, n});
        const std::size_t good = got.ok() ? *got : 0;
        std::memset(bytes.data() + at + good, 0, n - good);
        if (!got.ok()) damage.push_back({file.path(), at, n, 0, got.error().message});
    }
    return bytes;
}

// Puts chunks into the order of their numbers. A later one of the same number takes the place of the earlier and of all
// after that: its group had failed and was written again, or refused.
std::vector<WalChunkPlace> last_writing(const std::vector<WalChunkPlace>& places) {
    std::vector<WalChunkPlace> kept;
    for (const WalChunkPlace& place : places) {
        while (!kept.empty() && kept.back().header.number >= place.header.number) kept.pop_back();
        kept.push_back(place);
    }
    return kept;
}

void mark_damaged(RecoveredGeneration& generation, std::uint32_t file, std::uint64_t offset, std::uint64_t bytes,
                  std::string what) {
    RecoveredFile& recovered = generation.files[file];
    recovered.is_damaged = true;
    generation.damage.push_back({recovered.name, offset, bytes, generation.generation, std::move(what)});
}

void report_missing(RecoveredGeneration& generation, std::uint64_t first, std::uint64_t last,
                    const WalChunkPlace* before, const WalChunkPlace* next) {
    std::uint32_t file = 0;
    std::uint64_t from = kWalBlock;
    if (before != nullptr) {
        file = before->file;
        from = before->offset + chunk_bytes_on_disk(before->header.payload_bytes);
    }
    std::uint64_t to = generation.files[file].header.file_bytes;
    if (next != nullptr && next->file == file) to = next->offset;
    mark_damaged(generation, file, from, to > from ? to - from : 0,
                 "chunks " + std::to_string(first) + " to " + std::to_string(last) + " are missing");
    // They may have been in any file between.
    const std::uint32_t last_file =
        next != nullptr ? next->file : static_cast<std::uint32_t>(generation.files.size()) - 1;
    for (std::uint32_t i = file; i <= last_file; ++i) generation.files[i].is_damaged = true;
}

// Cuts the torn tail off and reports what is gone before it.
void judge(RecoveredGeneration& generation, std::vector<WalChunkPlace> places) {
    const WalChunkPlace* before = nullptr;
    std::uint64_t expected = 1;
    for (WalChunkPlace& place : places) {
        const std::uint64_t number = place.header.number;
        if (number != expected) {
            if (expected > generation.synced) break;
            report_missing(generation, expected, number - 1, before, &place);
            place.after_gap = true;
        }
        if (!place.is_sound) {
            if (number > generation.synced) break;
            mark_damaged(generation, place.file, place.offset, kWalHeaderBytes + place.header.payload_bytes,
                         "chunk " + std::to_string(number) + " has a wrong checksum");
        }
        generation.chunks.push_back(place);
        before = &place;
        expected = number + 1;
    }
    if (expected <= generation.synced) report_missing(generation, expected, generation.synced, before, nullptr);
    generation.torn_chunks = places.size() - generation.chunks.size();
}

struct FileOnDisk {
    std::string name;
    std::uint64_t size = 0;
    WalFileHeader header;
};

bool all_zero(const AlignedBuffer& bytes, std::uint64_t size) {
    return std::all_of(bytes.data(), bytes.data() + size, [](char c) { return c == 0; });
}

base::Error stopped() {
    return {base::Code::kCancelled, "reading the log was stopped"};
}

base::Result<RecoveredGeneration> read_generation(Disk& disk, std::uint64_t number, std::vector<FileOnDisk> files,
                                                  const std::stop_token& stop) {
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.header.index < b.header.index; });
    RecoveredGeneration generation;
    generation.generation = number;
    std::vector<WalChunkPlace> places;
    for (const FileOnDisk& on_disk : files) {
        if (stop.stop_requested()) return stopped();
        const auto index = static_cast<std::uint32_t>(generation.files.size());
        generation.files.push_back({on_disk.name, on_disk.header});
        SKUA_ASSIGN_OR_RETURN(const auto file, disk.open(on_disk.name, {}));
        std::vector<WalDamage> unread;
        SKUA_ASSIGN_OR_RETURN(const AlignedBuffer bytes, read_file(*file, on_disk.size, unread));
        for (const WalDamage& one : unread) mark_damaged(generation, index, one.offset, one.bytes, one.what);
        if (on_disk.size < on_disk.header.file_bytes) {
            mark_damaged(generation, index, on_disk.size, on_disk.header.file_bytes - on_disk.size,
                         "the file is cut off");
        }
        const auto found =
            find_wal_chunks({bytes.data(), static_cast<std::size_t>(on_disk.size)}, on_disk.header, index);
        places.insert(places.end(), found.begin(), found.end());
    }
    places = last_writing(places);
    for (const WalChunkPlace& place : places) generation.synced = std::max(generation.synced, place.header.synced);
    generation.chunks = std::move(places);  // judged when the next generation's word is known too
    return generation;
}

}  // namespace

std::vector<WalChunkPlace> find_wal_chunks(std::string_view bytes, const WalFileHeader& header,
                                           std::uint32_t file_index) {
    std::vector<WalChunkPlace> places;
    std::size_t at = kWalBlock;
    while (at + kWalHeaderBytes <= bytes.size()) {
        const auto chunk = decode_chunk_header(bytes.substr(at, kWalHeaderBytes), header);
        if (!chunk) {
            at += kWalBlock;
            continue;
        }
        WalChunkPlace place{file_index, at, *chunk};
        const std::string_view payload = bytes.substr(at + kWalHeaderBytes, chunk->payload_bytes);
        place.is_sound = payload.size() == chunk->payload_bytes &&
                         payload_checksum(payload, header.salt, chunk->number) == chunk->payload_checksum;
        places.push_back(place);
        at += chunk_bytes_on_disk(chunk->payload_bytes);
    }
    return places;
}

base::Result<WalScan> scan_wal(Disk& disk, const StoreId& store_id, std::uint64_t released_generation,
                               const std::stop_token& stop) {
    WalScan scan;
    std::map<std::uint64_t, std::vector<FileOnDisk>> by_generation;
    SKUA_ASSIGN_OR_RETURN(const auto entries, disk.list(kWalFolder));
    for (const DirEntry& entry : entries) {
        if (stop.stop_requested()) return stopped();
        FileOnDisk on_disk{std::string(kWalFolder) + "/" + entry.name, entry.size};
        if (!entry.is_folder && entry.name.ends_with(kWalUnfinished)) {
            scan.unfinished.push_back(on_disk.name);
            continue;
        }
        const std::uint64_t slot = wal_slot(entry.name);
        if (entry.is_folder || slot == 0) continue;  // not ours to judge
        scan.slot_max = std::max(scan.slot_max, slot);
        if (entry.size < kWalBlock || entry.size > kFileBytesMax) {
            scan.unreadable.push_back({on_disk.name, entry.size < kWalBlock ? "it is cut off" : "it is too large"});
            continue;
        }
        SKUA_ASSIGN_OR_RETURN(const auto file, disk.open(on_disk.name, {}));
        AlignedBuffer block(kWalBlock);
        const auto got = file->read_at(0, block.bytes());
        if (!got.ok()) {
            scan.unreadable.push_back({on_disk.name, got.error().message});
            continue;
        }
        auto decoded = decode_file_header({block.data(), block.size()});
        if (!decoded.ok()) return base::Error{decoded.error().code, on_disk.name + ": " + decoded.error().message};
        if (decoded->state == HeaderState::kEmpty) {
            std::vector<WalDamage> unread;
            SKUA_ASSIGN_OR_RETURN(const AlignedBuffer bytes, read_file(*file, entry.size, unread));
            if (unread.empty() && all_zero(bytes, entry.size)) {
                scan.free_files.push_back(on_disk.name);
            } else {
                scan.unreadable.push_back({on_disk.name, "it has no header but is not empty"});
            }
            continue;
        }
        if (decoded->state == HeaderState::kDamaged) {
            scan.unreadable.push_back({on_disk.name, "its header is damaged"});
            continue;
        }
        on_disk.header = decoded->header;
        if (on_disk.header.store_id != store_id) {
            scan.unreadable.push_back({on_disk.name, "it belongs to another store"});
            continue;
        }
        const std::uint64_t generation = on_disk.header.generation;
        scan.generation_max = std::max(scan.generation_max, generation);
        if (generation <= released_generation) {
            scan.free_files.push_back(on_disk.name);
        } else {
            by_generation[generation].push_back(std::move(on_disk));
        }
    }
    for (auto& [number, files] : by_generation) {
        SKUA_ASSIGN_OR_RETURN(auto generation, read_generation(disk, number, std::move(files), stop));
        scan.generations.push_back(std::move(generation));
    }
    for (std::size_t i = 0; i < scan.generations.size(); ++i) {
        RecoveredGeneration& generation = scan.generations[i];
        if (i + 1 < scan.generations.size() && scan.generations[i + 1].generation == generation.generation + 1) {
            for (const auto& place : scan.generations[i + 1].chunks) {
                generation.synced = std::max(generation.synced, place.header.previous_synced);
            }
        }
    }
    for (RecoveredGeneration& generation : scan.generations) {
        judge(generation, std::exchange(generation.chunks, {}));
    }
    return scan;
}

namespace {

// Cuts the stream of payloads into records.
class RecordAssembler {
public:
    explicit RecordAssembler(const WalRecordSink& sink) : sink_(sink) {}

    // False: the bytes are no records, skip to a chunk where one begins.
    base::Result<bool> add(std::string_view payload, const WalChunkHeader& header, bool continues) {
        if (!continues) synced_ = false;
        if (!synced_) {
            partial_.clear();
            if (header.first_record_offset == kWalNoRecord) return true;
            payload.remove_prefix(header.first_record_offset);
            number_ = header.first_record_number;
            synced_ = true;
        }
        while (!payload.empty()) {
            const std::size_t wanted = wanted_bytes(partial_);
            if (wanted == 0) return drop();
            if (partial_.empty() && payload.size() >= kWalRecordHeaderBytes) {
                // The common case: a record that lies in one piece.
                const std::size_t whole = wanted_bytes(payload.substr(0, kWalRecordHeaderBytes));
                if (whole == 0) return drop();
                if (whole <= payload.size()) {
                    SKUA_RETURN_IF_ERROR(deliver(payload.substr(0, whole)));
                    payload.remove_prefix(whole);
                    continue;
                }
            }
            const std::size_t n = std::min(wanted - partial_.size(), payload.size());
            partial_.append(payload.substr(0, n));
            payload.remove_prefix(n);
            const std::size_t now_wanted = wanted_bytes(partial_);
            if (now_wanted == 0) return drop();
            if (partial_.size() == now_wanted) {
                SKUA_RETURN_IF_ERROR(deliver(partial_));
                partial_.clear();
            }
        }
        return true;
    }

private:
    // Of the record that begins with these bytes: all of it, or of its header as long as that is not there. 0: no
    // record.
    static std::size_t wanted_bytes(std::string_view bytes) {
        if (bytes.size() < kWalRecordHeaderBytes) return kWalRecordHeaderBytes;
        WalRecord record;
        const auto lengths = decode_record_header(bytes, record);
        return lengths ? kWalRecordHeaderBytes + lengths->limits + lengths->body : 0;
    }
    bool drop() {
        synced_ = false;
        partial_.clear();
        return false;
    }
    base::Status deliver(std::string_view bytes) {
        WalRecord record;
        const auto lengths = decode_record_header(bytes, record);
        record.limits = bytes.substr(kWalRecordHeaderBytes, lengths->limits);
        record.body = bytes.substr(kWalRecordHeaderBytes + lengths->limits);
        return sink_(record, number_++);
    }

    const WalRecordSink& sink_;
    std::string partial_;
    std::uint64_t number_ = 0;
    bool synced_ = false;
};

}  // namespace

base::Status replay_wal(Disk& disk, RecoveredGeneration& generation, const WalRecordSink& sink) {
    RecordAssembler assembler(sink);
    AlignedBuffer payload(kWalChunkMax);
    std::unique_ptr<File> file;
    std::optional<std::uint32_t> open_index;
    bool continues = false;
    for (const WalChunkPlace& place : generation.chunks) {
        if (!place.is_sound) {
            continues = false;
            continue;
        }
        if (open_index != place.file) {
            SKUA_ASSIGN_OR_RETURN(file, disk.open(generation.files[place.file].name, {}));
            open_index = place.file;
        }
        const std::size_t n = place.header.payload_bytes;
        const auto got = file->read_at(place.offset + kWalHeaderBytes, {payload.data(), n});
        const std::string_view bytes(payload.data(), n);
        const WalFileHeader& header = generation.files[place.file].header;
        // Read again since the scan: trust nothing twice.
        if (!got.ok() || *got != n ||
            payload_checksum(bytes, header.salt, place.header.number) != place.header.payload_checksum) {
            mark_damaged(generation, place.file, place.offset, kWalHeaderBytes + n,
                         got.ok() ? "the chunk changed between two readings" : got.error().message);
            continues = false;
            continue;
        }
        SKUA_ASSIGN_OR_RETURN(const bool understood, assembler.add(bytes, place.header, continues && !place.after_gap));
        if (!understood) {
            mark_damaged(generation, place.file, place.offset, kWalHeaderBytes + n, "no record where one must begin");
        }
        continues = understood;
    }
    return {};
}

}  // namespace skua::store::embedded
