// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/posix_file.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skua::store::embedded {

base::Error disk_error(const std::string& verb, const std::string& path, int errno_value) {
    base::Error error = base::errno_error("cannot " + verb + " " + path, errno_value);
    if (errno_value == ENOSPC || errno_value == EDQUOT) error.code = base::Code::kResourceExhausted;
    if (errno_value == ENOENT) error.code = base::Code::kNotFound;
    return error;
}

PosixFile::~PosixFile() {
    ::close(fd_);
}

base::Result<std::size_t> PosixFile::read_at(std::uint64_t offset, std::span<char> out) const {
    std::size_t done = 0;
    while (done < out.size()) {
        const ssize_t n = ::pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_error("read", path_ + " at " + std::to_string(offset + done), errno);
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

void PosixFile::will_read(std::uint64_t offset, std::uint64_t size) const {
    (void)::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED);
}

base::Status PosixFile::write_at(std::uint64_t offset, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return disk_error("write", path_ + " at " + std::to_string(offset + done), errno);
        // A short write of a regular file means that the next one will say why (no space left).
        if (n == 0) return disk_error("write", path_ + " at " + std::to_string(offset + done), ENOSPC);
        done += static_cast<std::size_t>(n);
    }
    return {};
}

base::Status PosixFile::sync() {
    // O_DSYNC covers what was written; the size and preallocation of a direct file still want the call.
    if (::fdatasync(fd_) != 0) return disk_error("sync", path_, errno);
    return {};
}

base::Result<std::uint64_t> PosixFile::size() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) return disk_error("read the size of", path_, errno);
    return static_cast<std::uint64_t>(status.st_size);
}

base::Status PosixFile::truncate(std::uint64_t size) {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return disk_error("truncate", path_, errno);
    return {};
}

base::Status PosixFile::preallocate(std::uint64_t size) {
    const int result = ::posix_fallocate(fd_, 0, static_cast<off_t>(size));
    if (result != 0) return disk_error("allocate " + std::to_string(size) + " bytes for", path_, result);
    return {};
}

}  // namespace skua::store::embedded
