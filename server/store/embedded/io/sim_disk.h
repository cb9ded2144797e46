// SPDX-License-Identifier: Apache-2.0
// A disk that behaves as badly as POSIX allows, repeatably. For tests.
//
// What was not synced is, at a crash, lost, kept or torn, each 512-byte sector by itself and in any order; a sector may
// even be torn inside. A size not synced is the old, the new or one between. Names not synced with sync_dir come and
// go independently of each other and of the files' bytes; a rename is atomic. What was synced stays.
//
// Use: run something, with faults or a crash point armed; crash(seed) then decides what survived, and the disk serves
// again. Files opened before a crash only give errors. Thread-safe.
#pragma once

#include "store/embedded/io/disk.h"

#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace skua::store::embedded {

enum class DiskOp : std::uint8_t {
    kOpen,
    kRead,
    kWrite,
    kSync,
    kTruncate,
    kAllocate,
    kRename,
    kUnlink,
    kMakeDir,
    kSyncDir
};
inline constexpr std::size_t kDiskOps = 10;

struct SimInode;  // sim_disk_state.h

class SimDisk final : public Disk {
public:
    struct Options {
        bool direct_sync = false;  // files asked for get WriteMode::kDirectSync
        std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();
        // Mutants: the call answers OK and does nothing. The suite must notice.
        bool ignore_sync = false;
        bool ignore_sync_dir = false;
    };
    SimDisk();
    explicit SimDisk(Options options);
    ~SimDisk() override;

    [[nodiscard]] const std::string& path() const override { return path_; }
    base::Result<std::unique_ptr<File>> open(const std::string& name, OpenOptions options) override;
    base::Status rename(const std::string& from, const std::string& to) override;
    base::Status unlink(const std::string& name) override;
    base::Status make_dir(const std::string& name) override;
    base::Result<std::vector<DirEntry>> list(const std::string& dir) override;
    base::Status sync_dir(const std::string& dir) override;
    base::Result<SpaceInfo> space() override;
    base::Result<std::unique_ptr<DiskLock>> lock(const std::string& name) override;
    [[nodiscard]] std::string describe() const override { return "simulated"; }

    // Faults. `nth` counts from 1 and from now; the operation fails without effect (a write may leave a part behind).
    void fail(DiskOp op, std::uint64_t nth, base::Code code = base::Code::kIo);
    // Every operation of the kind fails until clear_faults().
    void fail_always(DiskOp op, base::Code code = base::Code::kIo);
    void clear_faults();
    void set_capacity(std::uint64_t bytes);
    // The n-th changing operation from now (reads do not count) is cut off in the middle and nothing works after it.
    void crash_after(std::uint64_t operations);
    // Changing operations so far: how many crash points a run has.
    [[nodiscard]] std::uint64_t operations() const;
    [[nodiscard]] std::uint64_t count(DiskOp op) const;
    [[nodiscard]] bool crashed() const;

    // Power off and on: what survives follows from the seed. Disarms faults and crash points, drops locks.
    void crash(std::uint64_t seed);
    // The same bytes, names and unsynced changes on a disk of its own: to see one crash in several ways.
    [[nodiscard]] std::unique_ptr<SimDisk> clone() const;

    // Behind the store's back, durable at once: what a cosmic ray or an operator does.
    void flip_bit(const std::string& name, std::uint64_t offset_bits);
    void put(const std::string& name, std::string_view bytes);
    [[nodiscard]] std::optional<std::string> get(const std::string& name) const;

private:
    friend class SimFile;
    struct NameChange {
        std::string name;
        std::shared_ptr<SimInode> inode;  // null: removed
    };
    struct DirOp {
        std::string dir;                  // whose sync makes it durable
        std::vector<NameChange> changes;  // happen together
    };
    struct Fault {
        DiskOp op;
        std::uint64_t at;  // the value of counts_[op] that fails; 0: all
        base::Code code;
    };
    using Names = std::map<std::string, std::shared_ptr<SimInode>>;

    // All of these REQUIRE mutex_.
    base::Status begin(DiskOp op, const std::string& what);
    base::Error powered_off(const std::string& what) const;
    void change_names(const std::string& dir, std::vector<NameChange> changes);
    std::uint64_t used_bytes() const;
    static void apply(Names& names, const DirOp& op);

    const std::string path_ = "sim:";
    mutable std::mutex mutex_;
    // Guarded by mutex_.
    Options options_;
    Names names_;          // as seen by the running system; folders are inodes too
    Names durable_names_;  // as they surely are after a crash
    std::vector<DirOp> pending_;
    std::vector<Fault> faults_;
    std::array<std::uint64_t, kDiskOps> counts_{};
    std::uint64_t operations_ = 0;
    std::uint64_t crash_at_ = std::numeric_limits<std::uint64_t>::max();
    bool off_ = false;
    bool cutting_ = false;  // the operation that begins now is the one cut off
    std::uint64_t boot_ = 1;
    std::map<std::string, std::weak_ptr<DiskLock>> locks_;
};

}  // namespace skua::store::embedded
