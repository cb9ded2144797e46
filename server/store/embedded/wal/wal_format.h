// SPDX-License-Identifier: Apache-2.0
// The bytes of a WAL file. Described in docs/formats/wal.md (version 1); never renumber, never reorder.
#pragma once

#include "base/result.h"
#include "model/ingest.h"
#include "store/embedded/manifest/segment_entry.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace skua::store::embedded {

inline constexpr std::uint32_t kWalVersion = 1;
inline constexpr std::size_t kWalBlock = 4096;         // everything starts on one; never rewritten once acknowledged
inline constexpr std::size_t kWalChunkMax = 64 << 10;  // header included
inline constexpr std::size_t kWalHeaderBytes = 64;     // of files and of chunks
inline constexpr std::size_t kWalHeaderCopy = 2048;    // where in block 0 the file header stands again
inline constexpr std::size_t kWalPayloadMax = kWalChunkMax - kWalHeaderBytes;
inline constexpr std::size_t kWalRecordHeaderBytes = 32;
inline constexpr std::uint32_t kWalNoRecord = 0xFFFFFFFF;
inline constexpr std::size_t kWalRecordBodyMax = 128 << 20;  // guards readers; doors admit 64 MiB at most

struct WalFileHeader {
    std::uint32_t index = 0;  // of the file in its generation, from 0
    std::uint64_t generation = 0;
    std::uint64_t salt = 0;  // random, one per generation: seeds all checksums of its chunks
    StoreId store_id{};
    std::uint64_t file_bytes = 0;
};

struct WalChunkHeader {
    std::uint64_t payload_checksum = 0;
    std::uint64_t generation = 0;
    std::uint64_t number = 0;  // from 1, without gaps; a later chunk of the same number replaces it and all after it
    std::uint64_t synced = 0;  // chunks up to this one were durable when this was written
    std::uint32_t payload_bytes = 0;
    std::uint32_t first_record_offset = kWalNoRecord;  // in the payload
    std::uint64_t first_record_number = 0;  // of the record that begins there, from 1; or of the next to begin
    std::uint64_t previous_synced = 0;      // as `synced`, of the generation before
};

// A request body with all that decoding it again needs: replay is a pure function of this.
struct WalRecord {
    model::Door door = model::Door::kOtlpGrpc;
    model::Encoding encoding = model::Encoding::kOtlpProtobuf;
    std::uint16_t interpretation = 0;  // version of the decoders' meaning
    std::int64_t received_ns = 0;
    std::uint32_t accepted_spans = 0;
    std::uint32_t rejected_spans = 0;
    std::string_view limits;  // those in force, as the decoder wants them back; at most 64 KiB - 1
    std::string_view body;
};

[[nodiscard]] std::uint64_t wal_checksum(std::string_view bytes, std::uint64_t seed);

// Writes both copies into a zeroed block.
void encode_file_header(const WalFileHeader& header, std::span<char> block);
enum class HeaderState : std::uint8_t { kValid, kEmpty, kDamaged };
struct DecodedFileHeader {
    HeaderState state = HeaderState::kEmpty;
    WalFileHeader header;       // of the valid copy; if both are valid, of the newer generation
    bool copy_damaged = false;  // one of the two is
};
// kInvalidArgument, naming the version, when a sound header has one that is not known here. REQUIRES: a whole block.
base::Result<DecodedFileHeader> decode_file_header(std::string_view block);

// `to`: kWalHeaderBytes. The payload checksum is that of `header`.
void encode_chunk_header(const WalChunkHeader& header, std::uint64_t salt, char* to);
// Nothing when the checksum, the generation or a bound does not fit.
std::optional<WalChunkHeader> decode_chunk_header(std::string_view bytes, const WalFileHeader& file);
[[nodiscard]] std::uint64_t payload_checksum(std::string_view payload, std::uint64_t salt, std::uint64_t number);
// Header and payload, rounded up to blocks.
[[nodiscard]] constexpr std::size_t chunk_bytes_on_disk(std::size_t payload_bytes) {
    return (kWalHeaderBytes + payload_bytes + kWalBlock - 1) / kWalBlock * kWalBlock;
}

// `to`: kWalRecordHeaderBytes; limits and body follow it in the stream.
void encode_record_header(const WalRecord& record, char* to);
struct RecordLengths {
    std::size_t limits = 0;
    std::size_t body = 0;
};
// Fills all of `record` but limits and body. Nothing when no such record can have been written.
std::optional<RecordLengths> decode_record_header(std::string_view bytes, WalRecord& record);

}  // namespace skua::store::embedded
