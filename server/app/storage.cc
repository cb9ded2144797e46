// SPDX-License-Identifier: Apache-2.0
#include "app/storage.h"

#include "base/log.h"
#include "ingest/decoders.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/store.h"

#include <algorithm>

#include <fmt/format.h>

namespace skua::app {
namespace {

using store::embedded::EmbeddedStoreOptions;
using store::embedded::EngineOptions;

// The meaning the decoders of this version give to a body; what the log holds of another one is not for them.
constexpr std::uint16_t kInterpretation = 1;

const model::Decoder* decoder_for(model::Door /*door*/, model::Encoding encoding, std::uint16_t interpretation) {
    return interpretation == kInterpretation ? ingest::decoder_for(encoding) : nullptr;
}

// Two heads (one filling, one being sealed), what waits for the disk, and the cache; the rest is room for a head that
// grows while the one before is sealed.
void share_memory(std::uint64_t memory, EmbeddedStoreOptions& options) {
    EngineOptions& engine = options.engine;
    engine.memory_bytes_max = memory;
    if (options.path.empty()) {  // half of it is for what is sealed
        engine.head_bytes_max = memory / 8;
        engine.retention.bytes_max = memory / 2;
        options.data.cache_bytes = static_cast<std::size_t>(memory / 16);
        return;
    }
    engine.head_bytes_max = std::min<std::uint64_t>(64ULL << 20, memory / 4);
    engine.heads_bytes_max = memory / 8 * 5;
    engine.wal.queued_bytes_max = std::min<std::uint64_t>(64ULL << 20, memory / 8);
    options.data.cache_bytes = static_cast<std::size_t>(memory / 16 * 3);
}

void log_recovery(const store::embedded::EmbeddedStore& store, const std::string& path, std::int64_t took_ns) {
    const auto stats = store.engine_stats();
    const auto& recovery = store.recovery();
    base::log(base::Level::kInfo, "app",
              "{}: {} segments, {} bytes, {} requests read back from the log in {:.3f} s; {}", path, stats.segments,
              stats.segment_bytes, recovery.records, static_cast<double>(took_ns) * 1e-9, stats.write_mode);
    if (!recovery.damage.empty() || !recovery.moved_to_lost.empty()) {
        base::log(base::Level::kError, "app", "{}: {} damaged places in the log, {} files moved to {}/lost", path,
                  recovery.damage.size(), recovery.moved_to_lost.size(), path);
    }
}

}  // namespace

EmbeddedStoreOptions store_options(const StorageConfig& config, std::uint64_t disk_bytes) {
    EmbeddedStoreOptions options;
    options.path = config.path;
    EngineOptions& engine = options.engine;
    share_memory(config.memory, options);
    options.read.query_bytes = config.query_memory;
    engine.wal.durability = config.durability;
    engine.interpretation = kInterpretation;
    engine.decoder_for = decoder_for;
    engine.retention.age_ns = config.retention.count();
    if (config.path.empty()) {
        engine.retention.traces_max = config.max_traces;
        return options;
    }
    engine.retention.free_min = config.min_free;
    engine.retention.bytes_max =
        config.max_bytes.percent != 0 ? disk_bytes / 100 * config.max_bytes.percent : config.max_bytes.bytes;
    return options;
}

base::Result<std::unique_ptr<store::embedded::EmbeddedStore>> open_storage(const StorageConfig& config,
                                                                           const base::Clock& clock,
                                                                           store::embedded::StartOptions start) {
    using store::embedded::EmbeddedStore;
    if (config.path.empty()) return EmbeddedStore::open(store_options(config, 0), clock);
    const auto named = [](const base::Error& error) {
        const bool is_usable_elsewhere = error.code == base::Code::kIo || error.code == base::Code::kNotFound ||
                                         error.code == base::Code::kUnavailable;
        return base::Error{error.code,
                           error.message + (is_usable_elsewhere ? "; choose another folder with --storage.path" : "")};
    };
    if (config.max_traces != 0) {
        base::log(base::Level::kWarn, "app",
                  "memory.max-traces counts in memory only: storage.path={} is kept by age and bytes", config.path);
    }
    const std::int64_t start_ns = clock.monotonic_ns();
    auto disk = store::embedded::PosixDisk::open(config.path, store::embedded::DirectIo::kNever);
    if (!disk) return named(disk.error());
    const auto space = (*disk)->space();
    if (!space) return named(space.error());
    EmbeddedStoreOptions options = store_options(config, space->total_bytes);
    options.engine.start = std::move(start);
    auto opened = EmbeddedStore::open(std::move(options), clock);
    if (!opened) return named(opened.error());
    log_recovery(**opened, config.path, clock.monotonic_ns() - start_ns);
    return opened;
}

std::string describe_storage(const StorageConfig& config) {
    return config.path.empty() ? "spans in memory" : "spans in " + config.path;
}

}  // namespace skua::app
