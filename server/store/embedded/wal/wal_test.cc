// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/wal.h"

#include "store/embedded/io/sim_disk.h"
#include "store/embedded/wal/wal_reader.h"
#include "store/testing_sparse.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kFileBytes = kWalBlock + 3 * kWalChunkMax;

struct Named final : WalTicket {
    explicit Named(std::string n) : name(std::move(n)) {}
    std::string name;
};

// A WAL on a disk that can crash, and what was acknowledged or refused.
class Bench final : public WalListener {
public:
    explicit Bench(SimDisk& disk) : Bench(disk, small()) {}
    Bench(SimDisk& disk, WalOptions options) : disk_(disk), wal(disk, StoreId{}, options, clock, *this) {
        EXPECT_TRUE(disk_.make_dir(kWalFolder).ok() || disk_.crashed());
        (void)disk_.sync_dir("");
        wal.start_generation(1, 0xC0FFEE);
    }
    static WalOptions small(Durability durability = Durability::kDurable) {
        WalOptions options;
        options.durability = durability;
        options.ring.file_bytes = kFileBytes;
        return options;
    }
    base::Status put(const std::string& body) {
        WalRecord record;
        record.body = body;
        record.received_ns = static_cast<std::int64_t>(body.size());
        return wal.enqueue(record, std::make_unique<Named>(body));
    }
    bool put_and_commit(const std::string& body) { return put(body).ok() && wal.commit_next() && acked.contains(body); }
    void group_done(std::vector<std::unique_ptr<WalTicket>>& tickets, const base::Status& status) override {
        for (const auto& ticket : tickets) {
            (status.ok() ? acked : refused).insert(static_cast<const Named&>(*ticket).name);
        }
    }

    base::ManualClock clock{1};
    SimDisk& disk_;
    std::multiset<std::string> acked;
    std::multiset<std::string> refused;
    Wal wal;
};

struct Replayed {
    std::vector<std::string> bodies;
    std::vector<std::uint64_t> numbers;
    std::vector<WalDamage> damage;
    std::uint64_t torn = 0;
    std::vector<UnreadableFile> unreadable;
};

Replayed replay(Disk& disk, std::uint64_t released = 0) {
    Replayed out;
    auto scan = scan_wal(disk, StoreId{}, released);
    EXPECT_TRUE(scan.ok()) << scan.error().message;
    if (!scan.ok()) return out;
    out.unreadable = scan->unreadable;
    for (auto& generation : scan->generations) {
        const auto status =
            replay_wal(disk, generation, [&](const WalRecord& record, std::uint64_t number) -> base::Status {
                EXPECT_EQ(record.received_ns, static_cast<std::int64_t>(record.body.size()));
                out.bodies.emplace_back(record.body);
                out.numbers.push_back(number);
                return {};
            });
        EXPECT_TRUE(status.ok());
        out.damage.insert(out.damage.end(), generation.damage.begin(), generation.damage.end());
        out.torn += generation.torn_chunks;
    }
    return out;
}

std::string body_of(std::mt19937_64& random, int i) {
    static constexpr std::size_t kSizes[] = {0, 1, 31, 500, 4000, 60000, 66000, 250000};
    std::string body(kSizes[random() % std::size(kSizes)], static_cast<char>('a' + i % 26));
    return std::to_string(i) + ":" + body;
}

TEST(Wal, RecordsOfAnySizeComeBackInOrder) {
    SimDisk disk;
    Bench bench(disk);
    std::mt19937_64 random(1);
    std::vector<std::string> sent;
    for (int i = 0; i < 300; ++i) {
        sent.push_back(body_of(random, i));
        ASSERT_TRUE(bench.put(sent.back()).ok());
        if (random() % 3 == 0) bench.wal.commit_next();
    }
    while (bench.wal.commit_next()) {
    }
    const Replayed back = replay(disk);
    EXPECT_EQ(back.bodies, sent);
    EXPECT_TRUE(back.damage.empty());
    EXPECT_EQ(back.torn, 0u);
    for (std::size_t i = 0; i < back.numbers.size(); ++i) EXPECT_EQ(back.numbers[i], i + 1);
}

