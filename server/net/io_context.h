// SPDX-License-Identifier: Apache-2.0
// Internal to net/: what IoThreads hides. Included by the few sources that see Asio.
#pragma once

#include "net/io_threads.h"

#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace skua::net {

struct IoThreads::Impl {
    explicit Impl(unsigned count) : context(static_cast<int>(count)), work(context.get_executor()) {}

    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
    std::vector<std::jthread> threads;
};

}  // namespace skua::net
