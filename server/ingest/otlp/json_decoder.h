// SPDX-License-Identifier: Apache-2.0
// ExportTraceServiceRequest as OTLP JSON.
#pragma once

#include "model/ingest.h"

namespace skua::ingest {

// Fields in any order, in lowerCamelCase or snake_case; of a repeated one the last counts (lists are joined). Unknown
// fields are ignored, null is the default. Span rules as OtlpProtobufDecoder; errors name the place, as in
// resourceSpans[0].scopeSpans[1].spans[3].traceId.
class OtlpJsonDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;
};

}  // namespace skua::ingest
