// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/wal_format.h"

#include "store/embedded/io/little_endian.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include <xxhash.h>

namespace skua::store::embedded {

namespace {

constexpr char kFileMagic[8] = {'S', 'K', 'U', 'A', 'W', 'A', 'L', '\n'};
constexpr std::uint64_t kFileSeed = 0x736B7561'77616C31ULL;
constexpr std::uint8_t kRecordVersion = 1;

void encode_copy(const WalFileHeader& header, char* to) {
    std::memcpy(to, kFileMagic, sizeof kFileMagic);
    store_at(to + 8, kWalVersion);
    store_at(to + 12, header.index);
    store_at(to + 16, header.generation);
    store_at(to + 24, header.salt);
    std::memcpy(to + 32, header.store_id.data(), header.store_id.size());
    store_at(to + 48, header.file_bytes);
    store_at(to + 56, wal_checksum({to, 56}, kFileSeed));
}

struct Copy {
    HeaderState state = HeaderState::kEmpty;
    std::uint32_t version = 0;
    WalFileHeader header;
};

Copy decode_copy(const char* from) {
    Copy copy;
    if (std::all_of(from, from + kWalHeaderBytes, [](char c) { return c == 0; })) return copy;
    copy.state = HeaderState::kDamaged;
    if (std::memcmp(from, kFileMagic, sizeof kFileMagic) != 0) return copy;
    if (load<std::uint64_t>(from + 56) != wal_checksum({from, 56}, kFileSeed)) return copy;
    copy.state = HeaderState::kValid;
    copy.version = load<std::uint32_t>(from + 8);
    copy.header.index = load<std::uint32_t>(from + 12);
    copy.header.generation = load<std::uint64_t>(from + 16);
    copy.header.salt = load<std::uint64_t>(from + 24);
    std::memcpy(copy.header.store_id.data(), from + 32, copy.header.store_id.size());
    copy.header.file_bytes = load<std::uint64_t>(from + 48);
    return copy;
}

}  // namespace

std::uint64_t wal_checksum(std::string_view bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::uint64_t payload_checksum(std::string_view payload, std::uint64_t salt, std::uint64_t number) {
    return wal_checksum(payload, salt ^ (number * 0x9E3779B97F4A7C15ULL));
}

void encode_file_header(const WalFileHeader& header, std::span<char> block) {
    std::memset(block.data(), 0, block.size());
    encode_copy(header, block.data());
    encode_copy(header, block.data() + kWalHeaderCopy);
}

base::Result<DecodedFileHeader> decode_file_header(std::string_view block) {
    const Copy first = decode_copy(block.data());
    const Copy second = decode_copy(block.data() + kWalHeaderCopy);
    DecodedFileHeader decoded;
    decoded.copy_damaged = first.state != HeaderState::kValid || second.state != HeaderState::kValid;
    if (first.state != HeaderState::kValid && second.state != HeaderState::kValid) {
        const bool empty = first.state == HeaderState::kEmpty && second.state == HeaderState::kEmpty;
        decoded.state = empty ? HeaderState::kEmpty : HeaderState::kDamaged;
        return decoded;
    }
    // Both valid and different: the rewriting of a recycled file was cut off between the two.
    const bool use_second = first.state != HeaderState::kValid ||
                            (second.state == HeaderState::kValid && second.header.generation > first.header.generation);
    const Copy& used = use_second ? second : first;
    if (used.version != kWalVersion) {
        return base::Error{base::Code::kInvalidArgument, "cannot read a WAL file: got format version " +
                                                             std::to_string(used.version) + "; want " +
                                                             std::to_string(kWalVersion)};
    }
    decoded.state = HeaderState::kValid;
    decoded.header = used.header;
    return decoded;
}

void encode_chunk_header(const WalChunkHeader& header, std::uint64_t salt, char* to) {
    store_at(to + 8, header.payload_checksum);
    store_at(to + 16, header.generation);
    store_at(to + 24, header.number);
    store_at(to + 32, header.synced);
    store_at(to + 40, header.payload_bytes);
    store_at(to + 44, header.first_record_offset);
    store_at(to + 48, header.first_record_number);
    store_at(to + 56, header.previous_synced);
    store_at(to, wal_checksum({to + 8, kWalHeaderBytes - 8}, salt));
}

std::optional<WalChunkHeader> decode_chunk_header(std::string_view bytes, const WalFileHeader& file) {
    if (bytes.size() < kWalHeaderBytes) return std::nullopt;
    const char* from = bytes.data();
    if (load<std::uint64_t>(from) != wal_checksum({from + 8, kWalHeaderBytes - 8}, file.salt)) return std::nullopt;
    WalChunkHeader header;
    header.payload_checksum = load<std::uint64_t>(from + 8);
    header.generation = load<std::uint64_t>(from + 16);
    header.number = load<std::uint64_t>(from + 24);
    header.synced = load<std::uint64_t>(from + 32);
    header.payload_bytes = load<std::uint32_t>(from + 40);
    header.first_record_offset = load<std::uint32_t>(from + 44);
    header.first_record_number = load<std::uint64_t>(from + 48);
    header.previous_synced = load<std::uint64_t>(from + 56);
    const bool fits = header.generation == file.generation && header.number != 0 && header.synced < header.number &&
                      header.payload_bytes <= kWalPayloadMax &&
                      (header.first_record_offset == kWalNoRecord || header.first_record_offset < header.payload_bytes);
    if (!fits) return std::nullopt;
    return header;
}

void encode_record_header(const WalRecord& record, char* to) {
    store_at(to, static_cast<std::uint32_t>(record.body.size()));
    store_at(to + 4, kRecordVersion);
    store_at(to + 5, static_cast<std::uint8_t>(record.door));
    store_at(to + 6, static_cast<std::uint8_t>(record.encoding));
    store_at(to + 7, std::uint8_t{0});
    store_at(to + 8, record.interpretation);
    store_at(to + 10, static_cast<std::uint16_t>(record.limits.size()));
    store_at(to + 12, record.accepted_spans);
    store_at(to + 16, record.received_ns);
    store_at(to + 24, record.rejected_spans);
    store_at(to + 28, std::uint32_t{0});
}

std::optional<RecordLengths> decode_record_header(std::string_view bytes, WalRecord& record) {
    if (bytes.size() < kWalRecordHeaderBytes) return std::nullopt;
    const char* from = bytes.data();
    const RecordLengths lengths{load<std::uint16_t>(from + 10), load<std::uint32_t>(from)};
    if (load<std::uint8_t>(from + 4) != kRecordVersion || lengths.body > kWalRecordBodyMax) return std::nullopt;
    record.door = static_cast<model::Door>(load<std::uint8_t>(from + 5));
    record.encoding = static_cast<model::Encoding>(load<std::uint8_t>(from + 6));
    record.interpretation = load<std::uint16_t>(from + 8);
    record.accepted_spans = load<std::uint32_t>(from + 12);
    record.received_ns = load<std::int64_t>(from + 16);
    record.rejected_spans = load<std::uint32_t>(from + 24);
    return lengths;
}

}  // namespace skua::store::embedded
