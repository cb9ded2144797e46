// SPDX-License-Identifier: Apache-2.0
#include "store/contract/span_print.h"

#include "base/hex.h"
#include "store/keys.h"

#include <bit>

#include <fmt/core.h>

namespace skua::store::testing {
namespace {

std::string print(const model::Value& value) {
    switch (value.type) {
        case model::ValueType::kString:
            return fmt::format("'{}'", value.text);
        case model::ValueType::kBool:
            return value.boolean ? "true" : "false";
        case model::ValueType::kInt:
            return fmt::format("{}", value.integer);
        case model::ValueType::kDouble:
            return fmt::format("double:{:x}", std::bit_cast<std::uint64_t>(value.number));
        default:
            return fmt::format("{}:{}", static_cast<int>(value.type), base::to_hex(value.text));
    }
}

std::string print(model::Attributes attributes) {
    std::string out = "{";
    for (const model::Attribute& a : attributes) out += fmt::format("{}={},", a.key, print(a.value));
    return out + "}";
}

}  // namespace

std::string print(const model::Span& s) {
    std::string out = fmt::format(
        "{} {} parent={} state={} flags={} name='{}' kind={} start={} end={} attrs={}-{} status={} '{}' unknown={}/{}",
        s.trace_id.to_hex(), s.span_id.to_hex(), s.parent_span_id.to_hex(), s.trace_state, s.flags, s.name,
        static_cast<int>(s.kind), s.start_ns, s.end_ns, print(s.attributes), s.dropped_attributes_count,
        static_cast<int>(s.status_code), s.status_message, base::to_hex(s.unknown_fields),
        base::to_hex(s.status_unknown_fields));
    for (const model::Event& e : s.events) {
        out += fmt::format(" event({} '{}' {}-{} {})", e.time_ns, e.name, print(e.attributes),
                           e.dropped_attributes_count, base::to_hex(e.unknown_fields));
    }
    for (const model::Link& l : s.links) {
        out += fmt::format(" link({} {} {} {}-{} {} {})", l.trace_id.to_hex(), l.span_id.to_hex(), l.trace_state,
                           print(l.attributes), l.dropped_attributes_count, l.flags, base::to_hex(l.unknown_fields));
    }
    out += fmt::format(" -{}-{}", s.dropped_events_count, s.dropped_links_count);
    out += fmt::format(" resource({}-{} {} {} {})", print(s.resource->attributes), s.resource->dropped_attributes_count,
                       s.resource->schema_url, base::to_hex(s.resource->unknown_fields),
                       base::to_hex(s.resource->outer_unknown_fields));
    out += fmt::format(" scope({}@{} {}-{} {} {} {})", s.scope->name, s.scope->version, print(s.scope->attributes),
                       s.scope->dropped_attributes_count, s.scope->schema_url, base::to_hex(s.scope->unknown_fields),
                       base::to_hex(s.scope->outer_unknown_fields));
    return out;
}

bool Collector::take(const model::TraceId& id, model::SpanBatch chunk) {
    ids.push_back(id);
    chunks.push_back(std::move(chunk));
    return chunks.size() != stop_after_chunks;
}

std::string Collector::text() const {
    std::string out;
    for (const model::SpanBatch& chunk : chunks) {
        for (const model::Span& span : chunk.spans()) out += print(span) + "\n";
    }
    return out;
}

std::string read_trace(const SpanReader& reader, const model::TraceId& id) {
    Collector collector;
    const base::Status status = reader.traces({}, {&id, 1}, collector);
    return status.ok() ? collector.text() : status.error().message;
}

}  // namespace skua::store::testing
