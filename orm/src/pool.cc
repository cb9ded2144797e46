// SPDX-License-Identifier: Apache-2.0
#include "pool.h"

#include "core.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace skua::orm {

pool_stats pool_monitor::stats() const {
    return pool_->stats();
}
const database_info& pool_monitor::info() const {
    return pool_->info();
}

namespace detail {
namespace {

int connections_wanted(const driver& d, const open_options& options) {
    const int most = std::max(1, d.max_connections());
    return options.max_open > 0 ? std::min(options.max_open, most) : std::min(d.default_connections(), most);
}

std::string pool_name(const database_info& info) {
    if (info.server_address.empty()) return info.name_space;
    const std::string port = info.server_port ? ":" + std::to_string(info.server_port) : std::string();
    return info.server_address + port + "/" + info.name_space;
}

}  // namespace

lease& lease::operator=(lease&& other) noexcept {
    if (this != &other) {
        give_back();
        from_ = other.from_;
        which_ = std::exchange(other.which_, nullptr);
    }
    return *this;
}
void lease::give_back() noexcept {
    if (which_) from_->release(std::exchange(which_, nullptr));
}

pool::pool(std::shared_ptr<driver> through, const open_options& options)
    : driver_(std::move(through)),
      info_(driver_->info()),
      max_open_(connections_wanted(*driver_, options)),
      max_idle_(options.max_idle < 0 ? max_open_ : options.max_idle),
      keeps_last_(driver_->max_connections() == 1),
      acquire_timeout_ns_(options.acquire_timeout.count()),
      idle_time_ns_(options.idle_time.count()),
      lifetime_ns_(options.lifetime.count()),
      statement_cache_(options.statement_cache) {
    info_.pool_name = options.pool_name.empty() ? pool_name(info_) : options.pool_name;
}

pool::~pool() = default;

result<lease> pool::acquire(const context& ctx, location at, const operation_info* operation) {
    driver_call call{.event = driver_event::acquire, .database = &info_, .handle_context = &ctx};
    call.operation = operation;
    call.at = at;
    std::optional<error> failure;
    const hook_scope told(hooks_, call);
    const auto give = [&](pooled* which) -> lease {
        call.connection = which->number;
        call.marks = which->marks;
        return {this, which};
    };
    const auto refuse = [&](error e) -> result<lease> {
        call.failure = &failure.emplace(std::move(e));
        return *failure;
    };
    bool open = false;
    {
        std::unique_lock lock(mutex_);
        if (closed_)
            return refuse(make_error(errc::connection_lost, "cannot take a connection: the database is closed"));
        if (pooled* which = take_idle(lock)) {
            which->holder = std::this_thread::get_id();
            which->held_at = at;
            return give(which);
        }
        open = static_cast<int>(all_.size()) + opening_ < max_open_;
        if (!open) {
            const bool all_mine = std::all_of(all_.begin(), all_.end(),
                                              [](const auto& p) { return p->holder == std::this_thread::get_id(); });
            if (all_mine && !all_.empty()) return refuse(exhausted_locked("this thread holds it itself"));
            result<lease> waited = wait(lock, ctx, at);
            if (!waited) return refuse(std::move(waited.error()));
            if (*waited) {
                call.connection = (*waited)->number;
                call.marks = (*waited)->marks;
                return waited;
            }
        }
        ++opening_;
    }
    result<pooled*> opened = open_one(ctx, at, operation);
    if (!opened) return refuse(std::move(opened.error()));
    return give(*opened);
}

// Connections whose server has gone while nobody looked are closed on the way.
pooled* pool::take_idle(std::unique_lock<std::mutex>& lock) {
    while (!idle_.empty() && waiters_.empty()) {
        pooled* which = idle_.back();
        idle_.pop_back();
        if (which->link->alive()) return which;
        ++counters_.closed_broken;
        lock.unlock();
        close_one(which);
        lock.lock();
    }
    return nullptr;
}

result<lease> pool::wait(std::unique_lock<std::mutex>& lock, const context& ctx, location at) {
    waiter me;
    waiters_.push_back(&me);
    ++counters_.wait_count;
    const std::int64_t began = monotonic_ns();
    std::int64_t until = began + acquire_timeout_ns_;
    if (ctx.deadline_ns() && ctx.deadline_ns() < until) until = ctx.deadline_ns();
    const auto served = [&] { return me.given || me.may_open || closed_; };
    while (!served() && monotonic_ns() < until && !ctx.stop_requested()) {
        // A stop token cannot wake us: it is looked at ten times a second.
        std::int64_t pause = until - monotonic_ns();
        if (ctx.can_stop()) pause = std::min<std::int64_t>(pause, 100'000'000);
        me.wake.wait_for(lock, std::chrono::nanoseconds(pause));
    }
    counters_.wait_duration_ns += monotonic_ns() - began;
    if (!served()) {
        waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &me));
        ++counters_.timeouts;
        if (ctx.stop_requested()) return make_error(errc::cancelled, "cancelled while waiting for a connection");
        return exhausted_locked("none came back in time");
    }
    if (closed_ && !me.given)
        return make_error(errc::connection_lost, "cannot take a connection: the database is closed");
    if (!me.given) return lease();
    me.given->holder = std::this_thread::get_id();
    me.given->held_at = at;
    return lease(this, me.given);
}

