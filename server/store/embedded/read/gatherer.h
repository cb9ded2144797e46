// SPDX-License-Identifier: Apache-2.0
// Traces as wholes. Confined to one thread.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/read/query_memory.h"
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
    // All outlive it.
    TraceGatherer(const View& view, Interrupt& interrupt, QueryMemory& memory)
        : view_(view), interrupt_(interrupt), memory_(memory) {}

    // Valid until the next call. kResourceExhausted: the trace takes more memory than the query may have.
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
    // Accounts for one span more, whose copies made the batch `copied` bytes larger.
    base::Status account(const model::Span& span, std::size_t copied);
    base::Status from_head(const HeadShard& shard, std::uint32_t rows, const model::TraceId& id);

    const View& view_;
    Interrupt& interrupt_;
    QueryMemory& memory_;
    std::uint64_t bytes_ = 0;  // accounted, of the trace at hand
    std::vector<std::unique_ptr<OpenSegment>> open_;
    bool whole_ = false;  // granules are read with all their columns
    // The granule read last: traces of one page often share one.
    Place last_place_;
    std::unique_ptr<Granule> last_granule_;
    std::unique_ptr<model::SpanBatch> objects_;
    std::unique_ptr<model::SpanBatch> copies_;
    std::vector<model::Span> spans_;
};

}  // namespace skua::store::embedded
