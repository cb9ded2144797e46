// SPDX-License-Identifier: Apache-2.0
#include "net/io_threads.h"

#include "base/clock.h"
#include "base/log.h"
#include "net/io_context.h"

#include <cmath>
#include <exception>

#include <pthread.h>

namespace skua::net {
namespace {

constexpr double kHalfLifeSeconds = 5;
constexpr double kSameLoadSeconds = 0.02;

void run(boost::asio::io_context& context, const std::string& name) {
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
    for (;;) {
        try {
            context.run();
            return;
        } catch (const std::exception& e) {  // a bug of ours: the connection is lost, the others go on
            base::log(base::Level::kError, "net", "cannot finish an I/O step: {}", e.what());
        }
    }
}

}  // namespace

boost::asio::io_context& IoThreads::Impl::next() {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    const double fade = std::exp2(-std::chrono::duration<double>(now - looked_at).count() / kHalfLifeSeconds);
    looked_at = now;
    for (const auto& loop : loops) {
        const double cpu_s = static_cast<double>(base::cpu_ns(loop->cpu_clock)) / 1e9;
        loop->load_s = loop->load_s * fade + cpu_s - loop->cpu_s;
        loop->cpu_s = cpu_s;
    }
    const std::size_t first = turn++;
    Loop* least = loops[first % loops.size()].get();
    for (std::size_t i = 1; i < loops.size(); ++i) {
        Loop* const other = loops[(first + i) % loops.size()].get();
        if (other->load_s + kSameLoadSeconds < least->load_s) least = other;
    }
    return least->context;
}

IoThreads::IoThreads(const std::string& name, unsigned count) : impl_(std::make_unique<Impl>()) {
    for (unsigned i = 0; i < count; ++i) {
        Impl::Loop& loop = *impl_->loops.emplace_back(std::make_unique<Impl::Loop>());
        loop.thread = std::jthread(
            [&context = loop.context, thread_name = name + "-" + std::to_string(i)] { run(context, thread_name); });
        ::pthread_getcpuclockid(loop.thread.native_handle(), &loop.cpu_clock);
    }
}

IoThreads::~IoThreads() {
    for (const auto& loop : impl_->loops) {
        loop->work.reset();
        loop->context.stop();
    }
    // All, before the first loop goes: what is left in one may belong to another.
    for (const auto& loop : impl_->loops) loop->thread.join();
}

}  // namespace skua::net
