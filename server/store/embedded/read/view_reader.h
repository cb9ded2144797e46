// SPDX-License-Identifier: Apache-2.0
// Answers over one view: its heads' raw rows and its segments. The reading half of the embedded store.
//
// One reader per query, or per thread; it holds its view. All answers are those of a store that looks at every span.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/read/read_limits.h"
#include "store/span_store.h"

#include <memory>
#include <utility>

namespace skua::base {
class Clock;
}

namespace skua::store::embedded {

class ViewReader final : public SpanReader {
public:
    // `clock` outlives the reader.
    ViewReader(std::shared_ptr<const View> view, const base::Clock& clock, const ReadLimits& limits = {})
        : view_(std::move(view)), clock_(clock), limits_(limits) {}

    base::Status traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                        TraceSink& sink) const override;
    base::Result<SearchPage> search(const model::RequestContext& context, const SearchRequest& request) const override;
    base::Result<std::vector<std::string>> services(const model::RequestContext& context) const override;
    base::Result<std::vector<store::Operation>> operations(const model::RequestContext& context,
                                                           std::string_view service,
                                                           std::optional<std::string_view> kind) const override;
    base::Result<std::vector<TraceSummary>> summaries(const model::RequestContext& context,
                                                      std::span<const model::TraceId> ids) const override;
    base::Result<std::vector<DependencyEdge>> dependencies(const model::RequestContext& context,
                                                           const TimeRange& range) const override;
    base::Result<std::vector<RollupCell>> rollups(const model::RequestContext& context, const TimeRange& range,
                                                  std::optional<std::string_view> service) const override;
    // Spans and traces count what is stored: exact duplicates and fragments of a trace in several segments apart.
    base::Result<StoreStats> stats(const model::RequestContext& context) const override;

private:
    std::shared_ptr<const View> view_;
    const base::Clock& clock_;
    const ReadLimits limits_;
};

}  // namespace skua::store::embedded
