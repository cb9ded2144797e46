// SPDX-License-Identifier: Apache-2.0
// The proof of the engine: seeded runs on a disk that forgets all it may, cut off at every operation, reopened, cut off
// again while recovering. After each step and each start: what was acknowledged is there, once; nothing else is but
// what was sent.
#include "store/embedded/engine/testing_life.h"
#include "store/testing_sparse.h"

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

using store::testing::sparse;
using testing::complaints;
using testing::one_run;
using testing::Promise;

TEST(EngineCrash, EveryOperationIsASafePlaceToDie) {
    std::uint64_t points = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        bool reached = true;
        for (std::uint64_t point = 1 + seed % sparse(); reached; point += sparse(), ++points) {
            const std::string problem =
                one_run({.disk = {.direct_sync = seed % 4 < 2}}, seed, point, static_cast<int>(point % 3), &reached);
            ASSERT_EQ(problem, "");
        }
    }
    EXPECT_GT(points, 1000 / sparse());
    RecordProperty("crash_points", static_cast<int>(points));
}

TEST(EngineMutants, AreCaught) {
    EXPECT_EQ(complaints({}), 0);
    EXPECT_GT(complaints({.disk = {.ignore_sync = true}}), 0) << "skipped fsync";
    EXPECT_GT(complaints({.disk = {.ignore_sync_dir = true}}), 0) << "skipped directory fsync";
    EXPECT_GT(complaints({.mutants = {.acknowledge_before_publishing = true}}), 0) << "answered before it is visible";
    EXPECT_GT(complaints({.mutants = {.publish_segments_before_dropping_head = true}}), 0) << "swapped snapshot order";
    EXPECT_GT(complaints({.durability = Durability::kOff}), 0) << "mode off promises nothing";
}

TEST(EngineCrash, AnIntervalLosesAtMostWhatCameAfterItsLastSync) {
    std::uint64_t points = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
        bool reached = true;
        for (std::uint64_t point = 1 + seed % sparse(); reached; point += sparse(), ++points) {
            const testing::Setup setup{.durability = Durability::kInterval, .promise = Promise::kLastSync};
            ASSERT_EQ(one_run(setup, seed, point, static_cast<int>(point % 3), &reached), "");
        }
    }
    EXPECT_GT(points, 800 / sparse());
    RecordProperty("crash_points", static_cast<int>(points));
}

TEST(EngineMutants, OfTheIntervalAreCaught) {
    constexpr Durability kInterval = Durability::kInterval;
    constexpr Promise kLastSync = Promise::kLastSync;
    EXPECT_EQ(complaints({.durability = kInterval, .promise = kLastSync}), 0);
    EXPECT_GT(complaints({.durability = kInterval}), 0) << "it does lose what is not synced: the runs above see that";
    EXPECT_GT(complaints({.disk = {.ignore_sync = true}, .durability = kInterval, .promise = kLastSync}), 0)
        << "skipped fsync";
    EXPECT_GT(complaints({.durability = Durability::kOff, .promise = kLastSync}), 0) << "mode off promises nothing";
}

TEST(EngineMutants, EarlyReleaseOfTheWalIsCaught) {
    int found = 0;
    for (std::uint64_t seed = 1; seed <= 6 && found == 0; ++seed) {
        bool reached = true;
        for (std::uint64_t point = 1; reached && found == 0; ++point) {
            found += !one_run({.mutants = {.release_wal_before_manifest = true}}, seed, point, 0, &reached).empty();
        }
    }
    EXPECT_GT(found, 0);
}

}  // namespace
}  // namespace skua::store::embedded
