// SPDX-License-Identifier: Apache-2.0
// Jaeger's own doors for spans: Thrift over UDP (6831, 6832) and over HTTP (14268, and 5778 as the seed describes it).
#pragma once

#include "api/admin/door_counters.h"
#include "api/datagram.h"
#include "api/http.h"
#include "base/clock.h"
#include "model/ingest.h"

namespace skua::api {

// All references outlive the handlers.
DatagramHandler jaeger_datagram_handler(model::SpanWriter& writer, const model::Decoder& decoder, model::Door door,
                                        model::Encoding encoding, DoorCounters& counters, const base::Clock& clock);

// The body is one Thrift Batch, binary protocol; any path. Answers 202 (facts: Jaeger receivers).
HttpHandler jaeger_batch_handler(model::SpanWriter& writer, const model::Decoder& decoder, DoorCounters& counters,
                                 const base::Clock& clock);
// Whether the Content-Type says that the body is such a batch.
bool is_thrift(const HttpRequest& request);

}  // namespace skua::api
