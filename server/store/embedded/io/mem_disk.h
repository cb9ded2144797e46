// SPDX-License-Identifier: Apache-2.0
// Files in memory, for the store without a path. Grows in 64 KiB pages, bounded by a capacity; nothing is lost or
// late, so syncing does nothing. An unlinked file lives as long as it is open.
#pragma once

#include "store/embedded/io/disk.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>

namespace skua::store::embedded {

struct MemInode;  // mem_disk.cc

class MemDisk final : public Disk {
public:
    explicit MemDisk(std::uint64_t capacity_bytes);
    ~MemDisk() override;

    [[nodiscard]] const std::string& path() const override { return path_; }
    base::Result<std::unique_ptr<File>> open(const std::string& name, OpenOptions options) override;
    base::Status rename(const std::string& from, const std::string& to) override;
    base::Status unlink(const std::string& name) override;
    base::Status make_dir(const std::string& name) override;
    base::Result<std::vector<DirEntry>> list(const std::string& dir) override;
    base::Status sync_dir(const std::string& dir) override;
    base::Result<SpaceInfo> space() override;
    base::Result<std::unique_ptr<DiskLock>> lock(const std::string& name) override;
    [[nodiscard]] std::string describe() const override { return "in memory"; }

    [[nodiscard]] std::uint64_t used_bytes() const { return *used_bytes_; }

private:
    const std::string path_ = "memory:";
    const std::uint64_t capacity_bytes_;
    // Shared with the inodes, which may outlive the disk in open files.
    const std::shared_ptr<std::atomic<std::uint64_t>> used_bytes_;
    std::mutex mutex_;
    // Guarded by mutex_.
    std::map<std::string, std::shared_ptr<MemInode>> files_;
    std::set<std::string> folders_;
};

}  // namespace skua::store::embedded
