// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/posix_disk.h"

#include "store/embedded/io/posix_file.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace skua::store::embedded {

namespace {

// Creates each missing folder of the path; each new name is synced, or the folder could vanish with its contents.
base::Status make_path(const std::string& path) {
    if (::mkdir(path.c_str(), 0750) == 0) {
        const auto slash = path.find_last_of('/');
        const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
        const int fd = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0) return disk_error("open", parent, errno);
        const int result = ::fsync(fd);
        const int sync_errno = errno;
        ::close(fd);
        if (result != 0) return disk_error("sync", parent, sync_errno);
        return {};
    }
    if (errno == EEXIST) return {};
    if (errno != ENOENT) return disk_error("create", path, errno);
    const auto slash = path.find_last_of('/');
    if (slash == std::string::npos || slash == 0) return disk_error("create", path, ENOENT);
    SKUA_RETURN_IF_ERROR(make_path(path.substr(0, slash)));
    return make_path(path);
}

base::Result<int> open_root(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return disk_error("open", path, errno);
    return fd;
}

class FlockHolder final : public DiskLock {
public:
    explicit FlockHolder(int fd) : fd_(fd) {}
    ~FlockHolder() override { ::close(fd_); }
    FlockHolder(const FlockHolder&) = delete;
    FlockHolder& operator=(const FlockHolder&) = delete;

private:
    const int fd_;
};

std::string without_trailing_slash(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
}

}  // namespace

base::Result<std::unique_ptr<PosixDisk>> PosixDisk::open(const std::string& path, DirectIo direct) {
    const std::string clean = without_trailing_slash(path);
    SKUA_RETURN_IF_ERROR(make_path(clean));
    SKUA_ASSIGN_OR_RETURN(auto disk, open_existing(clean));
    if (direct == DirectIo::kProbe) {
        disk->probe();
    } else {
        disk->write_mode_text_ = "buffered writes with fdatasync: as configured";
    }
    return disk;
}

base::Result<std::unique_ptr<PosixDisk>> PosixDisk::open_existing(const std::string& path) {
    const std::string clean = without_trailing_slash(path);
    SKUA_ASSIGN_OR_RETURN(const int fd, open_root(clean));
    return std::unique_ptr<PosixDisk>(new PosixDisk(clean, fd));
}

PosixDisk::~PosixDisk() {
    ::close(fd_);
}

base::Result<std::unique_ptr<File>> PosixDisk::open(const std::string& name, OpenOptions options) {
    int flags = O_CLOEXEC;
    flags |= options.access == Access::kRead ? O_RDONLY : O_RDWR;
    if (options.access == Access::kCreate) flags |= O_CREAT | O_EXCL;
    const bool direct = options.want_direct_sync && write_mode_ == WriteMode::kDirectSync;
    if (direct) flags |= O_DIRECT | O_DSYNC;
    const int fd = ::openat(fd_, name.c_str(), flags, 0640);
    if (fd < 0) return disk_error(options.access == Access::kCreate ? "create" : "open", full(name), errno);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(
        full(name), fd, direct ? write_mode_ : WriteMode::kBuffered, direct ? alignment_ : 1));
}

base::Status PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::renameat(fd_, from.c_str(), fd_, to.c_str()) != 0) {
        return disk_error("rename", full(from) + " to " + full(to), errno);
    }
    return {};
}

base::Status PosixDisk::unlink(const std::string& name) {
    if (::unlinkat(fd_, name.c_str(), 0) != 0) return disk_error("remove", full(name), errno);
    return {};
}

base::Status PosixDisk::make_dir(const std::string& name) {
    if (::mkdirat(fd_, name.c_str(), 0750) != 0 && errno != EEXIST) return disk_error("create", full(name), errno);
    return {};
}

base::Result<std::vector<DirEntry>> PosixDisk::list(const std::string& dir) {
    const int fd = ::openat(fd_, dir.empty() ? "." : dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return disk_error("list", full(dir), errno);
    DIR* stream = ::fdopendir(fd);
    if (stream == nullptr) {
        const int open_errno = errno;
        ::close(fd);
        return disk_error("list", full(dir), open_errno);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
    std::vector<DirEntry> entries;
    while (true) {
        errno = 0;
        const dirent* entry = ::readdir(stream);
        if (entry == nullptr) break;
        const std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        struct stat status {};
        if (::fstatat(fd, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
            if (errno == ENOENT) continue;  // removed meanwhile
            return disk_error("list", full(dir), errno);
        }
        entries.push_back({name, static_cast<std::uint64_t>(status.st_size), S_ISDIR(status.st_mode)});
    }
    if (errno != 0) return disk_error("list", full(dir), errno);
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
}

base::Status PosixDisk::sync_dir(const std::string& dir) {
    const int fd = ::openat(fd_, dir.empty() ? "." : dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return disk_error("open", full(dir), errno);
    const int result = ::fsync(fd);
    const int sync_errno = errno;
    ::close(fd);
    if (result != 0) return disk_error("sync", full(dir), sync_errno);
    return {};
}

base::Result<SpaceInfo> PosixDisk::space() {
    struct statvfs info {};
    if (::fstatvfs(fd_, &info) != 0) return disk_error("read the free space of", path_, errno);
    return SpaceInfo{static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize,
                     static_cast<std::uint64_t>(info.f_blocks) * info.f_frsize};
}

base::Result<std::unique_ptr<DiskLock>> PosixDisk::lock(const std::string& name) {
    const int fd = ::openat(fd_, name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return disk_error("open", full(name), errno);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int lock_errno = errno;
        char owner[24] = {};
        const ssize_t n = ::pread(fd, owner, sizeof owner - 1, 0);
        ::close(fd);
        if (lock_errno != EWOULDBLOCK) return disk_error("lock", full(name), lock_errno);
        std::string who(owner, n > 0 ? static_cast<std::size_t>(n) : 0);
        std::erase_if(who, [](char c) { return c < '0' || c > '9'; });
        return base::Error{base::Code::kUnavailable, "cannot lock " + full(name) +
                                                         ": another process uses this folder" +
                                                         (who.empty() ? "" : " (process " + who + ")")};
    }
    // Only for the message above; the lock is the kernel's.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
        const int write_errno = errno;
        ::close(fd);
        return disk_error("write", full(name), write_errno);
    }
    return std::unique_ptr<DiskLock>(std::make_unique<FlockHolder>(fd));
}

}  // namespace skua::store::embedded
