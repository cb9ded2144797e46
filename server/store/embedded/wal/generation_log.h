// SPDX-License-Identifier: Apache-2.0
// The WAL of one generation, as it is written: numbers its chunks and records and puts them into files of the ring.
// Confined to the WAL leader where nothing else is said.
#pragma once

#include "store/embedded/wal/group.h"
#include "store/embedded/wal/ring.h"
#include "store/embedded/wal/wal_format.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace skua::store::embedded {

enum class Durability : std::uint8_t {
    kDurable,   // acknowledged after the sync
    kInterval,  // acknowledged after the write; synced every so often
    kOff,       // acknowledged after the write; never synced
};

class GenerationLog {
public:
    struct Identity {
        std::uint64_t generation = 0;
        std::uint64_t salt = 0;
        StoreId store_id{};
        std::uint64_t previous_synced = 0;
    };
    GenerationLog(WalRing& ring, Identity identity, bool sync_each)
        : ring_(ring), identity_(identity), sync_each_(sync_each) {}

    // Writes the group, and syncs it when each is to be. After a failure its numbers are free again and the file it hit
    // is dead; the group may be written once more: it then goes to another file.
    base::Status write(WalGroup& group);
    // Makes all written durable (interval mode). After a failure as write().
    base::Status sync();
    // An empty chunk that says how far all is durable; without it the last group would look like a torn tail if it
    // rots.
    base::Status write_mark(SlabPool& pool);

    [[nodiscard]] std::uint64_t generation() const { return identity_.generation; }
    // Any thread.
    [[nodiscard]] std::uint64_t synced() const { return synced_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t payload_bytes() const { return payload_bytes_.load(std::memory_order_relaxed); }
    // No mark is wanted: there is one, or (interval, off) it would have to be synced itself.
    [[nodiscard]] bool marked() const { return !sync_each_ || marked_at_ == synced(); }
    // Something acknowledged sits in a file whose sync failed: only sealing the generation makes it durable.
    [[nodiscard]] bool wants_seal() const { return wants_seal_.load(std::memory_order_relaxed); }

    struct LogFile {
        std::string name;
        bool is_dead = false;  // never written again, not even after its release
    };
    // Any thread.
    [[nodiscard]] std::vector<LogFile> files() const {
        const std::lock_guard lock(files_mutex_);
        return files_;
    }
    [[nodiscard]] std::size_t files_count() const {
        const std::lock_guard lock(files_mutex_);
        return files_.size();
    }

private:
    base::Status write_chunks(WalGroup& group);
    base::Status next_file();
    base::Status sync_dirty();
    void give_up(const std::shared_ptr<File>& file);
    void encode(WalGroup& group);

    WalRing& ring_;
    const Identity identity_;
    const bool sync_each_;
    mutable std::mutex files_mutex_;
    std::vector<LogFile> files_;  // guarded by files_mutex_
    std::shared_ptr<File> file_;  // null: the next group opens one
    std::uint64_t offset_ = 0;
    std::vector<std::shared_ptr<File>> dirty_;  // written and not synced, buffered ones
    std::uint64_t next_chunk_ = 1;
    std::uint64_t next_record_ = 1;
    std::uint64_t marked_at_ = 0;
    std::shared_ptr<File> failed_;  // the one the last failure was in, if it was in a file
    std::atomic<std::uint64_t> synced_{0};
    std::atomic<bool> wants_seal_{false};
    std::atomic<std::uint64_t> payload_bytes_{0};
};

}  // namespace skua::store::embedded
