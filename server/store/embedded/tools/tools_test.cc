// SPDX-License-Identifier: Apache-2.0
// The tools over folders as a server leaves them, in order and not.
#include "base/clock.h"
#include "store/contract/span_text.h"
#include "store/embedded/store.h"
#include "store/embedded/tools/inspect.h"
#include "store/embedded/tools/verify.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::store::embedded {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

const store::testing::SpanTextDecoder kDecoder;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

void flip(const fs::path& path, std::size_t at) {
    std::string bytes = read(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 4);
    write(path, bytes);
}

class ToolsTest : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::path(SKUA_BINARY_DIR) / fmt::format("tools_test.{}", ::getpid());
        fs::remove_all(root_);
        folder_ = root_ / "store";
    }
    void TearDown() override { fs::remove_all(root_); }

    std::unique_ptr<EmbeddedStore> open(const fs::path& folder, bool seals = false) {
        EmbeddedStoreOptions options;
        options.path = folder.string();
        options.engine.decoder_for = [](model::Door, model::Encoding, std::uint16_t) { return &kDecoder; };
        options.engine.wal.ring.file_bytes = 1 << 20;
        options.engine.reserve_bytes = 4096;
        options.engine.retention.age_ns = 0;
        options.engine.retention.free_min = 0;
        if (seals) options.engine.head_bytes_max = 1;
        auto opened = EmbeddedStore::open(std::move(options), base::system_clock());
        if (!opened.ok()) throw std::runtime_error(opened.error().message);
        return std::move(opened).value();
    }
    static void put(EmbeddedStore& store, int first, int last, const std::string& tenant = "") {
        model::RequestContext context;
        context.tenant = tenant;
        for (int i = first; i <= last; ++i) {
            const std::string text = fmt::format("span trace={:x} id=01 service=s{} name=n k=v{}\n", i, i % 3, i);
            ASSERT_TRUE(store::testing::append_text(store, text, context).status.ok());
        }
    }
    // Spans 1 to 10 in a segment, 11 to 15 in another, 16 to 20 in the log: as a killed server leaves it.
    void make_killed() {
        for (const auto& [first, last] : {std::pair{1, 10}, {11, 15}}) {
            const auto store = open(folder_);
            put(*store, first, last);
            ASSERT_TRUE(store->close().ok());
        }
        const fs::path live = root_ / "live";
        fs::rename(folder_, live);
        const auto store = open(live);
        put(*store, 16, 20);
        fs::copy(live, folder_, fs::copy_options::recursive);
        fs::remove(folder_ / "LOCK");
    }
    // How many of spans 1 to 20 a server finds.
    std::size_t found() {
        struct Counter final : TraceSink {
            bool take(const model::TraceId& /*id*/, model::SpanBatch chunk) override {
                spans += chunk.spans().size();
                return true;
            }
            std::size_t spans = 0;
        };
        const auto store = open(folder_);
        std::vector<model::TraceId> ids;
        for (std::uint64_t i = 1; i <= 20; ++i) ids.push_back({0, i});
        Counter counter;
        EXPECT_TRUE(store->traces({}, ids, counter).ok());
        const auto stats = store->stats({});
        EXPECT_EQ(stats->spans, counter.spans) << "each is there once";
        return counter.spans;
    }
    std::vector<fs::path> files(const std::string& sub) {
        std::vector<fs::path> out;
        for (const auto& entry : fs::directory_iterator(folder_ / sub)) out.push_back(entry.path());
        std::sort(out.begin(), out.end());
        return out;
    }
    void drop_manifests() {
        for (const auto& file : files("manifest")) fs::remove(file);
    }
    VerifyReport verify() {
        auto report = verify_store(folder_.string());
        EXPECT_TRUE(report.ok()) << report.error().message;
        return std::move(report).value();
    }
    VerifyReport rebuild() {
        auto report = rebuild_store(folder_.string());
        EXPECT_TRUE(report.ok()) << report.error().message;
        return std::move(report).value();
    }

    fs::path root_;
    fs::path folder_;
};

