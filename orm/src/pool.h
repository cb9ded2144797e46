// SPDX-License-Identifier: Apache-2.0
// Connections of a database: the last one given back is the next one taken; those who wait are served in their order.
// The very last one lies in a place of its own, taken and given back without the lock: a program that runs one
// statement after the other never sees the mutex.
#pragma once

#include "hooks.h"
#include "rendered.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include <skua/orm/driver.hpp>
#include <skua/orm/options.hpp>
#include <skua/orm/pool_stats.hpp>

namespace skua::orm::detail {

// A physical connection and what belongs to it. Used by its holder only.
struct pooled {
    std::unique_ptr<connection> link;
    statement_cache statements;
    std::uint64_t number = 0;
    std::int64_t created_ns = 0;
    std::int64_t idle_since_ns = 0;
    std::uint64_t marks[max_listeners] = {};
    bool broken = false;

    // Who has it, and since where: for the error of a pool that is exhausted. Written by the holder, read by others.
    std::atomic<const void*> holder{nullptr};  // this_thread_mark(); null: nobody
    std::atomic<const char*> held_file{""}, held_function{""};
    std::atomic<std::uint32_t> held_line{0};
    void hold(location at) noexcept;
};

// An address that only this thread has, while it lives.
inline const void* this_thread_mark() noexcept {
    thread_local char mark;
    return &mark;
}

class pool;

// Gives the connection back when destroyed.
class lease {
public:
    lease() noexcept = default;
    lease(pool* from, pooled* which) noexcept : from_(from), which_(which) {}
    lease(lease&& other) noexcept : from_(other.from_), which_(std::exchange(other.which_, nullptr)) {}
    lease& operator=(lease&& other) noexcept;
    ~lease() { give_back(); }
    void give_back() noexcept;
    [[nodiscard]] pooled* operator->() const noexcept { return which_; }
    [[nodiscard]] pooled& operator*() const noexcept { return *which_; }
    [[nodiscard]] explicit operator bool() const noexcept { return which_; }

private:
    pool* from_ = nullptr;
    pooled* which_ = nullptr;
};

class pool {
public:
    // `beside`: the pool whose listeners hear of this one, too; null: it has its own.
    pool(std::shared_ptr<driver> through, const open_options& options, std::shared_ptr<pool> beside = nullptr);
    ~pool();

    // Waits at most options.acquire_timeout, or until the context's deadline.
    result<lease> acquire(const context& ctx, location at, const operation_info* operation);
    void release(pooled* which) noexcept;
    // Closes what is idle; what is out is closed when it comes back. Afterwards acquire fails.
    void close() noexcept;

    [[nodiscard]] pool_stats stats() const;
    [[nodiscard]] const database_info& info() const noexcept { return info_; }
    [[nodiscard]] hook_registry& hooks() noexcept { return hooks_; }
    // Values one statement may have, as the last connection said.
    [[nodiscard]] std::size_t bind_limit() const noexcept { return bind_limit_.load(std::memory_order_relaxed); }
    // REQUIRES: nobody else has the pool yet.
    void describe(const connection& first) { first.describe(info_); }

private:
    result<lease> acquire_slowly(const context& ctx, location at, const operation_info* operation);
    void release_slowly(pooled* which) noexcept;
    // Takes back what lies ready, for those who came to wait meanwhile.
    void reconsider() noexcept;
    pooled* take_idle_locked() noexcept;
    bool idle_is_late() const noexcept;
    struct waiter {
        std::condition_variable wake;
        pooled* given = nullptr;
        bool may_open = false;  // a place became free: open one yourself
    };
    result<lease> wait(std::unique_lock<std::mutex>& lock, const context& ctx, location at);
    result<pooled*> open_one(const context& ctx, location at, const operation_info* operation);
    void close_one(pooled* which) noexcept;
    void place_freed_locked();
    pooled* take_idle(std::unique_lock<std::mutex>& lock);
    void discard(pooled* which) noexcept;
    error exhausted_locked(std::string_view why) const;

    // Constant after open.
    const std::shared_ptr<driver> driver_;
    database_info info_;
    const int max_open_;
    const int max_idle_;
    const bool keeps_last_;  // the database lives in its connection
    const std::int64_t acquire_timeout_ns_, idle_time_ns_, lifetime_ns_;
    const std::size_t statement_cache_;
    const bool keeps_one_;  // a connection that is given back may lie ready
    const context no_context_;
    const std::shared_ptr<pool> beside_;
    hook_registry own_hooks_;
    hook_registry& hooks_;
    std::atomic<std::size_t> bind_limit_{999};

    // Who puts a connection here looks at waiting_ and closed_ afterwards; who begins to wait, or closes, says so there
    // before he looks here. So one of the two sees the other (sequentially consistent).
    std::atomic<pooled*> ready_{nullptr};
    std::atomic<int> waiting_{0};
    std::atomic<bool> closed_{false};
    std::atomic<std::int64_t> idle_check_ns_{INT64_MAX};  // when the longest idle one is to be closed

    mutable std::mutex mutex_;
    // Guarded by mutex_.
    std::vector<std::unique_ptr<pooled>> all_;
    std::vector<pooled*> idle_;  // besides ready_; the last is the next
    std::deque<waiter*> waiters_;
    pool_stats counters_;
    int opening_ = 0;
    std::uint64_t next_number_ = 1;
};

}  // namespace skua::orm::detail
