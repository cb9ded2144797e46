// SPDX-License-Identifier: Apache-2.0
// The plainest store that keeps the contract: spans in memory, by trace, every question answered by looking at all of
// them. It stands in for the embedded store, and stays as the oracle its tests compare with.
//
// Bounded by bytes and by traces: over either, the traces created longest ago go, whole. Tenants share the budget.
// Any number of threads; readers copy under a shared lock and call sinks without it.
#pragma once

#include "store/span_store.h"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <shared_mutex>

namespace skua::base {
class Clock;
}

namespace skua::store {

struct NaiveLimits {
    std::size_t max_bytes = std::size_t{256} << 20;  // spans with what they hold, and the store's own tables
    std::size_t max_traces = 0;                      // 0: no limit but bytes
    std::size_t chunk_spans = 4096;                  // of one TraceSink::take
    std::size_t max_tenants = 1024;
};

class NaiveStore final : public SpanStore {
public:
    // `clock` outlives the store.
    NaiveStore(NaiveLimits limits, const base::Clock& clock);
    ~NaiveStore() override;

    // `done` runs on the calling thread. A body larger than the whole budget is refused (kTooLarge).
    void append(const model::RequestContext& context, const model::RawBody& body, const model::Decoder& decoder,
                model::AppendDone done) override;

    base::Status traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                        TraceSink& sink) const override;
    base::Result<SearchPage> search(const model::RequestContext& context, const SearchRequest& request) const override;
    base::Result<std::vector<std::string>> services(const model::RequestContext& context) const override;
    base::Result<std::vector<Operation>> operations(const model::RequestContext& context, std::string_view service,
                                                    std::optional<std::string_view> kind) const override;
    base::Result<std::vector<TraceSummary>> summaries(const model::RequestContext& context,
                                                      std::span<const model::TraceId> ids) const override;
    base::Result<std::vector<DependencyEdge>> dependencies(const model::RequestContext& context,
                                                           const TimeRange& range) const override;
    base::Result<std::vector<RollupCell>> rollups(const model::RequestContext& context, const TimeRange& range,
                                                  std::optional<std::string_view> service) const override;
    base::Result<StoreStats> stats(const model::RequestContext& context) const override;

private:
    struct Trace;
    struct Tenant;

    model::AppendOutcome take(const std::string& tenant, model::SpanBatch staged);
    void insert_locked(Tenant& tenant, const model::Span& span);
    void evict_locked();
    const Tenant* tenant_locked(const model::RequestContext& context) const;

    const NaiveLimits limits_;
    const base::Clock& clock_;

    mutable std::shared_mutex mutex_;
    // Guarded by mutex_.
    std::map<std::string, std::unique_ptr<Tenant>> tenants_;
    std::list<Trace> traces_;  // oldest first
    std::uint64_t version_ = 0;
    std::size_t bytes_ = 0;
    std::uint64_t evicted_ = 0;
};

}  // namespace skua::store