TEST_F(ToolsTest, ASoundFolderIsSoundAndStaysAsItIs) {
    make_killed();
    const VerifyReport report = verify();
    EXPECT_TRUE(report.is_sound);
    EXPECT_THAT(report.lines, Contains(HasSubstr("2 segments, 15 spans")));
    EXPECT_THAT(report.lines, Contains(HasSubstr("log: 1 generations not yet in segments, 5 requests, 0 chunks")));
    EXPECT_THAT(rebuild().lines, Contains("nothing to rebuild"));
    EXPECT_EQ(found(), 20u);
}

TEST_F(ToolsTest, AFolderInUseIsRefused) {
    const auto store = open(folder_);
    const auto report = verify_store(folder_.string());
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, base::Code::kUnavailable);
    EXPECT_THAT(report.error().message, HasSubstr(fmt::format("process {}", ::getpid())));
}

TEST_F(ToolsTest, WhatIsNoStoreIsNamed) {
    fs::create_directories(folder_);
    for (const auto& report : {verify_store(folder_.string()), rebuild_store(folder_.string())}) {
        ASSERT_FALSE(report.ok());
        EXPECT_EQ(report.error().message, "cannot verify " + folder_.string() + ": there is no store in it");
    }
    EXPECT_EQ(verify_store((root_ / "none").string()).error().code, base::Code::kNotFound);
}

TEST_F(ToolsTest, EveryKindOfDamageIsFound) {
    struct Case {
        std::string name;
        std::function<void()> damage;
        std::string want;
    };
    const Case cases[] = {
        {"segment", [&] { flip(files("seg").front(), 40); }, "segment 0000000000000001: "},
        {"segment gone", [&] { fs::remove(files("seg").back()); }, "segment 0000000000000002: "},
        {"segment cut", [&] { fs::resize_file(files("seg").back(), 100); }, "segment 0000000000000002: "},
        {"manifest", [&] { flip(files("manifest").back(), 30); }, "its checksum is wrong"},
        {"manifest cut", [&] { fs::resize_file(files("manifest").back(), 60); }, "got 60 bytes"},
        {"no manifest", [&] { drop_manifests(); }, "has no manifest"},
        {"log",
         [&] {
             for (const auto& file : files("wal")) {
                 const std::string bytes = read(file);
                 const auto at = bytes.find("k=v17");
                 if (at != std::string::npos) flip(file, at);
             }
         },
         "wrong checksum"},
    };
    make_killed();
    const fs::path sound = root_ / "sound";
    fs::copy(folder_, sound, fs::copy_options::recursive);
    for (const Case& c : cases) {
        SCOPED_TRACE(c.name);
        fs::remove_all(folder_);
        fs::copy(sound, folder_, fs::copy_options::recursive);
        c.damage();
        const VerifyReport report = verify();
        EXPECT_FALSE(report.is_sound);
        EXPECT_THAT(report.lines, Contains(AllOf(HasSubstr("DAMAGED: "), HasSubstr(c.want))));
    }
}

TEST_F(ToolsTest, WithoutManifestAllComesBackFromFootersAndLog) {
    make_killed();
    drop_manifests();
    EXPECT_THROW(open(folder_), std::runtime_error);
    const VerifyReport report = rebuild();
    EXPECT_TRUE(report.is_sound);
    EXPECT_EQ(found(), 20u);
}

TEST_F(ToolsTest, ABrokenManifestIsReplacedByANewerOne) {
    make_killed();
    const fs::path newest = files("manifest").back();
    flip(newest, 30);
    EXPECT_THROW(open(folder_), std::runtime_error);
    EXPECT_TRUE(rebuild().is_sound);
    EXPECT_GT(files("manifest").back(), newest);
    EXPECT_EQ(found(), 20u);
}

TEST_F(ToolsTest, OnlyTheLogIsEnough) {
    make_killed();
    drop_manifests();
    for (const auto& file : files("seg")) fs::remove(file);
    EXPECT_TRUE(rebuild().is_sound);
    EXPECT_GE(found(), 5u) << "what had gone into segments may still be in the log";
}

