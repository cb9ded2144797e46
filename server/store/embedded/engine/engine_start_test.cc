// SPDX-License-Identifier: Apache-2.0
// A start that is told to stop while it reads its log back: prompt, and nothing is lost.
#include "store/embedded/engine/engine.h"
#include "store/embedded/engine/testing_data.h"
#include "store/embedded/io/sim_disk.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

using testing::AnyDecoder;
using testing::WordData;
using testing::words_of;
using Words = std::vector<std::string>;

constexpr int kRequests = 12;

class EngineStart : public ::testing::Test {
protected:
    EngineStart() {
        options_.wal.ring.file_bytes = kWalBlock + kWalChunkMax;
        options_.wal.ring.spare_files = 0;
        options_.reserve_bytes = 8192;
        options_.retention.free_min = 0;
        options_.start_threads = false;
        options_.random = [] { return std::uint64_t{0x5EED}; };
        options_.decoder_for = [this](model::Door, model::Encoding, std::uint16_t) {
            if (++replayed_ == stop_at_) stop_.request_stop();
            return &decoder_;
        };
        fill();
    }

    base::Result<std::unique_ptr<Engine>> open(SimDisk& disk) {
        replayed_ = 0;
        return Engine::open(disk, data_, clock_, options_);
    }

    SimDisk disk_;
    WordData data_;
    AnyDecoder decoder_;
    base::ManualClock clock_{1'700'000'000'000'000'000};
    EngineOptions options_;
    Words want_;
    int replayed_ = 0;
    int stop_at_ = 0;  // the record that is being replayed when the stop comes; 0: none
    std::stop_source stop_;

private:
    // A log of two generations and nothing sealed.
    void fill() {
        auto engine = open(disk_);
        ASSERT_TRUE(engine.ok()) << engine.error().message;
        for (int i = 0; i < kRequests; ++i) {
            if (i == kRequests / 2) {
                disk_.fail_always(DiskOp::kRename);  // the generation is closed, and cannot be sealed
                EXPECT_FALSE((*engine)->seal_step(true).ok());
                disk_.clear_faults();
            }
            want_.push_back("word" + std::to_string(10 + i));
            const model::RawBody raw{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, want_.back(), 1};
            (*engine)->append(raw, decoder_,
                              [](const model::AppendOutcome& outcome) { EXPECT_TRUE(outcome.status.ok()); });
            (*engine)->commit_step();
        }
        disk_.crash_after(1);
        engine->reset();
        disk_.crash(1);
    }
};

TEST_F(EngineStart, StoppedAtAnyRecordItLosesNothing) {
    for (stop_at_ = 1; stop_at_ <= kRequests; ++stop_at_) {
        SCOPED_TRACE(stop_at_);
        const auto disk = disk_.clone();
        stop_ = std::stop_source();
        options_.start.stop = stop_.get_token();
        const auto stopped = open(*disk);
        ASSERT_FALSE(stopped.ok());
        EXPECT_EQ(stopped.error().code, base::Code::kCancelled) << stopped.error().message;
        EXPECT_EQ(replayed_, stop_at_) << "it went on after it was told to stop";
        options_.start.stop = {};
        const auto again = open(*disk);
        ASSERT_TRUE(again.ok()) << again.error().message;
        EXPECT_EQ(words_of(*(*again)->view()), want_);
        EXPECT_TRUE((*again)->recovery().damage.empty());
        EXPECT_TRUE((*again)->recovery().moved_to_lost.empty());
    }
}

TEST_F(EngineStart, AStopBeforeTheLogIsReadEndsItToo) {
    stop_.request_stop();
    options_.start.stop = stop_.get_token();
    const auto stopped = open(disk_);
    ASSERT_FALSE(stopped.ok());
    EXPECT_EQ(stopped.error().code, base::Code::kCancelled);
    EXPECT_EQ(replayed_, 0);
}

TEST_F(EngineStart, AStopAfterTheStartDoesNotDisturbTheSealAtTheEnd) {
    options_.start.stop = stop_.get_token();
    auto engine = open(disk_);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    stop_.request_stop();
    EXPECT_TRUE((*engine)->close().ok());
    options_.start.stop = {};
    engine = open(disk_);
    ASSERT_TRUE(engine.ok());
    EXPECT_EQ(replayed_, 0) << "all was sealed";
    EXPECT_EQ(words_of(*(*engine)->view()), want_);
}

TEST_F(EngineStart, TellsHowFarItIs) {
    std::vector<ReplayProgress> told;
    options_.start.progress = [&](const ReplayProgress& progress) {
        EXPECT_EQ(replayed_, 0) << "told before the first record";
        told.push_back(progress);
    };
    ASSERT_TRUE(open(disk_).ok());
    ASSERT_EQ(told.size(), 1U);  // less than a MiB: only the beginning
    EXPECT_EQ(told[0].bytes, 0U);
    EXPECT_GE(told[0].bytes_total, kRequests * (kWalRecordHeaderBytes + want_[0].size()));
}

}  // namespace
}  // namespace skua::store::embedded
