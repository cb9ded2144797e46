// SPDX-License-Identifier: Apache-2.0
// The door between ingest and store: a body as received, who can decode it, and who takes it. The store logs the body
// and decodes it itself (at append, and again at replay), so neither folder knows the other.
#pragma once

#include "base/result.h"
#include "model/request_context.h"
#include "model/span.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace skua::model {

// Written to disk: never renumber.
enum class Door : std::uint8_t {
    kOtlpGrpc = 1,
    kOtlpHttp = 2,
    kJaegerUdpCompact = 3,  // 6831
    kJaegerUdpBinary = 4,   // 6832
    kJaegerHttp = 5,        // 14268, and 5778 as the seed describes it
    kJaegerGrpc = 6,        // 14250
    kZipkinHttp = 7,        // 9411
};

// Of RawBody::bytes, after any Content-Encoding is undone. Written to disk: never renumber.
enum class Encoding : std::uint8_t {
    kOtlpProtobuf = 1,        // ExportTraceServiceRequest
    kOtlpJson = 2,            // the same as OTLP JSON
    kJaegerAgentCompact = 3,  // one Thrift message Agent.emitBatch, compact protocol
    kJaegerAgentBinary = 4,   // the same, binary protocol (strict or old)
    kJaegerBatchBinary = 5,   // one jaeger.thrift Batch struct, binary protocol (HTTP)
    kJaegerProtobuf = 6,      // api_v2 PostSpansRequest
    kZipkinJsonV2 = 7,
    kZipkinProtobuf = 8,
    kZipkinJsonV1 = 9,
    kZipkinThrift = 10,
};

struct RawBody {
    Door door = Door::kOtlpGrpc;
    Encoding encoding = Encoding::kOtlpProtobuf;
    std::string_view bytes;
    std::int64_t received_ns = 0;  // wall clock, Unix epoch
};

// Receives a decoded body: each resource, then its scopes, then their spans. All views end with the call that passes
// them. Span::resource and Span::scope are set. A decoder that fails half-way has called some of these: the sink's
// owner must be able to undo.
class SpanSink {
public:
    virtual ~SpanSink() = default;
    virtual void resource(const Resource& resource) = 0;
    virtual void scope(const Scope& scope) = 0;
    virtual void span(const Span& span) = 0;
};

struct DecodeCounts {
    std::uint64_t accepted_spans = 0;
    std::uint64_t rejected_spans = 0;  // not storable (zero ids); the others of the body are taken
    std::string rejected_reason;       // of the first of them
};

// A pure function of the body: no clock, no configuration. Thread-safe.
class Decoder {
public:
    virtual ~Decoder() = default;
    // kInvalidArgument when the body cannot be read: nothing of it is taken then.
    virtual base::Result<DecodeCounts> decode(const RawBody& body, SpanSink& sink) const = 0;
};

struct AppendOutcome {
    base::Status status;
    DecodeCounts counts;
    std::int64_t retry_after_ms = 0;  // with kResourceExhausted and kUnavailable: when to come back
};
using AppendDone = std::function<void(AppendOutcome)>;

// The writing half of the store.
class SpanWriter {
public:
    virtual ~SpanWriter() = default;
    // Any thread. `body.bytes` need live only until append returns. `done` is called exactly once, from any thread and
    // perhaps before append returns, when the body is as durable as configured and visible to readers, or refused as a
    // whole.
    virtual void append(const RequestContext& context, const RawBody& body, const Decoder& decoder,
                        AppendDone done) = 0;
};

}  // namespace skua::model
