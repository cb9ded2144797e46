// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/protobuf_decoder.h"

#include "ingest/limits.h"
#include "ingest/otlp/plain_fields.h"
#include "ingest/otlp/protobuf_path.h"
#include "ingest/otlp/unknown_fields.h"
#include "ingest/otlp/wire.h"
#include "ingest/span_builder.h"
#include "model/nested.h"

#include <deque>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

namespace skua::ingest {
namespace {

using model::Attribute;
using namespace otlp;  // NOLINT(google-build-using-namespace): field names

// protozero reports by exception, so ours travel the same way; both end in decode().
struct Refused {
    std::string cause;
};
constexpr std::size_t kShownMax = 40;  // of a client's text in a message

std::string_view view_of(protozero::pbf_reader& reader) {
    const protozero::data_view view = reader.get_view();
    return {view.data(), view.size()};
}

constexpr KnownFields kRequestKnown = known_up_to(kRequestResourceSpans);
constexpr KnownFields kResourceSpansKnown = known_up_to(kRsSchemaUrl);
constexpr KnownFields kResourceKnown = known_up_to(kResourceDropped);
constexpr KnownFields kScopeSpansKnown = known_up_to(kSsSchemaUrl);
constexpr KnownFields kScopeKnown = known_up_to(kScopeDropped);
constexpr KnownFields kSpanKnown = known_up_to(kSpanFlags);
constexpr KnownFields kEventKnown = known_up_to(kEventDropped);
constexpr KnownFields kLinkKnown = known_up_to(kLinkFlags);
constexpr KnownFields kStatusKnown = known_up_to(kStatusCode) & ~(KnownFields{1} << 1);  // 1 was deprecated_code

class Walk {
public:
    explicit Walk(model::SpanSink& sink) : sink_(sink) {}

    void request(std::string_view body);
    [[nodiscard]] const Path& path() const { return path_; }
    model::DecodeCounts take_counts() { return std::move(counts_); }

private:
    void resource_spans(std::string_view body);
    void scope_spans(std::string_view body);
    void resource(std::string_view body);
    void scope(std::string_view body);
    void span(std::string_view body);
    void plain_fields(PlainFields& in, std::string_view& status_body);
    void event(std::string_view body);
    void link(std::string_view body);
    void status(std::string_view body);

    void attribute(protozero::pbf_reader& reader, std::vector<Attribute>& out, std::size_t taken);
    // A field that no case took: kept when unknown, refused when known with another wire type.
    void other(protozero::pbf_reader& reader, KnownFields known, const char* field_start, UnknownFields& unknown);
    template <class Id>
    Id id(protozero::pbf_reader& reader, const char* field, std::size_t size);
    void deliver();

    model::SpanSink& sink_;
    model::DecodeCounts counts_;
    Path path_;

