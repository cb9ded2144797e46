// SPDX-License-Identifier: Apache-2.0
#include "ingest/jaeger/translate.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace skua::ingest::jaeger {
namespace {

using model::Attribute;
using model::StatusCode;
using model::Value;
using model::ValueType;

using Attributes = std::vector<Attribute>;

// The last of equal keys, which is the one that counts.
const Value* find(const Attributes& attributes, std::string_view key) {
    const auto it =
        std::find_if(attributes.rbegin(), attributes.rend(), [&](const Attribute& a) { return a.key == key; });
    return it == attributes.rend() ? nullptr : &it->value;
}

void remove(Attributes& attributes, std::string_view key) {
    std::erase_if(attributes, [&](const Attribute& a) { return a.key == key; });
}

std::optional<std::string_view> find_text(const Attributes& attributes, std::string_view key) {
    const Value* value = find(attributes, key);
    if (value == nullptr || value->type != ValueType::kString) return std::nullopt;
    return value->text;
}

std::optional<std::string_view> take_text(Attributes& attributes, std::string_view key) {
    const auto text = find_text(attributes, key);
    if (text) remove(attributes, key);
    return text;
}

std::optional<model::SpanKind> kind_of(std::string_view text) {
    if (text == "client") return model::SpanKind::kClient;
    if (text == "server") return model::SpanKind::kServer;
    if (text == "producer") return model::SpanKind::kProducer;
    if (text == "consumer") return model::SpanKind::kConsumer;
    if (text == "internal") return model::SpanKind::kInternal;
    return std::nullopt;
}

bool equal_ignoring_case(std::string_view text, std::string_view upper) {
    return std::equal(text.begin(), text.end(), upper.begin(), upper.end(), [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
}

std::optional<StatusCode> status_of(std::string_view text) {
    if (equal_ignoring_case(text, "OK")) return StatusCode::kOk;
    if (equal_ignoring_case(text, "ERROR")) return StatusCode::kError;
    if (equal_ignoring_case(text, "UNSET")) return StatusCode::kUnset;
    return std::nullopt;
}

std::optional<std::int64_t> http_code(const Attributes& attributes) {
    const Value* value = find(attributes, "http.status_code");
    if (value == nullptr) return std::nullopt;
    if (value->type == ValueType::kInt) return value->integer;
    if (value->type != ValueType::kString) return std::nullopt;
    std::int64_t code = 0;
    const char* end = value->text.data() + value->text.size();
    const auto parsed = std::from_chars(value->text.data(), end, code);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    return code;
}

// A client that got 4xx failed, a server that gave it did not; other kinds go by the number alone.
StatusCode status_of_http(std::int64_t code, model::SpanKind kind) {
    if (code >= 400 && code < 500 && kind == model::SpanKind::kServer) return StatusCode::kUnset;
    return code >= 100 && code < 399 ? StatusCode::kUnset : StatusCode::kError;
}

// In this order: the tag error=true, otel.status_code, http.status_code.
void translate_status(model::Span& span, Attributes& attributes) {
    const Value* error = find(attributes, "error");
    const bool is_error = error != nullptr && error->type == ValueType::kBool && error->boolean;
    const auto named_code = find_text(attributes, "otel.status_code");
    const auto named = named_code ? status_of(*named_code) : std::nullopt;
    if (named) remove(attributes, "otel.status_code");
    if (is_error) {
        remove(attributes, "error");
        span.status_code = StatusCode::kError;
        auto message = take_text(attributes, "otel.status_description");
        if (!message) message = find_text(attributes, "http.status_message");
        span.status_message = message.value_or("");
    } else if (named) {
        span.status_code = *named;
        span.status_message = take_text(attributes, "otel.status_description").value_or("");
    } else if (const auto code = http_code(attributes); code && !named_code) {
        span.status_code = status_of_http(*code, span.kind);
        if (span.status_code != StatusCode::kUnset) {
            span.status_message = find_text(attributes, "http.status_message").value_or("");
        }
    }
}

}  // namespace

void translate_process(std::string_view service_name, Attributes& tags, std::deque<std::string>& texts) {
    if (!service_name.empty() && find(tags, "service.name") == nullptr) {
        tags.insert(tags.begin(), {"service.name", Value::of_string(service_name)});
    }
    const bool has_host = find(tags, "host.name") != nullptr;
    const bool has_exporter = find(tags, "opencensus.exporterversion") != nullptr;
    for (Attribute& tag : tags) {
        if (tag.key == "hostname" && !has_host) {
            tag.key = "host.name";
        } else if (tag.key == "jaeger.version" && !has_exporter && tag.value.type == ValueType::kString) {
            tag.key = "opencensus.exporterversion";
            tag.value = Value::of_string(texts.emplace_back("Jaeger-" + std::string(tag.value.text)));
        }
    }
}

void translate_tags(SpanBuilder& builder) {
    if (const auto text = find_text(builder.attributes, "span.kind")) {
        if (const auto kind = kind_of(*text)) {
            builder.span.kind = *kind;
            remove(builder.attributes, "span.kind");
        }
    }
    translate_status(builder.span, builder.attributes);
}

ScopeName take_scope(SpanBuilder& builder) {
    ScopeName scope;
    const auto name = take_text(builder.attributes, "otel.scope.name");
    if (!name) return scope;
    scope.name = *name;
    scope.version = take_text(builder.attributes, "otel.scope.version").value_or("");
    return scope;
}

void translate_references(SpanBuilder& builder, const std::vector<Reference>& references) {
    model::Span& span = builder.span;
    const auto in_trace = [&](bool is_child_of) {
        return std::find_if(references.begin(), references.end(), [&](const Reference& r) {
            return r.trace_id == span.trace_id && r.is_child_of == is_child_of;
        });
    };
    if (span.parent_span_id.is_zero()) {
        auto parent = in_trace(true);
        if (parent == references.end()) parent = in_trace(false);
        if (parent != references.end()) span.parent_span_id = parent->span_id;
    }
    for (const Reference& r : references) {
        if (r.is_child_of && r.trace_id == span.trace_id && r.span_id == span.parent_span_id) continue;
        const std::size_t first = builder.part_attributes.size();
        builder.part_attributes.push_back(
            {"opentracing.ref_type", Value::of_string(r.is_child_of ? "child_of" : "follows_from")});
        model::Link link;
        link.trace_id = r.trace_id;
        link.span_id = r.span_id;
        builder.add_link(link, first);
    }
}

void add_log(SpanBuilder& builder, std::uint64_t time_ns, std::size_t first_field) {
    model::Event event;
    event.time_ns = time_ns;
    Attributes& fields = builder.part_attributes;
    const auto first = fields.begin() + static_cast<std::ptrdiff_t>(first_field);
    const auto is_name = [](const Attribute& a) { return a.key == "event" && a.value.type == ValueType::kString; };
    for (auto it = first; it != fields.end(); ++it) {
        if (is_name(*it)) event.name = it->value.text;  // the last one counts
    }
    fields.erase(std::remove_if(first, fields.end(), is_name), fields.end());
    builder.add_event(event, first_field);
}

std::uint64_t to_ns(std::int64_t microseconds) {
    if (microseconds <= 0) return 0;
    const auto us = static_cast<std::uint64_t>(microseconds);
    constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
    return us > kMax / 1000 ? kMax : us * 1000;
}

std::int64_t add_saturating(std::int64_t a, std::int64_t b) {
    if (b > 0 && a > std::numeric_limits<std::int64_t>::max() - b) return std::numeric_limits<std::int64_t>::max();
    if (b < 0 && a < std::numeric_limits<std::int64_t>::min() - b) return std::numeric_limits<std::int64_t>::min();
    return a + b;
}

}  // namespace skua::ingest::jaeger
