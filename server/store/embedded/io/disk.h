// SPDX-License-Identifier: Apache-2.0
// The one interface through which the embedded store touches a disk: PosixDisk in production, MemDisk for the store
// without files, SimDisk in tests (crashes, faults, full disks).
//
// Names are relative to the disk's root, with '/' between folder and file ("wal/0000000000000001.wal"). Sizes and
// offsets are bytes. Nothing is durable before it is synced: a file's bytes and size by File::sync, the names in a
// folder (creation, renaming, removal) by Disk::sync_dir of that folder; a rename by sync_dir of the folder it leads
// to.
//
// Errors name the path and the cause. kResourceExhausted: no space left. kNotFound: no such file. All else is kIo.
// Threads: a Disk may be used by any; a File's read_at by any, its other operations by one at a time.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

enum class Access : std::uint8_t {
    kRead,    // existing, read only
    kUpdate,  // existing, read and write
    kCreate,  // new, read and write; fails when the name exists
};

// What a write means when it has returned.
enum class WriteMode : std::uint8_t {
    kBuffered,   // nothing until sync()
    kDirectSync  // durable; address, offset and length must be multiples of alignment()
};

struct OpenOptions {
    Access access = Access::kRead;
    // Asks for WriteMode::kDirectSync, where the disk can do it and it pays; look at File::write_mode().
    bool want_direct_sync = false;
};

class File {
public:
    virtual ~File() = default;
    // As given to open, with the disk's root in front: for messages.
    [[nodiscard]] virtual const std::string& path() const = 0;
    // Fills `out` from `offset`; fewer bytes only at the end of the file.
    virtual base::Result<std::size_t> read_at(std::uint64_t offset, std::span<char> out) const = 0;
    // A hint: these bytes will be read soon. Does not wait for them.
    virtual void will_read(std::uint64_t /*offset*/, std::uint64_t /*size*/) const {}
    // All of `bytes` or an error; after an error any part of them may have been written.
    virtual base::Status write_at(std::uint64_t offset, std::string_view bytes) = 0;
    // Makes bytes and size durable. After an error nothing is known about what was written since the last success, and
    // a later success does not change that: give the file up.
    virtual base::Status sync() = 0;
    [[nodiscard]] virtual base::Result<std::uint64_t> size() const = 0;
    virtual base::Status truncate(std::uint64_t size) = 0;
    // Allocates blocks up to `size` (and makes the file that long): later writes below it need no space.
    virtual base::Status preallocate(std::uint64_t size) = 0;
    [[nodiscard]] virtual WriteMode write_mode() const { return WriteMode::kBuffered; }
    // Of address, offset and length, for reads and writes of a kDirectSync file; else 1.
    [[nodiscard]] virtual std::size_t alignment() const { return 1; }
};

struct DirEntry {
    std::string name;  // without its folder
    std::uint64_t size = 0;
    bool is_folder = false;
};

struct SpaceInfo {
    std::uint64_t free_bytes = 0;  // to an ordinary user
    std::uint64_t total_bytes = 0;
};

// Held as long as the object lives; the operating system drops it with the process.
class DiskLock {
public:
    virtual ~DiskLock() = default;
};

class Disk {
public:
    virtual ~Disk() = default;
    // Of the root, for messages.
    [[nodiscard]] virtual const std::string& path() const = 0;
    virtual base::Result<std::unique_ptr<File>> open(const std::string& name, OpenOptions options) = 0;
    // Replaces an existing target, atomically.
    virtual base::Status rename(const std::string& from, const std::string& to) = 0;
    virtual base::Status unlink(const std::string& name) = 0;
    // Not an error when it exists.
    virtual base::Status make_dir(const std::string& name) = 0;
    // Sorted by name. "" is the root.
    virtual base::Result<std::vector<DirEntry>> list(const std::string& dir) = 0;
    virtual base::Status sync_dir(const std::string& dir) = 0;
    virtual base::Result<SpaceInfo> space() = 0;
    // kUnavailable, naming the owner where known, when another process (or another opener here) holds it.
    virtual base::Result<std::unique_ptr<DiskLock>> lock(const std::string& name) = 0;
    // One line on how writes reach the disk and why, for the log and metrics.
    [[nodiscard]] virtual std::string describe() const = 0;
};

// Whole small files. The limit guards against reading a wrong file into memory (kTooLarge).
base::Result<std::string> read_whole(Disk& disk, const std::string& name, std::uint64_t max_bytes);
// Creates, writes and syncs `name`; the folder is not synced. An existing file is replaced.
base::Status write_whole(Disk& disk, const std::string& name, std::string_view bytes);

}  // namespace skua::store::embedded
