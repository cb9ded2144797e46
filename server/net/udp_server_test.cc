// SPDX-License-Identifier: Apache-2.0
#include "net/udp_server.h"

#include "net/testing.h"

#include <condition_variable>
#include <mutex>
#include <set>

#include <gtest/gtest.h>

namespace skua::net {
namespace {

using namespace std::chrono_literals;

class UdpServerTest : public ::testing::Test {
protected:
    void serve(UdpLimits limits = {}, bool hold = false) {
        hold_ = hold;
        auto sockets = testing::bind_free(Protocol::kUdp);
        port_ = sockets.front().port();
        server_.emplace(
            io_, "udp",
            [this](std::string_view datagram, std::function<void()> done) {
                std::unique_lock lock(mutex_);
                got_.emplace_back(datagram);
                changed_.notify_all();
                if (hold_) {
                    held_.push_back(std::move(done));
                    return;
                }
                lock.unlock();
                done();
            },
            limits);
        server_->serve(std::move(sockets));
    }
    void wait_for(std::size_t n) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, 20s, [&] { return got_.size() >= n; }));
    }
    void release() {
        std::vector<std::function<void()>> held;
        {
            const std::lock_guard lock(mutex_);
            hold_ = false;
            held.swap(held_);
        }
        for (auto& done : held) done();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> got_;
    std::vector<std::function<void()>> held_;
    bool hold_ = false;
    IoThreads io_{"test-io", 2};
    std::optional<UdpServer> server_;
    std::uint16_t port_ = 0;
};

TEST_F(UdpServerTest, EveryDatagramArrivesWhole) {
    serve();
    std::set<std::string> sent;
    for (int i = 0; i < 300; ++i) {
        const std::string bytes = std::to_string(i) + std::string(static_cast<std::size_t>(i) * 200, 'x');
        sent.insert(bytes);
        testing::send_datagram(port_, bytes);
    }
    wait_for(300);
    EXPECT_EQ(std::set<std::string>(got_.begin(), got_.end()), sent);
    EXPECT_EQ(server_->counters().datagrams.load(), 300U);
}

TEST_F(UdpServerTest, TooLargeIsDroppedAndCounted) {
    serve();
    testing::send_datagram(port_, std::string(65001, 'x'));
    testing::send_datagram(port_, std::string(65000, 'y'));
    wait_for(1);
    EXPECT_EQ(got_[0][0], 'y');
    EXPECT_EQ(server_->counters().dropped_too_large.load(), 1U);
}

TEST_F(UdpServerTest, ReadsNoMoreThanIsUnderWayAndGoesOnAfterwards) {
    UdpLimits limits;
    limits.in_flight_max = 3;
    serve(limits, true);
    for (int i = 0; i < 10; ++i) testing::send_datagram(port_, std::to_string(i));
    wait_for(3);
    EXPECT_EQ(held_.size(), 3U);
    release();
    wait_for(10);
}

TEST_F(UdpServerTest, StopReadsWhatTheKernelHolds) {
    UdpLimits limits;
    limits.in_flight_max = 1;
    serve(limits, true);
    for (int i = 0; i < 50; ++i) testing::send_datagram(port_, std::to_string(i));
    wait_for(1);
    EXPECT_FALSE(server_->stop(0ms));  // the work is held
    EXPECT_EQ(got_.size(), 50U);
    release();
    EXPECT_TRUE(server_->stop(20s));
}

TEST_F(UdpServerTest, WhatTheKernelDropsIsCounted) {
    UdpLimits limits;
    limits.in_flight_max = 1;
    limits.receive_buffer_bytes = 4096;
    serve(limits, true);
    testing::send_datagram(port_, "first");
    wait_for(1);
    for (int i = 0; i < 100; ++i) testing::send_datagram(port_, std::string(1000, 'x'));
    release();
    wait_for(2);
    std::size_t last = 0;
    // The kernel tells with the next datagram that it delivers.
    for (int i = 0; i < 100 && server_->counters().dropped_by_kernel.load() == 0; ++i) {
        {
            const std::lock_guard lock(mutex_);
            last = got_.size();
        }
        testing::send_datagram(port_, "again");
        wait_for(last + 1);
    }
    EXPECT_GT(server_->counters().dropped_by_kernel.load(), 0U);
}

}  // namespace
}  // namespace skua::net
