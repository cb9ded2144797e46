// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v3/routes.h"

#include "api/http_error.h"
#include "api/jaeger_v3/params.h"
#include "api/json_writer.h"
#include "api/otlp_json.h"
#include "query/trace_id.h"

#include <utility>

namespace skua::api::jaeger_v3 {
namespace {

using query::Engine;

HttpResponse error_response(int status, std::string_view message) {
    std::string body;
    JsonWriter json(body, JsonWriter::Escape::kGo);
    json.begin_object();
    json.key("error");
    json.begin_object();
    json.key("httpCode");
    json.integer(status);
    json.field("message", message);
    json.end_object();
    json.end_object();
    return http_error(status, std::move(body));
}

HttpResponse error_response(const base::Error& error) {
    return error_response(http_status(error.code), error.message);
}

// `write` writes the members of the answer's one object.
template <class Write>
HttpResponse answer(Write&& write) {
    HttpResponse response;
    response.content_type = "application/json";
    JsonWriter json(response.body, JsonWriter::Escape::kProto);
    json.begin_object();
    write(json);
    json.end_object();
    return response;
}

// Left out when there is nothing in it, as protobuf's JSON has it.
template <class Items, class WriteOne>
void write_list(JsonWriter& json, std::string_view name, const Items& items, WriteOne&& write_one) {
    if (items.empty()) return;
    json.key(name);
    json.begin_array();
    for (const auto& item : items) write_one(item);
    json.end_array();
}

HttpResponse services(const Engine& engine, const HttpRequest& request) {
    const auto names = engine.services(request.context);
    if (!names.ok()) return error_response(names.error());
    return answer([&](JsonWriter& json) {
        write_list(json, "services", *names, [&](const std::string& name) { json.string(name); });
    });
}

HttpResponse operations(const Engine& engine, const HttpRequest& request) {
    const auto found =
        engine.operations(request.context, request.parameter("service").value_or(""), span_kind(request));
    if (!found.ok()) return error_response(found.error());
    return answer([&](JsonWriter& json) {
        write_list(json, "operations", *found, [&](const query::Operation& operation) {
            json.begin_object();
            json.field("name", operation.name);
            json.field("spanKind", operation.kind.empty() ? "internal" : operation.kind);
            json.end_object();
        });
    });
}

HttpResponse write_traces(const Engine& engine, const HttpRequest& request, std::span<const model::TraceId> ids,
                          bool raw) {
    base::Status status;
    bool any = false;
    HttpResponse response = answer([&](JsonWriter& json) {
        json.key("result");
        json.begin_object();
        json.key("resourceSpans");
        json.begin_array();
        status = engine.traces(request.context, ids, raw, [&](const query::Trace& trace) {
            any = true;
            write_resource_spans(json, trace);
            return true;
        });
        json.end_array();
        json.end_object();
    });
    if (!status.ok()) return error_response(status.error());
    return any ? response : error_response(404, "No traces found");
}

HttpResponse one_trace(const Engine& engine, const HttpRequest& request, const std::string& text) {
    const auto id = query::parse_trace_id(text);
    if (!id.ok()) return error_response(400, "malformed parameter trace_id: " + id.error().message);
    const auto raw = read_trace_params(request);
    if (!raw.ok()) return error_response(raw.error());
    return write_traces(engine, request, {&*id, 1}, *raw);
}

HttpResponse search(const Engine& engine, const HttpRequest& request) {
    const auto params = read_search_params(request);
    if (!params.ok()) return error_response(params.error());
    const auto page = engine.search(request.context, params->query);
    if (!page.ok()) return error_response(page.error());
    return write_traces(engine, request, query::ids_of(*page), params->raw);
}

void write_count(JsonWriter& json, std::string_view name, std::uint64_t count) {
    if (count == 0) return;
    json.key(name);
    json.unsigned_integer(count);
}

void write_time(JsonWriter& json, std::string_view name, std::uint64_t ns) {
    if (ns == 0) return;
    json.key(name);
    json.quoted(ns);
}

void write_summary(JsonWriter& json, const query::TraceSummary& summary) {
    json.begin_object();
    json.field("traceId", summary.trace_id.to_hex());
    if (!summary.root_service.empty()) json.field("rootServiceName", summary.root_service);
    if (!summary.root_name.empty()) json.field("rootOperationName", summary.root_name);
    write_time(json, "minStartTimeUnixNano", summary.start_ns);
    write_time(json, "maxEndTimeUnixNano", summary.end_ns);
    write_count(json, "spanCount", summary.spans);
    write_count(json, "errorSpanCount", summary.errors);
    write_count(json, "orphanSpanCount", summary.orphans);
    write_list(json, "services", summary.services, [&](const auto& service) {
        json.begin_object();
        json.field("name", service.name);
        write_count(json, "spanCount", service.spans);
        write_count(json, "errorSpanCount", service.errors);
        json.end_object();
    });
    json.end_object();
}

HttpResponse summaries(const Engine& engine, const HttpRequest& request) {
    const auto params = read_search_params(request);
    if (!params.ok()) return error_response(params.error());
    const auto page = engine.search(request.context, params->query);
    if (!page.ok()) return error_response(page.error());
    const auto found = engine.summaries(request.context, *page);
    if (!found.ok()) return error_response(found.error());
    return answer([&](JsonWriter& json) {
        write_list(json, "summaries", *found,
                   [&](const query::TraceSummary& summary) { write_summary(json, summary); });
    });
}

HttpResponse dependencies(const Engine& engine, const HttpRequest& request) {
    const auto range = read_dependency_params(request);
    if (!range.ok()) return error_response(range.error());
    const auto edges = engine.dependencies(request.context, *range);
    if (!edges.ok()) return error_response(edges.error());
    return answer([&](JsonWriter& json) {
        write_list(json, "dependencies", *edges, [&](const query::DependencyEdge& edge) {
            json.begin_object();
            json.field("parent", edge.parent);
            json.field("child", edge.child);
            json.key("callCount");
            json.quoted(edge.calls);
            json.end_object();
        });
    });
}

using Answer = HttpResponse (*)(const Engine&, const HttpRequest&);

}  // namespace

void add_routes(Router& router, const Engine& engine) {
    constexpr std::pair<std::string_view, Answer> kRoutes[] = {
        {"GET /api/v3/services", services},
        {"GET /api/v3/operations", operations},
        {"GET /api/v3/traces", search},
        {"GET /api/v3/trace-summaries", summaries},
        {"GET /api/v3/dependencies", dependencies},
    };
    for (const auto& [pattern, handle] : kRoutes) {
        router.add(pattern, [&engine, handle = handle](const HttpRequest& request, const PathValues&,
                                                       const Respond& respond) { respond(handle(engine, request)); });
    }
    router.add("GET /api/v3/traces/{trace_id}",
               [&engine](const HttpRequest& request, const PathValues& values, const Respond& respond) {
                   respond(one_trace(engine, request, values.get("trace_id")));
               });
}

}  // namespace skua::api::jaeger_v3
