// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/memory_head.h"

namespace skua::store::embedded {

MemoryHead::MemoryHead(ArenaPool& pool, const HeadLimits& limits) {
    for (auto& shard : shards_) shard = std::make_unique<HeadShard>(pool, limits);
}

base::Result<StagedRows> MemoryHead::stage(std::size_t shard, const model::RawBody& body,
                                           const model::Decoder& decoder) {
    HeadShard& to = *shards_[shard];
    const std::uint32_t begin = to.rows_end();
    SKUA_ASSIGN_OR_RETURN(model::DecodeCounts counts, to.stage(body, decoder));
    return StagedRows{begin, to.rows_end(), std::move(counts)};
}

void MemoryHead::unstage(std::size_t shard, const StagedRows& rows) {
    shards_[shard]->undo(rows.begin);
}

void MemoryHead::commit(std::size_t shard, const StagedRows& rows) {
    shards_[shard]->link(rows.begin, rows.end);
}

// Rows that are linked nowhere are seen by nobody.
void MemoryHead::kill(std::size_t /*shard*/, const StagedRows& /*rows*/) {}

std::uint64_t MemoryHead::bytes() const {
    std::uint64_t total = 0;
    for (const auto& shard : shards_) total += shard->bytes();
    return total;
}

std::uint64_t MemoryHead::traces() const {
    std::uint64_t total = 0;
    for (const auto& shard : shards_) total += shard->traces_end();
    return total;
}

bool MemoryHead::wants_seal() const {
    for (const auto& shard : shards_) {
        if (shard->wants_seal()) return true;
    }
    return false;
}

}  // namespace skua::store::embedded