TEST(Wal, RecordHeadersMaySpanChunks) {
    // Bodies that leave every possible rest of a chunk, so that a record header is cut at each of its bytes.
    for (std::size_t rest = 0; rest <= kWalRecordHeaderBytes + 1; ++rest) {
        SCOPED_TRACE(rest);
        SimDisk disk;
        Bench bench(disk);
        const std::vector<std::string> sent = {std::string(kWalPayloadMax - kWalRecordHeaderBytes - rest, 'x'), "next",
                                               "z"};
        for (const auto& body : sent) ASSERT_TRUE(bench.put(body).ok());
        ASSERT_TRUE(bench.wal.commit_next());
        EXPECT_EQ(replay(disk).bodies, sent);
    }
}

class WalCrash : public ::testing::TestWithParam<bool> {};

// Every changing operation of a run is a crash point, each seen with several outcomes.
TEST_P(WalCrash, NothingAcknowledgedIsLostAndNothingInvented) {
    const bool direct = GetParam();
    std::uint64_t points = 0;
    for (std::uint64_t point = 1;; point += store::testing::sparse()) {
        SimDisk disk(SimDisk::Options{.direct_sync = direct});
        ASSERT_TRUE(disk.make_dir(kWalFolder).ok());
        ASSERT_TRUE(disk.sync_dir("").ok());
        disk.crash_after(point);
        Bench bench(disk);
        std::mt19937_64 random(7);
        std::vector<std::string> sent;
        for (int i = 0; i < 40 && !disk.crashed(); ++i) {
            sent.push_back(body_of(random, i));
            if (!bench.put(sent.back()).ok()) break;
            if (random() % 2 == 0) bench.wal.commit_next();
        }
        if (!disk.crashed()) break;
        ++points;
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            const auto copy = disk.clone();
            copy->crash(seed);
            const Replayed back = replay(*copy);
            EXPECT_TRUE(back.damage.empty()) << "a crash is not corruption: " << back.damage.front().what;
            ASSERT_LE(back.bodies.size(), sent.size());
            EXPECT_TRUE(std::equal(back.bodies.begin(), back.bodies.end(), sent.begin()))
                << "a prefix of what was sent";
            EXPECT_GE(back.bodies.size(), bench.acked.size()) << "point " << point << " seed " << seed;
        }
    }
    EXPECT_GT(points, 30 / store::testing::sparse());
}
INSTANTIATE_TEST_SUITE_P(BothWriteModes, WalCrash, ::testing::Bool());

std::size_t losses_over_crashes(SimDisk::Options disk_options, Durability durability) {
    std::size_t losses = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        SimDisk disk(disk_options);
        Bench bench(disk, Bench::small(durability));
        std::mt19937_64 random(seed);
        for (int i = 0; i < 10; ++i) bench.put_and_commit(body_of(random, i));
        disk.crash(seed);
        if (!disk.list(kWalFolder).ok()) {
            ++losses;
            continue;
        }
        losses += replay(disk).bodies.size() < bench.acked.size();
    }
    return losses;
}

TEST(WalMutants, AreCaughtByTheCrashTest) {
    EXPECT_EQ(losses_over_crashes({}, Durability::kDurable), 0u);
    EXPECT_GT(losses_over_crashes({.ignore_sync = true}, Durability::kDurable), 0u) << "skipped fsync";
    EXPECT_GT(losses_over_crashes({.ignore_sync_dir = true}, Durability::kDurable), 0u) << "skipped directory fsync";
    EXPECT_GT(losses_over_crashes({}, Durability::kOff), 0u) << "mode off promises nothing";
}

TEST(Wal, IntervalModeLosesNothingOnceItHasSynced) {
    SimDisk disk;
    Bench bench(disk, Bench::small(Durability::kInterval));
    ASSERT_TRUE(bench.put_and_commit("early"));
    bench.clock.advance(300'000'000);
    bench.wal.tick();
    ASSERT_TRUE(bench.put_and_commit("late"));
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto copy = disk.clone();
        copy->crash(seed);
        const Replayed back = replay(*copy);
        ASSERT_FALSE(back.bodies.empty());
        EXPECT_EQ(back.bodies.front(), "early");
    }
}

