// SPDX-License-Identifier: Apache-2.0
// Reads a WAL back: at start, and for `skua inspect`. Bytes may be anything; nothing is changed on disk.
//
// A chunk that is bad or missing although a later one says that it was durable is corruption: reported, and reading
// goes on behind it. One that nobody says was durable is the torn tail of a crash: reading ends before it.
#pragma once

#include "store/embedded/io/disk.h"
#include "store/embedded/wal/wal_format.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace skua::store::embedded {

struct WalDamage {
    std::string file;          // or the one where the next sound chunk is
    std::uint64_t offset = 0;  // bytes [offset, offset + bytes) of it
    std::uint64_t bytes = 0;
    std::uint64_t generation = 0;
    std::string what;
};

struct WalChunkPlace {
    std::uint32_t file = 0;  // in RecoveredGeneration::files
    std::uint64_t offset = 0;
    WalChunkHeader header;
    bool is_sound = false;   // the payload is what was written
    bool after_gap = false;  // chunks before it are missing
};

// All chunks of a file with this header, in place order: `bytes` is the whole file, `file_index` goes into the places.
// Blocks that hold none are stepped over: what the ring left there, or something that is bad.
std::vector<WalChunkPlace> find_wal_chunks(std::string_view bytes, const WalFileHeader& header,
                                           std::uint32_t file_index);

struct RecoveredFile {
    std::string name;
    WalFileHeader header;
    bool is_damaged = false;  // holds corruption: kept in lost/ after its release
};

struct RecoveredGeneration {
    std::uint64_t generation = 0;
    std::vector<RecoveredFile> files;   // by index
    std::vector<WalChunkPlace> chunks;  // what is to be replayed, and bad ones that were durable
    std::vector<WalDamage> damage;      // durable data that is gone
    std::uint64_t synced = 0;           // the highest chunk known to have been durable
    std::uint64_t torn_chunks = 0;      // dropped from the tail; never acknowledged if the mode was durable
};

struct UnreadableFile {
    std::string name;
    std::string why;
};

struct WalScan {
    std::vector<RecoveredGeneration> generations;  // ascending, all above `released`
    std::vector<std::string> free_files;           // nothing in them is needed
    std::vector<std::string> unfinished;           // their making was cut off: to be removed
    std::vector<UnreadableFile> unreadable;        // whose they are is not known
    std::uint64_t generation_max = 0;              // seen in any header, released ones too
    std::uint64_t slot_max = 0;
};

// Of the folder wal/. kInvalidArgument, naming the file, for a format version that is not known: then nothing is to be
// touched. kCancelled when `stop` was requested.
base::Result<WalScan> scan_wal(Disk& disk, const StoreId& store_id, std::uint64_t released_generation,
                               const std::stop_token& stop = {});

// Record numbers count from 1 in each generation; a damaged stretch leaves out the numbers of what it held.
using WalRecordSink = std::function<base::Status(const WalRecord& record, std::uint64_t number)>;
// Every whole record in order; views end with the call. Further damage met is added to `generation.damage`. Ends early
// with the sink's error.
base::Status replay_wal(Disk& disk, RecoveredGeneration& generation, const WalRecordSink& sink);

}  // namespace skua::store::embedded
