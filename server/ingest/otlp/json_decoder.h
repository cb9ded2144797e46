// SPDX-License-Identifier: Apache-2.0
// ExportTraceServiceRequest as OTLP JSON.
#pragma once

#include "ingest/otlp/json_memory.h"
#include "model/ingest.h"

namespace skua::ingest {

// Fields in any order, in lowerCamelCase or snake_case; of a repeated one the last counts (lists are joined). Unknown
// fields are ignored, null is the default. Span rules as OtlpProtobufDecoder; errors name the place, as in
// resourceSpans[0].scopeSpans[1].spans[3].traceId.
// Large bodies are parsed in pieces: json_memory.h says what that takes.
class OtlpJsonDecoder final : public model::Decoder {
public:
    // Bodies up to `whole_bytes_max` are parsed as one. Either way the spans are the same.
    explicit OtlpJsonDecoder(std::size_t whole_bytes_max = kWholeJsonBytesMax) : whole_bytes_max_(whole_bytes_max) {}
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;

private:
    const std::size_t whole_bytes_max_;
};

}  // namespace skua::ingest
