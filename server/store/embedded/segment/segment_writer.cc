// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/segment_writer.h"

#include "base/clock.h"
#include "store/embedded/segment/row_order.h"
#include "store/embedded/segment/segment_output.h"

namespace skua::store::embedded {
namespace {

double thread_seconds() {
    return static_cast<double>(base::cpu_ns()) * 1e-9;
}

}  // namespace

base::Result<std::optional<SegmentEntry>> write_segment(const SealInput& input, SegmentFiles& files, SealStats* stats) {
    const double begin = thread_seconds();
    const auto& head = static_cast<const MemoryHead&>(*input.head.head);
    const RowOrder order = order_rows(head, input.head.rows);
    const double ordered = thread_seconds();
    if (order.rows.empty()) return std::optional<SegmentEntry>();
    const std::uint64_t id = files.new_id();
    SKUA_ASSIGN_OR_RETURN(SegmentFiles::Created created, files.create(id, "seg"));
    SegmentOutput output(*created.file, id, input.lineage, input.stop, stats);
    SKUA_RETURN_IF_ERROR(output.encode_part(head, order));
    const double encoded = thread_seconds();
    SKUA_ASSIGN_OR_RETURN(SegmentEntry entry, output.finish(std::nullopt));
    entry.files.front().name = created.name;
    if (stats != nullptr) {
        stats->order_seconds = ordered - begin;
        stats->encode_seconds = encoded - ordered;
        stats->index_seconds = thread_seconds() - encoded;
    }
    return std::optional(std::move(entry));
}

}  // namespace skua::store::embedded
