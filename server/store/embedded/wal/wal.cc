// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/wal.h"

#include "base/log.h"
#include "store/embedded/io/lost.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace skua::store::embedded {

namespace {

constexpr std::size_t kSlabsKept = 4;
constexpr std::int64_t kMarkAfterNs = 1'000'000'000;

WalRingOptions ring_options(const WalOptions& options) {
    WalRingOptions ring = options.ring;
    // O_DSYNC would make each write durable, which is just what the other modes are to avoid.
    ring.direct_sync = ring.direct_sync && options.durability == Durability::kDurable;
    return ring;
}

}  // namespace

Wal::Wal(Disk& disk, const StoreId& store_id, WalOptions options, const base::Clock& clock, WalListener& listener)
    : disk_(disk),
      store_id_(store_id),
      options_(options),
      clock_(clock),
      listener_(listener),
      ring_(disk, ring_options(options)),
      pool_(kSlabsKept) {}

Wal::~Wal() = default;

void Wal::start_generation(std::uint64_t generation, std::uint64_t salt) {
    const std::lock_guard lock(mutex_);
    close_open_group();
    // Groups of the one before may still wait for the leader: what is known now is a lower bound, which is all it says.
    const std::uint64_t previous_synced = current_ ? current_->synced() : 0;
    current_ =
        std::make_shared<GenerationLog>(ring_, GenerationLog::Identity{generation, salt, store_id_, previous_synced},
                                        options_.durability == Durability::kDurable);
    logs_[generation] = current_;
}

base::Status Wal::enqueue(const WalRecord& record, std::unique_ptr<WalTicket>&& ticket) {
    const std::int64_t now_ns = clock_.monotonic_ns();
    const std::lock_guard lock(mutex_);
    if (read_only_) {
        return base::Error{base::Code::kUnavailable, "cannot store spans: the disk failed, the store is read-only"};
    }
    const std::uint64_t bytes = kWalRecordHeaderBytes + record.limits.size() + record.body.size();
    // One record alone is always let in: its size is the doors' to limit.
    if (queued_bytes_ != 0 && queued_bytes_ + bytes > options_.queued_bytes_max) {
        return base::Error{base::Code::kResourceExhausted, "cannot store spans: too much waits for the disk"};
    }
    const bool first = !open_.group;
    if (first) {
        open_.group = std::make_unique<WalGroup>(pool_);
        open_.log = current_;
        open_.since_ns = now_ns;
    }
    const std::uint64_t before = open_.group->bytes();
    open_.group->add(record, std::move(ticket));
    queued_bytes_ += bytes;
    const bool full = before < options_.gather_bytes && open_.group->bytes() >= options_.gather_bytes;
    if (leader_waits_ && (first || full)) work_.notify_one();
    return {};
}

void Wal::close_open_group() {
    if (open_.group) closed_.push_back(std::move(open_));
    open_ = {};
    if (leader_waits_ && !closed_.empty()) work_.notify_one();
}

Wal::Waiting Wal::next_group() {
    const std::lock_guard lock(mutex_);
    Waiting next;
    if (!closed_.empty()) {
        next = std::move(closed_.front());
        closed_.pop_front();
    } else {
        next = std::move(open_);
        open_ = {};
    }
    return next;
}

bool Wal::commit_next() {
    Waiting next = next_group();
    if (!next.group) return false;
    commit(next);
    return true;
}

// Else a power cut could take the end of one generation and leave the beginning of the next.
void Wal::sync_the_one_before(const std::shared_ptr<GenerationLog>& log) {
    const auto before = written_.lock();
    written_ = log;
    if (options_.durability != Durability::kInterval || !before || before == log) return;
    if (auto status = before->sync(); !status.ok()) sync_failed(status);
}

void Wal::sync_failed(const base::Status& status) {
    base::log(base::Level::kError, "store", "cannot sync the WAL, sealing what it holds: {}", status.error().message);
    const std::lock_guard lock(mutex_);
    ++stats_.file_failures;
}

base::Status Wal::write(Waiting& waiting) {
    {
        const std::lock_guard lock(mutex_);
        if (read_only_) {
            return base::Error{base::Code::kUnavailable, "cannot store spans: the disk failed, the store is read-only"};
        }
    }
    sync_the_one_before(waiting.log);
    auto status = waiting.log->write(*waiting.group);
    if (status.ok()) return status;
    // A full disk is not a broken one.
    if (status.error().code == base::Code::kResourceExhausted) return status;
    base::log(base::Level::kError, "store", "WAL file given up, the group moves to another: {}",
              status.error().message);
    status = waiting.log->write(*waiting.group);
    const std::lock_guard lock(mutex_);
    ++stats_.file_failures;
    if (status.ok() || status.error().code == base::Code::kResourceExhausted) return status;
    ++stats_.file_failures;
    read_only_ = true;
    base::log(base::Level::kError, "store", "the store is read-only from here on: {}", status.error().message);
    return status;
}

void Wal::commit(Waiting& waiting) {
    const std::int64_t start_ns = clock_.monotonic_ns();
    const std::int64_t start_cpu_ns = base::cpu_ns();
    const base::Status status = write(waiting);
    const std::int64_t cpu_ns = base::cpu_ns() - start_cpu_ns;
    const std::int64_t now_ns = clock_.monotonic_ns();
    pacer_.on_commit(now_ns, cpu_ns, now_ns - start_ns, waiting.group->records());
    listener_.group_done(waiting.group->tickets(), status);
    const std::lock_guard lock(mutex_);
    queued_bytes_ -= waiting.group->bytes();
    last_commit_ns_ = now_ns;
    gathers_ = pacer_.gathers();
    if (!status.ok()) {
        ++stats_.refused_groups;
        return;
    }
    ++stats_.commits;
    stats_.records += waiting.group->records();
    stats_.payload_bytes += waiting.group->bytes();
    stats_.commit_cpu_ns += cpu_ns;
}

