// SPDX-License-Identifier: Apache-2.0
#include "ingest/decoders.h"

#include "ingest/jaeger/thrift_decoder.h"
#include "ingest/otlp/json_decoder.h"
#include "ingest/otlp/protobuf_decoder.h"

namespace skua::ingest {

const model::Decoder* decoder_for(model::Encoding encoding) {
    static const OtlpProtobufDecoder otlp_protobuf;
    static const OtlpJsonDecoder otlp_json;
    static const JaegerThriftDecoder jaeger_thrift;
    switch (encoding) {
        case model::Encoding::kOtlpProtobuf:
            return &otlp_protobuf;
        case model::Encoding::kOtlpJson:
            return &otlp_json;
        case model::Encoding::kJaegerAgentCompact:
        case model::Encoding::kJaegerAgentBinary:
        case model::Encoding::kJaegerBatchBinary:
            return &jaeger_thrift;
        case model::Encoding::kJaegerProtobuf:
        case model::Encoding::kZipkinJsonV2:
        case model::Encoding::kZipkinProtobuf:
        case model::Encoding::kZipkinJsonV1:
        case model::Encoding::kZipkinThrift:
            break;
    }
    return nullptr;
}

}  // namespace skua::ingest
