// SPDX-License-Identifier: Apache-2.0
// Rollups of a view: what segments counted when they were written, and the rows of heads counted now.
#include "store/embedded/head/memory_head.h"
#include "store/embedded/read/view_reader.h"
#include "store/embedded/segment/stored_segment.h"
#include "store/interrupt.h"
#include "store/keys.h"
#include "store/rollup.h"

namespace skua::store::embedded {

base::Result<std::vector<RollupCell>> ViewReader::rollups(const model::RequestContext& context, const TimeRange& range,
                                                          std::optional<std::string_view> service) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    RollupCounter counter;
    for (const HeadView& head : view_->heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            const HeadShard& shard = static_cast<const MemoryHead&>(*head.head).shard(s);
            for (std::uint32_t i = 0; i < head.rows[s]; ++i) {
                SKUA_RETURN_IF_ERROR(interrupt.step());
                const Row& row = shard.row(i);
                if (row.linked == 0 || !range.contains(row.start_ns - row.start_ns % kRollupMinuteNs)) continue;
                const Operation& key = shard.operation(shard.shape(row.shape).operation).key;
                if (service && shard.text(key.service) != *service) continue;
                model::Span span;
                span.start_ns = row.start_ns;
                span.end_ns = row.end_ns;
                span.name = shard.text(key.name);
                span.kind = key.kind;
                span.status_code = key.status;
                span.resource = &shard.resource(row.resource).resource;
                counter.add(span);
            }
        }
    }
    for (const auto& from : *view_->segments) {
        const auto& segment = static_cast<const StoredSegment&>(*from);
        SKUA_ASSIGN_OR_RETURN(const auto meta, segment.meta());
        SKUA_ASSIGN_OR_RETURN(const auto blocks, segment.rollup_blocks(*meta));
        for (const RollupBlock& block : blocks) {
            if (block.minute_max_ns < range.min_ns || block.minute_min_ns > range.max_ns) continue;
            SKUA_RETURN_IF_ERROR(interrupt.now());
            SKUA_ASSIGN_OR_RETURN(const auto cells, segment.rollup_cells(*meta, block));
            for (const RollupCell& cell : cells) {
                if (range.contains(cell.minute_ns) && (!service || cell.key.service == *service)) counter.add(cell);
            }
        }
    }
    return counter.cells();
}

}  // namespace skua::store::embedded
