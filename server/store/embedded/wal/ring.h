// SPDX-License-Identifier: Apache-2.0
// The files of the WAL as things on disk: made on demand and written once in advance, so that commits never change a
// file's size or blocks; recycled when their generation is released; given back to the file system when idle.
// Thread-safe; holds no lock during I/O.
#pragma once

#include "store/embedded/io/disk.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

inline constexpr char kWalFolder[] = "wal";
inline constexpr std::string_view kWalUnfinished = ".new";  // in place of ".wal" while the file is made

struct WalRingOptions {
    std::uint64_t file_bytes = 16 << 20;       // a multiple of kWalBlock, at least a chunk and a block
    std::uint64_t ring_bytes_max = 256 << 20;  // of files kept for reuse
    std::size_t spare_files = 2;               // kept ready
    bool direct_sync = true;                   // ask for it
};

class WalRing {
public:
    WalRing(Disk& disk, WalRingOptions options) : disk_(disk), options_(options) {}

    // At start: a file whose contents nobody needs, and the highest slot number seen.
    void adopt(std::string name, std::uint64_t slot);
    void reserve_slot(std::uint64_t slot);

    struct Taken {
        std::string name;
        std::unique_ptr<File> file;
    };
    // A file of file_bytes, its blocks written and its name durable. Slow only when none is ready.
    base::Result<Taken> take();
    // The generation is released: the file may be written over.
    void recycle(std::string name);
    // For background threads: has spare_files ready. False: nothing to do.
    base::Result<bool> prepare();
    // Nothing was written for a while: keeps spare_files, removes the others. Errors are left to the next start.
    void shrink();

    [[nodiscard]] const WalRingOptions& options() const { return options_; }
    [[nodiscard]] std::size_t spare_count() const;

private:
    base::Result<Taken> create();

    Disk& disk_;
    const WalRingOptions options_;
    mutable std::mutex mutex_;
    // Guarded by mutex_.
    std::vector<std::string> spare_;
    std::uint64_t next_slot_ = 1;
};

// "wal/0000000000000007.wal" and back; 0 for a name that is none of ours.
std::string wal_file_name(std::uint64_t slot);
std::uint64_t wal_slot(const std::string& name_without_folder);

}  // namespace skua::store::embedded
