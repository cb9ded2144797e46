// SPDX-License-Identifier: Apache-2.0
#include "app/query_door.h"

#include "api/jaeger_v1/routes.h"
#include "api/jaeger_v3/routes.h"
#include "api/router.h"
#include "api/ui/ui_http.h"
#include "ingest/decoders.h"
#include "query/engine.h"

namespace skua::app {

struct QueryDoor::Parts {
    Parts(const Config& config, const store::SpanReader& reader, const base::Clock& clock)
        : engine(reader, clock), router(config.base_path == "/" ? "" : config.base_path) {}

    query::Engine engine;
    api::Router router;
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
    return [parts = parts_.get()](const api::HttpRequest& request, api::Respond respond) {
        parts->router.handle(request, std::move(respond));
    };
}

}  // namespace skua::app
