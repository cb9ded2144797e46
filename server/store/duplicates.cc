// SPDX-License-Identifier: Apache-2.0
#include "store/duplicates.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string_view>

namespace skua::store {
namespace {

bool same(const model::Value& a, const model::Value& b) {
    if (a.type != b.type) return false;
    switch (a.type) {
        case model::ValueType::kBool:
            return a.boolean == b.boolean;
        case model::ValueType::kInt:
            return a.integer == b.integer;
        // As bits: NaN is equal to itself, and zero is not minus zero.
        case model::ValueType::kDouble:
            return std::bit_cast<std::uint64_t>(a.number) == std::bit_cast<std::uint64_t>(b.number);
        default:
            return a.text == b.text;
    }
}

bool same(model::Attributes a, model::Attributes b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.key == y.key && same(x.value, y.value); });
}

bool same(const model::Event& a, const model::Event& b) {
    return a.time_ns == b.time_ns && a.name == b.name && same(a.attributes, b.attributes) &&
           a.dropped_attributes_count == b.dropped_attributes_count && a.unknown_fields == b.unknown_fields;
}

bool same(const model::Link& a, const model::Link& b) {
    return a.trace_id == b.trace_id && a.span_id == b.span_id && a.trace_state == b.trace_state &&
           same(a.attributes, b.attributes) && a.dropped_attributes_count == b.dropped_attributes_count &&
           a.flags == b.flags && a.unknown_fields == b.unknown_fields;
}

class Hash {
public:
    void add(std::uint64_t value) { state_ = (std::rotl(state_, 23) ^ value) * 0x9E3779B97F4A7C15ULL; }
    void add(std::string_view text) { add(std::hash<std::string_view>{}(text)); }
    void add(const model::Value& value) {
        add(static_cast<std::uint64_t>(value.type));
        switch (value.type) {
            case model::ValueType::kBool:
                return add(static_cast<std::uint64_t>(value.boolean));
            case model::ValueType::kInt:
                return add(static_cast<std::uint64_t>(value.integer));
            case model::ValueType::kDouble:
                return add(std::bit_cast<std::uint64_t>(value.number));
            default:
                return add(value.text);
        }
    }
    void add(model::Attributes attributes) {
        add(attributes.size());
        for (const model::Attribute& a : attributes) {
            add(a.key);
            add(a.value);
        }
    }
    [[nodiscard]] std::uint64_t value() const { return state_ ^ state_ >> 32; }

private:
    std::uint64_t state_ = 0x2545F4914F6CDD1DULL;
};

}  // namespace

bool same_content(const model::Resource& a, const model::Resource& b) {
    return same(a.attributes, b.attributes) && a.dropped_attributes_count == b.dropped_attributes_count &&
           a.schema_url == b.schema_url && a.unknown_fields == b.unknown_fields &&
           a.outer_unknown_fields == b.outer_unknown_fields;
}

bool same_content(const model::Scope& a, const model::Scope& b) {
    return a.name == b.name && a.version == b.version && same(a.attributes, b.attributes) &&
           a.dropped_attributes_count == b.dropped_attributes_count && a.schema_url == b.schema_url &&
           a.unknown_fields == b.unknown_fields && a.outer_unknown_fields == b.outer_unknown_fields;
}

bool same_content(const model::Span& a, const model::Span& b) {
    const auto same_one = [](const auto& x, const auto& y) { return same(x, y); };
    return a.trace_id == b.trace_id && a.span_id == b.span_id && a.parent_span_id == b.parent_span_id &&
           a.trace_state == b.trace_state && a.flags == b.flags && a.name == b.name && a.kind == b.kind &&
           a.start_ns == b.start_ns && a.end_ns == b.end_ns && same(a.attributes, b.attributes) &&
           a.dropped_attributes_count == b.dropped_attributes_count &&
           std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(), same_one) &&
           a.dropped_events_count == b.dropped_events_count &&
           std::equal(a.links.begin(), a.links.end(), b.links.begin(), b.links.end(), same_one) &&
           a.dropped_links_count == b.dropped_links_count && a.status_code == b.status_code &&
           a.status_message == b.status_message && a.unknown_fields == b.unknown_fields &&
           a.status_unknown_fields == b.status_unknown_fields &&
           (a.resource == b.resource || same_content(*a.resource, *b.resource)) &&
           (a.scope == b.scope || same_content(*a.scope, *b.scope));
}

std::uint64_t content_hash(const model::Resource& resource) {
    Hash hash;
    hash.add(resource.attributes);
    hash.add(resource.schema_url);
    return hash.value();
}

std::uint64_t content_hash(const model::Scope& scope) {
    Hash hash;
    hash.add(scope.name);
    hash.add(scope.version);
    hash.add(scope.attributes);
    hash.add(scope.schema_url);
    return hash.value();
}

std::uint64_t content_hash(const model::Span& span) {
    Hash hash;
    hash.add(span.span_id.value);
    hash.add(span.parent_span_id.value);
    hash.add(span.start_ns);
    hash.add(span.end_ns);
    hash.add(span.name);
    hash.add(span.attributes);
    hash.add(span.status_message);
    hash.add(span.trace_state);
    for (const model::Event& event : span.events) {
        hash.add(event.time_ns);
        hash.add(event.name);
        hash.add(event.attributes);
    }
    for (const model::Link& link : span.links) {
        hash.add(link.trace_id.low);
        hash.add(link.span_id.value);
        hash.add(link.attributes);
    }
    hash.add(span.resource->attributes);
    hash.add(span.scope->name);
    return hash.value();
}

}  // namespace skua::store
