// SPDX-License-Identifier: Apache-2.0
// What the engine can be told. Bytes, and nanoseconds of the monotonic clock, unless said otherwise.
#pragma once

#include "model/ingest.h"
#include "store/embedded/engine/memory_budget.h"
#include "store/embedded/engine/start_options.h"
#include "store/embedded/wal/wal.h"

#include <cstdint>
#include <functional>
#include <memory>

namespace skua::store::embedded {

struct RetentionOptions {
    std::int64_t age_ns = 72LL * 3600 * 1'000'000'000;
    std::uint64_t bytes_max = 0;          // of segments; 0: no cap
    std::uint64_t free_min = 1ULL << 30;  // of the disk: below it the oldest go, then ingest is refused
    std::uint64_t traces_max = 0;         // 0: no cap
    std::int64_t keep_newest_ns = 3600LL * 1'000'000'000;  // never dropped for the floor's sake
};

// Decoders of what the WAL holds. Null for what this version no longer understands.
using DecoderFor =
    std::function<const model::Decoder*(model::Door door, model::Encoding encoding, std::uint16_t interpretation)>;

// For tests that show that the suite notices. Never set elsewhere.
struct EngineMutants {
    bool release_wal_before_manifest = false;
    bool acknowledge_before_publishing = false;
    bool publish_segments_before_dropping_head = false;
};

struct EngineOptions {
    StartOptions start;
    bool in_memory = false;  // no WAL, no manifest: nothing outlives the process
    WalOptions wal;
    std::uint64_t head_bytes_max = 64ULL << 20;
    std::int64_t head_age_ns = 60LL * 1'000'000'000;
    std::uint64_t wal_bytes_max = 1ULL << 30;  // a quarter of it seals
    std::uint64_t memory_bytes_max = 256ULL << 20;
    std::uint64_t heads_bytes_max = 0;  // of them: all heads together; beyond it requests are refused. 0: no such cap
    std::shared_ptr<MemoryBudget> budget;               // with other engines; null: these two are its own
    std::int64_t trim_after_ns = 30LL * 1'000'000'000;  // without a request, kept memory is given back
    std::uint64_t reserve_bytes = 64ULL << 20;          // written, and given up to finish a seal on a full disk
    RetentionOptions retention;
    std::uint32_t compact_fanout = 8;
    std::int64_t compact_rest_ns = 5LL * 1'000'000'000;  // between looks for something to merge
    std::uint64_t compact_bytes_max = 2ULL << 30;        // of inputs; with a byte cap also 1/16 of that
    std::uint16_t interpretation = 1;                    // of the decoders that append() is given
    DecoderFor decoder_for;
    // Unpredictable numbers for store ids and salts; tests seed it. Null: the machine's.
    std::function<std::uint64_t()> random;
    bool start_threads = true;  // false: tests call the steps
    EngineMutants mutants;
};

}  // namespace skua::store::embedded
