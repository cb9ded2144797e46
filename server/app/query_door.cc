// SPDX-License-Identifier: Apache-2.0
#include "app/query_door.h"

#include "api/admin/text_answer.h"
#include "api/ui/ui_http.h"

namespace skua::app {

struct QueryDoor::Parts {
    std::string api_prefix;
    api::HttpHandler pages;
};

QueryDoor::QueryDoor(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
QueryDoor::~QueryDoor() = default;

base::Result<std::unique_ptr<QueryDoor>> QueryDoor::make(const Config& config, const store::SpanReader&,
                                                         const base::Clock& clock, std::string version_json) {
    auto parts = std::make_unique<Parts>();
    parts->api_prefix = (config.base_path == "/" ? "" : config.base_path) + "/api/";
    SKUA_ASSIGN_OR_RETURN(parts->pages,
                          api::ui_handler({config.ui_config_file, std::move(version_json), {}, config.base_path},
                                          api::embedded_assets(), clock));
    return std::unique_ptr<QueryDoor>(new QueryDoor(std::move(parts)));
}

api::HttpHandler QueryDoor::handler() const {
    return [parts = parts_.get()](const api::HttpRequest& request, api::Respond respond) {
        if (request.path.starts_with(parts->api_prefix)) return respond(api::not_found());
        parts->pages(request, std::move(respond));
    };
}

}  // namespace skua::app
