// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v1/routes.h"

#include "api/jaeger_v1/envelope.h"
#include "api/jaeger_v1/search_params.h"
#include "api/jaeger_v1/trace_json.h"
#include "api/json_writer.h"
#include "query/decode_traces.h"
#include "query/trace_id.h"

#include <unordered_set>

namespace skua::api::jaeger_v1 {
namespace {

using query::Engine;

void write_names(JsonWriter& json, const std::vector<std::string>& names) {
    json.begin_array();
    for (const std::string& name : names) json.string(name);
    json.end_array();
}

HttpResponse services(const Engine& engine, const HttpRequest& request) {
    const auto names = engine.services(request.context);
    if (!names.ok()) return error_envelope(names.error());
    return envelope(
        request, [&](JsonWriter& json) { write_names(json, *names); }, names->size());
}

// Names only, once each; null when there is none.
HttpResponse operation_names(const Engine& engine, const HttpRequest& request, const std::string& service) {
    const auto operations = engine.operations(request.context, service, "");
    if (!operations.ok()) return error_envelope(operations.error());
    std::vector<std::string> names;
    for (const query::Operation& operation : *operations) {
        if (names.empty() || names.back() != operation.name) names.push_back(operation.name);
    }
    const auto write = [&](JsonWriter& json) {
        if (names.empty()) {
            json.null();
        } else {
            write_names(json, names);
        }
    };
    return envelope(request, write, names.size());
}

HttpResponse operations(const Engine& engine, const HttpRequest& request) {
    const std::string_view service = request.parameter("service").value_or("");
    if (service.empty()) return error_envelope(400, "parameter 'service' is required");
    const auto found = engine.operations(request.context, service, request.parameter("spanKind").value_or(""));
    if (!found.ok()) return error_envelope(found.error());
    const auto write = [&](JsonWriter& json) {
        json.begin_array();
        for (const query::Operation& operation : *found) {
            json.begin_object();
            json.field("name", operation.name);
            json.field("spanKind", operation.kind);
            json.end_object();
        }
        json.end_array();
    };
    return envelope(request, write, found->size());
}

HttpResponse search(const Engine& engine, const HttpRequest& request) {
    const auto params = read_search_params(request, engine.clock());
    if (!params.ok()) return error_envelope(params.error());
    std::vector<model::TraceId> ids = params->trace_ids;
    if (ids.empty()) {
        const auto page = engine.search(request.context, params->query);
        if (!page.ok()) return error_envelope(page.error());
        ids = query::ids_of(*page);
    }
    std::unordered_set<model::TraceId> found;
    std::vector<ItemError> missing;  // known when the data is written, and written after it
    base::Status status;
    const auto write = [&](JsonWriter& json) {
        json.begin_array();
        // One trace is in memory at a time, besides the text.
        status = engine.traces(request.context, ids, params->raw, [&](const query::Trace& trace) {
            found.insert(trace.id);
            write_trace(json, trace);
            return true;
        });
        json.end_array();
        for (const model::TraceId& id : params->trace_ids) {
            if (!found.contains(id)) missing.push_back({0, "trace not found", id.to_short_hex()});
        }
    };
    HttpResponse response = envelope(request, write, 0, missing);
    return status.ok() ? response : error_envelope(status.error());
}

HttpResponse one_trace(const Engine& engine, const HttpRequest& request, const std::string& text) {
    const auto id = query::parse_trace_id(text);
    if (!id.ok()) return error_envelope(id.error());
    const auto raw = read_trace_params(request);
    if (!raw.ok()) return error_envelope(raw.error());
    const auto trace = engine.trace(request.context, *id, *raw);
    if (!trace.ok()) return error_envelope(trace.error());
    return envelope(request, [&](JsonWriter& json) {
        json.begin_array();
        write_trace(json, *trace);
        json.end_array();
    });
}

HttpResponse archive(const std::string& text) {
    const auto id = query::parse_trace_id(text);
    if (!id.ok()) return error_envelope(id.error());
    return error_envelope(500, "archive span storage was not configured");
}

HttpResponse dependencies(const Engine& engine, const HttpRequest& request) {
    const auto range = read_dependency_params(request, engine.clock());
    if (!range.ok()) return error_envelope(range.error());
    const auto edges = engine.dependencies(request.context, *range);
    if (!edges.ok()) return error_envelope(edges.error());
    const std::string_view service = request.parameter("service").value_or("");
    return envelope(request, [&](JsonWriter& json) {
        json.begin_array();
        for (const query::DependencyEdge& edge : *edges) {
            if (!service.empty() && edge.parent != service && edge.child != service) continue;
            json.begin_object();
            json.field("parent", edge.parent);
            json.field("child", edge.child);
            json.key("callCount");
            json.unsigned_integer(edge.calls);
            json.end_object();
        }
        json.end_array();
    });
}

HttpResponse transform(const model::Decoder& decoder, const HttpRequest& request) {
    model::RawBody body;
    body.door = model::Door::kOtlpHttp;
    body.encoding = model::Encoding::kOtlpJson;
    body.bytes = request.body;
    const auto traces = query::decode_traces(decoder, body);
    if (!traces.ok()) return error_envelope(400, "cannot unmarshal OTLP : " + traces.error().message);
    return envelope(request, [&](JsonWriter& json) {
        json.begin_array();
        for (const query::Trace& trace : *traces) write_trace(json, trace);
        json.end_array();
    });
}

}  // namespace

void add_routes(Router& router, const Engine& engine, const model::Decoder* otlp_json) {
    router.add("GET /api/services", [&engine](const HttpRequest& request, const PathValues&, const Respond& respond) {
        respond(services(engine, request));
    });
    router.add("GET /api/services/{service}/operations",
               [&engine](const HttpRequest& request, const PathValues& values, const Respond& respond) {
                   respond(operation_names(engine, request, values.get_with_plus("service")));
               });
    router.add("GET /api/operations", [&engine](const HttpRequest& request, const PathValues&, const Respond& respond) {
        respond(operations(engine, request));
    });
    router.add("GET /api/traces", [&engine](const HttpRequest& request, const PathValues&, const Respond& respond) {
        respond(search(engine, request));
    });
    router.add("GET /api/traces/{id}",
               [&engine](const HttpRequest& request, const PathValues& values, const Respond& respond) {
                   respond(one_trace(engine, request, values.get("id")));
               });
    router.add("GET /api/dependencies", [&engine](const HttpRequest& request, const PathValues&,
                                                  const Respond& respond) { respond(dependencies(engine, request)); });
    router.add("POST /api/archive/{id}", [](const HttpRequest&, const PathValues& values, const Respond& respond) {
        respond(archive(values.get("id")));
    });
    if (otlp_json == nullptr) return;
    router.add("POST /api/transform", [otlp_json](const HttpRequest& request, const PathValues&,
                                                  const Respond& respond) { respond(transform(*otlp_json, request)); });
}

}  // namespace skua::api::jaeger_v1
