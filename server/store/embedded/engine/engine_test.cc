// SPDX-License-Identifier: Apache-2.0
// Faults, budgets, retention, compaction and threads of the engine; crashes are in engine_crash_test.cc.
#include "store/embedded/engine/engine.h"

#include "store/embedded/engine/testing_data.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/io/sim_disk.h"

#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::store::embedded {
namespace {

using testing::AnyDecoder;
using testing::WordData;
using testing::words_of;
using Words = std::vector<std::string>;

constexpr std::int64_t kHourNs = 3600LL * 1'000'000'000;
// A wall clock apart from the monotonic one.
class TwoClocks final : public base::Clock {
public:
    [[nodiscard]] std::int64_t now_ns() const override { return wall_ns; }
    [[nodiscard]] std::int64_t monotonic_ns() const override { return monotonic; }
    void advance(std::int64_t ns) {
        wall_ns += ns;
        monotonic += ns;
    }
    std::atomic<std::int64_t> wall_ns{1'700'000'000'000'000'000};
    std::atomic<std::int64_t> monotonic{1};
};

class EngineTest : public ::testing::Test {
protected:
    EngineTest() {
        options.wal.ring.file_bytes = kWalBlock + kWalChunkMax;
        options.wal.ring.spare_files = 0;
        options.reserve_bytes = 8192;
        options.retention.free_min = 0;
        options.compact_fanout = 4;
        options.start_threads = false;
        options.decoder_for = [this](model::Door, model::Encoding, std::uint16_t version) {
            return version == 1 ? &decoder : nullptr;
        };
        options.random = [] { return std::uint64_t{0x5EED}; };
    }
    void open() {
        auto opened = Engine::open(*disk, data, clock, options);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        engine = std::move(opened).value();
    }
    void reopen() {
        engine.reset();
        open();
    }
    // Without threads: staged, and answered by the next commit.
    void send(const std::string& body) {
        const model::RawBody raw{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, body, clock.now_ns()};
        engine->append(raw, decoder, [this](model::AppendOutcome outcome) { outcomes.push_back(std::move(outcome)); });
    }
    model::AppendOutcome put(const std::string& body) {
        const std::size_t before = outcomes.size();
        send(body);
        engine->commit_step();
        EXPECT_EQ(outcomes.size(), before + 1);
        return outcomes.back();
    }
    void put_and_seal(const std::string& body) {
        ASSERT_TRUE(put(body).status.ok());
        const auto sealed = engine->seal_step(true);
        ASSERT_TRUE(sealed.ok()) << sealed.error().message;
        ASSERT_TRUE(*sealed);
    }
    // Refused before it reaches the log.
    model::AppendOutcome put_refused(const std::string& body) {
        send(body);
        return outcomes.back();
    }
    // The process ends without its orderly end; the log stays as it is.
    void crash_process() {
        sim().crash_after(1);
        engine.reset();
        sim().crash(1);
    }
    Words words() { return words_of(*engine->view()); }
    SimDisk& sim() { return static_cast<SimDisk&>(*disk); }

    WordData data;
    AnyDecoder decoder;
    TwoClocks clock;
    EngineOptions options;
    std::unique_ptr<Disk> disk = std::make_unique<SimDisk>();
    std::unique_ptr<Engine> engine;
    std::vector<model::AppendOutcome> outcomes;
};

TEST_F(EngineTest, ARequestIsSeenWhenItIsAnswered) {
    open();
    send("a b");
    EXPECT_TRUE(outcomes.empty());
    EXPECT_EQ(words(), Words{});
    EXPECT_TRUE(engine->commit_step());
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_TRUE(outcomes[0].status.ok());
    EXPECT_EQ(outcomes[0].counts.accepted_spans, 2u);
    EXPECT_EQ(words(), (Words{"a", "b"}));
}

TEST_F(EngineTest, ABodyThatCannotBeDecodedIsNotLogged) {
    open();
    send("bad !");
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].status.error().code, base::Code::kInvalidArgument);
    EXPECT_FALSE(engine->commit_step());
}

