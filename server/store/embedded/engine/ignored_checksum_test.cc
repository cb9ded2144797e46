// SPDX-License-Identifier: Apache-2.0
// The mutant "ignored checksum" (testing_no_checksums.cc): the checks that prove the store must complain about it.
#include "base/clock.h"
#include "store/embedded/engine/testing_life.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/manifest/manifest.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/testing.h"

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

TEST(IgnoredChecksum, OfTheLogIsCaughtByTheCrashTest) {
    EXPECT_GT(testing::complaints({}), 0);
}

TEST(IgnoredChecksum, OfTheManifestIsCaughtByFlippedBits) {
    Manifest manifest;
    manifest.number = 5;
    std::string bytes = encode_manifest(manifest);
    bytes[40] = static_cast<char>(bytes[40] ^ 1);  // the released generation
    EXPECT_TRUE(decode_manifest(bytes, "m").ok());
}

// With checksums no flipped bit but those of the first eight bytes goes unnoticed: view_reader_test.cc.
TEST(IgnoredChecksum, OfSegmentsIsCaughtByFlippedBits) {
    MemDisk disk(std::uint64_t{1} << 26);
    DiskFiles files(disk);
    SpanData data{SpanDataOptions{}};
    const BatchDecoder decoder;
    SpanMaker maker({.traces = 4});
    const auto head = data.new_head(1).value();
    const model::SpanBatch batch = maker.batch(60);
    const StagedRows rows = head->stage(0, body_of(batch), decoder).value();
    head->commit(0, rows);
    SealInput input;
    input.head = {1, head, {rows.end, 0}};
    const SegmentEntry entry = data.seal(input, files).value().front();
    const std::string name = entry.files.front().name;
    const std::string good = read_whole(disk, name, 1 << 24).value();
    std::size_t unnoticed = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
        ASSERT_TRUE(disk.unlink(name).ok());
        ASSERT_TRUE(write_whole(disk, name, bytes).ok());
        unnoticed += data.verify(disk, entry).ok() ? 1 : 0;
    }
    EXPECT_GT(unnoticed, 8u);
}

}  // namespace
}  // namespace skua::store::embedded
