// SPDX-License-Identifier: Apache-2.0
// A span with everything OTLP can carry about it (opentelemetry-proto trace.proto v1.10), in the order sent.
//
// One type for both directions: decoders hand it to a SpanSink (views into the request), readers get it inside a
// SpanBatch (views into the batch's arena). Nothing here owns bytes. `unknown_fields` are protobuf fields this version
// does not know, serialized as they came, so that they go back out. Times are nanoseconds since the Unix epoch.
#pragma once

#include "model/ids.h"
#include "model/value.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace skua::model {

// OTLP's numbers; others are kept as they came.
enum class SpanKind : std::int32_t { kUnspecified, kInternal, kServer, kClient, kProducer, kConsumer };
enum class StatusCode : std::int32_t { kUnset, kOk, kError };

struct Resource {
    Attributes attributes;
    std::uint32_t dropped_attributes_count = 0;
    std::string_view schema_url;            // of ResourceSpans
    std::string_view unknown_fields;        // of Resource (entity_refs among them)
    std::string_view outer_unknown_fields;  // of ResourceSpans
};

struct Scope {
    std::string_view name;
    std::string_view version;
    Attributes attributes;
    std::uint32_t dropped_attributes_count = 0;
    std::string_view schema_url;            // of ScopeSpans
    std::string_view unknown_fields;        // of InstrumentationScope
    std::string_view outer_unknown_fields;  // of ScopeSpans
};

struct Event {
    std::uint64_t time_ns = 0;
    std::string_view name;
    Attributes attributes;
    std::uint32_t dropped_attributes_count = 0;
    std::string_view unknown_fields;
};

struct Link {
    TraceId trace_id;
    SpanId span_id;
    std::string_view trace_state;
    Attributes attributes;
    std::uint32_t dropped_attributes_count = 0;
    std::uint32_t flags = 0;
    std::string_view unknown_fields;
};

struct Span {
    TraceId trace_id;
    SpanId span_id;
    SpanId parent_span_id;  // zero: a root
    std::string_view trace_state;
    std::uint32_t flags = 0;
    std::string_view name;
    SpanKind kind = SpanKind::kUnspecified;
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;  // may be before start: the store keeps what was sent, sanitizers are views
    Attributes attributes;
    std::uint32_t dropped_attributes_count = 0;
    std::span<const Event> events;
    std::uint32_t dropped_events_count = 0;
    std::span<const Link> links;
    std::uint32_t dropped_links_count = 0;
    StatusCode status_code = StatusCode::kUnset;
    std::string_view status_message;
    std::string_view unknown_fields;         // of Span
    std::string_view status_unknown_fields;  // of Status
    const Resource* resource = nullptr;      // never null once handed out
    const Scope* scope = nullptr;            // never null once handed out
};

}  // namespace skua::model
