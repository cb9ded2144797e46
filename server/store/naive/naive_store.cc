// SPDX-License-Identifier: Apache-2.0
#include "store/naive/naive_store.h"

#include "base/clock.h"
#include "store/copier.h"
#include "store/duplicates.h"
#include "store/interrupt.h"
#include "store/keys.h"
#include "store/staging.h"

#include <algorithm>
#include <mutex>
#include <set>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

namespace skua::store {
namespace {

// What a span costs beyond its copied bytes: the row, its place in the index of duplicates, allocator slack.
constexpr std::size_t kSpanOverhead = sizeof(model::Span) + 64;
// Of a trace: its tables and the first block of its arena.
constexpr std::size_t kTraceOverhead = 1536;

bool by_time(const model::Span* a, const model::Span* b) {
    return std::pair(a->start_ns, a->span_id) < std::pair(b->start_ns, b->span_id);
}

}  // namespace

struct NaiveStore::Trace {
    Tenant* tenant = nullptr;
    model::TraceId id;
    model::SpanBatch batch;
    std::vector<const model::Resource*> resources;
    std::vector<const model::Scope*> scopes;
    std::unordered_multimap<std::uint64_t, std::size_t> by_hash;  // content hash -> index into batch.spans()
    std::size_t bytes = kTraceOverhead;

