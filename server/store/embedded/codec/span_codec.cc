// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/span_codec.h"

#include "store/embedded/codec/bytes.h"

#include <bit>
#include <limits>

namespace skua::store::embedded {
namespace {

using model::ValueType;

constexpr std::uint64_t kU32Max = std::numeric_limits<std::uint32_t>::max();

void put_attributes(model::Attributes attributes, ByteWriter& w) {
    w.varint(attributes.size());
    for (const model::Attribute& a : attributes) {
        w.string(a.key);
        w.u8(static_cast<std::uint8_t>(a.value.type));
        switch (a.value.type) {
            case ValueType::kEmpty:
                break;
            case ValueType::kBool:
                w.u8(a.value.boolean ? 1 : 0);
                break;
            case ValueType::kInt:
                w.signed_varint(a.value.integer);
                break;
            case ValueType::kDouble:
                w.u64(std::bit_cast<std::uint64_t>(a.value.number));
                break;
            default:
                w.string(a.value.text);
                break;
        }
    }
}

model::Attributes take_attributes(ByteReader& in, model::SpanBatch& into) {
    // Each takes at least a key's length and a type.
    const std::span<model::Attribute> out =
        into.allocate<model::Attribute>(static_cast<std::size_t>(in.bounded(in.remaining() / 2)));
    for (model::Attribute& a : out) {
        a.key = in.string();
        const std::uint8_t type = in.u8();
        if (type > static_cast<std::uint8_t>(ValueType::kOpaque)) in.fail();
        if (!in.ok()) return {};
        switch (static_cast<ValueType>(type)) {
            case ValueType::kEmpty:
                break;
            case ValueType::kBool:
                a.value = model::Value::of_bool(in.u8() != 0);
                break;
            case ValueType::kInt:
                a.value = model::Value::of_int(in.signed_varint());
                break;
            case ValueType::kDouble:
                a.value = model::Value::of_double(std::bit_cast<double>(in.u64()));
                break;
            default:
                a.value = model::Value::with_text(static_cast<ValueType>(type), in.string());
                break;
        }
    }
    return out;
}

std::uint32_t take_u32(ByteReader& in) {
    return static_cast<std::uint32_t>(in.bounded(kU32Max));
}
bool at_end(const ByteReader& in) {
    return in.ok() && in.remaining() == 0;
}

}  // namespace

void encode_attributes(model::Attributes attributes, std::string& out) {
    ByteWriter w(out);
    put_attributes(attributes, w);
}

void encode_resource(const model::Resource& r, std::string& out) {
    ByteWriter w(out);
    put_attributes(r.attributes, w);
    w.varint(r.dropped_attributes_count);
    w.string(r.schema_url);
    w.string(r.unknown_fields);
    w.string(r.outer_unknown_fields);
}

void encode_scope(const model::Scope& s, std::string& out) {
    ByteWriter w(out);
    w.string(s.name);
    w.string(s.version);
    put_attributes(s.attributes, w);
    w.varint(s.dropped_attributes_count);
    w.string(s.schema_url);
    w.string(s.unknown_fields);
    w.string(s.outer_unknown_fields);
}

void encode_events(std::span<const model::Event> events, std::string& out) {
    ByteWriter w(out);
    w.varint(events.size());
    for (const model::Event& e : events) {
        w.u64(e.time_ns);
        w.string(e.name);
        put_attributes(e.attributes, w);
        w.varint(e.dropped_attributes_count);
        w.string(e.unknown_fields);
    }
}

void encode_links(std::span<const model::Link> links, std::string& out) {
    ByteWriter w(out);
    w.varint(links.size());
    for (const model::Link& l : links) {
        w.u64(l.trace_id.high);
        w.u64(l.trace_id.low);
        w.u64(l.span_id.value);
        w.string(l.trace_state);
        put_attributes(l.attributes, w);
        w.varint(l.dropped_attributes_count);
        w.varint(l.flags);
        w.string(l.unknown_fields);
    }
}

bool decode_attributes(std::string_view bytes, model::SpanBatch& into, model::Attributes& out) {
    ByteReader in(bytes);
    out = take_attributes(in, into);
    return at_end(in);
}

bool decode_resource(std::string_view bytes, model::SpanBatch& into, model::Resource& out) {
    ByteReader in(bytes);
    out.attributes = take_attributes(in, into);
    out.dropped_attributes_count = take_u32(in);
    out.schema_url = in.string();
    out.unknown_fields = in.string();
    out.outer_unknown_fields = in.string();
    return at_end(in);
}

bool decode_scope(std::string_view bytes, model::SpanBatch& into, model::Scope& out) {
    ByteReader in(bytes);
    out.name = in.string();
    out.version = in.string();
    out.attributes = take_attributes(in, into);
    out.dropped_attributes_count = take_u32(in);
    out.schema_url = in.string();
    out.unknown_fields = in.string();
    out.outer_unknown_fields = in.string();
    return at_end(in);
}

bool decode_events(std::string_view bytes, model::SpanBatch& into, std::span<const model::Event>& out) {
    ByteReader in(bytes);
    const std::span<model::Event> events =
        into.allocate<model::Event>(static_cast<std::size_t>(in.bounded(in.remaining() / 12)));
    for (model::Event& e : events) {
        e.time_ns = in.u64();
        e.name = in.string();
        e.attributes = take_attributes(in, into);
        e.dropped_attributes_count = take_u32(in);
        e.unknown_fields = in.string();
        if (!in.ok()) return false;
    }
    out = events;
    return at_end(in);
}

bool decode_links(std::string_view bytes, model::SpanBatch& into, std::span<const model::Link>& out) {
    ByteReader in(bytes);
    const std::span<model::Link> links =
        into.allocate<model::Link>(static_cast<std::size_t>(in.bounded(in.remaining() / 29)));
    for (model::Link& l : links) {
        l.trace_id.high = in.u64();
        l.trace_id.low = in.u64();
        l.span_id.value = in.u64();
        l.trace_state = in.string();
        l.attributes = take_attributes(in, into);
        l.dropped_attributes_count = take_u32(in);
        l.flags = take_u32(in);
        l.unknown_fields = in.string();
        if (!in.ok()) return false;
    }
    out = links;
    return at_end(in);
}

}  // namespace skua::store::embedded
