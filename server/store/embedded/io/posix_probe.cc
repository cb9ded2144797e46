// SPDX-License-Identifier: Apache-2.0
// Decides between O_DIRECT | O_DSYNC and pwrite + fdatasync for the folder at hand.
#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/io/posix_disk.h"

#include <algorithm>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace skua::store::embedded {

namespace {

constexpr long kXfsMagic = 0x58465342;  // not in linux/magic.h of older kernels
constexpr char kProbeName[] = ".write-probe";
constexpr std::size_t kProbeBlock = 65536;
constexpr int kProbeBlocks = 4;
constexpr int kProbeRounds = 3;

// 0: no direct I/O. The kernel's word where it gives one, else the file systems known to do it.
std::size_t direct_alignment(int dir_fd, const char* name) {
    struct statx status {};
    if (::statx(dir_fd, name, 0, STATX_DIOALIGN, &status) == 0 && (status.stx_mask & STATX_DIOALIGN) != 0) {
        return std::max<std::size_t>(status.stx_dio_mem_align, status.stx_dio_offset_align);
    }
    struct statfs file_system {};
    if (::fstatfs(dir_fd, &file_system) != 0) return 0;
    const bool known = file_system.f_type == EXT4_SUPER_MAGIC || file_system.f_type == kXfsMagic;
    return known ? kIoAlignment : 0;
}

double seconds_now() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The shortest of some durable writes of 64 KiB over blocks written before: what others do to the disk meanwhile only
// makes writes longer. Negative when one fails.
double shortest_seconds(int dir_fd, const AlignedBuffer& block, int extra_flags) {
    const int fd = ::openat(dir_fd, kProbeName, O_RDWR | O_CLOEXEC | extra_flags);
    if (fd < 0) return -1;
    double shortest = -1;
    for (int i = 0; i < kProbeBlocks; ++i) {
        const double start = seconds_now();
        const off_t offset = static_cast<off_t>(kProbeBlock) * i;
        bool ok = ::pwrite(fd, block.data(), kProbeBlock, offset) == static_cast<ssize_t>(kProbeBlock);
        if (ok && extra_flags == 0) ok = ::fdatasync(fd) == 0;
        if (!ok) {
            ::close(fd);
            return -1;
        }
        const double took = seconds_now() - start;
        if (shortest < 0 || took < shortest) shortest = took;
    }
    ::close(fd);
    return shortest;
}

bool write_probe_file(int dir_fd, const AlignedBuffer& block) {
    const int fd = ::openat(dir_fd, kProbeName, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0) return false;
    bool ok = true;
    for (int i = 0; i < kProbeBlocks && ok; ++i) {
        ok = ::pwrite(fd, block.data(), kProbeBlock, static_cast<off_t>(kProbeBlock) * i) ==
             static_cast<ssize_t>(kProbeBlock);
    }
    ok = ok && ::fsync(fd) == 0;
    ::close(fd);
    return ok;
}

}  // namespace

void PosixDisk::probe() {
    AlignedBuffer block(kProbeBlock);
    std::memset(block.data(), 0, block.size());
    write_mode_text_ = "buffered writes with fdatasync: ";
    if (!write_probe_file(fd_, block)) {
        write_mode_text_ += "the probe file could not be written";
        ::unlinkat(fd_, kProbeName, 0);
        return;
    }
    const std::size_t alignment = direct_alignment(fd_, kProbeName);
    if (alignment == 0 || alignment > kIoAlignment) {
        write_mode_text_ += "this file system has no direct I/O";
        ::unlinkat(fd_, kProbeName, 0);
        return;
    }
    double buffered = -1;
    double direct = -1;
    for (int round = 0; round < kProbeRounds; ++round) {  // in turns: a busy moment then hits both
        const double one = shortest_seconds(fd_, block, 0);
        const double other = shortest_seconds(fd_, block, O_DIRECT | O_DSYNC);
        buffered = round == 0 ? one : std::min(buffered, one);
        direct = round == 0 ? other : std::min(direct, other);
    }
    ::unlinkat(fd_, kProbeName, 0);
    const std::string measured =
        fmt::format("64 KiB durable in {:.0f} us direct, {:.0f} us buffered", direct * 1e6, buffered * 1e6);
    // Direct also saves the copy into the page cache, which the clock does not see: a small loss is worth it.
    if (direct < 0 || (buffered >= 0 && direct > buffered * 1.5)) {
        write_mode_text_ += direct < 0 ? "direct writes fail here" : measured;
        return;
    }
    write_mode_ = WriteMode::kDirectSync;
    alignment_ = kIoAlignment;
    write_mode_text_ = "direct synchronous writes: " + measured;
}

}  // namespace skua::store::embedded