    // Of the resource, scope and span at hand; their memory is used again by the next ones.
    model::Resource resource_;
    std::vector<Attribute> resource_attributes_;
    std::deque<std::string> resource_texts_;
    model::Scope scope_;
    std::vector<Attribute> scope_attributes_;
    std::deque<std::string> scope_texts_;
    SpanBuilder builder_;
    // Told to the sink with their first span: two bytes on the wire make an empty one, and no one needs it.
    bool is_resource_told_ = false;
    bool is_scope_told_ = false;
};

void Walk::other(protozero::pbf_reader& reader, KnownFields known, const char* field_start, UnknownFields& unknown) {
    if (reader.tag() < 64 && (known >> reader.tag() & 1) != 0) {
        throw Refused{
            fmt::format("field {} has wire type {}", reader.tag(), static_cast<unsigned>(reader.wire_type()))};
    }
    reader.skip();
    unknown.add(field_start, reader.data().data());
}

template <class Id>
Id Walk::id(protozero::pbf_reader& reader, const char* field, std::size_t size) {
    const std::string_view bytes = view_of(reader);
    if (bytes.empty()) return Id{};
    const auto parsed = Id::from_bytes(bytes);
    if (!parsed) {
        path_.field = field;
        throw Refused{fmt::format("got {} bytes; want {}", bytes.size(), size)};
    }
    return *parsed;
}

void require_nested(const Attribute& attribute) {
    switch (model::check_nested(attribute.value)) {
        case model::NestedCheck::kOk:
            return;
        case model::NestedCheck::kMalformed:
            throw Refused{"malformed value of '" + std::string(attribute.key.substr(0, kShownMax)) + "'"};
        case model::NestedCheck::kTooDeep:
            throw Refused{fmt::format("value of '{}' nests too deep; want at most {} levels",
                                      attribute.key.substr(0, kShownMax), model::kNestingMax)};
    }
}

void Walk::attribute(protozero::pbf_reader& reader, std::vector<Attribute>& out, std::size_t taken) {
    path_.field = "attributes";
    if (taken >= kAttributesMax) throw Refused{fmt::format("got more than {} attributes", kAttributesMax)};
    const std::string_view body = view_of(reader);
    if (Attribute plain; read_plain_attribute(body, plain)) {
        out.push_back(plain);
        path_.field = nullptr;
        return;
    }
    const auto attribute = model::read_key_value(body);
    if (!attribute) throw Refused{"malformed KeyValue"};
    const model::ValueType type = attribute->value.type;
    if (type == model::ValueType::kArray || type == model::ValueType::kMap) require_nested(*attribute);
    out.push_back(*attribute);
    path_.field = nullptr;
}

void Walk::request(std::string_view body) {
    UnknownFields dropped;
    std::size_t index = 0;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        if (reader.tag_and_type() != len_field(kRequestResourceSpans)) {
            other(reader, kRequestKnown, start, dropped);
            continue;
        }
        path_ = Path{};
        path_.resource = index++;
        resource_spans(view_of(reader));
        path_ = Path{};
    }
}

// The resource and the schema URL may stand behind the spans (the URL does as a rule), so the message is walked twice:
// once over its own fields, once for what is inside.
void Walk::resource_spans(std::string_view body) {
    resource_ = {};
    resource_attributes_.clear();
    resource_texts_.clear();
    std::string_view resource_body;
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kRsResource):
                resource_body = view_of(reader);
                break;
            case len_field(kRsScopeSpans):
                reader.skip();
                break;
            case len_field(kRsSchemaUrl):
                resource_.schema_url = view_of(reader);
                break;
            default:
                other(reader, kResourceSpansKnown, start, unknown);
        }
    }
    resource_.outer_unknown_fields = unknown.take(body, kResourceSpansKnown, resource_texts_);
    path_.enter("resource");
    resource(resource_body);
    path_.leave();
    is_resource_told_ = false;

    std::size_t index = 0;
    protozero::pbf_reader again(body.data(), body.size());
    while (again.next()) {
        if (again.tag_and_type() != len_field(kRsScopeSpans)) {
            again.skip();
            continue;
        }
        path_.scope = index++;
        scope_spans(view_of(again));
    }
    path_.scope = Path::kNone;
}

void Walk::resource(std::string_view body) {
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kResourceAttributes):
                attribute(reader, resource_attributes_, resource_attributes_.size());
                break;
            case varint_field(kResourceDropped):
                resource_.dropped_attributes_count = reader.get_uint32();
                break;
            default:
                other(reader, kResourceKnown, start, unknown);
        }
    }
    resource_.attributes = resource_attributes_;
    resource_.unknown_fields = unknown.take(body, kResourceKnown, resource_texts_);
}

void Walk::scope_spans(std::string_view body) {
    scope_ = {};
    scope_attributes_.clear();
    scope_texts_.clear();
    std::string_view scope_body;
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kSsSpans):
                reader.skip();
                break;
            case len_field(kSsScope):
                scope_body = view_of(reader);
                break;
            case len_field(kSsSchemaUrl):
                scope_.schema_url = view_of(reader);
                break;
            default:
                other(reader, kScopeSpansKnown, start, unknown);
        }
    }
    scope_.outer_unknown_fields = unknown.take(body, kScopeSpansKnown, scope_texts_);
    path_.enter("scope");
    scope(scope_body);
    path_.leave();
    is_scope_told_ = false;

    std::size_t index = 0;
    protozero::pbf_reader again(body.data(), body.size());
    while (again.next()) {
        if (again.tag_and_type() != len_field(kSsSpans)) {
            again.skip();
            continue;
        }
        path_.span = index++;
        span(view_of(again));
    }
    path_.span = Path::kNone;
}

void Walk::scope(std::string_view body) {
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kScopeName):
                scope_.name = view_of(reader);
                break;
            case len_field(kScopeVersion):
                scope_.version = view_of(reader);
                break;
            case len_field(kScopeAttributes):
                attribute(reader, scope_attributes_, scope_attributes_.size());
                break;
            case varint_field(kScopeDropped):
                scope_.dropped_attributes_count = reader.get_uint32();
                break;
            default:
                other(reader, kScopeKnown, start, unknown);
        }
    }
    scope_.attributes = scope_attributes_;
    scope_.unknown_fields = unknown.take(body, kScopeKnown, scope_texts_);
}