TEST(Wal, AFailedWriteMovesTheGroupToAnotherFile) {
    for (const DiskOp op : {DiskOp::kWrite, DiskOp::kSync}) {
        SimDisk disk;
        Bench bench(disk);
        ASSERT_TRUE(bench.put_and_commit("one"));
        disk.fail(op, 1);
        EXPECT_TRUE(bench.put_and_commit("two"));
        EXPECT_TRUE(bench.put_and_commit("three"));
        EXPECT_EQ(bench.wal.stats().file_failures, 1u);
        EXPECT_FALSE(bench.wal.is_read_only());
        const Replayed back = replay(disk);
        EXPECT_EQ(back.bodies, (std::vector<std::string>{"one", "two", "three"}));
        EXPECT_TRUE(back.damage.empty());
    }
}

TEST(Wal, ASecondFailureMakesItReadOnly) {
    SimDisk disk;
    Bench bench(disk);
    ASSERT_TRUE(bench.put_and_commit("one"));
    disk.fail_always(DiskOp::kSync);
    EXPECT_FALSE(bench.put_and_commit("two"));
    EXPECT_TRUE(bench.wal.is_read_only());
    EXPECT_TRUE(bench.refused.contains("two"));
    disk.clear_faults();
    const auto refused = bench.put("three");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::kUnavailable);
    EXPECT_EQ(replay(disk).bodies.front(), "one");
}

