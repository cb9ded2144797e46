// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v1/trace_json.h"

#include "api/json_writer.h"
#include "model/nested.h"
#include "query/span_keys.h"

#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include <fmt/core.h>

namespace skua::api::jaeger_v1 {
namespace {

using model::Value;
using model::ValueType;

constexpr std::string_view kServiceName = "service.name";
constexpr std::string_view kWarnings = "@jaeger@warnings";
constexpr std::string_view kRefType = "opentracing.ref_type";
constexpr std::string_view kNoService = "OTLPResourceNoServiceName";
constexpr std::size_t kSpansToJudgeBy = 512;
constexpr std::int64_t kLargestExact = (std::int64_t{1} << 53) - 1;  // that a JavaScript number holds

void write_tag(JsonWriter& json, std::string_view key, const Value& value) {
    json.begin_object();
    json.field("key", key);
    json.key("type");
    switch (value.type) {
        case ValueType::kBool:
            json.string("bool");
            json.key("value");
            json.boolean(value.boolean);
            break;
        case ValueType::kInt:
            json.string("int64");
            json.key("value");
            if (value.integer > kLargestExact || value.integer < -kLargestExact) {
                json.quoted(value.integer);
            } else {
                json.integer(value.integer);
            }
            break;
        case ValueType::kDouble:
            json.string("float64");
            json.key("value");
            json.number(value.number);
            break;
        case ValueType::kBytes:
            json.string("binary");
            json.key("value");
            json.base64(value.text);
            break;
        case ValueType::kString:
            json.string("string");
            json.field("value", value.text);
            break;
        default: {
            std::string text;
            model::append_string_form(text, value);
            json.string("string");
            json.field("value", text);
            break;
        }
    }
    json.end_object();
}

void write_text_tag(JsonWriter& json, std::string_view key, std::string_view text) {
    if (!text.empty()) write_tag(json, key, Value::of_string(text));
}

void write_span_tags(JsonWriter& json, const model::Span& span) {
    json.begin_array();
    write_text_tag(json, "otel.scope.name", span.scope->name);
    write_text_tag(json, "otel.scope.version", span.scope->version);
    for (const model::Attribute& a : span.attributes) {
        if (a.key != kWarnings) write_tag(json, a.key, a.value);
    }
    write_text_tag(json, "span.kind", query::operation_kind(span.kind));
    if (span.status_code == model::StatusCode::kOk) write_text_tag(json, "otel.status_code", "OK");
    if (span.status_code == model::StatusCode::kError) {
        write_text_tag(json, "otel.status_code", "ERROR");
        write_tag(json, "error", Value::of_bool(true));
    }
    write_text_tag(json, "otel.status_description", span.status_message);
    write_text_tag(json, "w3c.tracestate", span.trace_state);
    json.end_array();
}

void write_reference(JsonWriter& json, std::string_view type, const model::TraceId& trace_id,
                     const model::SpanId& span_id) {
    json.begin_object();
    json.field("refType", type);
    json.field("traceID", trace_id.to_short_hex());
    json.field("spanID", span_id.to_hex());
    json.end_object();
}

std::string_view reference_type(const model::Link& link) {
    const Value* type = query::find(link.attributes, kRefType);
    return type != nullptr && type->text == "child_of" ? "CHILD_OF" : "FOLLOWS_FROM";
}

void write_references(JsonWriter& json, const model::Span& span) {
    const auto is_parent = [&](const model::Link& link) {
        return !span.parent_span_id.is_zero() && link.trace_id == span.trace_id && link.span_id == span.parent_span_id;
    };
    json.begin_array();
    if (!span.parent_span_id.is_zero()) {
        // A link to the parent says only of what kind the parent is.
        std::string_view type = "CHILD_OF";
        for (const model::Link& link : span.links) {
            if (is_parent(link)) type = reference_type(link);
        }
        write_reference(json, type, span.trace_id, span.parent_span_id);
    }
    for (const model::Link& link : span.links) {
        if (!is_parent(link)) write_reference(json, reference_type(link), link.trace_id, link.span_id);
    }
    json.end_array();
}

void write_logs(JsonWriter& json, const model::Span& span) {
    json.begin_array();
    for (const model::Event& event : span.events) {
        json.begin_object();
        json.key("timestamp");
        json.unsigned_integer(event.time_ns / 1000);
        json.key("fields");
        json.begin_array();
        if (query::find(event.attributes, "event") == nullptr) write_text_tag(json, "event", event.name);
        for (const model::Attribute& a : event.attributes) write_tag(json, a.key, a.value);
        json.end_array();
        json.end_object();
    }
    json.end_array();
}

// Those that came with the span, then those found here.
void write_warnings(JsonWriter& json, const model::Span& span, const std::vector<std::string>& found) {
    std::vector<std::string> all;
    if (const Value* sent = query::find(span.attributes, kWarnings);
        sent != nullptr && sent->type == ValueType::kArray) {
        model::NestedReader reader(*sent);
        for (model::Attribute item; reader.next(item);) model::append_string_form(all.emplace_back(), item.value);
    }
    all.insert(all.end(), found.begin(), found.end());
    if (all.empty()) {
        json.null();
        return;
    }
    json.begin_array();
    for (const std::string& warning : all) json.string(warning);
    json.end_array();
}

void write_process(JsonWriter& json, const model::Resource& resource) {
    const Value* service = query::find(resource.attributes, kServiceName);
    std::string name;
    if (service != nullptr) model::append_string_form(name, *service);
    if (resource.attributes.empty()) name = kNoService;
    json.begin_object();
    json.field("serviceName", name);
    json.key("tags");
    json.begin_array();
    for (const model::Attribute& a : resource.attributes) {
        if (a.key != kServiceName) write_tag(json, a.key, a.value);
    }
    json.end_array();
    json.end_object();
}

// Numbers processes as they first appear; equal ones share a number.
class Processes {
public:
    const std::string& id_of(const model::Resource* resource) {
        const auto [known, first_time] = by_resource_.try_emplace(resource);
        if (!first_time) return known->second;
        std::string content;
        JsonWriter json(content, JsonWriter::Escape::kGo);
        write_process(json, *resource);
        const auto [same, is_new] = by_content_.try_emplace(std::move(content));
        if (is_new) {
            same->second = fmt::format("p{}", by_content_.size());
            by_id_.emplace(same->second, resource);
        }
        return known->second = same->second;
    }