// Takes the fields at the front of `in` that have their usual form.
void Walk::plain_fields(PlainFields& in, std::string_view& status_body) {
    model::Span& out = builder_.span;
    std::string_view bytes;
    std::uint64_t number = 0;
    for (;;) {
        const char* const start = in.at();
        bool taken = false;
        switch (in.tag()) {
            case kSpanTraceId << 3 | 2:
                taken = in.bytes(bytes) && bytes.size() == 16;
                if (taken) out.trace_id = {big_endian(bytes.data()), big_endian(bytes.data() + 8)};
                break;
            case kSpanSpanId << 3 | 2:
                taken = in.bytes(bytes) && bytes.size() == 8;
                if (taken) out.span_id = {big_endian(bytes.data())};
                break;
            case kSpanParentSpanId << 3 | 2:
                taken = in.bytes(bytes) && bytes.size() == 8;
                if (taken) out.parent_span_id = {big_endian(bytes.data())};
                break;
            case kSpanName << 3 | 2:
                taken = in.bytes(out.name);
                break;
            case kSpanKind << 3:
                taken = in.small_number(number);
                if (taken) out.kind = static_cast<model::SpanKind>(number);
                break;
            case kSpanStart << 3 | 1:
                taken = in.fixed64(out.start_ns);
                break;
            case kSpanEnd << 3 | 1:
                taken = in.fixed64(out.end_ns);
                break;
            case kSpanAttributes << 3 | 2:
                taken = builder_.attributes_count() < kAttributesMax && in.bytes(bytes);
                if (taken) {
                    taken = read_plain_attribute(bytes, builder_.attributes.emplace_back());
                    if (!taken) builder_.attributes.pop_back();
                }
                break;
            case kSpanStatus << 3 | 2:
                taken = in.bytes(status_body);
                break;
            case (kSpanFlags << 3 & 0x7F) | 0x80 | 5:
                taken = in.flags(out.flags);
                break;
            default:
                break;
        }
        if (taken) continue;
        in.skip_to(start);
        return;
    }
}

void Walk::span(std::string_view body) {
    builder_.clear();
    model::Span& out = builder_.span;
    std::string_view status_body;
    UnknownFields unknown;
    PlainFields plain(body);
    for (;;) {
        plain_fields(plain, status_body);
        if (plain.at_end()) break;
        const char* const start = plain.at();
        protozero::pbf_reader reader(start, plain.rest().size());
        if (!reader.next()) break;
        switch (reader.tag_and_type()) {
            case len_field(kSpanTraceId):
                out.trace_id = id<model::TraceId>(reader, "trace_id", 16);
                break;
            case len_field(kSpanSpanId):
                out.span_id = id<model::SpanId>(reader, "span_id", 8);
                break;
            case len_field(kSpanTraceState):
                out.trace_state = view_of(reader);
                break;
            case len_field(kSpanParentSpanId):
                out.parent_span_id = id<model::SpanId>(reader, "parent_span_id", 8);
                break;
            case len_field(kSpanName):
                out.name = view_of(reader);
                break;
            case varint_field(kSpanKind):
                out.kind = static_cast<model::SpanKind>(reader.get_enum());
                break;
            case fixed64_field(kSpanStart):
                out.start_ns = reader.get_fixed64();
                break;
            case fixed64_field(kSpanEnd):
                out.end_ns = reader.get_fixed64();
                break;
            case len_field(kSpanAttributes):
                attribute(reader, builder_.attributes, builder_.attributes_count());
                break;
            case varint_field(kSpanDroppedAttributes):
                out.dropped_attributes_count = reader.get_uint32();
                break;
            case len_field(kSpanEvents):
                event(view_of(reader));
                break;
            case varint_field(kSpanDroppedEvents):
                out.dropped_events_count = reader.get_uint32();
                break;
            case len_field(kSpanLinks):
                link(view_of(reader));
                break;
            case varint_field(kSpanDroppedLinks):
                out.dropped_links_count = reader.get_uint32();
                break;
            case len_field(kSpanStatus):
                status_body = view_of(reader);
                break;
            case fixed32_field(kSpanFlags):
                out.flags = reader.get_fixed32();
                break;
            default:
                other(reader, kSpanKnown, start, unknown);
        }
        plain.skip_to(reader.data().data());
    }
    out.unknown_fields = unknown.take(body, kSpanKnown, builder_.texts);
    if (!status_body.empty()) status(status_body);
    deliver();
}

