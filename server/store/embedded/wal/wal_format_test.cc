// SPDX-License-Identifier: Apache-2.0
// The golden bytes of docs/formats/wal.md: if this test changes, the format version must.
#include "store/embedded/wal/wal_format.h"

#include "base/hex.h"
#include "store/embedded/io/sim_disk.h"
#include "store/embedded/wal/wal.h"
#include "store/embedded/wal/wal_reader.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

class Nobody final : public WalListener {
    void group_done(std::vector<std::unique_ptr<WalTicket>>&, const base::Status&) override {}
};

std::string hex_lines(std::string_view bytes) {
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 16) out += base::to_hex(bytes.substr(at, 16)) + "\n";
    return out;
}

StoreId example_store() {
    StoreId id{};
    for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<unsigned char>(i + 0xA0);
    return id;
}

// One file with one record.
std::string example_file() {
    SimDisk disk;
    EXPECT_TRUE(disk.make_dir(kWalFolder).ok());
    Nobody nobody;
    const base::ManualClock clock(1);
    WalOptions options;
    options.ring.file_bytes = kWalBlock + kWalChunkMax;
    Wal wal(disk, example_store(), options, clock, nobody);
    wal.start_generation(7, 0x1122334455667788);
    WalRecord record;
    record.door = model::Door::kOtlpHttp;
    record.encoding = model::Encoding::kOtlpJson;
    record.interpretation = 1;
    record.received_ns = 1'700'000'000'000'000'000;
    record.accepted_spans = 2;
    record.rejected_spans = 1;
    record.limits = "L";
    record.body = "{\"resourceSpans\":[]}";
    EXPECT_TRUE(wal.enqueue(record, nullptr).ok());
    EXPECT_TRUE(wal.commit_next());
    return disk.get(wal_file_name(1)).value_or("");
}

TEST(WalFormat, IsTheOneInTheDocument) {
    const std::string file = example_file();
    ASSERT_EQ(file.size(), kWalBlock + kWalChunkMax);
    const std::string got =
        "file header\n" + hex_lines(file.substr(0, 64)) + "chunk\n" + hex_lines(file.substr(4096, 128));
    std::ifstream in(std::string(SKUA_SOURCE_DIR) + "/docs/formats/wal.md");
    const std::string document((std::istreambuf_iterator<char>(in)), {});
    EXPECT_NE(document.find("```\n" + got + "```"), std::string::npos) << "docs/formats/wal.md should have:\n" << got;
}

TEST(WalFormat, FileHeaderSurvivesOneBadCopy) {
    WalFileHeader header{3, 9, 77, example_store(), 1 << 24};
    std::string block(kWalBlock, ' ');
    encode_file_header(header, block);
    for (const std::size_t damaged : {std::size_t{0}, std::size_t{20}, kWalHeaderCopy, kWalHeaderCopy + 63}) {
        SCOPED_TRACE(damaged);
        std::string bad = block;
        bad[damaged] = static_cast<char>(bad[damaged] ^ 4);
        const auto decoded = decode_file_header(bad);
        ASSERT_TRUE(decoded.ok());
        EXPECT_EQ(decoded->state, HeaderState::kValid);
        EXPECT_TRUE(decoded->copy_damaged);
        EXPECT_EQ(decoded->header.generation, 9u);
        EXPECT_EQ(decoded->header.store_id, header.store_id);
    }
    std::string both = block;
    both[1] ^= 1;
    both[kWalHeaderCopy + 1] ^= 1;
    EXPECT_EQ(decode_file_header(both)->state, HeaderState::kDamaged);
    EXPECT_EQ(decode_file_header(std::string(kWalBlock, '\0'))->state, HeaderState::kEmpty);
}

TEST(WalFormat, AnUnknownVersionIsNamed) {
    // A header of version 2 with the checksum a later release would write, taken from the encoder by patching.
    std::string block(kWalBlock, ' ');
    encode_file_header({0, 1, 1, example_store(), 1 << 24}, block);
    block[8] = 2;
    const std::uint64_t sum = wal_checksum({block.data(), 56}, 0x736B7561'77616C31ULL);
    std::memcpy(block.data() + 56, &sum, 8);
    const auto decoded = decode_file_header(block);
    // The second copy is version 1 still and the first wins: the file is refused.
    ASSERT_FALSE(decoded.ok());
    EXPECT_EQ(decoded.error().message, "cannot read a WAL file: got format version 2; want 1");
}

TEST(WalFormat, AnyFlippedBitOfAChunkHeaderIsNoticed) {
    const WalFileHeader file{0, 5, 0xABCDEF, example_store(), 1 << 24};
    WalChunkHeader header;
    header.generation = 5;
    header.number = 10;
    header.synced = 9;
    header.payload_bytes = 100;
    header.first_record_offset = 4;
    std::string bytes(kWalHeaderBytes, '\0');
    encode_chunk_header(header, file.salt, bytes.data());
    ASSERT_TRUE(decode_chunk_header(bytes, file));
    for (std::size_t bit = 0; bit < kWalHeaderBytes * 8; ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(decode_chunk_header(bad, file)) << bit;
    }
    WalFileHeader other = file;
    other.salt ^= 1;
    EXPECT_FALSE(decode_chunk_header(bytes, other)) << "another generation's salt";
}

}  // namespace
}  // namespace skua::store::embedded
