// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/manifest/manifest.h"

#include "base/hex.h"
#include "store/embedded/io/sim_disk.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

Manifest example() {
    Manifest manifest;
    manifest.number = 5;
    for (std::size_t i = 0; i < 16; ++i) manifest.store_id[i] = static_cast<unsigned char>(0xA0 + i);
    manifest.released_generation = 3;
    manifest.next_segment_id = 8;
    SegmentEntry entry;
    entry.id = 7;
    entry.format_version = 1;
    entry.generation_min = entry.generation_max = 3;
    entry.arrival_min_ns = 100;
    entry.arrival_max_ns = 200;
    entry.start_min_ns = 90;
    entry.start_max_ns = 190;
    entry.rows = 1000;
    entry.traces = 10;
    entry.files = {{"seg/7", 4096}};
    entry.extra = "x";
    manifest.segments.push_back(entry);
    manifest.dropped = {"seg/6"};
    return manifest;
}

TEST(Manifest, IsTheOneInTheDocument) {
    const std::string bytes = encode_manifest(example());
    std::string lines;
    for (std::size_t at = 0; at < bytes.size(); at += 16)
        lines += base::to_hex(std::string_view(bytes).substr(at, 16)) + "\n";
    std::ifstream in(std::string(SKUA_SOURCE_DIR) + "/docs/formats/manifest.md");
    const std::string document((std::istreambuf_iterator<char>(in)), {});
    EXPECT_NE(document.find("```\n" + lines + "```"), std::string::npos) << "docs/formats/manifest.md should have:\n"
                                                                         << lines;
}

TEST(Manifest, ComesBackAsItWas) {
    const auto back = decode_manifest(encode_manifest(example()), "m");
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->number, 5u);
    EXPECT_EQ(back->store_id, example().store_id);
    EXPECT_EQ(back->released_generation, 3u);
    EXPECT_EQ(back->next_segment_id, 8u);
    EXPECT_EQ(back->segments, example().segments);
    EXPECT_EQ(back->dropped, example().dropped);
}

TEST(Manifest, EveryFlippedBitAndEveryCutIsNoticed) {
    const std::string bytes = encode_manifest(example());
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        std::string bad = bytes;
        bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
        const auto decoded = decode_manifest(bad, "m");
        ASSERT_FALSE(decoded.ok()) << bit;
        EXPECT_EQ(decoded.error().code, base::Code::kCorruption) << bit;
    }
    for (std::size_t n = 0; n < bytes.size(); ++n) EXPECT_FALSE(decode_manifest(bytes.substr(0, n), "m").ok()) << n;
}

TEST(Manifest, ACorruptNewestOneIsAnErrorThatSaysWhatHelps) {
    SimDisk disk;
    ASSERT_TRUE(disk.make_dir(kManifestFolder).ok());
    EXPECT_FALSE(load_manifest(disk)->has_value());
    Manifest manifest = example();
    ASSERT_TRUE(save_manifest(disk, manifest).ok());
    ASSERT_TRUE(save_manifest(disk, manifest).ok());
    EXPECT_EQ(manifest.number, 7u);
    EXPECT_EQ((*load_manifest(disk))->number, 7u);
    disk.flip_bit(manifest_name(7), 300);
    const auto loaded = load_manifest(disk);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(
        loaded.error().message,
        "cannot read sim:/manifest/0000000000000007.manifest: its checksum is wrong; `skua verify --rebuild` makes a "
        "new one");
}

TEST(Manifest, TheLastTwoBeforeItStay) {
    SimDisk disk;
    ASSERT_TRUE(disk.make_dir(kManifestFolder).ok());
    Manifest manifest;
    for (int i = 0; i < 6; ++i) ASSERT_TRUE(save_manifest(disk, manifest).ok());
    std::vector<std::string> names;
    const auto entries = disk.list(kManifestFolder);
    for (const auto& entry : *entries) names.push_back(entry.name);
    EXPECT_EQ(names, (std::vector<std::string>{"0000000000000004.manifest", "0000000000000005.manifest",
                                               "0000000000000006.manifest"}));
}

// At every crash point of three edits: the one before or the new one, and the new one once save has returned.
TEST(Manifest, AnEditIsWholeOrNotAtAll) {
    for (std::uint64_t point = 1;; ++point) {
        SimDisk disk;
        ASSERT_TRUE(disk.make_dir(kManifestFolder).ok());
        ASSERT_TRUE(disk.sync_dir("").ok());
        disk.crash_after(point);
        Manifest manifest;
        for (int i = 0; i < 3; ++i) {
            manifest.released_generation = manifest.number + 1;
            if (!save_manifest(disk, manifest).ok()) break;
        }
        if (!disk.crashed()) break;
        for (std::uint64_t seed = 0; seed < 30; ++seed) {
            const auto copy = disk.clone();
            copy->crash(seed);
            const auto loaded = load_manifest(*copy);
            ASSERT_TRUE(loaded.ok()) << loaded.error().message << " point " << point;
            const std::uint64_t found = loaded->has_value() ? (*loaded)->number : 0;
            EXPECT_TRUE(found == manifest.number || found == manifest.number + 1) << point << " " << seed;
            if (found != 0) {
                EXPECT_EQ((*loaded)->released_generation, found);
            }
        }
    }
}

}  // namespace
}  // namespace skua::store::embedded
