// SPDX-License-Identifier: Apache-2.0
// ExportTraceServiceRequest in protobuf, walked in place: no message objects, views into the body.
#pragma once

#include "model/ingest.h"

namespace skua::ingest {

// Fields may come in any order; of a repeated singular field the last one counts. A span whose trace or span id is zero
// or missing is rejected and counted, an id of another length refuses the body (as the Go collector does). Fields not
// known are kept per message, those of ExportTraceServiceRequest, KeyValue and AnyValue (beside a known value) are not.
// Resources and scopes without a span that is taken are not told to the sink.
class OtlpProtobufDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;
};

}  // namespace skua::ingest
