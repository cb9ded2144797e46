// SPDX-License-Identifier: Apache-2.0
// Traces as wholes. Confined to one thread.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/read/sources.h"
#include "store/interrupt.h"
#include "store/summary.h"

#include <memory>
#include <optional>
#include <vector>

namespace skua::store::embedded {

// All spans of a trace, wherever they are: ordered, exact duplicates once. Spans point into it.
class TraceGatherer {
public:
    // Both outlive it.
    TraceGatherer(const View& view, Interrupt& interrupt) : view_(view), interrupt_(interrupt) {}

    // Valid until the next call.
    base::Result<std::vector<const model::Span*>> gather(const model::TraceId& id);
    // From the tables where the trace lies in one place, else from its spans; nothing when there is no such trace.
    base::Result<std::optional<TraceSummary>> summary(const model::TraceId& id);

private:
    struct Place {
        std::size_t segment = 0;  // in the view
        std::uint32_t granule = 0;
        std::uint32_t trace = 0;
    };
    [[nodiscard]] bool in_heads(const model::TraceId& id) const;
    base::Result<std::vector<Place>> places(const model::TraceId& id);
    base::Result<OpenSegment*> open(std::size_t segment);
    base::Result<Granule*> granule(const Place& place);
    base::Result<TraceSummary> stored_summary(const Place& place, const model::TraceId& id);
    base::Status from_head(const HeadShard& shard, std::uint32_t rows, const model::TraceId& id);

    const View& view_;
    Interrupt& interrupt_;
    std::vector<std::unique_ptr<OpenSegment>> open_;
    // The granule read last: traces of one page often share one.
    Place last_place_;
    std::unique_ptr<Granule> last_granule_;
    std::vector<StoredSummary> last_summaries_;
    std::unique_ptr<model::SpanBatch> objects_;
    std::unique_ptr<model::SpanBatch> copies_;
    std::vector<model::Span> spans_;
};

}  // namespace skua::store::embedded