    // Sorted as text (p1, p10, p2), as Go writes a map.
    void write(JsonWriter& json) const {
        json.begin_object();
        for (const auto& [id, resource] : by_id_) {
            json.key(id);
            write_process(json, *resource);
        }
        json.end_object();
    }

private:
    std::unordered_map<const model::Resource*, std::string> by_resource_;
    std::unordered_map<std::string, std::string> by_content_;
    std::map<std::string, const model::Resource*> by_id_;
};

void write_span(JsonWriter& json, const model::Span& span, const std::vector<std::string>& warnings,
                Processes& processes) {
    json.begin_object();
    json.field("traceID", span.trace_id.to_short_hex());
    json.field("spanID", span.span_id.to_hex());
    json.field("operationName", span.name);
    json.key("references");
    write_references(json, span);
    json.key("startTime");
    json.unsigned_integer(span.start_ns / 1000);
    json.key("duration");
    json.integer(static_cast<std::int64_t>(span.end_ns - span.start_ns) / 1000);
    json.key("tags");
    write_span_tags(json, span);
    json.key("logs");
    write_logs(json, span);
    json.field("processID", processes.id_of(span.resource));
    json.key("warnings");
    write_warnings(json, span, warnings);
    json.end_object();
}

}  // namespace

void write_trace(JsonWriter& json, const query::Trace& trace) {
    Processes processes;
    json.begin_object();
    json.field("traceID", trace.id.to_short_hex());
    json.key("spans");
    json.begin_array();
    const std::size_t count = trace.batch.spans().size();
    const std::size_t begin = json.size();
    for (std::size_t i = 0; i < count; ++i) {
        // The first ones tell how much room the others need: growing step by step would copy it all again and again.
        if (i == kSpansToJudgeBy) json.expect((json.size() - begin) / kSpansToJudgeBy * (count - i) / 8 * 9);
        write_span(json, trace.batch.spans()[i], trace.warnings_of(i), processes);
    }
    json.end_array();
    json.key("processes");
    processes.write(json);
    json.key("warnings");
    json.null();
    json.end_object();
}

}  // namespace skua::api::jaeger_v1
