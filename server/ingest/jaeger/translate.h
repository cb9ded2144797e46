// SPDX-License-Identifier: Apache-2.0
// What Jaeger's clients say in tags and OTLP says in fields (rules: OpenTelemetry collector, pkg/translator/jaeger).
// Nothing is dropped that has no field: a tag whose type or value the rules do not know stays an attribute.
#pragma once

#include "ingest/span_builder.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::ingest::jaeger {

struct Reference {
    bool is_child_of = false;  // else follows-from
    model::TraceId trace_id;
    model::SpanId span_id;
};

// Process tags to resource attributes: hostname → host.name, jaeger.version → opencensus.exporterversion. `texts` keeps
// what is made. A service.name among the tags wins over the process's own name, as in Jaeger.
void translate_process(std::string_view service_name, std::vector<model::Attribute>& tags,
                       std::deque<std::string>& texts);

// The span's tags stand in builder.attributes: moves span.kind, error and otel.status_code with their descriptions to
// the fields.
void translate_tags(SpanBuilder& builder);

struct ScopeName {
    std::string name;
    std::string version;
};
// Takes otel.scope.name and otel.scope.version out of the tags.
ScopeName take_scope(SpanBuilder& builder);

// Parent: the explicit one, else the first child-of reference within the trace, else the first follows-from there.
// Every reference but a child-of to the parent becomes a link with opentracing.ref_type.
void translate_references(SpanBuilder& builder, const std::vector<Reference>& references);

// The name of an event is its field `event`. `fields` are those of this event, at the end of part_attributes.
void add_log(SpanBuilder& builder, std::uint64_t time_ns, std::size_t first_field);

// Microseconds since the epoch to nanoseconds: before 1970 is 0, beyond 2554 the largest number.
std::uint64_t to_ns(std::int64_t microseconds);
// The sum, held at the ends of the range.
std::int64_t add_saturating(std::int64_t a, std::int64_t b);

}  // namespace skua::ingest::jaeger
