// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/encoder.h"

#include "ingest/otlp/wire.h"
#include "model/nested.h"

#include <protozero/pbf_writer.hpp>

namespace skua::ingest {
namespace {

using protozero::pbf_writer;
using namespace otlp;  // NOLINT(google-build-using-namespace): field names

// proto3: a field at its default is not written.
void add_text(pbf_writer& writer, std::uint32_t field, std::string_view text) {
    if (!text.empty()) writer.add_bytes(field, text.data(), text.size());
}
void add_count(pbf_writer& writer, std::uint32_t field, std::uint32_t count) {
    if (count != 0) writer.add_uint32(field, count);
}
void add_time(pbf_writer& writer, std::uint32_t field, std::uint64_t ns) {
    if (ns != 0) writer.add_fixed64(field, ns);
}
template <class Id>
void add_id(pbf_writer& writer, std::uint32_t field, const Id& id) {
    if (!id.is_zero()) writer.add_bytes(field, id.to_bytes());
}

class Encoder {
public:
    std::string take() { return std::move(out_); }

    void resource_spans(std::span<const model::Span> spans) {
        const model::Resource& resource = *spans.front().resource;
        pbf_writer file(out_);
        pbf_writer outer(file, kRequestResourceSpans);
        {
            pbf_writer inner(outer, kRsResource);
            attributes(inner, kResourceAttributes, resource.attributes);
            add_count(inner, kResourceDropped, resource.dropped_attributes_count);
            out_ += resource.unknown_fields;
        }
        for (std::size_t first = 0; first < spans.size();) {
            std::size_t last = first + 1;
            while (last < spans.size() && spans[last].scope == spans[first].scope) ++last;
            scope_spans(outer, spans.subspan(first, last - first));
            first = last;
        }
        add_text(outer, kRsSchemaUrl, resource.schema_url);
        out_ += resource.outer_unknown_fields;
    }

private:
    void scope_spans(pbf_writer& parent, std::span<const model::Span> spans) {
        const model::Scope& scope = *spans.front().scope;
        pbf_writer outer(parent, kRsScopeSpans);
        {
            pbf_writer inner(outer, kSsScope);
            add_text(inner, kScopeName, scope.name);
            add_text(inner, kScopeVersion, scope.version);
            attributes(inner, kScopeAttributes, scope.attributes);
            add_count(inner, kScopeDropped, scope.dropped_attributes_count);
            out_ += scope.unknown_fields;
        }
        for (const model::Span& s : spans) span(outer, s);
        add_text(outer, kSsSchemaUrl, scope.schema_url);
        out_ += scope.outer_unknown_fields;
    }

    void span(pbf_writer& parent, const model::Span& s) {
        pbf_writer writer(parent, kSsSpans);
        add_id(writer, kSpanTraceId, s.trace_id);
        add_id(writer, kSpanSpanId, s.span_id);
        add_text(writer, kSpanTraceState, s.trace_state);
        add_id(writer, kSpanParentSpanId, s.parent_span_id);
        add_text(writer, kSpanName, s.name);
        if (s.kind != model::SpanKind{}) writer.add_enum(kSpanKind, static_cast<std::int32_t>(s.kind));
        add_time(writer, kSpanStart, s.start_ns);
        add_time(writer, kSpanEnd, s.end_ns);
        attributes(writer, kSpanAttributes, s.attributes);
        add_count(writer, kSpanDroppedAttributes, s.dropped_attributes_count);
        for (const model::Event& e : s.events) event(writer, e);
        add_count(writer, kSpanDroppedEvents, s.dropped_events_count);
        for (const model::Link& l : s.links) link(writer, l);
        add_count(writer, kSpanDroppedLinks, s.dropped_links_count);
        status(writer, s);
        if (s.flags != 0) writer.add_fixed32(kSpanFlags, s.flags);
        out_ += s.unknown_fields;
    }

    void event(pbf_writer& parent, const model::Event& e) {
        const std::size_t before = out_.size();
        event_fields(pbf_writer(parent, kSpanEvents), e);
        if (out_.size() == before) parent.add_bytes(kSpanEvents, "");  // protozero leaves an empty message out
    }

    void event_fields(pbf_writer writer, const model::Event& e) {
        add_time(writer, kEventTime, e.time_ns);
        add_text(writer, kEventName, e.name);
        attributes(writer, kEventAttributes, e.attributes);
        add_count(writer, kEventDropped, e.dropped_attributes_count);
        out_ += e.unknown_fields;
    }

    void link(pbf_writer& parent, const model::Link& l) {
        const std::size_t before = out_.size();
        link_fields(pbf_writer(parent, kSpanLinks), l);
        if (out_.size() == before) parent.add_bytes(kSpanLinks, "");  // protozero leaves an empty message out
    }

    void link_fields(pbf_writer writer, const model::Link& l) {
        add_id(writer, kLinkTraceId, l.trace_id);
        add_id(writer, kLinkSpanId, l.span_id);
        add_text(writer, kLinkTraceState, l.trace_state);
        attributes(writer, kLinkAttributes, l.attributes);
        add_count(writer, kLinkDropped, l.dropped_attributes_count);
        if (l.flags != 0) writer.add_fixed32(kLinkFlags, l.flags);
        out_ += l.unknown_fields;
    }

    void status(pbf_writer& parent, const model::Span& s) {
        if (s.status_code == model::StatusCode{} && s.status_message.empty() && s.status_unknown_fields.empty()) return;
        pbf_writer writer(parent, kSpanStatus);
        add_text(writer, kStatusMessage, s.status_message);
        if (s.status_code != model::StatusCode{}) {
            writer.add_enum(kStatusCode, static_cast<std::int32_t>(s.status_code));
        }
        out_ += s.status_unknown_fields;
    }

    void attributes(pbf_writer& parent, std::uint32_t field, model::Attributes list) {
        for (const model::Attribute& a : list) {
            value_.clear();
            model::append_any_value(value_, a.value);
            pbf_writer writer(parent, field);
            add_text(writer, kKeyValueKey, a.key);
            writer.add_bytes(kKeyValueValue, value_);  // also when empty, as pdata does
        }
    }

    std::string out_;
    std::string value_;
};

}  // namespace

std::string encode_traces(std::span<const model::Span> spans) {
    Encoder encoder;
    for (std::size_t first = 0; first < spans.size();) {
        std::size_t last = first + 1;
        while (last < spans.size() && spans[last].resource == spans[first].resource) ++last;
        encoder.resource_spans(spans.subspan(first, last - first));
        first = last;
    }
    return encoder.take();
}

}  // namespace skua::ingest
