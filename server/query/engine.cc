// SPDX-License-Identifier: Apache-2.0
#include "query/engine.h"

#include "query/sanitizer.h"
#include "store/copier.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

namespace skua::query {
namespace {

// Puts the chunks of each trace together and hands whole traces on.
class Assembly final : public store::TraceSink {
public:
    Assembly(const EngineOptions& options, std::function<bool(Trace)> whole)
        : options_(options), whole_(std::move(whole)) {}

    bool take(const model::TraceId& id, model::SpanBatch chunk) override {
        if (trace_ && trace_->id != id && !flush()) return false;
        spans_ += chunk.spans().size();
        if (spans_ > options_.max_answer_spans) {
            over_ = true;
            return false;
        }
        if (!trace_) {
            trace_.emplace();
            trace_->id = id;
            trace_->batch = std::move(chunk);
        } else if (!trace_->truncated) {
            store::Copier copier(trace_->batch);
            for (const model::Span& span : chunk.spans()) copier.append(span);
        }
        cut();
        return true;
    }

    // Hands on what is there; false when the taker has enough.
    bool flush() {
        if (!trace_) return true;
        Trace done = std::move(*trace_);
        trace_.reset();
        return whole_(std::move(done));
    }

    [[nodiscard]] bool over() const { return over_; }

private:
    void cut() {
        auto& spans = trace_->batch.spans();
        if (options_.max_trace_spans == 0 || spans.size() <= options_.max_trace_spans) return;
        spans.resize(options_.max_trace_spans);
        if (!trace_->truncated) {
            trace_->warn(0, fmt::format("trace has more than {0} spans, showing first {0} spans only",
                                        options_.max_trace_spans));
        }
        trace_->truncated = true;
    }

    const EngineOptions& options_;
    std::function<bool(Trace)> whole_;
    std::optional<Trace> trace_;
    std::size_t spans_ = 0;
    bool over_ = false;
};

}  // namespace

std::vector<model::TraceId> ids_of(const SearchPage& page) {
    std::vector<model::TraceId> ids;
    ids.reserve(page.traces.size());
    for (const store::SearchKey& key : page.traces) ids.push_back(key.trace_id);
    return ids;
}

base::Result<std::vector<std::string>> Engine::services(const model::RequestContext& context) const {
    return reader_.services(context);
}

base::Result<std::vector<Operation>> Engine::operations(const model::RequestContext& context, std::string_view service,
                                                        std::string_view kind) const {
    return reader_.operations(context, service, kind.empty() ? std::nullopt : std::optional(kind));
}

base::Result<SearchPage> Engine::search(const model::RequestContext& context, const TraceQuery& query) const {
    SKUA_ASSIGN_OR_RETURN(const store::Predicate predicate, store::Predicate::compile(to_filter(query)));
    store::SearchRequest request;
    request.window = query.window;
    request.predicate = &predicate;
    request.limit = std::min(query.limit, options_.max_search_depth);
    request.after = query.after;
    return reader_.search(context, request);
}

base::Status Engine::traces(const model::RequestContext& context, std::span<const model::TraceId> ids, bool raw,
                            const std::function<bool(Trace)>& take) const {
    Assembly assembly(options_, [&](Trace trace) {
        finish(trace, raw);
        return take(std::move(trace));
    });
    SKUA_RETURN_IF_ERROR(reader_.traces(context, ids, assembly));
    if (assembly.over()) {
        return base::Error{base::Code::kTooLarge, fmt::format("the answer has more than {} spans; ask for fewer traces",
                                                              options_.max_answer_spans)};
    }
    assembly.flush();
    return {};
}

void Engine::finish(Trace& trace, bool raw) const {
    sanitize(trace);
    if (!raw) adjust(trace, options_.adjust);
}

base::Result<Trace> Engine::trace(const model::RequestContext& context, const model::TraceId& id, bool raw) const {
    std::optional<Trace> found;
    SKUA_RETURN_IF_ERROR(traces(context, {&id, 1}, raw, [&](Trace trace) {
        found = std::move(trace);
        return true;
    }));
    if (!found) return base::Error{base::Code::kNotFound, "trace not found"};
    return std::move(*found);
}

base::Result<std::vector<TraceSummary>> Engine::summaries(const model::RequestContext& context,
                                                          const SearchPage& page) const {
    return reader_.summaries(context, ids_of(page));
}

base::Result<std::vector<DependencyEdge>> Engine::dependencies(const model::RequestContext& context,
                                                               const store::TimeRange& range) const {
    return reader_.dependencies(context, range);
}

}  // namespace skua::query
