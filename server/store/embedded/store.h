// SPDX-License-Identifier: Apache-2.0
// The embedded span store: an engine (durability) and a data half (bytes) for each tenant, behind the contract.
//
// The default tenant lives in the folder itself, others in tenants/<name in hex>. A tenant comes to life with its first
// span; reading one that does not exist finds nothing. An empty path keeps everything in memory.
//
// Any thread. Readers hold a view and no lock. close() before the destructor tells of errors.
#pragma once

#include "store/embedded/engine/engine.h"
#include "store/embedded/read/read_limits.h"
#include "store/embedded/segment/span_data.h"
#include "store/span_store.h"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace skua::store::embedded {

struct EmbeddedStoreOptions {
    std::string path;  // empty: in memory
    SpanDataOptions data;
    // Of each tenant, but for its budget of memory, which all of them share, as they do the cache. Decoders for replay
    // are needed with a path.
    EngineOptions engine;
    ReadLimits read;  // of each query
    std::size_t tenants_max = 64;
};

class EmbeddedStore final : public SpanStore {
public:
    // Recovers every tenant found. `clock` outlives the store.
    static base::Result<std::unique_ptr<EmbeddedStore>> open(EmbeddedStoreOptions options, const base::Clock& clock);
    ~EmbeddedStore() override;
    // Stop intake, drain, commit, seal, close. Later calls of append are refused; reading goes on.
    base::Status close();

    void append(const model::RequestContext& context, const model::RawBody& body, const model::Decoder& decoder,
                model::AppendDone done) override;

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
    base::Result<StoreStats> stats(const model::RequestContext& context) const override;

    // Of the default tenant, for metrics and the log; memory_bytes are those of all.
    [[nodiscard]] EngineStats engine_stats() const;
    [[nodiscard]] const RecoveryReport& recovery() const;

private:
    struct Tenant {
        std::unique_ptr<Disk> disk;
        std::unique_ptr<SpanData> data;
        std::unique_ptr<Engine> engine;  // dies first
    };
    EmbeddedStore(EmbeddedStoreOptions options, const base::Clock& clock);
    base::Result<std::unique_ptr<Tenant>> open_tenant(const std::string& name) const;
    const Tenant* find(const std::string& name) const;
    base::Result<Tenant*> find_or_open(const std::string& name);
    [[nodiscard]] std::shared_ptr<const View> view_of(const model::RequestContext& context) const;

    // Constant after construction.
    EmbeddedStoreOptions options_;
    const base::Clock& clock_;
    std::shared_ptr<const View> no_spans_;

    std::mutex opening_;  // one tenant at a time
    mutable std::shared_mutex mutex_;
    std::map<std::string, std::unique_ptr<Tenant>> tenants_;  // guarded by mutex_; never removed from
};

}  // namespace skua::store::embedded
