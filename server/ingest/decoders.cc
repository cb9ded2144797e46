// SPDX-License-Identifier: Apache-2.0
#include "ingest/decoders.h"

#include "ingest/otlp/protobuf_decoder.h"

namespace skua::ingest {

const model::Decoder* decoder_for(model::Encoding encoding) {
    static const OtlpProtobufDecoder otlp_protobuf;
    switch (encoding) {
        case model::Encoding::kOtlpProtobuf:
            return &otlp_protobuf;
        default:
            return nullptr;
    }
}

}  // namespace skua::ingest
