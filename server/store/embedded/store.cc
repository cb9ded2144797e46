// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/store.h"

#include "base/hex.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/read/view_reader.h"

#include <utility>

namespace skua::store::embedded {

namespace {

constexpr char kTenants[] = "/tenants";

}  // namespace

EmbeddedStore::EmbeddedStore(EmbeddedStoreOptions options, const base::Clock& clock)
    : options_(std::move(options)), clock_(clock) {
    auto empty = std::make_shared<View>();
    empty->segments = std::make_shared<Segments>();
    no_spans_ = std::move(empty);
    if (options_.path.empty()) {
        // Rows, then segments of them, share one budget: a half at most for what is sealed.
        EngineOptions& engine = options_.engine;
        engine.in_memory = true;
        if (engine.retention.bytes_max == 0) engine.retention.bytes_max = engine.memory_bytes_max / 2;
    }
    options_.data.cache = std::make_shared<BlockCache>(options_.data.cache_bytes);
    options_.data.arenas = std::make_shared<ArenaPool>();
    options_.engine.budget =
        std::make_shared<MemoryBudget>(options_.engine.memory_bytes_max, options_.engine.heads_bytes_max,
                                       [cache = options_.data.cache] { return cache->bytes(); });
}

base::Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(EmbeddedStoreOptions options,
                                                                 const base::Clock& clock) {
    std::unique_ptr<EmbeddedStore> store(new EmbeddedStore(std::move(options), clock));
    SKUA_ASSIGN_OR_RETURN(store->tenants_[""], store->open_tenant(""));
    if (store->options_.path.empty()) return store;
    SKUA_ASSIGN_OR_RETURN(const auto root, PosixDisk::open_existing(store->options_.path));
    const auto folders = root->list(kTenants + 1);
    if (!folders.ok() && folders.error().code == base::Code::kNotFound) return store;
    if (!folders.ok()) return folders.error();
    for (const DirEntry& folder : *folders) {
        const auto name = base::from_hex(folder.name);
        if (!folder.is_folder || !name) continue;
        SKUA_ASSIGN_OR_RETURN(store->tenants_[*name], store->open_tenant(*name));
    }
    return store;
}

EmbeddedStore::~EmbeddedStore() {
    (void)close();
}

base::Status EmbeddedStore::close() {
    const std::lock_guard opening(opening_);
    base::Status first;
    for (const auto& [name, tenant] : tenants_) {
        if (!tenant) continue;
        if (auto status = tenant->engine->close(); !status.ok() && first.ok()) first = std::move(status);
    }
    return first;
}

base::Result<std::unique_ptr<EmbeddedStore::Tenant>> EmbeddedStore::open_tenant(const std::string& name) const {
    auto tenant = std::make_unique<Tenant>();
    if (options_.path.empty()) {
        tenant->disk = std::make_unique<MemDisk>(options_.engine.memory_bytes_max);
    } else {
        const std::string folder = name.empty() ? options_.path : options_.path + kTenants + "/" + base::to_hex(name);
        SKUA_ASSIGN_OR_RETURN(tenant->disk, PosixDisk::open(folder));
    }
    tenant->data = std::make_unique<SpanData>(options_.data);
    SKUA_ASSIGN_OR_RETURN(tenant->engine, Engine::open(*tenant->disk, *tenant->data, clock_, options_.engine));
    return tenant;
}

const EmbeddedStore::Tenant* EmbeddedStore::find(const std::string& name) const {
    const std::shared_lock lock(mutex_);
    const auto found = tenants_.find(name);
    return found == tenants_.end() ? nullptr : found->second.get();
}

base::Result<EmbeddedStore::Tenant*> EmbeddedStore::find_or_open(const std::string& name) {
    if (const Tenant* found = find(name)) return const_cast<Tenant*>(found);
    const std::lock_guard opening(opening_);
    if (const Tenant* found = find(name)) return const_cast<Tenant*>(found);
    if (tenants_.size() >= options_.tenants_max || name.size() > 100) {
        return base::Error{base::Code::kResourceExhausted, "cannot store spans: got a new tenant; want at most " +
                                                               std::to_string(options_.tenants_max) + ", of 100 bytes"};
    }
    SKUA_ASSIGN_OR_RETURN(auto opened, open_tenant(name));
    Tenant* const tenant = opened.get();
    const std::unique_lock lock(mutex_);
    tenants_[name] = std::move(opened);
    return tenant;
}

std::shared_ptr<const View> EmbeddedStore::view_of(const model::RequestContext& context) const {
    const Tenant* const tenant = find(context.tenant);
    return tenant == nullptr ? no_spans_ : tenant->engine->view();
}

void EmbeddedStore::append(const model::RequestContext& context, const model::RawBody& body,
                           const model::Decoder& decoder, model::AppendDone done) {
    if (context.cancel.stop_requested()) {
        return done({base::Error{base::Code::kCancelled, "cannot store spans: the client has left"}, {}, 0});
    }
    if (clock_.monotonic_ns() > context.deadline_ns) {
        return done({base::Error{base::Code::kDeadlineExceeded, "cannot store spans: the deadline has passed"}, {}, 0});
    }
    const auto tenant = find_or_open(context.tenant);
    if (!tenant.ok()) return done({tenant.error(), {}, 0});
    (*tenant)->engine->append(body, decoder, std::move(done));
}

base::Status EmbeddedStore::traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                                   TraceSink& sink) const {
    return ViewReader(view_of(context), clock_, options_.read).traces(context, ids, sink);
}

