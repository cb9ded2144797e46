// SPDX-License-Identifier: Apache-2.0
// What every Disk promises, over all three of them.
#include "store/embedded/io/disk.h"

#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/io/sim_disk.h"

#include <cstring>
#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::store::embedded {
namespace {

enum class Kind { kPosix, kPosixBuffered, kMem, kSim, kSimDirect };

class DiskTest : public ::testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        switch (GetParam()) {
            case Kind::kPosix:
            case Kind::kPosixBuffered: {
                folder_ = std::filesystem::path(SKUA_BINARY_DIR) / ("disk_test." + std::to_string(::getpid()));
                std::filesystem::remove_all(folder_);
                auto disk = PosixDisk::open((folder_ / "a" / "b").string(),
                                            GetParam() == Kind::kPosix ? DirectIo::kProbe : DirectIo::kNever);
                ASSERT_TRUE(disk.ok()) << disk.error().message;
                disk_ = std::move(disk).value();
                break;
            }
            case Kind::kMem:
                disk_ = std::make_unique<MemDisk>(1 << 20);
                break;
            case Kind::kSim:
                disk_ = std::make_unique<SimDisk>();
                break;
            case Kind::kSimDirect:
                disk_ = std::make_unique<SimDisk>(SimDisk::Options{.direct_sync = true});
                break;
        }
    }
    void TearDown() override {
        disk_.reset();
        if (!folder_.empty()) std::filesystem::remove_all(folder_);
    }
    std::vector<std::string> names(const std::string& dir) {
        std::vector<std::string> out;
        const auto entries = disk_->list(dir);
        EXPECT_TRUE(entries.ok());
        for (const auto& entry : *entries) out.push_back(entry.name + (entry.is_folder ? "/" : ""));
        return out;
    }

    std::filesystem::path folder_;
    std::unique_ptr<Disk> disk_;
};

TEST_P(DiskTest, ReadsBackWhatWasWritten) {
    auto file = disk_->open("f", {.access = Access::kCreate});
    ASSERT_TRUE(file.ok()) << file.error().message;
    ASSERT_TRUE((*file)->write_at(0, "hello world").ok());
    ASSERT_TRUE((*file)->write_at(70000, "far").ok());
    ASSERT_TRUE((*file)->sync().ok());
    EXPECT_EQ(*(*file)->size(), 70003u);
    std::string out(11, 'x');
    EXPECT_EQ(*(*file)->read_at(0, out), 11u);
    EXPECT_EQ(out, "hello world");
    EXPECT_EQ(*(*file)->read_at(70001, out), 2u);
    EXPECT_EQ(out.substr(0, 2), "ar");
    EXPECT_EQ(*(*file)->read_at(80000, out), 0u);
    EXPECT_EQ(*(*file)->read_at(69998, out), 5u);
    EXPECT_EQ(out.substr(0, 5), std::string("\0\0far", 5));
    ASSERT_TRUE((*file)->truncate(5).ok());
    ASSERT_TRUE((*file)->preallocate(9).ok());
    EXPECT_EQ(*read_whole(*disk_, "f", 100), std::string("hello\0\0\0\0", 9));
}

TEST_P(DiskTest, NamesComeAndGo) {
    ASSERT_TRUE(disk_->make_dir("d").ok());
    ASSERT_TRUE(disk_->make_dir("d").ok());
    ASSERT_TRUE(write_whole(*disk_, "d/b", "1").ok());
    ASSERT_TRUE(write_whole(*disk_, "d/a", "22").ok());
    EXPECT_EQ(names(""), std::vector<std::string>{"d/"});
    EXPECT_EQ(names("d"), (std::vector<std::string>{"a", "b"}));
    ASSERT_TRUE(disk_->rename("d/a", "d/b").ok());
    ASSERT_TRUE(disk_->rename("d/b", "c").ok());
    ASSERT_TRUE(disk_->sync_dir("d").ok());
    ASSERT_TRUE(disk_->sync_dir("").ok());
    EXPECT_EQ(names(""), (std::vector<std::string>{"c", "d/"}));
    EXPECT_EQ(*read_whole(*disk_, "c", 2), "22");
    ASSERT_TRUE(disk_->unlink("c").ok());
    EXPECT_EQ(names(""), std::vector<std::string>{"d/"});
}

TEST_P(DiskTest, AnUnlinkedFileLivesAsLongAsItIsOpen) {
    ASSERT_TRUE(write_whole(*disk_, "f", "still here").ok());
    const auto file = disk_->open("f", {});
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(disk_->unlink("f").ok());
    std::string out(10, ' ');
    EXPECT_EQ(*(*file)->read_at(0, out), 10u);
    EXPECT_EQ(out, "still here");
}

