// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/value_indexer.h"

#include "store/embedded/codec/span_codec.h"

#include <array>

namespace skua::store::embedded {

std::uint32_t ValueIndexer::number_of(std::uint64_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
        if (known_[slots_[at] - 1].hash == hash) return slots_[at] - 1;
    }
    known_.push_back({hash});
    slots_[at] = static_cast<std::uint32_t>(known_.size());
    if (known_.size() * 2 > slots_.size()) grow();
    return static_cast<std::uint32_t>(known_.size() - 1);
}

void ValueIndexer::grow() {
    slots_.assign(slots_.size() * 2, 0);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        std::size_t at = known_[i].hash & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = static_cast<std::uint32_t>(i + 1);
    }
}

void ValueIndexer::add_attributes(model::Attributes attributes, IndexLevel level) {
    for (const model::Attribute& a : attributes) {
        add_numbered(number_of(key_hash(level, a.key)));
        add(value_hash(value_seed(level, a.key), a.value));
    }
}

void ValueIndexer::add_nested(Special special, std::string_view bytes) {
    model::SpanBatch objects;
    if (special == Special::kAttributes) {
        model::Attributes attributes;
        if (decode_attributes(bytes, objects, attributes)) add_attributes(attributes, IndexLevel::kSpan);
    } else if (special == Special::kEvents) {
        std::span<const model::Event> events;
        if (!decode_events(bytes, objects, events)) return;
        for (const model::Event& e : events) add_attributes(e.attributes, IndexLevel::kEvent);
    } else {
        std::span<const model::Link> links;
        if (!decode_links(bytes, objects, links)) return;
        for (const model::Link& l : links) add_attributes(l.attributes, IndexLevel::kLink);
    }
}

void ValueIndexer::add_numbers(const FieldKey& key, std::uint64_t seed, std::span<const std::uint64_t> values) {
    // Most numbers are few. Each place begins with a number that belongs to another place.
    std::array<std::uint64_t, 256> recent{1};
    for (const std::uint64_t v : values) {
        std::uint64_t& last = recent[(v * 0x9E3779B97F4A7C15ULL) >> 56];
        if (last == v) continue;
        last = v;
        add(value_hash(seed, attribute_value(key.type, {v, {}})));
    }
}

}  // namespace skua::store::embedded
