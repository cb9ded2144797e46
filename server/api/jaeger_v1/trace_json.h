// SPDX-License-Identifier: Apache-2.0
// A trace in the JSON of Jaeger's own API: times in microseconds, resources as numbered processes, everything that
// OTLP has a field for and Jaeger has not as a tag.
#pragma once

#include "query/trace.h"

namespace skua::api {
class JsonWriter;
}

namespace skua::api::jaeger_v1 {

void write_trace(JsonWriter& json, const query::Trace& trace);

}  // namespace skua::api::jaeger_v1