void Walk::event(std::string_view body) {
    path_.enter("events", builder_.events_count());
    if (builder_.events_count() >= kEventsMax)
        throw Refused{fmt::format("got more than {} events in a span", kEventsMax)};
    model::Event out;
    const std::size_t first = builder_.part_attributes.size();
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case fixed64_field(kEventTime):
                out.time_ns = reader.get_fixed64();
                break;
            case len_field(kEventName):
                out.name = view_of(reader);
                break;
            case len_field(kEventAttributes):
                attribute(reader, builder_.part_attributes, builder_.attributes_count());
                break;
            case varint_field(kEventDropped):
                out.dropped_attributes_count = reader.get_uint32();
                break;
            default:
                other(reader, kEventKnown, start, unknown);
        }
    }
    out.unknown_fields = unknown.take(body, kEventKnown, builder_.texts);
    builder_.add_event(out, first);
    path_.leave();
}

void Walk::link(std::string_view body) {
    path_.enter("links", builder_.links_count());
    if (builder_.links_count() >= kLinksMax) throw Refused{fmt::format("got more than {} links in a span", kLinksMax)};
    model::Link out;
    const std::size_t first = builder_.part_attributes.size();
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kLinkTraceId):
                out.trace_id = id<model::TraceId>(reader, "trace_id", 16);
                break;
            case len_field(kLinkSpanId):
                out.span_id = id<model::SpanId>(reader, "span_id", 8);
                break;
            case len_field(kLinkTraceState):
                out.trace_state = view_of(reader);
                break;
            case len_field(kLinkAttributes):
                attribute(reader, builder_.part_attributes, builder_.attributes_count());
                break;
            case varint_field(kLinkDropped):
                out.dropped_attributes_count = reader.get_uint32();
                break;
            case fixed32_field(kLinkFlags):
                out.flags = reader.get_fixed32();
                break;
            default:
                other(reader, kLinkKnown, start, unknown);
        }
    }
    out.unknown_fields = unknown.take(body, kLinkKnown, builder_.texts);
    builder_.add_link(out, first);
    path_.leave();
}

void Walk::status(std::string_view body) {
    model::Span& out = builder_.span;
    path_.enter("status");
    UnknownFields unknown;
    protozero::pbf_reader reader(body.data(), body.size());
    for (const char* start = body.data(); reader.next(); start = reader.data().data()) {
        switch (reader.tag_and_type()) {
            case len_field(kStatusMessage):
                out.status_message = view_of(reader);
                break;
            case varint_field(kStatusCode):
                out.status_code = static_cast<model::StatusCode>(reader.get_enum());
                break;
            default:
                other(reader, kStatusKnown, start, unknown);
        }
    }
    out.status_unknown_fields = unknown.take(body, kStatusKnown, builder_.texts);
    path_.leave();
}

void Walk::deliver() {
    const model::Span& out = builder_.span;
    if (out.trace_id.is_zero() || out.span_id.is_zero()) {
        if (counts_.rejected_spans++ == 0) {
            counts_.rejected_reason =
                path_.text() + (out.trace_id.is_zero() ? ".trace_id: is zero" : ".span_id: is zero");
        }
        return;
    }
    if (!is_resource_told_) sink_.resource(resource_);
    if (!is_scope_told_) sink_.scope(scope_);
    is_resource_told_ = is_scope_told_ = true;
    ++counts_.accepted_spans;
    sink_.span(builder_.finish(resource_, scope_));
}

base::Error refusal(const Path& path, std::string_view cause) {
    const std::string where = path.text();
    return {base::Code::kInvalidArgument,
            fmt::format("cannot read OTLP request: {}{}{}", where, where.empty() ? "" : ": ", cause)};
}

}  // namespace

base::Result<model::DecodeCounts> OtlpProtobufDecoder::decode(const model::RawBody& body, model::SpanSink& sink) const {
    Walk walk(sink);
    try {
        walk.request(body.bytes);
    } catch (const Refused& refused) {
        return refusal(walk.path(), refused.cause);
    } catch (const protozero::end_of_buffer_exception&) {
        return refusal(walk.path(), "malformed protobuf: cut short");
    } catch (const protozero::exception& e) {
        return refusal(walk.path(), std::string("malformed protobuf: ") + e.what());
    }
    return walk.take_counts();
}

}  // namespace skua::ingest
