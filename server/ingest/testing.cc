// SPDX-License-Identifier: Apache-2.0
#include "ingest/testing.h"

#include "base/hex.h"
#include "ingest/decoders.h"
#include "model/nested.h"

#include <fmt/format.h>

namespace skua::ingest {
namespace {

// Shows every byte.
void quote(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        if (c >= 0x20 && c < 0x7f) {
            out += c;
        } else {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        }
    }
    out += '"';
}

void field(std::string& out, std::string_view name, std::uint64_t value) {
    if (value != 0) out += fmt::format(" {}={}", name, value);
}
void field(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(" ").append(name).append("=");
    quote(out, value);
}
void hex_field(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format(" {}={}", name, base::to_hex(value));
}

std::string_view type_name(model::ValueType type) {
    static constexpr std::string_view kNames[] = {"empty", "string", "bool",  "int",   "double",
                                                  "array", "map",    "bytes", "opaque"};
    return kNames[static_cast<std::size_t>(type)];
}

void attributes(std::string& out, std::string_view indent, model::Attributes list) {
    for (const model::Attribute& a : list) {
        out.append(indent);
        quote(out, a.key);
        out += fmt::format(" {} ", type_name(a.value.type));
        if (a.value.type == model::ValueType::kString) {
            quote(out, a.value.text);
        } else {
            model::append_string_form(out, a.value);
        }
        if (a.value.type == model::ValueType::kOpaque) out += base::to_hex(a.value.text);
        out += '\n';
    }
}

void resource_and_scope(std::string& out, const model::Span& span, const model::Span* before) {
    if (before == nullptr || before->resource != span.resource) {
        out += "resource";
        field(out, "dropped", span.resource->dropped_attributes_count);
        field(out, "schema", span.resource->schema_url);
        hex_field(out, "unknown", span.resource->unknown_fields);
        hex_field(out, "outer_unknown", span.resource->outer_unknown_fields);
        out += '\n';
        attributes(out, "  ", span.resource->attributes);
    }
    if (before == nullptr || before->resource != span.resource || before->scope != span.scope) {
        out += "scope";
        field(out, "name", span.scope->name);
        field(out, "version", span.scope->version);
        field(out, "dropped", span.scope->dropped_attributes_count);
        field(out, "schema", span.scope->schema_url);
        hex_field(out, "unknown", span.scope->unknown_fields);
        hex_field(out, "outer_unknown", span.scope->outer_unknown_fields);
        out += '\n';
        attributes(out, "  ", span.scope->attributes);
    }
}

void span_line(std::string& out, const model::Span& span) {
    out += fmt::format("span {} {}", span.trace_id.to_hex(), span.span_id.to_hex());
    if (!span.parent_span_id.is_zero()) out += fmt::format(" parent={}", span.parent_span_id.to_hex());
    field(out, "name", span.name);
    if (span.kind != model::SpanKind{}) out += fmt::format(" kind={}", static_cast<int>(span.kind));
    field(out, "start", span.start_ns);
    field(out, "end", span.end_ns);
    field(out, "state", span.trace_state);
    field(out, "flags", span.flags);
    if (span.status_code != model::StatusCode{}) out += fmt::format(" status={}", static_cast<int>(span.status_code));
    field(out, "message", span.status_message);
    field(out, "dropped", span.dropped_attributes_count);
    field(out, "dropped_events", span.dropped_events_count);
    field(out, "dropped_links", span.dropped_links_count);
    hex_field(out, "unknown", span.unknown_fields);
    hex_field(out, "status_unknown", span.status_unknown_fields);
    out += '\n';
    attributes(out, "  ", span.attributes);
}

}  // namespace

std::string dump(const model::SpanBatch& batch) {
    std::string out;
    const model::Span* before = nullptr;
    for (const model::Span& span : batch.spans()) {
        resource_and_scope(out, span, before);
        before = &span;
        span_line(out, span);
        for (const model::Event& e : span.events) {
            out += "  event";
            field(out, "time", e.time_ns);
            field(out, "name", e.name);
            field(out, "dropped", e.dropped_attributes_count);
            hex_field(out, "unknown", e.unknown_fields);
            out += '\n';
            attributes(out, "    ", e.attributes);
        }
        for (const model::Link& l : span.links) {
            out += fmt::format("  link {} {}", l.trace_id.to_hex(), l.span_id.to_hex());
            field(out, "state", l.trace_state);
            field(out, "flags", l.flags);
            field(out, "dropped", l.dropped_attributes_count);
            hex_field(out, "unknown", l.unknown_fields);
            out += '\n';
            attributes(out, "    ", l.attributes);
        }
    }
    return out;
}

std::string Decoded::text() const {
    if (!counts.ok()) return counts.error().message + "\n";
    std::string out = dump(sink.batch);
    if (counts->rejected_spans != 0) {
        out += fmt::format("rejected {}: {}\n", counts->rejected_spans, counts->rejected_reason);
    }
    return out;
}

Decoded decode(model::Encoding encoding, std::string_view bytes) {
    Decoded decoded;
    model::RawBody body;
    body.encoding = encoding;
    body.bytes = bytes;
    decoded.counts = decoder_for(encoding)->decode(body, decoded.sink);
    return decoded;
}

}  // namespace skua::ingest