void Wal::tick() {
    const std::int64_t now_ns = clock_.monotonic_ns();
    std::vector<std::shared_ptr<GenerationLog>> logs;
    bool idle = false;
    bool long_idle = false;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [generation, log] : logs_) logs.push_back(log);
        idle = !open_.group && closed_.empty() && now_ns - last_commit_ns_ >= kMarkAfterNs && !read_only_;
        long_idle = now_ns - last_commit_ns_ >= options_.shrink_after_ns;
    }
    if (options_.durability == Durability::kInterval && now_ns - last_sync_ns_ >= options_.interval_ns) {
        last_sync_ns_ = now_ns;
        for (const auto& log : logs) {
            if (auto status = log->sync(); !status.ok()) sync_failed(status);
        }
    }
    if (idle && !logs.empty() && !logs.back()->marked()) {
        if (auto status = logs.back()->write_mark(pool_); !status.ok()) {
            base::log(base::Level::kWarn, "store", "cannot mark the WAL's end: {}", status.error().message);
        }
    }
    if (long_idle && !shrunk_) {
        ring_.shrink();
        pool_.trim();
    }
    shrunk_ = long_idle;
}

void Wal::wait_for_work(std::unique_lock<std::mutex>& lock) {
    using std::chrono::nanoseconds;
    leader_waits_ = true;
    const auto waiting = [this] { return stopping_ || open_.group || !closed_.empty(); };
    const std::int64_t idle_ns = options_.durability == Durability::kInterval ? options_.interval_ns : kMarkAfterNs;
    if (work_.wait_for(lock, nanoseconds(idle_ns), waiting) && gathers_) {
        const std::int64_t left_ns = open_.since_ns + options_.gather_ns - clock_.monotonic_ns();
        if (open_.group && left_ns > 0) {
            work_.wait_for(lock, nanoseconds(left_ns), [this] {
                return stopping_ || !closed_.empty() || !open_.group || open_.group->bytes() >= options_.gather_bytes;
            });
        }
    }
    leader_waits_ = false;
}

void Wal::run_leader() {
    bool stopping = false;
    while (!stopping) {
        {
            std::unique_lock lock(mutex_);
            wait_for_work(lock);
            stopping = stopping_;
        }
        commit_next();
        tick();
    }
    while (commit_next()) {
    }
}

void Wal::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    work_.notify_all();
}

base::Status Wal::close() {
    std::map<std::uint64_t, std::shared_ptr<GenerationLog>> logs;
    {
        const std::lock_guard lock(mutex_);
        if (read_only_) return {};
        logs = logs_;
    }
    for (const auto& [generation, log] : logs) {
        SKUA_RETURN_IF_ERROR(log->sync());
        if (!log->marked()) SKUA_RETURN_IF_ERROR(log->write_mark(pool_));
    }
    return {};
}

void Wal::adopt_generation(std::uint64_t generation, std::vector<GenerationLog::LogFile> files,
                           std::vector<std::string> damaged) {
    const std::lock_guard lock(mutex_);
    adopted_[generation] = {std::move(files), std::move(damaged)};
}

void Wal::release(std::uint64_t through_generation) {
    std::vector<Released> released;
    {
        const std::lock_guard lock(mutex_);
        while (!adopted_.empty() && adopted_.begin()->first <= through_generation) {
            released.push_back(std::move(adopted_.begin()->second));
            adopted_.erase(adopted_.begin());
        }
        while (!logs_.empty() && logs_.begin()->first <= through_generation) {
            released.push_back({logs_.begin()->second->files(), {}});
            logs_.erase(logs_.begin());
        }
    }
    for (const Released& one : released) free_files(one);
}

void Wal::free_files(const Released& released) {
    for (const auto& file : released.files) {
        const bool damaged =
            std::find(released.damaged.begin(), released.damaged.end(), file.name) != released.damaged.end();
        if (damaged) {
            if (auto status = move_to_lost(disk_, file.name); !status.ok()) {
                base::log(base::Level::kWarn, "store", "cannot keep a damaged WAL file: {}", status.error().message);
            }
            continue;
        }
        if (file.is_dead) {
            (void)disk_.unlink(file.name);
        } else {
            ring_.recycle(file.name);
        }
    }
}

std::uint64_t Wal::generation_bytes() const {
    const std::lock_guard lock(mutex_);
    return (current_ ? current_->payload_bytes() : 0) + queued_bytes_;
}

bool Wal::wants_seal() const {
    const std::lock_guard lock(mutex_);
    return current_ && current_->wants_seal();
}

std::uint64_t Wal::disk_bytes() const {
    const WalStats now = stats();
    return (now.live_files + now.spare_files) * ring_.options().file_bytes;
}

std::uint64_t Wal::queued_bytes() const {
    const std::lock_guard lock(mutex_);
    return queued_bytes_;
}

bool Wal::is_read_only() const {
    return read_only_;
}

WalStats Wal::stats() const {
    const std::lock_guard lock(mutex_);
    WalStats stats = stats_;
    for (const auto& [generation, log] : logs_) stats.live_files += log->files_count();
    for (const auto& [generation, one] : adopted_) stats.live_files += one.files.size();
    stats.spare_files = ring_.spare_count();
    stats.queued_bytes = queued_bytes_;
    stats.is_read_only = read_only_;
    stats.gathers = gathers_;
    return stats;
}

}  // namespace skua::store::embedded
