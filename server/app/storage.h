// SPDX-License-Identifier: Apache-2.0
// From settings to an open store: the one place that knows how the memory given to it is shared out.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "store/embedded/engine/start_options.h"
#include "store/embedded/wal/generation_log.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace skua::store::embedded {
class EmbeddedStore;
struct EmbeddedStoreOptions;
}  // namespace skua::store::embedded

namespace skua::app {

// Heads grow in blocks of 4 MiB: with less nothing useful fits.
inline constexpr std::size_t kStorageMemoryMin = std::size_t{64} << 20;
inline constexpr std::size_t kQueryMemoryMin = std::size_t{16} << 20;

// A size, or a share of the disk's; both 0: no limit.
struct DiskShare {
    std::uint64_t bytes = 0;
    unsigned percent = 0;
};

struct StorageConfig {
    std::string path;  // empty: in memory
    store::embedded::Durability durability = store::embedded::Durability::kDurable;
    std::chrono::nanoseconds retention{0};  // 0: for ever
    DiskShare max_bytes;
    std::uint64_t min_free = 0;
    std::size_t memory = std::size_t{256} << 20;
    std::size_t query_memory = std::size_t{256} << 20;  // of one query, beside `memory`
    std::size_t max_traces = 0;                         // in memory; 0: no limit
};

// `disk_bytes`: the size of the disk under the path.
store::embedded::EmbeddedStoreOptions store_options(const StorageConfig& config, std::uint64_t disk_bytes);

// Recovers what the folder holds, and logs what it found. `clock` outlives the store. Errors name the folder and what
// to do: kUnavailable when another process has it, kIo when it cannot be used, kInvalidArgument for a format of another
// version, kCorruption for a manifest that cannot be read, kCancelled when `start` was stopped.
base::Result<std::unique_ptr<store::embedded::EmbeddedStore>> open_storage(const StorageConfig& config,
                                                                           const base::Clock& clock,
                                                                           store::embedded::StartOptions start = {});

// For the ready line: "spans in /var/lib/skua", "spans in memory".
std::string describe_storage(const StorageConfig& config);

}  // namespace skua::app