TEST_F(EngineTest, AnswersStayTheSameThroughSealCompactionAndRestart) {
    open();
    Words want;
    for (int i = 0; i < 9; ++i) {
        want.push_back("w" + std::to_string(i));
        put_and_seal(want.back());
        EXPECT_EQ(words(), want);
    }
    EXPECT_EQ(engine->view()->segments->size(), 9u);
    EXPECT_TRUE(*engine->compact_step());
    EXPECT_TRUE(*engine->compact_step());
    EXPECT_FALSE(*engine->compact_step());
    EXPECT_EQ(engine->view()->segments->size(), 3u);
    EXPECT_EQ(words(), want);
    reopen();
    EXPECT_EQ(words(), want);
    EXPECT_TRUE(engine->recovery().damage.empty());
    EXPECT_TRUE(engine->recovery().moved_to_lost.empty());
    EXPECT_EQ(disk->list("lost")->size(), 0u);
}

TEST_F(EngineTest, FilesGoWhenTheLastViewThatReadsThemIsGone) {
    open();
    for (int i = 0; i < 4; ++i) put_and_seal("w" + std::to_string(i));
    auto old_view = engine->view();
    ASSERT_TRUE(*engine->compact_step());
    ASSERT_TRUE(engine->retain_step().ok());
    EXPECT_EQ(disk->list("seg")->size(), 5u);
    EXPECT_EQ(words_of(*old_view).size(), 4u);
    old_view.reset();
    ASSERT_TRUE(engine->retain_step().ok());
    EXPECT_EQ(disk->list("seg")->size(), 1u);
}

TEST_F(EngineTest, ADamagedSegmentStaysOutOfMergesAndIsTriedOnce) {
    open();
    Words want;
    for (int i = 0; i < 9; ++i) {
        want.push_back("w" + std::to_string(i));
        put_and_seal(want.back());
    }
    const std::uint64_t broken = (*engine->view()->segments)[2]->entry().id;
    data.damaged.insert(broken);
    const auto failed = engine->compact_step();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, base::Code::kCorruption);
    EXPECT_EQ(engine->stats().set_aside_segments, 1u);
    // Those behind it are merged; it and those before it stay.
    EXPECT_TRUE(*engine->compact_step());
    EXPECT_FALSE(*engine->compact_step());
    EXPECT_EQ(engine->stats().set_aside_segments, 1u);
    const auto view = engine->view();
    ASSERT_EQ(view->segments->size(), 6u);
    EXPECT_EQ((*view->segments)[2]->entry().id, broken);
    EXPECT_EQ(words(), want);
    EXPECT_EQ(disk->list("tmp")->size(), 0u);
}

TEST_F(EngineTest, AFailedCommitIsRefusedAndNeverSeen) {
    open();
    ASSERT_TRUE(put("one").status.ok());
    sim().fail_always(DiskOp::kSync);
    const auto refused = put("two");
    EXPECT_EQ(refused.status.error().code, base::Code::kIo);
    EXPECT_EQ(words(), Words{"one"});
    EXPECT_TRUE(engine->stats().is_read_only);
    sim().clear_faults();
    const auto later = put_refused("three");
    EXPECT_EQ(later.status.error().code, base::Code::kUnavailable);
    EXPECT_GT(later.retry_after_ms, 0);
    EXPECT_EQ(words(), Words{"one"}) << "reads go on";
}

TEST_F(EngineTest, EachOperationMayFailOnceWithoutLosingAnything) {
    for (const DiskOp op : {DiskOp::kWrite, DiskOp::kSync, DiskOp::kRename, DiskOp::kSyncDir, DiskOp::kOpen}) {
        for (std::uint64_t nth = 1; nth < 30; ++nth) {
            SCOPED_TRACE(static_cast<int>(op));
            SCOPED_TRACE(nth);
            engine.reset();
            disk = std::make_unique<SimDisk>();
            outcomes.clear();
            open();
            sim().fail(op, nth);
            Words acked;
            for (int i = 0; i < 6; ++i) {
                const std::string word = "w" + std::to_string(i);
                send(word);
                engine->commit_step();
                if (outcomes.back().status.ok()) acked.push_back(word);
                (void)engine->seal_step(true);
                (void)engine->compact_step();
                const Words now = words();
                for (const auto& one : acked) {
                    EXPECT_EQ(std::count(now.begin(), now.end(), one), 1);
                }
            }
            sim().clear_faults();
            engine.reset();
            sim().crash(nth);
            open();
            const Words now = words();
            for (const auto& one : acked) {
                EXPECT_EQ(std::count(now.begin(), now.end(), one), 1) << one;
            }
        }
    }
}