TEST_F(ToolsTest, ADamagedSegmentIsLeftOutAndKept) {
    for (const bool has_manifest : {true, false}) {
        SCOPED_TRACE(has_manifest);
        fs::remove_all(root_);
        make_killed();
        // The oldest: no log has it any more.
        for (const auto& file : files("wal")) {
            if (read(file).find("k=v3\n") != std::string::npos) fs::remove(file);
        }
        if (!has_manifest) drop_manifests();
        flip(files("seg").front(), 40);
        const VerifyReport report = rebuild();
        EXPECT_TRUE(report.is_sound);
        EXPECT_FALSE(files("lost").empty());
        EXPECT_EQ(found(), 10u);
    }
}

TEST_F(ToolsTest, TenantsAreLookedAtToo) {
    {
        const auto store = open(folder_);
        put(*store, 1, 3, "blue");
        ASSERT_TRUE(store->close().ok());
    }
    EXPECT_THAT(verify().lines, Contains(AllOf(HasSubstr("/tenants/626c7565: "), HasSubstr("3 spans"))));
    for (const auto& entry : fs::directory_iterator(folder_ / "tenants/626c7565/seg")) flip(entry.path(), 40);
    EXPECT_FALSE(verify().is_sound);
}

TEST_F(ToolsTest, InspectSaysWhatAFileHolds) {
    make_killed();
    const auto inspect = [](const fs::path& path) {
        const auto text = inspect_file(path.string());
        EXPECT_TRUE(text.ok()) << text.error().message;
        return text.ok() ? *text : "";
    };
    EXPECT_THAT(inspect(files("manifest").back()),
                AllOf(HasSubstr("manifest 3, version 1"), HasSubstr("2 segments, 0 files no longer needed"),
                      HasSubstr("segment 0000000000000001: level 0, generations 1 to 1, format 1"),
                      HasSubstr("10 spans, 10 traces")));
    EXPECT_THAT(inspect(files("seg").front()),
                AllOf(HasSubstr("segment 0000000000000001, version 1"), HasSubstr("level 0, generations 1 to 1"),
                      HasSubstr("10 spans, 10 traces, 0 duplicates dropped"), HasSubstr("  zone maps at ")));
    std::string logs;
    for (const auto& file : files("wal")) logs += inspect(file);
    EXPECT_THAT(logs,
                AllOf(HasSubstr("WAL file, version 1"), HasSubstr("  chunk 1 at 4096: "),
                      HasSubstr("record 1 at 0: door "), HasSubstr("1 spans accepted"), Not(HasSubstr("DAMAGED"))));
}

TEST_F(ToolsTest, InspectNamesDamageAndStrangers) {
    make_killed();
    for (const auto& file : files("wal")) {
        const auto at = read(file).find("k=v17");
        if (at == std::string::npos) continue;
        flip(file, at);
        EXPECT_THAT(*inspect_file(file.string()), HasSubstr("DAMAGED: wrong checksum"));
        flip(file, 20);
        EXPECT_THAT(*inspect_file(file.string()), HasSubstr("DAMAGED: one copy of the header"));
        flip(file, 2068);
        EXPECT_THAT(*inspect_file(file.string()), HasSubstr("DAMAGED: both copies of the header"));
    }
    flip(files("manifest").back(), 40);
    EXPECT_THAT(inspect_file(files("manifest").back().string()).error().message, HasSubstr("its checksum is wrong"));
    fs::resize_file(files("seg").back(), 50);
    EXPECT_THAT(inspect_file(files("seg").back().string()).error().message, HasSubstr(files("seg").back().string()));
    write(root_ / "stranger", "hello");
    EXPECT_EQ(inspect_file((root_ / "stranger").string()).error().message,
              "cannot inspect " + (root_ / "stranger").string() + ": it is no WAL file, no segment and no manifest");
    EXPECT_EQ(inspect_file((root_ / "none").string()).error().code, base::Code::kNotFound);
}

}  // namespace
}  // namespace skua::store::embedded