TEST_P(DiskTest, ErrorsNamePathAndCause) {
    struct Case {
        base::Status got;
        base::Code code;
        std::string want;
    };
    ASSERT_TRUE(write_whole(*disk_, "f", "12345").ok());
    const auto failed = [](auto result) { return result.ok() ? base::Status() : base::Status(result.error()); };
    const std::string root = disk_->path().back() == ':' ? disk_->path() : disk_->path() + "/";
    const Case cases[] = {
        {failed(disk_->open("no", {})), base::Code::kNotFound, "cannot open " + root + "no: No such file or directory"},
        {failed(disk_->open("f", {.access = Access::kCreate})), base::Code::kIo,
         "cannot create " + root + "f: File exists"},
        {disk_->unlink("no"), base::Code::kNotFound, "cannot remove " + root + "no: No such file or directory"},
        {failed(disk_->list("no")), base::Code::kNotFound, "cannot list " + root + "no: No such file or directory"},
        {failed(read_whole(*disk_, "f", 4)), base::Code::kTooLarge,
         "cannot read " + root + "f: got 5 bytes; want at most 4"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.want);
        ASSERT_FALSE(c.got.ok());
        EXPECT_EQ(c.got.error().code, c.code);
        EXPECT_EQ(c.got.error().message, c.want);
    }
}

TEST_P(DiskTest, DirectFilesTakeAlignedBlocks) {
    auto created = disk_->open("f", {.access = Access::kCreate, .want_direct_sync = true});
    ASSERT_TRUE(created.ok());
    File& file = **created;
    EXPECT_EQ(file.alignment() > 1, file.write_mode() == WriteMode::kDirectSync);
    AlignedBuffer buffer(8192);
    std::memset(buffer.data(), 'x', 8192);
    ASSERT_TRUE(file.write_at(4096, {buffer.data(), 8192}).ok());
    std::memset(buffer.data(), ' ', 8192);
    EXPECT_EQ(*file.read_at(4096, buffer.bytes()), 8192u);
    EXPECT_EQ(std::string(buffer.data(), 8192), std::string(8192, 'x'));
}

TEST_P(DiskTest, SpaceIsKnownAndALockIsExclusive) {
    const auto space = disk_->space();
    ASSERT_TRUE(space.ok());
    EXPECT_GT(space->total_bytes, 0u);
    EXPECT_LE(space->free_bytes, space->total_bytes);
    EXPECT_FALSE(disk_->describe().empty());
    auto first = disk_->lock("LOCK");
    ASSERT_TRUE(first.ok()) << first.error().message;
    if (GetParam() == Kind::kMem) return;  // nobody else can reach it
    const auto second = disk_->lock("LOCK");
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, base::Code::kUnavailable);
    EXPECT_NE(second.error().message.find("another process uses this folder"), std::string::npos);
    first->reset();
    EXPECT_TRUE(disk_->lock("LOCK").ok());
}

INSTANTIATE_TEST_SUITE_P(All, DiskTest,
                         ::testing::Values(Kind::kPosix, Kind::kPosixBuffered, Kind::kMem, Kind::kSim,
                                           Kind::kSimDirect));

TEST(MemDisk, IsBoundedAndGivesBackWhatWasRemoved) {
    MemDisk disk(3 * 65536);
    ASSERT_TRUE(write_whole(disk, "a", std::string(2 * 65536, 'a')).ok());
    const auto full = write_whole(disk, "b", std::string(2 * 65536, 'b'));
    ASSERT_FALSE(full.ok());
    EXPECT_EQ(full.error().code, base::Code::kResourceExhausted);
    ASSERT_TRUE(disk.unlink("a").ok());
    ASSERT_TRUE(write_whole(disk, "b", std::string(2 * 65536, 'b')).ok());
    EXPECT_EQ(disk.used_bytes(), 2u * 65536);
}

TEST(PosixDisk, TmpfsIsNotTakenForDirect) {
    if (::access("/dev/shm", W_OK) != 0) GTEST_SKIP() << "no tmpfs at /dev/shm";
    const std::string path = "/dev/shm/skua_disk_test." + std::to_string(::getpid());
    const auto disk = PosixDisk::open(path);
    ASSERT_TRUE(disk.ok());
    EXPECT_EQ((*disk)->write_mode(), WriteMode::kBuffered) << (*disk)->describe();
    std::filesystem::remove_all(path);
}

}  // namespace
}  // namespace skua::store::embedded
