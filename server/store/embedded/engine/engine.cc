// SPDX-License-Identifier: Apache-2.0
// The way of a request: generation, head, WAL, view, answer.
#include "store/embedded/engine/engine.h"

#include "base/log.h"

#include <algorithm>
#include <random>
#include <utility>

#include <pthread.h>

namespace skua::store::embedded {

namespace {

constexpr std::int64_t kRetryAfterMs = 1000;

std::uint64_t machine_random() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

struct Engine::Ticket final : WalTicket {
    std::shared_ptr<Generation> generation;
    std::size_t shard = 0;
    StagedRows rows;
    std::int64_t received_ns = 0;
    model::AppendDone done;
};

Engine::Engine(Disk& disk, DataHalf& data, const base::Clock& clock, EngineOptions options)
    : disk_(disk),
      data_(data),
      clock_(clock),
      options_(std::move(options)),
      budget_(options_.budget ? options_.budget
                              : std::make_shared<MemoryBudget>(options_.memory_bytes_max, options_.heads_bytes_max)),
      account_(budget_->open()),
      start_wall_ns_(clock.now_ns()),
      start_monotonic_ns_(clock.monotonic_ns()),
      random_(options_.random ? options_.random : machine_random),
      segments_(std::make_shared<Segments>()),
      // A cursor of an earlier life must not meet its number again.
      view_number_(static_cast<std::uint64_t>(clock.now_ns())) {}

Engine::~Engine() {
    (void)close();
}

base::Result<std::unique_ptr<Engine>> Engine::open(Disk& disk, DataHalf& data, const base::Clock& clock,
                                                   EngineOptions options) {
    std::unique_ptr<Engine> engine(new Engine(disk, data, clock, std::move(options)));
    engine->closed_for_good_ = true;  // nothing to close if recovery fails
    engine->start_stop_ = engine->options_.start.stop;
    SKUA_RETURN_IF_ERROR(engine->recover());
    engine->start_stop_ = {};
    engine->closed_for_good_ = false;
    if (engine->options_.start_threads) {
        Engine* const e = engine.get();
        e->has_threads_ = true;
        if (e->wal_) e->start_thread("store-wal", [e] { e->wal_->run_leader(); });
        e->start_thread("store-seal", [e] { e->run_sealer(); });
        e->start_thread("store-compact", [e] { e->run_compactor(); });
        e->start_thread("store-keeper", [e] { e->run_housekeeper(); });
    }
    return engine;
}

void Engine::start_thread(const char* name, std::function<void()> work) {
    threads_.emplace_back([name, work = std::move(work)] {
        ::pthread_setname_np(::pthread_self(), name);
        work();
    });
}

base::Result<std::shared_ptr<Generation>> Engine::make_generation(std::uint64_t number) {
    auto generation = std::make_shared<Generation>();
    generation->number = number;
    generation->opened_ns = clock_.monotonic_ns();
    SKUA_ASSIGN_OR_RETURN(generation->head, data_.new_head(number));
    return generation;
}

std::shared_ptr<Generation> Engine::enter() {
    std::unique_lock lock(state_mutex_);
    state_changed_.wait(lock, [this] { return !rolling_; });
    ++staging_;
    ++current_->pending;
    return current_;
}

void Engine::leave(Generation& generation, bool is_pending) {
    const std::lock_guard lock(state_mutex_);
    bool changed = --staging_ == 0 && rolling_;
    if (!is_pending) changed |= --generation.pending == 0;
    if (changed) state_changed_.notify_all();
}

std::uint64_t Engine::heads_bytes() const {
    std::uint64_t bytes = 0;
    const std::lock_guard lock(publish_mutex_);
    for (const auto& generation : live_) bytes += generation->head->bytes();
    return bytes;
}

std::uint64_t Engine::other_bytes() const {
    std::uint64_t bytes = data_.bytes() + (wal_ ? wal_->queued_bytes() : 0);
    if (options_.in_memory) {
        if (const auto space = disk_.space(); space.ok()) bytes += space->total_bytes - space->free_bytes;
    }
    return bytes;
}

void Engine::weigh() {
    over_memory_.store(account_->weigh(heads_bytes(), other_bytes()), std::memory_order_relaxed);
    if (!wal_) return;
    const std::uint64_t ring_bytes = wal_->ring().options().ring_bytes_max;
    over_wal_.store(wal_->disk_bytes() > options_.wal_bytes_max + ring_bytes, std::memory_order_relaxed);
}

base::Error Engine::refusal_or_none(bool& refused) {
    refused = true;
    if (closing_) return {base::Code::kUnavailable, "cannot store spans: the store is closing"};
    if (manifest_in_doubt_ || (wal_ && wal_->is_read_only())) {
        return {base::Code::kUnavailable, "cannot store spans: the disk failed, the store is read-only"};
    }
    if (disk_full_) return {base::Code::kResourceExhausted, "cannot store spans: the disk is full"};
    // What was weighed with the last group will do to let a request in, not to turn it away.
    if (over_memory_ || over_wal_) weigh();
    if (over_memory_) return {base::Code::kResourceExhausted, "cannot store spans: the memory budget is used up"};
    if (over_wal_) return {base::Code::kResourceExhausted, "cannot store spans: the log is full"};
    refused = false;
    return {};
}

void Engine::refuse(const base::Error& error, model::DecodeCounts counts, const model::AppendDone& done) {
    ++refused_;
    const bool come_back = error.code == base::Code::kResourceExhausted || error.code == base::Code::kUnavailable;
    done({error, std::move(counts), come_back ? kRetryAfterMs : 0});
}

std::size_t Engine::lock_shard(Generation& generation, std::unique_lock<std::mutex>& lock) {
    const std::size_t first = shard_hint_.load(std::memory_order_relaxed) % kHeadShards;
    for (std::size_t i = 0; i < kHeadShards; ++i) {
        const std::size_t shard = (first + i) % kHeadShards;
        lock = std::unique_lock(generation.shard_locks[shard], std::try_to_lock);
        if (lock.owns_lock()) return shard;
    }
    shard_hint_.fetch_add(1, std::memory_order_relaxed);
    lock = std::unique_lock(generation.shard_locks[first]);
    return first;
}

void Engine::append(const model::RawBody& body, const model::Decoder& decoder, model::AppendDone done) {
    bool refused = false;
    if (const base::Error error = refusal_or_none(refused); refused) {
        if (error.code == base::Code::kResourceExhausted) want_seal(nullptr);
        return refuse(error, {}, done);
    }
    const std::shared_ptr<Generation> generation = enter();
    std::unique_lock<std::mutex> shard_lock;
    const std::size_t shard = lock_shard(*generation, shard_lock);
    auto staged = generation->head->stage(shard, body, decoder);
    if (!staged.ok()) {
        shard_lock.unlock();
        leave(*generation, false);
        if (staged.error().code == base::Code::kResourceExhausted) want_seal(generation.get());
        return refuse(staged.error(), {}, done);
    }
    auto made = std::make_unique<Ticket>();
    made->generation = generation;
    made->shard = shard;
    made->rows = std::move(*staged);
    made->received_ns = body.received_ns;
    made->done = std::move(done);
    if (!wal_) {
        // In memory the turn of the shard is the order of commits.
        std::vector<std::unique_ptr<WalTicket>> one;
        one.push_back(std::move(made));
        commit_rows(one, {});
        shard_lock.unlock();
        leave(*generation, true);
        weigh();
        settle(one, {});
        if (is_full(*generation)) want_seal(generation.get());
        return;
    }
    Ticket& ticket = *made;
    WalRecord record;
    record.door = body.door;
    record.encoding = body.encoding;
    record.interpretation = options_.interpretation;
    record.received_ns = body.received_ns;
    record.accepted_spans = static_cast<std::uint32_t>(ticket.rows.counts.accepted_spans);
    record.rejected_spans = static_cast<std::uint32_t>(ticket.rows.counts.rejected_spans);
    record.body = body.bytes;
    std::unique_ptr<WalTicket> handed_over = std::move(made);
    if (auto status = wal_->enqueue(record, std::move(handed_over)); !status.ok()) {
        generation->head->unstage(shard, ticket.rows);
        shard_lock.unlock();
        leave(*generation, false);
        return refuse(status.error(), {}, ticket.done);
    }
    shard_lock.unlock();
    leave(*generation, true);
    if (is_full(*generation)) want_seal(generation.get());
}

void Engine::commit_rows(std::span<const std::unique_ptr<WalTicket>> tickets, const base::Status& status) {
    const std::int64_t steady_ns = steady_now_ns();
    const std::lock_guard lock(publish_mutex_);
    for (const auto& one : tickets) {
        const Ticket& ticket = static_cast<const Ticket&>(*one);
        if (status.ok()) {
            ticket.generation->commit(ticket.shard, ticket.rows, ticket.received_ns);
            // A wall clock that went back must not make old, once it is set right, what has just come.
            ticket.generation->arrival_max_ns = std::max(ticket.generation->arrival_max_ns, steady_ns);
        } else {
            ticket.generation->head->kill(ticket.shard, ticket.rows);
        }
    }
    if (!status.ok()) return;
    ++view_number_;
    publish_locked();
}

void Engine::settle(std::span<const std::unique_ptr<WalTicket>> tickets, const base::Status& status) {
    for (const auto& one : tickets) {
        const Ticket& ticket = static_cast<const Ticket&>(*one);
        if (status.ok()) {
            ticket.done({{}, ticket.rows.counts, 0});
        } else {
            refuse(status.error(), {}, ticket.done);
        }
    }
    const std::lock_guard lock(state_mutex_);
    for (const auto& one : tickets) {
        Generation& generation = *static_cast<const Ticket&>(*one).generation;
        if (--generation.pending == 0) state_changed_.notify_all();
    }
}

void Engine::group_done(std::vector<std::unique_ptr<WalTicket>>& tickets, const base::Status& status) {
    last_group_ns_.store(clock_.monotonic_ns(), std::memory_order_relaxed);
    weigh();
    if (log_is_full()) want_seal(nullptr);
    if (options_.mutants.acknowledge_before_publishing) {
        settle(tickets, status);
        commit_rows(tickets, status);
        return;
    }
    commit_rows(tickets, status);
    settle(tickets, status);
}

void Engine::publish() {
    const std::lock_guard lock(publish_mutex_);
    publish_locked();
}

void Engine::publish_locked() {
    auto next = std::make_shared<View>();
    next->number = view_number_;
    next->manifest_number = manifest_number_;
    next->heads.reserve(live_.size());
    for (const auto& generation : live_) next->heads.push_back(generation->view());
    next->segments = segments_;
    view_.store(std::move(next));
}

bool Engine::is_full(const Generation& generation) const {
    const Head& head = *generation.head;
    if (head.bytes() >= options_.head_bytes_max || head.wants_seal()) return true;
    // Whole segments go to keep the cap: they must be small against it.
    const std::uint64_t traces_max = options_.retention.traces_max;
    return traces_max != 0 && head.traces() >= std::max<std::uint64_t>(traces_max / 8, 1);
}

bool Engine::log_is_full() const {
    return wal_ && (wal_->generation_bytes() >= options_.wal_bytes_max / 4 || wal_->wants_seal());
}

bool Engine::seal_is_due() const {
    std::shared_ptr<Generation> current;
    {
        const std::lock_guard lock(state_mutex_);
        if (seal_wanted_) return true;
        current = current_;
    }
    if (is_full(*current) || log_is_full()) return true;
    if (clock_.monotonic_ns() - current->opened_ns < options_.head_age_ns) return false;
    const std::lock_guard lock(publish_mutex_);
    return !current->is_empty();
}

void Engine::want_seal(const Generation* full) {
    const std::lock_guard lock(state_mutex_);
    if (seal_wanted_ || (full != nullptr && full != current_.get())) return;
    seal_wanted_ = true;
    state_changed_.notify_all();
}

EngineStats Engine::stats() const {
    EngineStats stats;
    if (wal_) stats.wal = wal_->stats();
    stats.memory_bytes = heads_bytes() + other_bytes();
    const auto now = view();
    stats.segments = now->segments->size();
    std::map<std::string, std::uint64_t> files;
    for (const auto& segment : *now->segments) {
        for (const auto& file : segment->entry().files) files[file.name] = file.bytes;
    }
    for (const auto& [name, bytes] : files) stats.segment_bytes += bytes;
    stats.seals = seals_;
    stats.seal_failures = seal_failures_;
    stats.compactions = compactions_;
    stats.seal_ns = seal_ns_;
    stats.compaction_ns = compaction_ns_;
    stats.dropped_segments = dropped_segments_;
    stats.dropped_traces = dropped_traces_;
    stats.refused = refused_;
    stats.set_aside_segments = set_aside_count_;
    stats.is_read_only = manifest_in_doubt_ || stats.wal.is_read_only;
    stats.write_mode = disk_.describe();
    return stats;
}

base::Status Engine::close() {
    if (closed_for_good_.exchange(true)) return {};
    closing_ = true;
    {
        std::unique_lock lock(state_mutex_);
        state_changed_.wait(lock, [this] { return staging_ == 0; });
        stopping_ = true;
        state_changed_.notify_all();
    }
    hurry_.request_stop();
    if (wal_) wal_->stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    has_threads_ = false;
    while (commit_step()) {
    }
    base::Status result;
    // In memory there is nothing to save; on a failing disk the WAL has it all.
    if (wal_ && !manifest_in_doubt_ && !wal_->is_read_only()) {
        for (int i = 0; i < 4; ++i) {
            auto sealed = seal_step(true);
            if (!sealed.ok()) {
                result = std::move(sealed).error();
                break;
            }
            if (!*sealed) break;
        }
        if (auto status = wal_->close(); !status.ok() && result.ok()) result = status;
    }
    lock_.reset();
    return result;
}

}  // namespace skua::store::embedded
