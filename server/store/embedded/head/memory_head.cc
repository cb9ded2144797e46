// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/memory_head.h"

#include "store/duplicates.h"
#include "store/embedded/head/row_reader.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace skua::store::embedded {

namespace {

// More spans of one id and time than that, all different, are hostile: reading drops their repetitions.
constexpr int kComparedMax = 8;

}  // namespace

MemoryHead::MemoryHead(ArenaPool& pool, const HeadLimits& limits) {
    for (auto& shard : shards_) shard = std::make_unique<HeadShard>(pool, limits);
}

MemoryHead::MemoryHead(ArenaPool& pool, const HeadLimits& limits, std::atomic<std::uint64_t>& dropped,
                       std::weak_ptr<const MemoryHead> before)
    : MemoryHead(pool, limits) {
    dropped_ = &dropped;
    before_ = std::move(before);
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

std::uint64_t MemoryHead::hash_of(SeenSpans::Place place) const {
    const HeadShard& shard = *shards_[place.shard];
    const Row& row = shard.row(place.row);
    const TraceSlot& trace = shard.trace(row.trace);
    std::uint64_t x = (trace.low ^ std::rotl(trace.high, 29)) * 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 32) ^ row.span_id) * 0xD6E8FEB86659FD93ULL;
    return x ^ (x >> 32);
}

bool MemoryHead::has(std::uint64_t hash, const MemoryHead& other, SeenSpans::Place place) const {
    const HeadShard& theirs = *other.shards_[place.shard];
    const Row& row = theirs.row(place.row);
    const TraceSlot& trace = theirs.trace(row.trace);
    int left = kComparedMax;
    return seen_.find(hash, [&](SeenSpans::Place candidate) {
        const HeadShard& ours = *shards_[candidate.shard];
        const Row& first = ours.row(candidate.row);
        if (first.span_id != row.span_id || first.start_ns != row.start_ns || first.end_ns != row.end_ns) return false;
        const TraceSlot& of = ours.trace(first.trace);
        if (of.low != trace.low || of.high != trace.high || left-- <= 0) return false;
        RowReader reader(ours);
        RowReader other_reader(theirs);
        return same_content(reader.read(candidate.row), other_reader.read(place.row));
    });
}

void MemoryHead::commit(std::size_t shard, const StagedRows& rows) {
    HeadShard& to = *shards_[shard];
    if (dropped_ == nullptr) return to.link(rows.begin, rows.end);
    const std::shared_ptr<const MemoryHead> before = before_.lock();
    // Some at once: the table and the traces are far away in memory, and waiting for several costs as much as for one.
    constexpr std::uint32_t kAtOnce = 16;
    std::array<std::uint64_t, kAtOnce> hashes;
    std::uint32_t linked = rows.begin;  // rows before it are linked, or duplicates
    for (std::uint32_t first = rows.begin; first < rows.end; first += kAtOnce) {
        const std::uint32_t end = std::min(rows.end, first + kAtOnce);
        for (std::uint32_t row = first; row < end; ++row) {
            hashes[row - first] = hash_of({static_cast<std::uint32_t>(shard), row});
            seen_.prefetch(hashes[row - first]);
            if (before) before->seen_.prefetch(hashes[row - first]);
        }
        for (std::uint32_t row = first; row < end; ++row) {
            const SeenSpans::Place place{static_cast<std::uint32_t>(shard), row};
            const std::uint64_t hash = hashes[row - first];
            if (has(hash, *this, place) || (before && before->has(hash, *this, place))) {
                to.link(linked, row);
                linked = row + 1;
                duplicates_.fetch_add(1, std::memory_order_relaxed);
                dropped_->fetch_add(1, std::memory_order_relaxed);
                continue;
            }
            seen_.add(hash, place, [this](SeenSpans::Place one) { return hash_of(one); });
        }
    }
    to.link(linked, rows.end);
}

// Rows that are linked nowhere are seen by nobody.
void MemoryHead::kill(std::size_t /*shard*/, const StagedRows& /*rows*/) {}

std::uint64_t MemoryHead::bytes() const {
    std::uint64_t total = seen_.bytes();
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
