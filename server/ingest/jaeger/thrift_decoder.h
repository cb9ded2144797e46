// SPDX-License-Identifier: Apache-2.0
// Spans of Jaeger's clients in Thrift: Agent.emitBatch messages (UDP, compact and binary) and a bare Batch (HTTP).
#pragma once

#include "model/ingest.h"

namespace skua::ingest {

// Unknown fields and known ones of another type are skipped; a required field that is missing refuses the body, as the
// generated readers do. Bytes behind the batch are not looked at. Baggage, Batch.seqNo and stats are not kept, nor is
// the debug flag (OTLP has no place for it; the sampled one is kept).
class JaegerThriftDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;
};

}  // namespace skua::ingest
