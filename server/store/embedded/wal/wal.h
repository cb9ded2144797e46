// SPDX-License-Identifier: Apache-2.0
// The write-ahead log: takes request bodies from any thread, makes them durable in groups, and says so.
// Format: docs/formats/wal.md. What must hold: design "store", invariants I1 to I3.
//
// Threads: enqueue, stats and stop from any; commit_next, tick and run_leader from the leader alone; the rest from
// the engine's threads as said at each.
#pragma once

#include "base/clock.h"
#include "store/embedded/wal/commit_pacer.h"
#include "store/embedded/wal/generation_log.h"
#include "store/embedded/wal/group.h"
#include "store/embedded/wal/ring.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace skua::store::embedded {

struct WalOptions {
    Durability durability = Durability::kDurable;
    WalRingOptions ring;
    std::int64_t interval_ns = 200'000'000;         // kInterval: between syncs
    std::int64_t gather_ns = 3'000'000;             // how long a commit may wait for company
    std::uint64_t gather_bytes = 256 << 10;         // and what makes it go at once
    std::uint64_t queued_bytes_max = 64 << 20;      // records waiting for their commit
    std::int64_t shrink_after_ns = 30'000'000'000;  // without ingest
};

class WalListener {
public:
    virtual ~WalListener() = default;
    // A group is as durable as configured, or refused as a whole. Tickets in the order enqueued. On the leader's
    // thread.
    virtual void group_done(std::vector<std::unique_ptr<WalTicket>>& tickets, const base::Status& status) = 0;
};

struct WalStats {
    std::uint64_t commits = 0;
    std::uint64_t records = 0;
    std::uint64_t payload_bytes = 0;
    std::uint64_t file_failures = 0;
    std::uint64_t refused_groups = 0;
    std::uint64_t queued_bytes = 0;
    std::uint64_t live_files = 0;
    std::uint64_t spare_files = 0;
    std::int64_t commit_cpu_ns = 0;
    bool is_read_only = false;
    bool gathers = false;
};

class Wal {
public:
    Wal(Disk& disk, const StoreId& store_id, WalOptions options, const base::Clock& clock, WalListener& listener);
    ~Wal();
    Wal(const Wal&) = delete;
    Wal& operator=(const Wal&) = delete;

    // From here on records go to this generation; what was enqueued before goes to the one before. `salt` must be
    // unpredictable.
    void start_generation(std::uint64_t generation, std::uint64_t salt);
    // Copies the record. kUnavailable when read-only, kResourceExhausted when too much waits: the ticket stays the
    // caller's then.
    base::Status enqueue(const WalRecord& record, std::unique_ptr<WalTicket>&& ticket);

    // Writes the oldest group and tells the listener. False: nothing was waiting.
    bool commit_next();
    // What is due by the clock: interval sync, mark when idle, shrinking.
    void tick();
    // Commits until stop(), then what is left.
    void run_leader();
    void stop();
    // After the leader has ended: syncs and marks what was written, whatever the mode.
    base::Status close();

    // After the manifest edit that released them is durable: their files are free.
    void release(std::uint64_t through_generation);
    // Files of a generation found at start; released like all others, but damaged ones move to lost/.
    void adopt_generation(std::uint64_t generation, std::vector<GenerationLog::LogFile> files,
                          std::vector<std::string> damaged);
    [[nodiscard]] WalRing& ring() { return ring_; }

    // Of the generation now written, for deciding when to seal.
    [[nodiscard]] std::uint64_t generation_bytes() const;
    [[nodiscard]] bool wants_seal() const;
    // On disk, spare files included.
    [[nodiscard]] std::uint64_t disk_bytes() const;
    // Memory of waiting groups.
    [[nodiscard]] std::uint64_t queued_bytes() const;
    [[nodiscard]] bool is_read_only() const;
    [[nodiscard]] WalStats stats() const;

private:
    struct Waiting {
        std::unique_ptr<WalGroup> group;
        std::shared_ptr<GenerationLog> log;
        std::int64_t since_ns = 0;
    };
    struct Released {
        std::vector<GenerationLog::LogFile> files;
        std::vector<std::string> damaged;
    };
    void close_open_group();  // REQUIRES mutex_
    Waiting next_group();
    void wait_for_work(std::unique_lock<std::mutex>& lock);
    void commit(Waiting& waiting);
    base::Status write(Waiting& waiting);
    void sync_the_one_before(const std::shared_ptr<GenerationLog>& log);
    void sync_failed(const base::Status& status);
    void free_files(const Released& released);

    // Constant after construction.
    Disk& disk_;
    const StoreId store_id_;
    const WalOptions options_;
    const base::Clock& clock_;
    WalListener& listener_;
    WalRing ring_;
    SlabPool pool_;

    // Confined to the leader.
    CommitPacer pacer_;
    std::weak_ptr<GenerationLog> written_;  // the last group's; nothing once it is released
    std::int64_t last_sync_ns_ = 0;
    bool shrunk_ = false;

    std::atomic<bool> read_only_{false};

    mutable std::mutex mutex_;
    std::condition_variable work_;
    // Guarded by mutex_.
    std::shared_ptr<GenerationLog> current_;
    std::map<std::uint64_t, std::shared_ptr<GenerationLog>> logs_;  // not yet released, current_ among them
    std::map<std::uint64_t, Released> adopted_;
    Waiting open_;
    std::deque<Waiting> closed_;
    std::uint64_t queued_bytes_ = 0;
    std::int64_t last_commit_ns_ = 0;
    bool gathers_ = false;
    bool stopping_ = false;
    bool leader_waits_ = false;
    WalStats stats_;
};

}  // namespace skua::store::embedded
