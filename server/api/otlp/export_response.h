// SPDX-License-Identifier: Apache-2.0
// ExportTraceServiceResponse and ExportMetricsServiceResponse, which have one shape (OTLP 1.5, collector protos).
#pragma once

#include "model/ingest.h"

#include <string>

namespace skua::api {

// partial_success is set when something was rejected only.
std::string export_response_protobuf(const model::DecodeCounts& counts);
std::string export_response_json(const model::DecodeCounts& counts);

}  // namespace skua::api
