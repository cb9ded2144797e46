// SPDX-License-Identifier: Apache-2.0
// The durable half of the embedded store: generations, commits, publication, seals, compaction, retention, recovery.
// What must be true is in the design, invariants I1 to I8; the proof is engine_crash_test.cc.
//
// Threads: append, view and stats from any. Roles of their own: WAL leader, sealer, compactor, housekeeper (retention,
// spare WAL files, reserve). With start_threads off nothing runs by itself and tests call the steps.
// Lock order: edit_mutex_, state_mutex_, shard lock, publish_mutex_; a shard lock is never waited for with another
// held. edit_mutex_ (background edits of the manifest) is held across I/O, the others never.
#pragma once

#include "base/clock.h"
#include "base/published.h"
#include "store/embedded/engine/data_half.h"
#include "store/embedded/engine/generation.h"
#include "store/embedded/engine/options.h"
#include "store/embedded/engine/segment_files.h"
#include "store/embedded/manifest/manifest.h"
#include "store/embedded/wal/wal.h"
#include "store/embedded/wal/wal_reader.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace skua::store::embedded {

// What the start found and did. Empty lists in a healthy folder.
struct RecoveryReport {
    std::uint64_t generations = 0;
    std::uint64_t records = 0;
    std::uint64_t torn_chunks = 0;
    std::vector<WalDamage> damage;           // acknowledged data that is gone
    std::vector<std::string> moved_to_lost;  // with the reason
};

struct EngineStats {
    WalStats wal;
    std::uint64_t segments = 0;
    std::uint64_t segment_bytes = 0;
    std::uint64_t memory_bytes = 0;  // accounted
    std::uint64_t seals = 0;
    std::uint64_t seal_failures = 0;
    std::uint64_t compactions = 0;
    std::int64_t seal_ns = 0;        // that succeeded
    std::int64_t compaction_ns = 0;  // likewise
    std::uint64_t dropped_segments = 0;
    std::uint64_t dropped_traces = 0;
    std::uint64_t refused = 0;
    std::uint64_t set_aside_segments = 0;  // damaged: left out of merges since the start
    bool is_read_only = false;
    std::string write_mode;
};

class Engine final : private WalListener {
public:
    // Recovers the folder. `disk`, `data` and `clock` outlive the engine. kUnavailable when another process has it,
    // kCancelled when the start was told to stop.
    static base::Result<std::unique_ptr<Engine>> open(Disk& disk, DataHalf& data, const base::Clock& clock,
                                                      EngineOptions options);
    ~Engine() override;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    // As model::SpanWriter::append.
    void append(const model::RawBody& body, const model::Decoder& decoder, model::AppendDone done);
    [[nodiscard]] std::shared_ptr<const View> view() const { return view_.load(); }
    [[nodiscard]] EngineStats stats() const;
    [[nodiscard]] const RecoveryReport& recovery() const { return recovery_; }
    // Stop intake, drain, commit, seal, close. Idempotent.
    base::Status close();

    // The steps, for tests without threads. Each says whether it did something.
    bool commit_step() { return wal_ && wal_->commit_next(); }
    void tick_step() {
        if (wal_) wal_->tick();
    }
    // Seals the oldest closed generation; closes the current one first if that is due, or wanted.
    base::Result<bool> seal_step(bool wanted = false);
    base::Result<bool> compact_step();
    base::Result<bool> retain_step();

private:
    struct Ticket;
    struct Unlink {
        std::string name;
        std::vector<std::weak_ptr<const Segment>> users;
    };
    Engine(Disk& disk, DataHalf& data, const base::Clock& clock, EngineOptions options);

    // recovery.cc
    base::Status recover();
    base::Status make_folders();
    base::Status load_or_create_manifest();
    base::Status sort_out_segment_files();
    base::Status open_segments();
    base::Status replay(WalScan& scan);
    base::Status go_on(std::uint64_t replayed_bytes);
    base::Status sync_log(const RecoveredGeneration& recovered);
    base::Status replay_generation(RecoveredGeneration& recovered, std::vector<std::shared_ptr<Generation>>& heads);
    base::Status replay_record(const WalRecord& record, std::uint64_t generation, std::uint64_t number,
                               std::vector<std::shared_ptr<Generation>>& heads);
    base::Status make_reserve();
    void lose(const std::string& name, const std::string& why);

    // engine.cc
    base::Result<std::shared_ptr<Generation>> make_generation(std::uint64_t number);
    std::shared_ptr<Generation> enter();
    // `is_pending`: the request is with the WAL, settle() will count it off.
    void leave(Generation& generation, bool is_pending);
    // Compares memory and log with their budgets; after each group.
    void weigh();
    base::Error refusal_or_none(bool& refused);
    void refuse(const base::Error& error, model::DecodeCounts counts, const model::AppendDone& done);
    std::size_t lock_shard(Generation& generation, std::unique_lock<std::mutex>& lock);
    void group_done(std::vector<std::unique_ptr<WalTicket>>& tickets, const base::Status& status) override;
    void commit_rows(std::span<const std::unique_ptr<WalTicket>> tickets, const base::Status& status);
    void settle(std::span<const std::unique_ptr<WalTicket>> tickets, const base::Status& status);
    void publish();         // takes publish_mutex_
    void publish_locked();  // REQUIRES publish_mutex_
    [[nodiscard]] bool is_full(const Generation& generation) const;
    [[nodiscard]] bool log_is_full() const;
    [[nodiscard]] bool seal_is_due() const;
    [[nodiscard]] std::uint64_t heads_bytes() const;
    [[nodiscard]] std::uint64_t other_bytes() const;
    // Of the current generation; `full`: only if it is that one (null: whichever), another may have taken its place.
    void want_seal(const Generation* full);

