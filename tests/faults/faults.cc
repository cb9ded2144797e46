// SPDX-License-Identifier: Apache-2.0
// Loaded into the server before libc (LD_PRELOAD): makes system calls on files below a folder fail. For tests.
//
// SKUA_FAULT_PATH  the folder
// SKUA_FAULT       CALL:N:ERRNO   the N-th call fails (N from 1; "N+": it and all after it), such as fdatasync:3:EIO
//                  space:BYTES    writes fail with ENOSPC once so many bytes were written, until the file named by
//                                 SKUA_FAULT_OFF exists
//                  count          nothing fails; at exit SKUA_FAULT_HIT says how often each was called: "pwrite 12\n"
// SKUA_FAULT_HIT   a file made when the first call was made to fail: a test whose fault never came has tested nothing
// CALL: pwrite, fdatasync, fsync, renameat, openat (those that create), unlinkat.
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>

#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

namespace {

struct Fault {
    std::string path;
    std::string call;
    std::uint64_t nth = 0;
    bool and_after = false;
    int error = EIO;
    std::uint64_t space = 0;  // 0: not this kind
    std::string off;
};

const Fault& fault() {
    static const Fault kFault = [] {
        Fault f;
        const char* path = std::getenv("SKUA_FAULT_PATH");
        const char* text = std::getenv("SKUA_FAULT");
        if (path == nullptr || text == nullptr) return f;
        f.path = path;
        if (const char* off = std::getenv("SKUA_FAULT_OFF")) f.off = off;
        const std::string all = text;
        const std::size_t first = all.find(':');
        f.call = all.substr(0, first);
        if (first == std::string::npos) return f;
        char* end = nullptr;
        f.nth = std::strtoull(all.c_str() + first + 1, &end, 10);
        if (f.call == "space") {
            f.space = f.nth;
            return f;
        }
        f.and_after = *end == '+';
        const std::size_t last = all.rfind(':');
        const std::string error = all.substr(last + 1);
        f.error = error == "ENOSPC" ? ENOSPC : error == "EROFS" ? EROFS : EIO;
        return f;
    }();
    return kFault;
}

bool is_ours(int fd) {
    const Fault& f = fault();
    if (f.path.empty()) return false;
    char link[64];
    std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    char target[4096];
    const ssize_t n = ::readlink(link, target, sizeof target);
    return n > 0 && static_cast<std::size_t>(n) >= f.path.size() &&
           std::memcmp(target, f.path.data(), f.path.size()) == 0;
}

void note_hit() {
    static std::atomic<bool> noted{false};
    const char* const name = std::getenv("SKUA_FAULT_HIT");
    if (name == nullptr || noted.exchange(true)) return;
    ::close(::open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

constexpr const char* kCalls[] = {"pwrite", "fdatasync", "fsync", "renameat", "openat", "unlinkat"};
std::atomic<std::uint64_t> calls[std::size(kCalls)];

[[gnu::destructor]] void tell_counts() {
    const char* const name = std::getenv("SKUA_FAULT_HIT");
    if (fault().call != "count" || name == nullptr) return;
    std::FILE* const file = std::fopen(name, "we");
    if (file == nullptr) return;
    for (std::size_t i = 0; i < std::size(kCalls); ++i) {
        std::fprintf(file, "%s %llu\n", kCalls[i], static_cast<unsigned long long>(calls[i].load()));
    }
    std::fclose(file);
}

// Sets errno and says so when this call is to fail.
bool fails(const char* call, int fd) {
    const Fault& f = fault();
    if (f.path.empty() || f.space != 0 || (f.call != call && f.call != "count") || !is_ours(fd)) return false;
    std::size_t number = 0;
    while (std::strcmp(kCalls[number], call) != 0) ++number;
    const std::uint64_t now = ++calls[number];
    if (f.call == "count") return false;
    if (now != f.nth && !(f.and_after && now > f.nth)) return false;
    note_hit();
    errno = f.error;
    return true;
}

bool is_full(int fd, std::size_t bytes) {
    static std::atomic<std::uint64_t> written{0};
    const Fault& f = fault();
    if (f.space == 0 || !is_ours(fd)) return false;
    if (written.load() + bytes <= f.space) {
        written += bytes;
        return false;
    }
    if (!f.off.empty() && ::access(f.off.c_str(), F_OK) == 0) return false;
    note_hit();
    errno = ENOSPC;
    return true;
}

template <class F>
F next(const char* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

ssize_t pwrite(int fd, const void* bytes, std::size_t n, off_t at) {
    static const auto kReal = next<ssize_t (*)(int, const void*, std::size_t, off_t)>("pwrite");
    if (fails("pwrite", fd) || is_full(fd, n)) return -1;
    return kReal(fd, bytes, n, at);
}
ssize_t pwrite64(int fd, const void* bytes, std::size_t n, off64_t at) {
    return pwrite(fd, bytes, n, at);
}
int fdatasync(int fd) {
    static const auto kReal = next<int (*)(int)>("fdatasync");
    return fails("fdatasync", fd) ? -1 : kReal(fd);
}
int fsync(int fd) {
    static const auto kReal = next<int (*)(int)>("fsync");
    return fails("fsync", fd) ? -1 : kReal(fd);
}
int renameat(int from_fd, const char* from, int to_fd, const char* to) {
    static const auto kReal = next<int (*)(int, const char*, int, const char*)>("renameat");
    return fails("renameat", from_fd) ? -1 : kReal(from_fd, from, to_fd, to);
}
int unlinkat(int fd, const char* name, int flags) {
    static const auto kReal = next<int (*)(int, const char*, int)>("unlinkat");
    return fails("unlinkat", fd) ? -1 : kReal(fd, name, flags);
}
int openat(int fd, const char* name, int flags, ...) {
    static const auto kReal = next<int (*)(int, const char*, int, ...)>("openat");
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
        if (fails("openat", fd)) return -1;
    }
    return kReal(fd, name, flags, mode);
}
}