    // Pointers are valid until the trace changes.
    [[nodiscard]] std::vector<const model::Span*> in_order() const {
        std::vector<const model::Span*> spans;
        spans.reserve(batch.spans().size());
        for (const model::Span& span : batch.spans()) spans.push_back(&span);
        std::stable_sort(spans.begin(), spans.end(), by_time);
        return spans;
    }
};

struct NaiveStore::Tenant {
    std::unordered_map<model::TraceId, std::list<Trace>::iterator> traces;
    std::uint64_t spans = 0;
    std::uint64_t bytes = 0;
    std::uint64_t duplicates = 0;
};

NaiveStore::NaiveStore(NaiveLimits limits, const base::Clock& clock) : limits_(limits), clock_(clock) {}
NaiveStore::~NaiveStore() = default;

void NaiveStore::append(const model::RequestContext& context, const model::RawBody& body, const model::Decoder& decoder,
                        model::AppendDone done) {
    Staging staging;
    auto counts = decoder.decode(body, staging);
    model::AppendOutcome outcome;
    if (!counts.ok()) {
        outcome.status = std::move(counts).error();
    } else {
        outcome = take(context.tenant, std::move(staging.batch()));
        if (outcome.status.ok()) outcome.counts = std::move(counts).value();
    }
    done(std::move(outcome));
}

model::AppendOutcome NaiveStore::take(const std::string& tenant, model::SpanBatch staged) {
    const std::size_t size = staged.copied_bytes() + staged.spans().size() * kSpanOverhead;
    if (size > limits_.max_bytes) {
        return {base::Error{base::Code::kTooLarge,
                            fmt::format("cannot store the body: it needs {} bytes of memory; want at most {}", size,
                                        limits_.max_bytes)}};
    }
    const std::unique_lock lock(mutex_);
    auto found = tenants_.find(tenant);
    if (found == tenants_.end()) {
        if (tenants_.size() >= limits_.max_tenants) {
            return {base::Error{
                base::Code::kResourceExhausted,
                fmt::format("cannot store for tenant '{}': there are {} tenants already", tenant, tenants_.size())}};
        }
        found = tenants_.emplace(tenant, std::make_unique<Tenant>()).first;
    }
    for (const model::Span& span : staged.spans()) insert_locked(*found->second, span);
    ++version_;
    evict_locked();
    return {};
}

void NaiveStore::insert_locked(Tenant& tenant, const model::Span& span) {
    const auto [at, created] = tenant.traces.try_emplace(span.trace_id);
    if (created) {
        at->second = traces_.emplace(traces_.end());
        at->second->tenant = &tenant;
        at->second->id = span.trace_id;
        tenant.bytes += kTraceOverhead;
        bytes_ += kTraceOverhead;
    }
    Trace& trace = *at->second;
    const std::uint64_t hash = content_hash(span);
    const auto [first, last] = trace.by_hash.equal_range(hash);
    for (auto same = first; same != last; ++same) {
        if (same_content(trace.batch.spans()[same->second], span)) {
            ++tenant.duplicates;
            return;
        }
    }
    const std::size_t before = trace.batch.copied_bytes();
    // The newest first: spans of one body come with one resource.
    const auto resource = std::find_if(trace.resources.rbegin(), trace.resources.rend(),
                                       [&](const model::Resource* r) { return same_content(*r, *span.resource); });
    const model::Resource* own_resource =
        resource != trace.resources.rend() ? *resource : trace.batch.copy(*span.resource);
    if (resource == trace.resources.rend()) trace.resources.push_back(own_resource);
    const auto scope = std::find_if(trace.scopes.rbegin(), trace.scopes.rend(),
                                    [&](const model::Scope* s) { return same_content(*s, *span.scope); });
    const model::Scope* own_scope = scope != trace.scopes.rend() ? *scope : trace.batch.copy(*span.scope);
    if (scope == trace.scopes.rend()) trace.scopes.push_back(own_scope);

    trace.by_hash.emplace(hash, trace.batch.spans().size());
    trace.batch.append(span, own_resource, own_scope);
    const std::size_t added = trace.batch.copied_bytes() - before + kSpanOverhead;
    trace.bytes += added;
    tenant.bytes += added;
    bytes_ += added;
    ++tenant.spans;
}

void NaiveStore::evict_locked() {
    while (bytes_ > limits_.max_bytes || (limits_.max_traces != 0 && traces_.size() > limits_.max_traces)) {
        const Trace& oldest = traces_.front();
        Tenant& tenant = *oldest.tenant;
        bytes_ -= oldest.bytes;
        tenant.bytes -= oldest.bytes;
        tenant.spans -= oldest.batch.spans().size();
        tenant.traces.erase(oldest.id);
        traces_.pop_front();
        ++evicted_;
    }
}

const NaiveStore::Tenant* NaiveStore::tenant_locked(const model::RequestContext& context) const {
    const auto found = tenants_.find(context.tenant);
    return found == tenants_.end() ? nullptr : found->second.get();
}

base::Status NaiveStore::traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                                TraceSink& sink) const {
    Interrupt interrupt(context, clock_);
    std::set<model::TraceId> seen;
    for (const model::TraceId& id : ids) {
        if (!seen.insert(id).second) continue;
        SKUA_RETURN_IF_ERROR(interrupt.now());
        std::vector<model::SpanBatch> chunks;
        {
            const std::shared_lock lock(mutex_);
            const Tenant* tenant = tenant_locked(context);
            if (tenant == nullptr) return {};
            const auto found = tenant->traces.find(id);
            if (found == tenant->traces.end()) continue;
            const std::vector<const model::Span*> spans = found->second->in_order();
            for (std::size_t first = 0; first < spans.size(); first += limits_.chunk_spans) {
                Copier copier(chunks.emplace_back());
                for (std::size_t i = first; i < std::min(spans.size(), first + limits_.chunk_spans); ++i) {
                    copier.append(*spans[i]);
                }
            }
        }
        for (model::SpanBatch& chunk : chunks) {
            SKUA_RETURN_IF_ERROR(interrupt.now());
            if (!sink.take(id, std::move(chunk))) return {};
        }
    }
    return {};
}

base::Result<SearchPage> NaiveStore::search(const model::RequestContext& context, const SearchRequest& request) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    SearchPage page;
    std::vector<SearchKey> all;
    const std::shared_lock lock(mutex_);
    const Tenant* tenant = tenant_locked(context);
    if (tenant != nullptr) {
        for (const auto& [id, trace] : tenant->traces) {
            std::optional<std::uint64_t> newest;
            for (const model::Span& span : trace->batch.spans()) {
                SKUA_RETURN_IF_ERROR(interrupt.step());
                if (!request.window.contains(span.start_ns) || (newest && span.start_ns <= *newest)) continue;
                if (request.predicate == nullptr || request.predicate->matches(span)) newest = span.start_ns;
            }
            if (newest) all.push_back({*newest, id});
        }
    }
    std::sort(all.begin(), all.end(), std::greater<>());
    page.total = all.size();
    page.data_changed = request.after && request.after->view != version_;
    auto first = all.begin();
    if (request.after) {
        first = std::upper_bound(all.begin(), all.end(), request.after->last, std::greater<>());
    }
    const auto count = std::min(request.limit, static_cast<std::size_t>(all.end() - first));
    page.traces.assign(first, first + static_cast<std::ptrdiff_t>(count));
    if (count > 0 && first + static_cast<std::ptrdiff_t>(count) != all.end()) {
        page.next = Cursor{version_, page.traces.back()};
    }
    return page;
}