base::Result<SearchPage> EmbeddedStore::search(const model::RequestContext& context,
                                               const SearchRequest& request) const {
    return ViewReader(view_of(context), clock_, options_.read).search(context, request);
}

base::Result<std::vector<std::string>> EmbeddedStore::services(const model::RequestContext& context) const {
    return ViewReader(view_of(context), clock_, options_.read).services(context);
}

base::Result<std::vector<store::Operation>> EmbeddedStore::operations(const model::RequestContext& context,
                                                                      std::string_view service,
                                                                      std::optional<std::string_view> kind) const {
    return ViewReader(view_of(context), clock_, options_.read).operations(context, service, kind);
}

base::Result<std::vector<TraceSummary>> EmbeddedStore::summaries(const model::RequestContext& context,
                                                                 std::span<const model::TraceId> ids) const {
    return ViewReader(view_of(context), clock_, options_.read).summaries(context, ids);
}

base::Result<std::vector<DependencyEdge>> EmbeddedStore::dependencies(const model::RequestContext& context,
                                                                      const TimeRange& range) const {
    return ViewReader(view_of(context), clock_, options_.read).dependencies(context, range);
}

base::Result<std::vector<RollupCell>> EmbeddedStore::rollups(const model::RequestContext& context,
                                                             const TimeRange& range,
                                                             std::optional<std::string_view> service) const {
    return ViewReader(view_of(context), clock_, options_.read).rollups(context, range, service);
}

base::Result<StoreStats> EmbeddedStore::stats(const model::RequestContext& context) const {
    SKUA_ASSIGN_OR_RETURN(StoreStats stats, ViewReader(view_of(context), clock_, options_.read).stats(context));
    if (const Tenant* const tenant = find(context.tenant)) {
        stats.evicted_traces = tenant->engine->stats().dropped_traces;
        stats.duplicate_spans = tenant->data->duplicates();
    }
    return stats;
}

EngineStats EmbeddedStore::engine_stats() const {
    EngineStats stats = find("")->engine->stats();
    stats.memory_bytes = options_.engine.budget->used();
    return stats;
}

const RecoveryReport& EmbeddedStore::recovery() const {
    return find("")->engine->recovery();
}

}  // namespace skua::store::embedded
