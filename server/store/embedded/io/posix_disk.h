// SPDX-License-Identifier: Apache-2.0
// A folder of the machine's file system.
//
// Whether direct, write-through files are used is decided once, when the disk is opened: the file system's type and
// STATX_DIOALIGN must allow it (tmpfs opens with O_DIRECT and buffers all the same), and a timed probe must show that
// it is not slower than pwrite + fdatasync.
#pragma once

#include "store/embedded/io/disk.h"

#include <cstdint>
#include <memory>
#include <string>

namespace skua::store::embedded {

enum class DirectIo : std::uint8_t { kProbe, kNever };

class PosixDisk final : public Disk {
public:
    // Creates the folder, and those above it, when missing.
    static base::Result<std::unique_ptr<PosixDisk>> open(const std::string& path, DirectIo direct = DirectIo::kProbe);
    // Nothing is created, probed or written: for tools.
    static base::Result<std::unique_ptr<PosixDisk>> open_existing(const std::string& path);
    ~PosixDisk() override;
    PosixDisk(const PosixDisk&) = delete;
    PosixDisk& operator=(const PosixDisk&) = delete;

    [[nodiscard]] const std::string& path() const override { return path_; }
    base::Result<std::unique_ptr<File>> open(const std::string& name, OpenOptions options) override;
    base::Status rename(const std::string& from, const std::string& to) override;
    base::Status unlink(const std::string& name) override;
    base::Status make_dir(const std::string& name) override;
    base::Result<std::vector<DirEntry>> list(const std::string& dir) override;
    base::Status sync_dir(const std::string& dir) override;
    base::Result<SpaceInfo> space() override;
    base::Result<std::unique_ptr<DiskLock>> lock(const std::string& name) override;
    [[nodiscard]] std::string describe() const override { return write_mode_text_; }

    // What the probe found.
    [[nodiscard]] WriteMode write_mode() const { return write_mode_; }

private:
    PosixDisk(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
    void probe();
    [[nodiscard]] std::string full(const std::string& name) const { return name.empty() ? path_ : path_ + "/" + name; }

    // Constant after open.
    const std::string path_;
    const int fd_;
    WriteMode write_mode_ = WriteMode::kBuffered;
    std::size_t alignment_ = 1;
    std::string write_mode_text_ = "buffered writes: not probed";
};

}  // namespace skua::store::embedded
