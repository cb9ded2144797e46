// SPDX-License-Identifier: Apache-2.0
#include "query/engine.h"

#include "query/sanitizer.h"
#include "store/duplicates.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <unordered_map>
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
            join(std::move(chunk));
        }
        cut();
        return true;
    }

    // Hands on what is there; false when the taker has enough.
    bool flush() {
        if (!trace_) return true;
        Trace done = std::move(*trace_);
        trace_.reset();
        resources_.clear();
        scopes_.clear();
        return whole_(std::move(done));
    }

    [[nodiscard]] bool over() const { return over_; }

private:
    // Chunks bring their own copies of resources and scopes: equal ones become one again.
    void join(model::SpanBatch chunk) {
        if (resources_.empty()) unify(trace_->batch);
        unify(chunk);
        auto& spans = trace_->batch.spans();
        spans.insert(spans.end(), chunk.spans().begin(), chunk.spans().end());
        chunk.spans() = {};
        trace_->chunks.push_back(std::move(chunk));
    }
    void unify(model::SpanBatch& batch) {
        std::unordered_map<const model::Resource*, const model::Resource*> resources;
        std::unordered_map<const model::Scope*, const model::Scope*> scopes;
        for (model::Span& span : batch.spans()) {
            const model::Resource*& resource = resources[span.resource];
            if (resource == nullptr) resource = first_equal(resources_, span.resource);
            const model::Scope*& scope = scopes[span.scope];
            if (scope == nullptr) scope = first_equal(scopes_, span.scope);
            span.resource = resource;
            span.scope = scope;
        }
    }
    template <class T>
    static const T* first_equal(std::unordered_multimap<std::uint64_t, const T*>& known, const T* one) {
        const std::uint64_t hash = store::content_hash(*one);
        const auto [first, last] = known.equal_range(hash);
        for (auto at = first; at != last; ++at) {
            if (store::same_content(*at->second, *one)) return at->second;
        }
        known.emplace(hash, one);
        return one;
    }

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
    // Of the trace at hand once it has several chunks, by content.
    std::unordered_multimap<std::uint64_t, const model::Resource*> resources_;
    std::unordered_multimap<std::uint64_t, const model::Scope*> scopes_;
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
