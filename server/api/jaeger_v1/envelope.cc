// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v1/envelope.h"

#include "api/http_error.h"
#include "api/json_writer.h"

namespace skua::api::jaeger_v1 {
namespace {

void write(JsonWriter& json, const std::function<void(JsonWriter&)>& data, std::size_t total,
           const std::vector<ItemError>& errors) {
    json.begin_object();
    json.key("data");
    data(json);
    json.key("total");
    json.unsigned_integer(total);
    json.key("limit");
    json.integer(0);
    json.key("offset");
    json.integer(0);
    json.key("errors");
    if (errors.empty()) {
        json.null();
    } else {
        json.begin_array();
        for (const ItemError& error : errors) {
            json.begin_object();
            if (error.code != 0) {
                json.key("code");
                json.integer(error.code);
            }
            json.field("msg", error.message);
            if (!error.trace_id.empty()) json.field("traceID", error.trace_id);
            json.end_object();
        }
        json.end_array();
    }
    json.end_object();
}

}  // namespace

HttpResponse envelope(const HttpRequest& request, const std::function<void(JsonWriter&)>& data, std::size_t total,
                      const std::vector<ItemError>& errors) {
    const std::string_view pretty = request.parameter("prettyPrint").value_or("");
    HttpResponse response;
    response.content_type = "application/json";
    JsonWriter json(response.body, JsonWriter::Escape::kGo, pretty.empty() || pretty == "false" ? 0 : 4);
    write(json, data, total, errors);
    return response;
}

HttpResponse error_envelope(int status, const std::string& message) {
    std::string body;
    JsonWriter json(body, JsonWriter::Escape::kGo);
    write(json, [](JsonWriter& writer) { writer.null(); }, 0, {{status, message, ""}});
    return http_error(status, std::move(body));
}

HttpResponse error_envelope(const base::Error& error) {
    return error_envelope(http_status(error.code), error.message);
}

}  // namespace skua::api::jaeger_v1
