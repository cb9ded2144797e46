// SPDX-License-Identifier: Apache-2.0
// A file descriptor as a File.
#pragma once

#include "store/embedded/io/disk.h"

#include <string>
#include <utility>

namespace skua::store::embedded {

// kResourceExhausted for a full disk, kNotFound for a missing file, else kIo.
base::Error disk_error(const std::string& verb, const std::string& path, int errno_value);

class PosixFile final : public File {
public:
    // Takes the descriptor. `alignment` is 1 unless it was opened with O_DIRECT.
    PosixFile(std::string path, int fd, WriteMode mode, std::size_t alignment)
        : path_(std::move(path)), fd_(fd), mode_(mode), alignment_(alignment) {}
    ~PosixFile() override;
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    [[nodiscard]] const std::string& path() const override { return path_; }
    base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const override;
    void will_read(std::uint64_t offset, std::uint64_t size) const override;
    base::Status write_at(std::uint64_t offset, std::string_view bytes) override;
    base::Status sync() override;
    [[nodiscard]] base::Result<std::uint64_t> size() const override;
    base::Status truncate(std::uint64_t size) override;
    base::Status preallocate(std::uint64_t size) override;
    [[nodiscard]] WriteMode write_mode() const override { return mode_; }
    [[nodiscard]] std::size_t alignment() const override { return alignment_; }

private:
    const std::string path_;
    const int fd_;
    const WriteMode mode_;
    const std::size_t alignment_;
};

}  // namespace skua::store::embedded
