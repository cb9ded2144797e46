// SPDX-License-Identifier: Apache-2.0
// OTLP's two doors: HTTP on 4318 and gRPC on 4317. Traces go to the store; metrics are counted and let go.
#pragma once

#include "api/admin/door_counters.h"
#include "api/http.h"
#include "api/otlp/cors.h"
#include "api/rpc.h"
#include "base/clock.h"
#include "model/ingest.h"

#include <map>
#include <string>

namespace skua::api {

// Number of data points of an ExportMetricsServiceRequest in that encoding.
using CountMetrics = std::function<base::Result<std::uint64_t>(model::Encoding encoding, std::string_view body)>;

// All references outlive the handlers.
struct OtlpIngest {
    model::SpanWriter& writer;
    const model::Decoder& protobuf;
    const model::Decoder& json;
    CountMetrics count_metrics;
    const base::Clock& clock;
};

// POST /v1/traces and /v1/metrics, protobuf and JSON; everything else is 404 (facts: collector's otlpreceiver).
HttpHandler otlp_http_handler(const OtlpIngest& ingest, DoorCounters& counters, CorsOptions cors);
// TraceService/Export and MetricsService/Export.
std::map<std::string, RpcHandler, std::less<>> otlp_rpc_methods(const OtlpIngest& ingest, DoorCounters& counters);

}  // namespace skua::api
