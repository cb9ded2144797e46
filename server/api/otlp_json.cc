// SPDX-License-Identifier: Apache-2.0
#include "api/otlp_json.h"

#include "api/json_writer.h"
#include "model/nested.h"

#include <unordered_map>
#include <vector>

namespace skua::api {
namespace {

using model::Value;
using model::ValueType;

constexpr std::size_t kSpansToJudgeBy = 512;

void write_value(JsonWriter& json, const Value& value, int depth);

void write_children(JsonWriter& json, const Value& container, int depth) {
    json.begin_object();
    json.key("values");
    json.begin_array();
    model::NestedReader reader(container);
    model::Attribute child;
    while (depth < model::kNestingMax && reader.next(child)) {
        if (container.type == ValueType::kArray) {
            write_value(json, child.value, depth + 1);
            continue;
        }
        json.begin_object();
        json.field("key", child.key);
        json.key("value");
        write_value(json, child.value, depth + 1);
        json.end_object();
    }
    json.end_array();
    json.end_object();
}

void write_value(JsonWriter& json, const Value& value, int depth) {
    json.begin_object();
    switch (value.type) {
        case ValueType::kEmpty:
        case ValueType::kOpaque:
            break;
        case ValueType::kString:
            json.field("stringValue", value.text);
            break;
        case ValueType::kBool:
            json.key("boolValue");
            json.boolean(value.boolean);
            break;
        case ValueType::kInt:
            json.key("intValue");
            json.quoted(value.integer);
            break;
        case ValueType::kDouble:
            json.key("doubleValue");
            json.number(value.number);
            break;
        case ValueType::kBytes:
            json.key("bytesValue");
            json.base64(value.text);
            break;
        case ValueType::kArray:
            json.key("arrayValue");
            write_children(json, value, depth);
            break;
        case ValueType::kMap:
            json.key("kvlistValue");
            write_children(json, value, depth);
            break;
    }
    json.end_object();
}

void write_attribute(JsonWriter& json, std::string_view key, const Value& value) {
    json.begin_object();
    json.field("key", key);
    json.key("value");
    write_value(json, value, 0);
    json.end_object();
}

void write_attributes(JsonWriter& json, model::Attributes attributes, const std::vector<std::string>& warnings = {}) {
    if (attributes.empty() && warnings.empty()) return;
    json.key("attributes");
    json.begin_array();
    for (const model::Attribute& a : attributes) write_attribute(json, a.key, a.value);
    if (!warnings.empty()) {
        std::string body;
        for (const std::string& warning : warnings) model::append_element(body, Value::of_string(warning));
        write_attribute(json, "@jaeger@warnings", Value::with_text(ValueType::kArray, body));
    }
    json.end_array();
}

void write_count(JsonWriter& json, std::string_view name, std::uint32_t count) {
    if (count == 0) return;
    json.key(name);
    json.unsigned_integer(count);
}

void write_text(JsonWriter& json, std::string_view name, std::string_view text) {
    if (!text.empty()) json.field(name, text);
}

void write_time(JsonWriter& json, std::string_view name, std::uint64_t ns) {
    if (ns == 0) return;
    json.key(name);
    json.quoted(ns);
}

void write_ids(JsonWriter& json, const model::TraceId& trace_id, const model::SpanId& span_id) {
    if (!trace_id.is_zero()) json.field("traceId", trace_id.to_hex());
    if (!span_id.is_zero()) json.field("spanId", span_id.to_hex());
}

void write_event(JsonWriter& json, const model::Event& event) {
    json.begin_object();
    write_time(json, "timeUnixNano", event.time_ns);
    write_text(json, "name", event.name);
    write_attributes(json, event.attributes);
    write_count(json, "droppedAttributesCount", event.dropped_attributes_count);
    json.end_object();
}

void write_link(JsonWriter& json, const model::Link& link) {
    json.begin_object();
    write_ids(json, link.trace_id, link.span_id);
    write_text(json, "traceState", link.trace_state);
    write_attributes(json, link.attributes);
    write_count(json, "droppedAttributesCount", link.dropped_attributes_count);
    write_count(json, "flags", link.flags);
    json.end_object();
}

void write_span(JsonWriter& json, const model::Span& span, const std::vector<std::string>& warnings) {
    json.begin_object();
    write_ids(json, span.trace_id, span.span_id);
    write_text(json, "traceState", span.trace_state);
    if (!span.parent_span_id.is_zero()) json.field("parentSpanId", span.parent_span_id.to_hex());
    write_count(json, "flags", span.flags);
    write_text(json, "name", span.name);
    if (span.kind != model::SpanKind::kUnspecified) {
        json.key("kind");
        json.integer(static_cast<std::int32_t>(span.kind));
    }
    write_time(json, "startTimeUnixNano", span.start_ns);
    write_time(json, "endTimeUnixNano", span.end_ns);
    write_attributes(json, span.attributes, warnings);
    write_count(json, "droppedAttributesCount", span.dropped_attributes_count);
    if (!span.events.empty()) {
        json.key("events");
        json.begin_array();
        for (const model::Event& event : span.events) write_event(json, event);
        json.end_array();
    }
    write_count(json, "droppedEventsCount", span.dropped_events_count);
    if (!span.links.empty()) {
        json.key("links");
        json.begin_array();
        for (const model::Link& link : span.links) write_link(json, link);
        json.end_array();
    }
    write_count(json, "droppedLinksCount", span.dropped_links_count);
    json.key("status");
    json.begin_object();
    write_text(json, "message", span.status_message);
    if (span.status_code != model::StatusCode::kUnset) {
        json.key("code");
        json.integer(static_cast<std::int32_t>(span.status_code));
    }
    json.end_object();
    json.end_object();
}

struct ScopeGroup {
    const model::Scope* scope;
    std::vector<std::size_t> spans;
};
struct ResourceGroup {
    const model::Resource* resource;
    std::vector<ScopeGroup> scopes;
    std::unordered_map<const model::Scope*, std::size_t> by_scope;
};

std::vector<ResourceGroup> grouped(const query::Trace& trace) {
    std::vector<ResourceGroup> groups;
    std::unordered_map<const model::Resource*, std::size_t> by_resource;
    const auto& spans = trace.batch.spans();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const auto [resource, new_resource] = by_resource.try_emplace(spans[i].resource, groups.size());
        if (new_resource) groups.push_back({spans[i].resource, {}, {}});
        ResourceGroup& group = groups[resource->second];
        const auto [scope, new_scope] = group.by_scope.try_emplace(spans[i].scope, group.scopes.size());
        if (new_scope) group.scopes.push_back({spans[i].scope, {}});
        group.scopes[scope->second].spans.push_back(i);
    }
    return groups;
}

void write_scope_spans(JsonWriter& json, const query::Trace& trace, const ScopeGroup& group) {
    json.begin_object();
    json.key("scope");
    json.begin_object();
    write_text(json, "name", group.scope->name);
    write_text(json, "version", group.scope->version);
    write_attributes(json, group.scope->attributes);
    write_count(json, "droppedAttributesCount", group.scope->dropped_attributes_count);
    json.end_object();
    json.key("spans");
    json.begin_array();
    const std::size_t begin = json.size();
    for (std::size_t n = 0; n < group.spans.size(); ++n) {
        // As the first ones, so the others: growing step by step would copy it all again and again.
        if (n == kSpansToJudgeBy) json.expect((json.size() - begin) / n * (group.spans.size() - n) / 8 * 9);
        write_span(json, trace.batch.spans()[group.spans[n]], trace.warnings_of(group.spans[n]));
    }
    json.end_array();
    write_text(json, "schemaUrl", group.scope->schema_url);
    json.end_object();
}

}  // namespace

void write_resource_spans(JsonWriter& json, const query::Trace& trace) {
    for (const ResourceGroup& group : grouped(trace)) {
        json.begin_object();
        json.key("resource");
        json.begin_object();
        write_attributes(json, group.resource->attributes);
        write_count(json, "droppedAttributesCount", group.resource->dropped_attributes_count);
        json.end_object();
        json.key("scopeSpans");
        json.begin_array();
        for (const ScopeGroup& scope : group.scopes) write_scope_spans(json, trace, scope);
        json.end_array();
        write_text(json, "schemaUrl", group.resource->schema_url);
        json.end_object();
    }
}

}  // namespace skua::api
