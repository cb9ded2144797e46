// SPDX-License-Identifier: Apache-2.0
// The raw rows of one generation: two shards behind the engine's interface.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/head/head_shard.h"

#include <memory>

namespace skua::store::embedded {

class MemoryHead final : public Head {
public:
    // `pool` outlives the head.
    MemoryHead(ArenaPool& pool, const HeadLimits& limits);

    base::Result<StagedRows> stage(std::size_t shard, const model::RawBody& body,
                                   const model::Decoder& decoder) override;
    void unstage(std::size_t shard, const StagedRows& rows) override;
    void commit(std::size_t shard, const StagedRows& rows) override;
    void kill(std::size_t shard, const StagedRows& rows) override;
    [[nodiscard]] std::uint64_t bytes() const override;
    [[nodiscard]] std::uint64_t traces() const override;
    [[nodiscard]] bool wants_seal() const override;

    [[nodiscard]] const HeadShard& shard(std::size_t i) const { return *shards_[i]; }

private:
    std::array<std::unique_ptr<HeadShard>, kHeadShards> shards_;
};

}  // namespace skua::store::embedded
