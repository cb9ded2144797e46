// SPDX-License-Identifier: Apache-2.0
// Spans in OTLP's JSON as Jaeger's api_v3 answers it: ids in hex, 64-bit numbers in quotes, kinds and status codes as
// numbers, empty parts left out except "resource", "scope" and "status".
#pragma once

#include "query/trace.h"

namespace skua::api {

class JsonWriter;

// Writes the elements of a "resourceSpans" array, which the caller has opened: spans grouped by resource and scope in
// the order of their first appearance. Warnings go out as the attribute @jaeger@warnings.
void write_resource_spans(JsonWriter& json, const query::Trace& trace);

}  // namespace skua::api