base::Result<std::vector<std::string>> NaiveStore::services(const model::RequestContext& context) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    std::set<std::string_view> names;
    const std::shared_lock lock(mutex_);
    if (const Tenant* tenant = tenant_locked(context); tenant != nullptr) {
        for (const auto& [id, trace] : tenant->traces) {
            SKUA_RETURN_IF_ERROR(interrupt.step());
            for (const model::Resource* resource : trace->resources) names.insert(service_key(*resource));
        }
    }
    return std::vector<std::string>(names.begin(), names.end());
}

base::Result<std::vector<Operation>> NaiveStore::operations(const model::RequestContext& context,
                                                            std::string_view service,
                                                            std::optional<std::string_view> kind) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    std::set<std::pair<std::string_view, std::string_view>> found;
    const std::shared_lock lock(mutex_);
    if (const Tenant* tenant = tenant_locked(context); tenant != nullptr) {
        for (const auto& [id, trace] : tenant->traces) {
            for (const model::Span& span : trace->batch.spans()) {
                SKUA_RETURN_IF_ERROR(interrupt.step());
                const std::string_view word = operation_kind(span.kind);
                if (kind && *kind != word) continue;
                if (service_key(*span.resource) == service) found.emplace(name_key(span), word);
            }
        }
    }
    std::vector<Operation> operations;
    for (const auto& [name, word] : found) operations.push_back({std::string(name), std::string(word)});
    return operations;
}

base::Result<std::vector<TraceSummary>> NaiveStore::summaries(const model::RequestContext& context,
                                                              std::span<const model::TraceId> ids) const {
    Interrupt interrupt(context, clock_);
    std::vector<TraceSummary> summaries;
    const std::shared_lock lock(mutex_);
    const Tenant* tenant = tenant_locked(context);
    for (const model::TraceId& id : ids) {
        SKUA_RETURN_IF_ERROR(interrupt.now());
        if (tenant == nullptr) break;
        const auto found = tenant->traces.find(id);
        if (found != tenant->traces.end()) summaries.push_back(summarize(found->second->in_order()));
    }
    return summaries;
}

base::Result<std::vector<DependencyEdge>> NaiveStore::dependencies(const model::RequestContext& context,
                                                                   const TimeRange& range) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    DependencyCounter counter;
    const std::shared_lock lock(mutex_);
    if (const Tenant* tenant = tenant_locked(context); tenant != nullptr) {
        for (const auto& [id, trace] : tenant->traces) {
            SKUA_RETURN_IF_ERROR(interrupt.step());
            const auto& spans = trace->batch.spans();
            const bool inside = std::all_of(spans.begin(), spans.end(), [&](const model::Span& span) {
                return range.contains(span.start_ns) && range.contains(end_key(span));
            });
            if (inside) counter.add(trace->in_order());
        }
    }
    return counter.edges();
}

base::Result<std::vector<RollupCell>> NaiveStore::rollups(const model::RequestContext& context, const TimeRange& range,
                                                          std::optional<std::string_view> service) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    RollupCounter counter;
    const std::shared_lock lock(mutex_);
    if (const Tenant* tenant = tenant_locked(context); tenant != nullptr) {
        for (const auto& [id, trace] : tenant->traces) {
            for (const model::Span& span : trace->batch.spans()) {
                SKUA_RETURN_IF_ERROR(interrupt.step());
                if (!range.contains(span.start_ns - span.start_ns % kRollupMinuteNs)) continue;
                if (!service || service_key(*span.resource) == *service) counter.add(span);
            }
        }
    }
    return counter.cells();
}

base::Result<StoreStats> NaiveStore::stats(const model::RequestContext& context) const {
    StoreStats stats;
    const std::shared_lock lock(mutex_);
    stats.evicted_traces = evicted_;
    if (const Tenant* tenant = tenant_locked(context); tenant != nullptr) {
        stats.spans = tenant->spans;
        stats.traces = tenant->traces.size();
        stats.bytes = tenant->bytes;
        stats.duplicate_spans = tenant->duplicates;
    }
    return stats;
}

}  // namespace skua::store
