// SPDX-License-Identifier: Apache-2.0
// Spans back to OTLP protobuf.
#pragma once

#include "model/span.h"

#include <span>
#include <string>

namespace skua::ingest {

// A serialized TracesData (the same bytes are an ExportTraceServiceRequest and api_v3's and storage.v2's chunk).
// Neighbours with the same resource pointer share a ResourceSpans, those with the same scope pointer a ScopeSpans; the
// order of the spans is kept. Unknown fields come after the known ones of their message.
// REQUIRES: resource and scope of each span are set; the result stays under 4 GiB.
std::string encode_traces(std::span<const model::Span> spans);

}  // namespace skua::ingest
