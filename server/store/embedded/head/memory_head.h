// SPDX-License-Identifier: Apache-2.0
// The raw rows of one generation: two shards behind the engine's Head. See head_shard.h for threads.
//
// A client sends a request again when its answer got lost: spans that come again, here or in the head before, are not
// linked, so that nobody sees them, nor counts them, nor seals them. (Those that come later still, when the first ones
// are in a segment, are dropped by reading and by merging.)
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/head/head_shard.h"
#include "store/embedded/head/seen_spans.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace skua::store::embedded {

class MemoryHead final : public Head {
public:
    // `pool` outlives the head. Duplicates are kept.
    MemoryHead(ArenaPool& pool, const HeadLimits& limits);
    // Duplicates are dropped and counted in `dropped`, which outlives the head. `before` may be null; it is closed
    // before this one commits anything, and looked at as long as it lives.
    MemoryHead(ArenaPool& pool, const HeadLimits& limits, std::atomic<std::uint64_t>& dropped,
               std::weak_ptr<const MemoryHead> before);

    base::Result<StagedRows> stage(std::size_t shard, const model::RawBody& body,
                                   const model::Decoder& decoder) override;
    void unstage(std::size_t shard, const StagedRows& rows) override;
    void commit(std::size_t shard, const StagedRows& rows) override;
    void kill(std::size_t shard, const StagedRows& rows) override;
    [[nodiscard]] std::uint64_t bytes() const override;
    [[nodiscard]] std::uint64_t traces() const override;
    [[nodiscard]] bool wants_seal() const override;

    [[nodiscard]] const HeadShard& shard(std::size_t i) const { return *shards_[i]; }
    // Rows committed and not linked, because they were there. Any thread.
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_.load(std::memory_order_relaxed); }

private:
    [[nodiscard]] std::uint64_t hash_of(SeenSpans::Place place) const;
    // Whether this head has the span of a row of `other`, which may be this one.
    [[nodiscard]] bool has(std::uint64_t hash, const MemoryHead& other, SeenSpans::Place row) const;

    std::array<std::unique_ptr<HeadShard>, kHeadShards> shards_;
    std::atomic<std::uint64_t>* dropped_ = nullptr;  // null: duplicates are kept
    std::weak_ptr<const MemoryHead> before_;
    SeenSpans seen_;  // of the one who commits
    std::atomic<std::uint64_t> duplicates_{0};
};

}  // namespace skua::store::embedded
