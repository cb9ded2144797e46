// SPDX-License-Identifier: Apache-2.0
#include "api/otlp/export_response.h"
#include "api/otlp/ingest_outcome.h"
#include "api/otlp/otlp_ingest.h"

namespace skua::api {
namespace {

constexpr const char* kTraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr const char* kMetricsExport = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

void export_traces(const OtlpIngest& ingest, DoorCounters& counters, const RpcRequest& request, RpcRespond respond) {
    add(counters.requests);
    if (request.message.empty()) return respond({});
    const model::RawBody body{model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, request.message,
                              ingest.clock.now_ns()};
    ingest.writer.append(request.context, body, ingest.protobuf,
                         [&counters, respond = std::move(respond)](model::AppendOutcome outcome) {
                             count_outcome(counters, outcome);
                             RpcResponse response;
                             response.status = std::move(outcome.status);
                             response.retry_after_ms = outcome.retry_after_ms;
                             if (response.status.ok()) response.message = export_response_protobuf(outcome.counts);
                             respond(std::move(response));
                         });
}

void export_metrics(const OtlpIngest& ingest, DoorCounters& counters, const RpcRequest& request,
                    const RpcRespond& respond) {
    add(counters.requests);
    auto points = ingest.count_metrics(model::Encoding::kOtlpProtobuf, request.message);
    if (!points) {
        add(counters.unreadable_requests);
        return respond({std::move(points).error(), 0, {}});
    }
    add(counters.metric_points, *points);
    respond({});
}

}  // namespace

std::map<std::string, RpcHandler, std::less<>> otlp_rpc_methods(const OtlpIngest& ingest, DoorCounters& counters) {
    return {{kTraceExport,
             [ingest, &counters](const RpcRequest& request, RpcRespond respond) {
                 export_traces(ingest, counters, request, std::move(respond));
             }},
            {kMetricsExport, [ingest, &counters](const RpcRequest& request, const RpcRespond& respond) {
                 export_metrics(ingest, counters, request, respond);
             }}};
}

}  // namespace skua::api