    // background.cc
    base::Result<bool> roll();
    // All heads of one generation (several only after a replay that did not fit into one).
    base::Status seal(std::span<const std::shared_ptr<Generation>> heads);
    base::Status try_seal(std::span<const std::shared_ptr<Generation>> heads, PendingFiles& files);
    // Applies `change` to a copy, saves it, takes it over. REQUIRES edit_mutex_.
    base::Status edit(const std::function<void(Manifest&)>& change);
    base::Status save(Manifest& next);
    base::Status open_into(const std::vector<SegmentEntry>& entries,
                           std::vector<std::shared_ptr<const Segment>>& opened);
    void replace_segments(const std::vector<std::uint64_t>& removed, std::vector<std::shared_ptr<const Segment>> added,
                          std::uint64_t sealed_generation);
    [[nodiscard]] Segments pick_compaction() const;
    base::Result<bool> compact(const Segments& inputs, PendingFiles& files);
    void set_aside(const Segments& inputs, const base::Error& error);
    // One edit: these go, those come; files of the former that nobody names any more are removed when unused.
    base::Status exchange_segments(const Segments& removed, const std::vector<SegmentEntry>& added,
                                   std::vector<std::shared_ptr<const Segment>> opened);
    void unlink_dropped();
    base::Result<Segments> expired();
    [[nodiscard]] std::int64_t retention_now_ns() const;
    // The wall clock of the start, carried on by the monotonic one.
    [[nodiscard]] std::int64_t steady_now_ns() const;
    [[nodiscard]] std::uint64_t new_segment_id();
    void start_thread(const char* name, std::function<void()> work);
    void make_room();
    void run_sealer();
    void run_compactor();
    void run_housekeeper();
    bool rest(std::int64_t ns);  // false: stopping

    // Constant after open.
    Disk& disk_;
    DataHalf& data_;
    const base::Clock& clock_;
    const EngineOptions options_;
    const std::shared_ptr<MemoryBudget> budget_;
    const std::unique_ptr<MemoryBudget::Account> account_;
    std::unique_ptr<DiskLock> lock_;
    RecoveryReport recovery_;
    ReplayProgress replayed_;        // of the start
    std::uint64_t progress_at_ = 0;  // likewise: how far `replayed_` was when it was told last
    std::stop_token start_stop_;     // the start's; no token afterwards: closing seals
    std::unique_ptr<Wal> wal_;       // null in memory
    std::int64_t start_wall_ns_ = 0;
    std::int64_t start_monotonic_ns_ = 0;
    std::function<std::uint64_t()> random_;

    base::Published<View> view_;

    StoreId store_id_{};  // the manifest's; constant once the store is open, unlike what is beside it there

    std::mutex edit_mutex_;
    // Guarded by edit_mutex_.
    Manifest manifest_;
    std::vector<Unlink> to_unlink_;
    std::vector<std::string> unlinked_;  // still named as dropped in the manifest

    mutable std::mutex state_mutex_;
    std::condition_variable state_changed_;
    // Guarded by state_mutex_.
    std::shared_ptr<Generation> current_;
    std::deque<std::shared_ptr<Generation>> closed_;  // oldest first, waiting for their seal
    std::uint64_t staging_ = 0;                       // requests between enter() and leave()
    bool rolling_ = false;
    bool seal_wanted_ = false;
    bool stopping_ = false;

    mutable std::mutex publish_mutex_;
    // Guarded by publish_mutex_.
    std::vector<std::shared_ptr<Generation>> live_;  // oldest first, as in the view
    std::shared_ptr<const Segments> segments_;
    std::uint64_t manifest_number_ = 0;
    std::uint64_t view_number_ = 0;

    std::set<std::uint64_t> set_aside_;  // segments not to be merged; of those who call compact_step()

    std::atomic<std::uint64_t> next_segment_id_{1};
    std::atomic<std::uint64_t> set_aside_count_{0};
    std::atomic<bool> closing_{false};
    std::stop_source hurry_;  // a merge that is under way may be given up
    std::atomic<bool> closed_for_good_{false};
    std::atomic<bool> manifest_in_doubt_{false};
    std::atomic<bool> disk_full_{false};
    std::atomic<std::int64_t> last_group_ns_{0};
    std::atomic<bool> over_memory_{false};  // as weighed last
    std::atomic<bool> over_wal_{false};
    std::atomic<std::uint64_t> seals_{0};
    std::atomic<std::uint64_t> seal_failures_{0};
    std::atomic<std::uint64_t> compactions_{0};
    std::atomic<std::int64_t> seal_ns_{0};
    std::atomic<std::int64_t> compaction_ns_{0};
    std::atomic<std::uint64_t> dropped_segments_{0};
    std::atomic<std::uint64_t> dropped_traces_{0};
    std::atomic<std::uint64_t> refused_{0};
    std::atomic<std::uint32_t> shard_hint_{0};

    std::vector<std::thread> threads_;  // of the one who opens and closes; the threads themselves must not look
    std::atomic<bool> has_threads_{false};
};

inline constexpr char kReserveName[] = "reserve";

}  // namespace skua::store::embedded
