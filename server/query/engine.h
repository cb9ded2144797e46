// SPDX-License-Identifier: Apache-2.0
// What the APIs ask: it joins the store, the filter language and the views (sanitizers, adjusters).
//
// Any thread. Holds no state but its options.
#pragma once

#include "base/clock.h"
#include "query/adjusters/adjusters.h"
#include "query/trace.h"
#include "query/trace_query.h"
#include "store/span_store.h"

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::query {

using store::DependencyEdge;
using store::Operation;
using store::SearchPage;
using store::TraceSummary;

struct EngineOptions {
    AdjustOptions adjust;
    std::size_t max_trace_spans = 0;           // more are cut, with a warning; 0: no limit but the next
    std::size_t max_answer_spans = 2'000'000;  // of all traces of one answer: beyond it the answer is refused
    std::size_t max_search_depth = 10'000;     // traces of one search; larger limits are cut to it
};

class Engine {
public:
    // Both outlive the engine.
    Engine(const store::SpanReader& reader, const base::Clock& clock, EngineOptions options = {})
        : reader_(reader), clock_(clock), options_(options) {}

    [[nodiscard]] const base::Clock& clock() const { return clock_; }

    base::Result<std::vector<std::string>> services(const model::RequestContext& context) const;
    // `kind` empty: all kinds.
    base::Result<std::vector<Operation>> operations(const model::RequestContext& context, std::string_view service,
                                                    std::string_view kind) const;

    // Which traces match, newest first. kInvalidArgument for a filter that cannot be compiled.
    base::Result<SearchPage> search(const model::RequestContext& context, const TraceQuery& query) const;

    // Whole traces in the order of `ids`; absent ones are skipped. Sanitized always (Jaeger stores them so), adjusted
    // unless `raw`. Ends early, without an error, when `take` says false.
    base::Status traces(const model::RequestContext& context, std::span<const model::TraceId> ids, bool raw,
                        const std::function<bool(Trace)>& take) const;
    // kNotFound: "trace not found".
    base::Result<Trace> trace(const model::RequestContext& context, const model::TraceId& id, bool raw) const;

    // In the order of the page.
    base::Result<std::vector<TraceSummary>> summaries(const model::RequestContext& context,
                                                      const SearchPage& page) const;
    base::Result<std::vector<DependencyEdge>> dependencies(const model::RequestContext& context,
                                                           const store::TimeRange& range) const;

private:
    void finish(Trace& trace, bool raw) const;

    const store::SpanReader& reader_;
    const base::Clock& clock_;
    const EngineOptions options_;
};

std::vector<model::TraceId> ids_of(const SearchPage& page);

}  // namespace skua::query
