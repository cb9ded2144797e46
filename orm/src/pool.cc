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
    pooled* const which = std::exchange(which_, nullptr);
    if (which && from_) from_->release(which);
}

pool::pool(std::shared_ptr<driver> through, const open_options& options, std::shared_ptr<pool> beside)
    : driver_(std::move(through)),
      info_(driver_->info()),
      max_open_(connections_wanted(*driver_, options)),
      max_idle_(options.max_idle < 0 ? max_open_ : options.max_idle),
      keeps_last_(driver_->max_connections() == 1),
      acquire_timeout_ns_(options.acquire_timeout.count()),
      idle_time_ns_(options.idle_time.count()),
      lifetime_ns_(options.lifetime.count()),
      statement_cache_(options.statement_cache),
      keeps_one_(keeps_last_ || (max_idle_ > 0 && !lifetime_ns_)),
      beside_(std::move(beside)),
      hooks_(beside_ ? beside_->hooks_ : own_hooks_) {
    info_.pool_name = options.pool_name.empty() ? pool_name(info_) : options.pool_name;
}

pool::~pool() = default;

void pooled::hold(location at) noexcept {
    holder.store(this_thread_mark(), std::memory_order_relaxed);
    held_file.store(at.file, std::memory_order_relaxed);
    held_function.store(at.function, std::memory_order_relaxed);
    held_line.store(at.line, std::memory_order_relaxed);
}

result<lease> pool::acquire(const context& ctx, location at, const operation_info* operation) {
    if (!hooks_.current())
        if (pooled* which = ready_.exchange(nullptr)) {
            which->hold(at);
            if (which->link->alive()) return lease(this, which);
            discard(which);
        }
    return acquire_slowly(ctx, at, operation);
}

pooled* pool::take_idle_locked() noexcept {
    if (pooled* which = ready_.exchange(nullptr)) return which;
    if (idle_.empty()) return nullptr;
    pooled* which = idle_.back();
    idle_.pop_back();
    if (idle_.empty()) idle_check_ns_.store(INT64_MAX, std::memory_order_relaxed);
    return which;
}

result<lease> pool::acquire_slowly(const context& ctx, location at, const operation_info* operation) {
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
            which->hold(at);
            return give(which);
        }
        open = static_cast<int>(all_.size()) + opening_ < max_open_;
        if (!open) {
            const bool all_mine = std::all_of(all_.begin(), all_.end(), [](const auto& p) {
                return p->holder.load(std::memory_order_relaxed) == this_thread_mark();
            });
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
    while (waiters_.empty()) {
        pooled* which = take_idle_locked();
        if (!which || which->link->alive()) return which;
        lock.unlock();
        discard(which);
        lock.lock();
    }
    return nullptr;
}

void pool::discard(pooled* which) noexcept {
    {
        const std::lock_guard lock(mutex_);
        ++counters_.closed_broken;
    }
    close_one(which);
}

result<lease> pool::wait(std::unique_lock<std::mutex>& lock, const context& ctx, location at) {
    waiter me;
    waiters_.push_back(&me);
    waiting_.fetch_add(1);
    ++counters_.wait_count;
    // One may have been given back without the lock before it could see that somebody waits.
    if (pooled* which = waiters_.size() == 1 ? ready_.exchange(nullptr) : nullptr) {
        waiters_.clear();
        waiting_.fetch_sub(1);
        which->hold(at);
        return lease(this, which);
    }
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
    waiting_.fetch_sub(1);
    if (!served()) {
        waiters_.erase(std::find(waiters_.begin(), waiters_.end(), &me));
        ++counters_.timeouts;
        if (ctx.stop_requested()) return make_error(errc::cancelled, "cancelled while waiting for a connection");
        return exhausted_locked("none came back in time");
    }
    if (closed_ && !me.given)
        return make_error(errc::connection_lost, "cannot take a connection: the database is closed");
    if (!me.given) return lease();
    me.given->hold(at);
    return lease(this, me.given);
}

error pool::exhausted_locked(std::string_view why) const {
    std::string text = "no connection: all " + std::to_string(all_.size()) + " in use, " + std::string(why);
    for (const auto& p : all_)
        if (p->holder.load(std::memory_order_relaxed)) {
            text += "; held since " + std::string(p->held_file.load(std::memory_order_relaxed)) + ":" +
                    std::to_string(p->held_line.load(std::memory_order_relaxed)) + " (" +
                    p->held_function.load(std::memory_order_relaxed) + ")";
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
    made->hold(at);
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
    if (which->broken || !keeps_one_ || hooks_.current() || waiting_.load() || closed_.load() || idle_is_late())
        return release_slowly(which);
    which->holder.store(nullptr, std::memory_order_relaxed);
    pooled* nobody = nullptr;
    if (!ready_.compare_exchange_strong(nobody, which)) return release_slowly(which);
    if (waiting_.load() || closed_.load()) reconsider();
}

bool pool::idle_is_late() const noexcept {
    const std::int64_t until = idle_check_ns_.load(std::memory_order_relaxed);
    return until != INT64_MAX && coarse_ns() > until;
}

void pool::reconsider() noexcept {
    if (pooled* which = ready_.exchange(nullptr)) release_slowly(which);
}

void pool::release_slowly(pooled* which) noexcept {
    {
        driver_call call{.event = driver_event::release, .database = &info_, .handle_context = &no_context_};
        call.connection = which->number;
        call.marks = which->marks;
        const hook_scope told(hooks_, call);
        const std::int64_t now = idle_time_ns_ || lifetime_ns_ ? coarse_ns() : 0;
        const std::lock_guard lock(mutex_);
        which->holder.store(nullptr, std::memory_order_relaxed);
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
        pooled* nobody = nullptr;
        const bool lies_ready = stays && keeps_one_ && ready_.compare_exchange_strong(nobody, which);
        if (stays && !lies_ready && static_cast<int>(idle_.size()) + (keeps_one_ ? 1 : 0) >= max_idle_) {
            ++counters_.closed_idle;
            stays = false;
        }
        if (stays && !lies_ready) {
            which->idle_since_ns = now;
            idle_.push_back(which);
        }
        if (stays) {
            if (idle_.empty() || !idle_time_ns_) return;
            // The longest unused is the first.
            const std::int64_t until = idle_.front()->idle_since_ns + idle_time_ns_;
            idle_check_ns_.store(until, std::memory_order_relaxed);
            if (now <= until) return;
            which = idle_.front();
            idle_.erase(idle_.begin());
            if (idle_.empty()) idle_check_ns_.store(INT64_MAX, std::memory_order_relaxed);
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
        if (pooled* which = ready_.exchange(nullptr)) gone.push_back(which);
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
    s.idle = static_cast<int>(idle_.size()) + (ready_.load() ? 1 : 0);
    s.in_use = s.open - s.idle;
    s.pending = static_cast<int>(waiters_.size());
    s.round_trips = driver_->round_trips();
    return s;
}

}  // namespace detail
}  // namespace skua::orm
