// SPDX-License-Identifier: Apache-2.0
// The data half of the embedded store behind the engine's interface: makes heads, seals them, opens segments.
//
// Thread-safe as DataHalf says. Outlives every head and segment it made.
#pragma once

#include "store/embedded/cache/block_cache.h"
#include "store/embedded/engine/data_half.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/segment/merger.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace skua::store::embedded {

struct SpanDataOptions {
    HeadLimits head;
    std::size_t cache_bytes = std::size_t{64} << 20;
    // With other tenants; null: its own. Whoever shares the cache counts it.
    std::shared_ptr<BlockCache> cache;
    std::shared_ptr<ArenaPool> arenas;
    MergeOptions merge;
};

class SpanData final : public DataHalf {
public:
    explicit SpanData(const SpanDataOptions& options)
        : options_(options),
          arenas_owner_(options.arenas ? options.arenas : std::make_shared<ArenaPool>()),
          cache_owner_(options.cache ? options.cache : std::make_shared<BlockCache>(options.cache_bytes)),
          arenas_(*arenas_owner_),
          cache_(*cache_owner_) {}

    base::Result<std::shared_ptr<Head>> new_head(std::uint64_t generation) override;
    base::Result<std::vector<SegmentEntry>> seal(const SealInput& input, SegmentFiles& files) override;
    base::Result<std::vector<SegmentEntry>> compact(const CompactInput& input, SegmentFiles& files) override;
    [[nodiscard]] std::uint64_t compaction_bytes_max(std::span<const SegmentEntry* const> inputs) const override;
    base::Result<std::shared_ptr<const Segment>> open(Disk& disk, const SegmentEntry& entry) override;
    base::Result<std::optional<SegmentEntry>> describe(Disk& disk, const std::string& name,
                                                       const StoreId& store_id) override;
    base::Status verify(Disk& disk, const SegmentEntry& entry) override;
    [[nodiscard]] std::uint64_t bytes() const override { return options_.cache ? 0 : cache_.bytes(); }
    void trim() override;
    // Spans that were not taken, because they were there. Any thread.
    [[nodiscard]] std::uint64_t duplicates() const { return duplicates_.load(std::memory_order_relaxed); }
    // Memory that heads gave back and may take again; see ArenaPool::trim.
    ArenaPool& arenas() { return arenas_; }

private:
    const SpanDataOptions options_;
    const std::shared_ptr<ArenaPool> arenas_owner_;
    const std::shared_ptr<BlockCache> cache_owner_;
    ArenaPool& arenas_;
    BlockCache& cache_;
    std::atomic<std::uint64_t> duplicates_{0};
    std::mutex mutex_;
    std::weak_ptr<const MemoryHead> newest_head_;  // guarded by mutex_
};

}  // namespace skua::store::embedded
