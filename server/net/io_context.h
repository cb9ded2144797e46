// SPDX-License-Identifier: Apache-2.0
// Internal to net/: what IoThreads hides. Included by the few sources that see Asio.
#pragma once

#include "net/io_threads.h"

#include <chrono>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace skua::net {

struct IoThreads::Impl {
    // One thread's: what was given to it runs on no other, so it needs no strand, and nobody is woken for it in vain.
    struct Loop {
        boost::asio::io_context context{1};
        boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
        std::jthread thread;
        clockid_t cpu_clock{};
        // Guarded by mutex: what the thread had used when it was looked at, and of late, in seconds.
        double cpu_s = 0;
        double load_s = 0;
    };

    // For a socket that is to be served: the loop that had the least to do of late, or whose turn it is. Any thread.
    boost::asio::io_context& next();

    std::mutex mutex;
    // Guarded by mutex; the list itself is constant.
    std::vector<std::unique_ptr<Loop>> loops;
    std::size_t turn = 0;
    std::chrono::steady_clock::time_point looked_at = std::chrono::steady_clock::now();
};

}  // namespace skua::net
