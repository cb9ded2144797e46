// SPDX-License-Identifier: Apache-2.0
// Field numbers of OTLP's messages (opentelemetry-proto v1.10: trace, metrics, resource, common).
#pragma once

#include <cstdint>

#include <protozero/types.hpp>

namespace skua::ingest::otlp {

// ExportTraceServiceRequest, TracesData
enum RequestField : std::uint32_t { kRequestResourceSpans = 1 };
enum ResourceSpansField : std::uint32_t { kRsResource = 1, kRsScopeSpans = 2, kRsSchemaUrl = 3 };
enum ResourceField : std::uint32_t { kResourceAttributes = 1, kResourceDropped = 2 };
enum ScopeSpansField : std::uint32_t { kSsScope = 1, kSsSpans = 2, kSsSchemaUrl = 3 };
enum ScopeField : std::uint32_t { kScopeName = 1, kScopeVersion = 2, kScopeAttributes = 3, kScopeDropped = 4 };
enum SpanField : std::uint32_t {
    kSpanTraceId = 1,
    kSpanSpanId = 2,
    kSpanTraceState = 3,
    kSpanParentSpanId = 4,
    kSpanName = 5,
    kSpanKind = 6,
    kSpanStart = 7,
    kSpanEnd = 8,
    kSpanAttributes = 9,
    kSpanDroppedAttributes = 10,
    kSpanEvents = 11,
    kSpanDroppedEvents = 12,
    kSpanLinks = 13,
    kSpanDroppedLinks = 14,
    kSpanStatus = 15,
    kSpanFlags = 16,
};
enum EventField : std::uint32_t { kEventTime = 1, kEventName = 2, kEventAttributes = 3, kEventDropped = 4 };
enum LinkField : std::uint32_t {
    kLinkTraceId = 1,
    kLinkSpanId = 2,
    kLinkTraceState = 3,
    kLinkAttributes = 4,
    kLinkDropped = 5,
    kLinkFlags = 6,
};
enum StatusField : std::uint32_t { kStatusMessage = 2, kStatusCode = 3 };
enum KeyValueField : std::uint32_t { kKeyValueKey = 1, kKeyValueValue = 2 };

// ExportMetricsServiceRequest
enum MetricsRequestField : std::uint32_t { kRequestResourceMetrics = 1 };
enum ResourceMetricsField : std::uint32_t { kRmScopeMetrics = 2 };
enum ScopeMetricsField : std::uint32_t { kSmMetrics = 2 };
enum MetricField : std::uint32_t {
    kMetricGauge = 5,
    kMetricSum = 7,
    kMetricHistogram = 9,
    kMetricExponentialHistogram = 10,
    kMetricSummary = 11,
};
enum MetricDataField : std::uint32_t { kDataPoints = 1 };  // in each of the five

constexpr std::uint32_t len_field(std::uint32_t field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
constexpr std::uint32_t varint_field(std::uint32_t field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t fixed32_field(std::uint32_t field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}
constexpr std::uint32_t fixed64_field(std::uint32_t field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}

}  // namespace skua::ingest::otlp