error pool::exhausted_locked(std::string_view why) const {
    std::string text = "no connection: all " + std::to_string(all_.size()) + " in use, " + std::string(why);
    for (const auto& p : all_)
        if (p->holder != std::thread::id()) {
            text += "; held since " + std::string(p->held_at.file) + ":" + std::to_string(p->held_at.line) + " (" +
                    p->held_at.function + ")";
            break;
        }
    error e = make_error(errc::pool_exhausted, std::move(text));
    e.retryable = true;
    return e;
}

result<pooled*> pool::open_one(const context& ctx, location at, const operation_info* operation) {
    auto made = std::make_unique<pooled>();
    made->statements.set_capacity(statement_cache_);
    made->created_ns = coarse_ns();
    status outcome;
    {
        driver_call call{.event = driver_event::connect, .database = &info_, .handle_context = &ctx};
        call.operation = operation;
        call.at = at;
        call.marks = made->marks;
        const hook_scope told(hooks_, call);
        result<std::unique_ptr<connection>> link = driver_->connect();
        if (link)
            made->link = std::move(*link);
        else
            outcome = std::move(link.error());
        if (!outcome) call.failure = &outcome.error();
    }
    const std::lock_guard lock(mutex_);
    --opening_;
    if (!outcome) {
        place_freed_locked();
        return std::move(outcome.error());
    }
    ++counters_.created;
    bind_limit_.store(made->link->bind_limit(), std::memory_order_relaxed);
    made->number = next_number_++;
    made->holder = std::this_thread::get_id();
    made->held_at = at;
    all_.push_back(std::move(made));
    return all_.back().get();
}

void pool::place_freed_locked() {
    if (waiters_.empty()) return;
    waiter* w = waiters_.front();
    waiters_.pop_front();
    w->may_open = true;
    w->wake.notify_one();
}

void pool::release(pooled* which) noexcept {
    {
        driver_call call{.event = driver_event::release, .database = &info_, .handle_context = &no_context_};
        call.connection = which->number;
        call.marks = which->marks;
        const hook_scope told(hooks_, call);
        const std::int64_t now = idle_time_ns_ || lifetime_ns_ ? coarse_ns() : 0;
        const std::lock_guard lock(mutex_);
        which->holder = std::thread::id();
        bool stays = !which->broken && !closed_;
        if (!stays && which->broken) ++counters_.closed_broken;
        if (stays && lifetime_ns_ && !keeps_last_ && now - which->created_ns > lifetime_ns_) {
            ++counters_.closed_lifetime;
            stays = false;
        }
        if (stays && !waiters_.empty()) {
            waiter* w = waiters_.front();
            waiters_.pop_front();
            w->given = which;
            w->wake.notify_one();
            return;
        }
        if (stays && !keeps_last_ && static_cast<int>(idle_.size()) >= max_idle_) {
            ++counters_.closed_idle;
            stays = false;
        }
        if (stays) {
            which->idle_since_ns = now;
            idle_.push_back(which);
            // The longest unused is the first.
            if (keeps_last_ || idle_.size() < 2 || !idle_time_ns_ ||
                now - idle_.front()->idle_since_ns <= idle_time_ns_)
                return;
            which = idle_.front();
            idle_.erase(idle_.begin());
            ++counters_.closed_idle;
        }
    }
    close_one(which);
}

void pool::close_one(pooled* which) noexcept {
    {
        driver_call call{.event = driver_event::close, .database = &info_, .handle_context = &no_context_};
        call.connection = which->number;
        call.marks = which->marks;
        const hook_scope told(hooks_, call);
        which->statements.clear();
        which->link.reset();
    }
    const std::lock_guard lock(mutex_);
    all_.erase(std::find_if(all_.begin(), all_.end(), [which](const auto& p) { return p.get() == which; }));
    if (!closed_) place_freed_locked();
}

void pool::close() noexcept {
    std::vector<pooled*> gone;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        gone.swap(idle_);
        for (waiter* w : waiters_) w->wake.notify_one();
    }
    for (pooled* p : gone) close_one(p);
}

pool_stats pool::stats() const {
    const std::lock_guard lock(mutex_);
    pool_stats s = counters_;
    s.max_open = max_open_;
    s.max_idle = max_idle_;
    s.open = static_cast<int>(all_.size());
    s.idle = static_cast<int>(idle_.size());
    s.in_use = s.open - s.idle;
    s.pending = static_cast<int>(waiters_.size());
    s.round_trips = driver_->round_trips();
    return s;
}

}  // namespace detail
}  // namespace skua::orm
