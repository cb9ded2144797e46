// SPDX-License-Identifier: Apache-2.0
#include "ingest/decoders.h"

#include "ingest/otlp/json_decoder.h"
#include "ingest/otlp/protobuf_decoder.h"

namespace skua::ingest {

const model::Decoder* decoder_for(model::Encoding encoding) {
    static const OtlpProtobufDecoder otlp_protobuf;
    static const OtlpJsonDecoder otlp_json;
    switch (encoding) {
        case model::Encoding::kOtlpProtobuf:
            return &otlp_protobuf;
        case model::Encoding::kOtlpJson:
            return &otlp_json;
        default:
            return nullptr;
    }
}

}  // namespace skua::ingest
