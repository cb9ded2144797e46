// SPDX-License-Identifier: Apache-2.0
#include "app/query_door.h"

#include "api/jaeger_v1/routes.h"
#include "api/jaeger_v3/routes.h"
#include "api/router.h"
#include "api/ui/ui_http.h"
#include "ingest/decoders.h"
#include "net/handler_pool.h"
#include "query/engine.h"

#include <algorithm>
#include <thread>

namespace skua::app {
namespace {

// A query occupies its thread while it runs; more of them than cores only share the cores.
constexpr unsigned kQueryThreadsMin = 2;
constexpr std::size_t kQueriesWaitingMax = 256;

}  // namespace

struct QueryDoor::Parts {
    Parts(const Config& config, const store::SpanReader& reader, const base::Clock& clock)
        : base_path(config.base_path == "/" ? "" : config.base_path), engine(reader, clock), router(base_path) {}

    // Pages are bytes in memory: they do not wait behind searches.
    [[nodiscard]] bool is_page(const api::HttpRequest& request) const {
        return !std::string_view(request.path).starts_with(base_path + "/api");
    }

    const std::string base_path;
    query::Engine engine;
    api::Router router;
    net::HandlerPool pool{"query", std::max(kQueryThreadsMin, std::thread::hardware_concurrency()), kQueriesWaitingMax};
};

QueryDoor::QueryDoor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
QueryDoor::~QueryDoor() = default;

base::Result<std::unique_ptr<QueryDoor>> QueryDoor::make(const Config& config, const store::SpanReader& reader,
                                                         const base::Clock& clock, std::string version_json) {
    auto parts = std::make_unique<Parts>(config, reader, clock);
    api::jaeger_v1::add_routes(parts->router, parts->engine, ingest::decoder_for(model::Encoding::kOtlpJson));
    api::jaeger_v3::add_routes(parts->router, parts->engine);
    SKUA_ASSIGN_OR_RETURN(api::HttpHandler pages,
                          api::ui_handler({config.ui_config_file, std::move(version_json), {}, config.base_path},
                                          api::embedded_assets(), clock));
    parts->router.set_fallback(std::move(pages));
    return std::unique_ptr<QueryDoor>(new QueryDoor(std::move(parts)));
}

api::HttpHandler QueryDoor::handler() const {
    const api::HttpHandler route = [parts = parts_.get()](const api::HttpRequest& request, api::Respond respond) {
        parts->router.handle(request, std::move(respond));
    };
    return [parts = parts_.get(), route, queued = parts_->pool.wrap(route)](const api::HttpRequest& request,
                                                                            api::Respond respond) {
        (parts->is_page(request) ? route : queued)(request, std::move(respond));
    };
}

}  // namespace skua::app