TEST(Wal, AFullDiskRefusesAndRecoversWithoutMixingUpGroups) {
    SimDisk disk(SimDisk::Options{.capacity_bytes = kFileBytes + 1000});
    Bench bench(disk);
    ASSERT_TRUE(bench.put_and_commit("one"));
    EXPECT_FALSE(bench.put_and_commit("big" + std::string(kFileBytes, 'b'))) << "needs a second file";
    EXPECT_FALSE(bench.wal.is_read_only());
    EXPECT_EQ(bench.refused.size(), 1u);
    disk.set_capacity(10 * kFileBytes);
    EXPECT_TRUE(bench.put_and_commit("two"));
    EXPECT_TRUE(bench.put_and_commit("three" + std::string(100000, '3')));
    // The chunks of the refused group are on disk; those that came after took their numbers and replace them.
    const Replayed back = replay(disk);
    EXPECT_EQ(back.bodies, (std::vector<std::string>{"one", "two", "three" + std::string(100000, '3')}));
    EXPECT_EQ(back.numbers, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(Wal, TooMuchWaitingIsRefused) {
    SimDisk disk;
    WalOptions options = Bench::small();
    options.queued_bytes_max = 1000;
    Bench bench(disk, options);
    ASSERT_TRUE(bench.put(std::string(5000, 'a')).ok()) << "one alone is let in";
    const auto refused = bench.put("b");
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::kResourceExhausted);
    bench.wal.commit_next();
    EXPECT_TRUE(bench.put("b").ok());
}

TEST(Wal, ReleasedFilesAreWrittenOverAndTheirOldBlocksNeverReplay) {
    SimDisk disk;
    Bench bench(disk);
    std::vector<std::string> sent;
    for (std::uint64_t generation = 1; generation <= 6; ++generation) {
        if (generation > 1) bench.wal.start_generation(generation, 0xABC + generation);
        for (int i = 0; i < 20; ++i) {
            sent.push_back(std::to_string(generation) + "." + std::to_string(i) + std::string(20000, 'x'));
            ASSERT_TRUE(bench.put_and_commit(sent.back()));
        }
        if (generation < 6) {
            bench.wal.release(generation);
            sent.clear();
        }
    }
    EXPECT_LE(disk.list(kWalFolder)->size(), 3u) << "recycled";
    const Replayed back = replay(disk, 5);
    EXPECT_EQ(back.bodies, sent);
    EXPECT_TRUE(back.damage.empty());
    // Even if the release was forgotten: each block of the ring belongs to the generation its file says.
    EXPECT_EQ(replay(disk, 0).bodies, sent);
}

TEST(Wal, ForgedBlocksInsideABodyAreNotTakenForChunks) {
    SimDisk disk;
    Bench bench(disk);
    ASSERT_TRUE(bench.put_and_commit("secret"));
    const std::string file = *disk.get(wal_file_name(1));
    // A client that knows a whole valid block of another generation sends it, at every alignment.
    SimDisk other;
    Bench attacker(other);
    attacker.wal.start_generation(1, 0xBAD);
    ASSERT_TRUE(attacker.put_and_commit("forged"));
    const std::string block = other.get(wal_file_name(1))->substr(kWalBlock, kWalBlock);
    std::string body(kWalBlock - kWalHeaderBytes - kWalRecordHeaderBytes, '.');
    for (int i = 0; i < 10; ++i) body += block;
    ASSERT_TRUE(bench.put_and_commit(body));
    ASSERT_TRUE(bench.put_and_commit("after"));
    // The chunk that holds the forgery is broken, so that the reader looks into it block by block.
    const std::size_t chunk_at = 2 * kWalBlock;
    disk.flip_bit(wal_file_name(1), (chunk_at + 20) * 8);
    const Replayed back = replay(disk);
    EXPECT_EQ(back.bodies, (std::vector<std::string>{"secret", "after"}));
    EXPECT_EQ(back.damage.size(), 1u);
}

// A flipped bit anywhere: what is lost is reported, or was never acknowledged for sure; nothing is invented.
TEST(Wal, AFlippedBitAnywhereIsReportedAndTheRestSurvives) {
    SimDisk disk;
    Bench bench(disk);
    std::vector<std::string> sent;
    for (int i = 0; i < 12; ++i) {
        sent.push_back(std::to_string(i) + std::string(i % 3 == 0 ? 100000 : 3000, 'p'));
        ASSERT_TRUE(bench.put_and_commit(sent.back()));
    }
    ASSERT_TRUE(bench.wal.close().ok());
    std::mt19937_64 random(3);
    const auto files = *disk.list(kWalFolder);
    for (int i = 0; i < 300; ++i) {
        const auto copy = disk.clone();
        copy->crash(0);
        const auto& entry = files[random() % files.size()];
        const std::string name = std::string(kWalFolder) + "/" + entry.name;
        // Headers are small: aim at them every other time.
        const std::uint64_t byte =
            i % 2 == 0 ? random() % entry.size : random() % (entry.size / kWalBlock) * kWalBlock + random() % 64;
        copy->flip_bit(name, byte * 8 + random() % 8);
        const Replayed back = replay(*copy);
        for (const auto& body : back.bodies) EXPECT_NE(std::find(sent.begin(), sent.end(), body), sent.end());
        if (back.bodies.size() < sent.size()) {
            EXPECT_FALSE(back.damage.empty()) << name << " byte " << byte;
            for (const auto& damage : back.damage) EXPECT_FALSE(damage.file.empty());
            EXPECT_GE(back.bodies.size(), sent.size() - 2) << "one chunk is lost, not the rest";
        }
    }
}

TEST(Wal, TruncatedAndMissingFilesAreReported) {
    SimDisk disk;
    Bench bench(disk);
    std::size_t acked = 0;
    while (disk.list(kWalFolder)->size() < 3) acked += bench.put_and_commit(std::string(50000, 'm'));
    ASSERT_TRUE(bench.wal.close().ok());
    ASSERT_EQ(replay(disk).bodies.size(), acked);
    {
        const auto copy = disk.clone();
        const std::string bytes = *copy->get(wal_file_name(1));
        copy->put(wal_file_name(1), bytes.substr(0, bytes.size() / 2));
        const Replayed back = replay(*copy);
        EXPECT_LT(back.bodies.size(), acked);
        EXPECT_FALSE(back.damage.empty());
    }
    {
        const auto copy = disk.clone();
        ASSERT_TRUE(copy->unlink(wal_file_name(2)).ok());
        const Replayed back = replay(*copy);
        EXPECT_LT(back.bodies.size(), acked);
        EXPECT_GT(back.bodies.size(), 0u);
        EXPECT_FALSE(back.damage.empty());
    }
}

TEST(Wal, UnknownFilesAreNamedNotTouched) {
    SimDisk disk;
    Bench bench(disk);
    ASSERT_TRUE(bench.put_and_commit("mine"));
    disk.put("wal/0000000000000050.wal", std::string(8192, 'g'));
    disk.put("wal/0000000000000051.wal", std::string(8192, '\0'));
    disk.put("wal/README", "hello");
    const auto scan = scan_wal(disk, StoreId{}, 0);
    ASSERT_TRUE(scan.ok());
    ASSERT_EQ(scan->unreadable.size(), 1u);
    EXPECT_EQ(scan->unreadable[0].name, "wal/0000000000000050.wal");
    EXPECT_EQ(scan->free_files, std::vector<std::string>{"wal/0000000000000051.wal"});
    EXPECT_EQ(scan->slot_max, 0x51u);
    StoreId other{};
    other[0] = 1;
    EXPECT_EQ(scan_wal(disk, other, 0)->unreadable.size(), 2u) << "another store's files are not replayed";
}

TEST(Wal, SpareFilesAreMadeAheadAndGivenBackWhenIdle) {
    SimDisk disk;
    Bench bench(disk);
    EXPECT_TRUE(*bench.wal.ring().prepare());
    EXPECT_TRUE(*bench.wal.ring().prepare());
    EXPECT_FALSE(*bench.wal.ring().prepare());
    const std::uint64_t writes = disk.count(DiskOp::kSyncDir);
    ASSERT_TRUE(bench.put_and_commit("one"));
    EXPECT_EQ(disk.count(DiskOp::kSyncDir), writes) << "no file is made on the way of a commit";
    for (int i = 0; i < 60; ++i) ASSERT_TRUE(bench.put_and_commit(std::string(60000, 'x')));
    bench.wal.start_generation(2, 5);
    bench.wal.release(1);
    EXPECT_GT(bench.wal.ring().spare_count(), 4u);
    bench.clock.advance(31'000'000'000);
    bench.wal.tick();
    EXPECT_EQ(bench.wal.ring().spare_count(), 2u);
    EXPECT_EQ(disk.list(kWalFolder)->size(), 2u);
}

TEST(Wal, TheLeaderCommitsForManyThreads) {
    SimDisk disk;
    WalOptions options = Bench::small();
    options.ring.file_bytes = 1 << 20;
    Bench bench(disk, options);
    std::thread leader([&bench] { bench.wal.run_leader(); });
    std::vector<std::thread> clients;
    for (int c = 0; c < 4; ++c) {
        clients.emplace_back([&bench, c] {
            for (int i = 0; i < 200; ++i) {
                ASSERT_TRUE(bench.put(std::to_string(c) + "/" + std::to_string(i)).ok());
            }
        });
    }
    for (auto& client : clients) client.join();
    bench.wal.stop();
    leader.join();
    EXPECT_EQ(bench.acked.size(), 800u);
    EXPECT_EQ(replay(disk).bodies.size(), 800u);
}

TEST(CommitPacer, GathersOnlyWhileCommitsAreDear) {
    CommitPacer pacer;
    std::int64_t now = 1'000'000'000;
    const auto run = [&](int commits_per_second, std::int64_t cpu_ns, std::uint64_t requests_each, int seconds) {
        for (int i = 0; i < commits_per_second * seconds; ++i) {
            now += 1'000'000'000 / commits_per_second;
            pacer.on_commit(now, cpu_ns, 2 * cpu_ns, requests_each);
        }
    };
    run(500, 100'000, 1, 1);  // a twentieth of a core
    EXPECT_FALSE(pacer.gathers());
    run(2500, 100'000, 1, 1);  // a quarter
    EXPECT_TRUE(pacer.gathers());
    run(330, 100'000, 8, 1);  // few commits because they gather: one by one it would still be a quarter
    EXPECT_TRUE(pacer.gathers());
    run(100, 100'000, 1, 1);
    EXPECT_FALSE(pacer.gathers());
}

}  // namespace
}  // namespace skua::store::embedded
