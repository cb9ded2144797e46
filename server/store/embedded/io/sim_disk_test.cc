// SPDX-License-Identifier: Apache-2.0
// The simulated disk must be as bad as promised, or everything proved with it is worth nothing.
#include "store/embedded/io/sim_disk.h"

#include <set>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

// All that can be left of `name` over many crashes of clones of `disk`; "-" stands for no file.
std::set<std::string> outcomes(const SimDisk& disk, const std::string& name) {
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        const auto copy = disk.clone();
        copy->crash(seed);
        found.insert(copy->get(name).value_or("-"));
    }
    return found;
}

TEST(SimDisk, WhatWasSyncedStays) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", "bytes").ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    EXPECT_EQ(outcomes(disk, "f"), std::set<std::string>{"bytes"});
}

TEST(SimDisk, AFileWithoutSyncedFolderMayVanish) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", "bytes").ok());
    EXPECT_EQ(outcomes(disk, "f"), (std::set<std::string>{"-", "bytes"}));
}

TEST(SimDisk, SectorsAreLostByThemselvesAndSizesVary) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", std::string(1024, 'a')).ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    auto file = disk.open("f", {.access = Access::kUpdate});
    ASSERT_TRUE((*file)->write_at(0, std::string(1536, 'b')).ok());
    std::set<std::string> shapes;
    std::set<std::size_t> sizes;
    for (const auto& bytes : outcomes(disk, "f")) {
        sizes.insert(bytes.size());
        shapes.insert({bytes[0], bytes[512]});
    }
    EXPECT_EQ(shapes, (std::set<std::string>{"aa", "ab", "ba", "bb"}));
    EXPECT_TRUE(sizes.contains(1024) && sizes.contains(1536));
    EXPECT_GT(sizes.size(), 2u);
}

TEST(SimDisk, RenameIsAtomicAndNeedsTheFolder) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "new", "2").ok());
    ASSERT_TRUE(write_whole(disk, "old", "1").ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    ASSERT_TRUE(disk.rename("new", "old").ok());
    EXPECT_EQ(outcomes(disk, "old"), (std::set<std::string>{"1", "2"}));
    ASSERT_TRUE(disk.sync_dir("").ok());
    EXPECT_EQ(outcomes(disk, "old"), (std::set<std::string>{"2"}));
    EXPECT_EQ(outcomes(disk, "new"), (std::set<std::string>{"-"}));
}

TEST(SimDisk, AWriteCutOffMayLeaveAnyPart) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", std::string(1024, 'a')).ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    auto file = disk.open("f", {.access = Access::kUpdate});
    disk.crash_after(2);
    ASSERT_TRUE((*file)->write_at(0, std::string(512, 'b')).ok());
    EXPECT_FALSE((*file)->write_at(512, std::string(512, 'c')).ok());
    EXPECT_TRUE(disk.crashed());
    EXPECT_FALSE((*file)->sync().ok());
    std::set<std::string> shapes;
    for (const auto& bytes : outcomes(disk, "f")) shapes.insert({bytes[0], bytes[512]});
    EXPECT_EQ(shapes, (std::set<std::string>{"aa", "ac", "ba", "bc"}));
    disk.crash(1);
    std::string out(1, ' ');
    EXPECT_FALSE((*file)->read_at(0, out).ok()) << "a file of before the crash";
    EXPECT_TRUE(disk.open("f", {}).ok());
}

TEST(SimDisk, TheSameSeedGivesTheSameCrash) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", "").ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    auto file = disk.open("f", {.access = Access::kUpdate});
    for (std::uint64_t i = 0; i < 100; ++i) ASSERT_TRUE((*file)->write_at(i * 100, std::string(100, 'x')).ok());
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto one = disk.clone();
        const auto two = disk.clone();
        one->crash(seed);
        two->crash(seed);
        EXPECT_EQ(one->get("f"), two->get("f"));
    }
}

TEST(SimDisk, TheNthOperationFailsAndThenAllIsWell) {
    SimDisk disk;
    disk.fail(DiskOp::kSync, 2);
    auto file = disk.open("f", {.access = Access::kCreate});
    ASSERT_TRUE((*file)->sync().ok());
    const auto failed = (*file)->sync();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().message, "cannot sync sim:f: simulated fault");
    EXPECT_TRUE((*file)->sync().ok());
    EXPECT_EQ(disk.count(DiskOp::kSync), 3u);
    disk.fail_always(DiskOp::kRename, base::Code::kResourceExhausted);
    EXPECT_FALSE(disk.rename("f", "g").ok());
    EXPECT_FALSE(disk.rename("f", "g").ok());
    disk.clear_faults();
    EXPECT_TRUE(disk.rename("f", "g").ok());
}

TEST(SimDisk, AFullDiskRefusesAndSaysSo) {
    SimDisk disk(SimDisk::Options{.capacity_bytes = 100});
    ASSERT_TRUE(write_whole(disk, "a", std::string(60, 'a')).ok());
    const auto full = write_whole(disk, "b", std::string(60, 'b'));
    ASSERT_FALSE(full.ok());
    EXPECT_EQ(full.error().code, base::Code::kResourceExhausted);
    EXPECT_EQ(disk.space()->free_bytes, 40u);
}

TEST(SimDisk, IgnoredSyncsLoseWhatRealOnesKeep) {
    SimDisk no_sync(SimDisk::Options{.ignore_sync = true});
    ASSERT_TRUE(write_whole(no_sync, "f", "bytes").ok());
    ASSERT_TRUE(no_sync.sync_dir("").ok());
    EXPECT_GT(outcomes(no_sync, "f").size(), 1u);
    SimDisk no_dir(SimDisk::Options{.ignore_sync_dir = true});
    ASSERT_TRUE(write_whole(no_dir, "f", "bytes").ok());
    ASSERT_TRUE(no_dir.sync_dir("").ok());
    EXPECT_TRUE(outcomes(no_dir, "f").contains("-"));
}

TEST(SimDisk, FlippedBitsStay) {
    SimDisk disk;
    ASSERT_TRUE(write_whole(disk, "f", "a").ok());
    ASSERT_TRUE(disk.sync_dir("").ok());
    disk.flip_bit("f", 1);
    disk.crash(7);
    EXPECT_EQ(disk.get("f"), "c");
}

}  // namespace
}  // namespace skua::store::embedded