TEST_F(EngineTest, AFullDiskIsSealedWithTheReserveAndThenRefused) {
    open();
    ASSERT_TRUE(put("one").status.ok());
    ASSERT_TRUE(disk->list("")->size() > 0);
    sim().set_capacity(1);
    EXPECT_FALSE(engine->seal_step(true).ok());
    EXPECT_EQ(words(), Words{"one"});
    sim().set_capacity(std::numeric_limits<std::uint64_t>::max());
    EXPECT_TRUE(*engine->seal_step());
    EXPECT_EQ(words(), Words{"one"});
    reopen();
    EXPECT_EQ(words(), Words{"one"});
}

TEST_F(EngineTest, OverTheMemoryBudgetIsRefusedWithAHint) {
    options.memory_bytes_max = 1000;
    options.head_bytes_max = 100000;
    open();
    ASSERT_TRUE(put(std::string(950, 'a')).status.ok());
    send("b");
    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_EQ(outcomes[1].status.error().code, base::Code::kResourceExhausted);
    EXPECT_GT(outcomes[1].retry_after_ms, 0);
    EXPECT_TRUE(*engine->seal_step()) << "the refusal asked for it";
    EXPECT_TRUE(put("b").status.ok());
}

TEST_F(EngineTest, OneBudgetForSeveralEnginesLeavesEachItsMinimum) {
    // 9/10 are for use; an eighth of it all is each one's own.
    const auto budget = std::make_shared<MemoryBudget>(10'000, 0);
    options.budget = budget;
    open();
    SimDisk other_disk;
    WordData other_data;
    auto other = Engine::open(other_disk, other_data, clock, options);
    ASSERT_TRUE(other.ok());
    const auto to_other = [&](const std::string& body) {
        const model::RawBody raw{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, body, clock.now_ns()};
        base::Status status;
        (*other)->append(raw, decoder, [&](const model::AppendOutcome& outcome) { status = outcome.status; });
        (*other)->commit_step();
        return status;
    };
    const auto body_of = [](int i) {
        return "w" + std::to_string(i) + std::string(999 - std::to_string(i).size(), ' ');
    };
    int taken = 0;
    while (taken < 100 && put(body_of(taken)).status.ok()) ++taken;
    EXPECT_EQ(taken, 8) << "beyond 7,750 bytes it takes nothing more";
    EXPECT_EQ(outcomes.back().status.error().code, base::Code::kResourceExhausted);
    EXPECT_GT(outcomes.back().retry_after_ms, 0);
    EXPECT_TRUE(to_other(body_of(1)).ok());
    EXPECT_TRUE(to_other(body_of(2)).ok()) << "the other has its minimum";
    EXPECT_EQ(to_other(body_of(3)).error().code, base::Code::kResourceExhausted) << "and not more";
    EXPECT_LE(budget->used(), 10'000U);
    ASSERT_TRUE(*engine->seal_step(true));
    EXPECT_TRUE(put(body_of(50)).status.ok());
    for (int i = 60; i < 63; ++i) EXPECT_TRUE(to_other(body_of(i)).ok()) << "what one gives back another may have";
    EXPECT_TRUE((*other)->close().ok());
    other->reset();
    EXPECT_EQ(budget->tenants(), 1U);
    for (int i = 70; i < 76; ++i) EXPECT_TRUE(put(body_of(i)).status.ok()) << "alone it has all of it";
}

TEST_F(EngineTest, AtMostTwoGenerationsLive) {
    open();
    ASSERT_TRUE(put("one").status.ok());
    sim().fail(DiskOp::kRename, 1);
    EXPECT_FALSE(engine->seal_step(true).ok());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(put("more" + std::to_string(i)).status.ok());
        sim().fail(DiskOp::kRename, 1);  // the seal's: the log has its files
        EXPECT_FALSE(engine->seal_step(true).ok());
        EXPECT_LE(engine->view()->heads.size(), 2u);
    }
}

TEST_F(EngineTest, AgeAndBytesAndTracesEndALife) {
    struct Case {
        const char* name;
        RetentionOptions keep;
        Words want;
    };
    RetentionOptions age{.age_ns = 90 * kHourNs / 60, .free_min = 0};
    RetentionOptions bytes{.bytes_max = 300, .free_min = 0};
    RetentionOptions traces{.free_min = 0, .traces_max = 2};
    for (const Case& c : {Case{"age", age, {"w2", "w3"}}, Case{"traces", traces, {"w2", "w3"}}}) {
        SCOPED_TRACE(c.name);
        engine.reset();
        disk = std::make_unique<SimDisk>();
        options.retention = c.keep;
        open();
        for (int i = 0; i < 4; ++i) {
            put_and_seal("w" + std::to_string(i));
            clock.advance(kHourNs * 45 / 60);
        }
        ASSERT_TRUE(*engine->retain_step());
        EXPECT_EQ(words(), c.want);
        ASSERT_TRUE(engine->retain_step().ok());
        EXPECT_EQ(disk->list("seg")->size(), 2u);
        reopen();
        EXPECT_EQ(words(), c.want);
    }
    engine.reset();
    disk = std::make_unique<SimDisk>();
    options.retention = bytes;
    open();
    for (int i = 0; i < 20; ++i) put_and_seal("w" + std::to_string(i));
    ASSERT_TRUE(*engine->retain_step());
    EXPECT_LE(engine->stats().segment_bytes, 300u);
    EXPECT_EQ(words().back(), "w19") << "the newest stay";
}

TEST_F(EngineTest, AWallClockThatLeapsAheadDeletesNothing) {
    open();
    put_and_seal("young");
    clock.wall_ns += 1000 * 24 * kHourNs;
    EXPECT_FALSE(*engine->retain_step());
    clock.wall_ns -= 2000 * 24 * kHourNs;
    EXPECT_FALSE(*engine->retain_step());
    EXPECT_EQ(words(), Words{"young"});
}

TEST_F(EngineTest, AWallClockThatGoesBackAndIsSetRightDeletesNothing) {
    open();
    put_and_seal("before");
    clock.wall_ns -= 2000 * 24 * kHourNs;
    ASSERT_TRUE(put("during").status.ok());
    clock.wall_ns -= kHourNs;
    ASSERT_TRUE(put("later").status.ok());
    ASSERT_TRUE(*engine->seal_step(true));
    for (const auto& segment : *engine->view()->segments) {
        EXPECT_LE(segment->entry().arrival_min_ns, segment->entry().arrival_max_ns);
    }
    EXPECT_FALSE(*engine->retain_step());
    clock.wall_ns += 2000 * 24 * kHourNs + kHourNs;
    EXPECT_FALSE(*engine->retain_step());
    engine.reset();
    open();
    EXPECT_FALSE(*engine->retain_step());
    EXPECT_EQ(words(), (Words{"before", "during", "later"}));
}

TEST_F(EngineTest, BelowTheFloorTheOldestGoThenIngestIsRefused) {
    options.retention.keep_newest_ns = kHourNs;
    open();
    put_and_seal("old");
    clock.advance(2 * kHourNs);
    put_and_seal("new");
    engine.reset();
    options.retention.free_min = 1 << 20;
    sim().set_capacity(1 << 20);
    open();
    ASSERT_TRUE(*engine->retain_step());
    EXPECT_EQ(words(), Words{"new"});
    send("refused");
    EXPECT_EQ(outcomes.back().status.error().message, "cannot store spans: the disk is full");
    sim().set_capacity(1 << 24);
    ASSERT_TRUE(engine->retain_step().ok());
    EXPECT_TRUE(put("again").status.ok());
}

TEST_F(EngineTest, WhatThisVersionCannotDecodeIsKept) {
    open();
    ASSERT_TRUE(put("one").status.ok());
    crash_process();
    options.decoder_for = [](model::Door, model::Encoding, std::uint16_t) { return nullptr; };
    open();
    EXPECT_EQ(words(), Words{});
    const auto lost = disk->list("lost");
    ASSERT_EQ(lost->size(), 1u);
    EXPECT_EQ(*sim().get("lost/" + lost->front().name), "one");
    EXPECT_EQ(engine->recovery().moved_to_lost.size(), 1u);
}

TEST_F(EngineTest, StrangeSegmentFilesAreKeptInLost) {
    open();
    put_and_seal("one");
    engine.reset();
    sim().put("seg/00000000000000ff.seg", "garbage");
    open();
    EXPECT_EQ(words(), Words{"one"});
    EXPECT_EQ(disk->list("lost")->front().name, "00000000000000ff.seg");
}

TEST_F(EngineTest, AMissingOrBrokenSegmentIsNamed) {
    open();
    put_and_seal("one");
    engine.reset();
    const std::string name = "seg/" + disk->list("seg")->front().name;
    sim().flip_bit(name, 500);
    const auto opened = Engine::open(*disk, data, clock, options);
    ASSERT_FALSE(opened.ok());
    EXPECT_NE(opened.error().message.find(name), std::string::npos);
}

TEST_F(EngineTest, AFolderWithoutManifestIsNotTakenForANewOne) {
    open();
    put_and_seal("one");
    engine.reset();
    const auto manifests = disk->list("manifest");
    for (const auto& entry : *manifests) ASSERT_TRUE(disk->unlink("manifest/" + entry.name).ok());
    const auto opened = Engine::open(*disk, data, clock, options);
    ASSERT_FALSE(opened.ok());
    EXPECT_NE(opened.error().message.find("no manifest"), std::string::npos);
}

TEST_F(EngineTest, ASecondProcessIsRefused) {
    open();
    const auto second = Engine::open(*disk, data, clock, options);
    ASSERT_FALSE(second.ok());
    EXPECT_EQ(second.error().code, base::Code::kUnavailable);
}

TEST_F(EngineTest, InMemoryItIsTheSameWithoutFilesToComeBackTo) {
    disk = std::make_unique<MemDisk>(1 << 22);
    options.in_memory = true;
    open();
    Words want;
    for (int i = 0; i < 8; ++i) {
        want.push_back("w" + std::to_string(i));
        send(want.back());
        EXPECT_TRUE(outcomes.back().status.ok());
        if (i % 2 == 1) {
            EXPECT_TRUE(*engine->seal_step(true));
        }
        (void)engine->compact_step();
    }
    EXPECT_EQ(words(), want);
    ASSERT_TRUE(engine->retain_step().ok());
}

TEST_F(EngineTest, ThatAGenerationWasFullSealsNoOther) {
    disk = std::make_unique<MemDisk>(1 << 22);
    options.in_memory = true;
    options.head_bytes_max = 1000;
    open();
    // It is closed before its last request finds that it is full.
    const std::string large(2000, 'x');
    const model::RawBody body{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, large, clock.now_ns()};
    engine->append(body, decoder, [this](const model::AppendOutcome&) { EXPECT_TRUE(engine->seal_step(true).ok()); });
    EXPECT_TRUE(*engine->seal_step());
    send("small");
    EXPECT_FALSE(*engine->seal_step());
    send(std::string(2000, 'y'));
    EXPECT_TRUE(*engine->seal_step());
}

// Threads, on the machine's own disk: all that is answered is there, during and after.
TEST_F(EngineTest, ManyWritersAndReadersOnARealDisk) {
    const auto folder = std::filesystem::path(SKUA_BINARY_DIR) / ("engine_test." + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    options.wal.ring.file_bytes = 1 << 20;
    options.head_bytes_max = 20000;
    options.start_threads = true;
    options.retention.age_ns = 0;  // the words arrive in 1970
    options.random = nullptr;
    {
        auto posix = PosixDisk::open(folder.string());
        ASSERT_TRUE(posix.ok());
        disk = std::move(posix).value();
    }
    auto opened = Engine::open(*disk, data, base::system_clock(), options);
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    engine = std::move(opened).value();
    std::atomic<int> acked{0};
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) {
            const int before = acked;
            const Words now = words();
            EXPECT_GE(static_cast<int>(now.size()), before);
            EXPECT_EQ(std::adjacent_find(now.begin(), now.end()), now.end());
        }
    });
    std::vector<std::thread> writers;
    std::atomic<int> refused{0};
    for (int w = 0; w < 3; ++w) {
        writers.emplace_back([&, w] {
            for (int i = 0; i < 400; ++i) {
                const std::string body = std::to_string(w) + "." + std::to_string(i) + std::string(200, ' ');
                const model::RawBody raw{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, body, 1};
                engine->append(raw, decoder,
                               [&](const model::AppendOutcome& outcome) { outcome.status.ok() ? ++acked : ++refused; });
            }
        });
    }
    for (auto& writer : writers) writer.join();
    ASSERT_TRUE(engine->close().ok());
    stop = true;
    reader.join();
    EXPECT_EQ(acked + refused, 1200);
    EXPECT_EQ(refused, 0);
    EXPECT_GT(engine->stats().seals, 0u);
    EXPECT_EQ(words().size(), 1200u);
    engine.reset();
    auto again = Engine::open(*disk, data, base::system_clock(), options);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(words_of(*(*again)->view()).size(), 1200u);
    EXPECT_EQ((*again)->recovery().records, 0u) << "an orderly end leaves nothing to replay";
    again->reset();
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace skua::store::embedded
