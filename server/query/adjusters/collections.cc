// SPDX-License-Identifier: Apache-2.0
#include "query/adjusters/adjusters.h"
#include "store/duplicates.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/core.h>

namespace skua::query {
namespace {

model::Attributes sorted(model::SpanBatch& batch, model::Attributes attributes) {
    const auto by_key = [](const model::Attribute& a, const model::Attribute& b) { return a.key < b.key; };
    if (std::is_sorted(attributes.begin(), attributes.end(), by_key)) return attributes;
    const std::span<model::Attribute> out = batch.allocate<model::Attribute>(attributes.size());
    std::copy(attributes.begin(), attributes.end(), out.begin());
    std::stable_sort(out.begin(), out.end(), by_key);
    return out;
}

template <class T>
std::span<T> writable(model::SpanBatch& batch, std::span<const T> items) {
    const std::span<T> out = batch.allocate<T>(items.size());
    std::copy(items.begin(), items.end(), out.begin());
    return out;
}

// Changes each distinct resource or scope once; `change` gives the new attributes.
template <class T, class F>
const T* mapped(model::SpanBatch& batch, std::unordered_map<const T*, const T*>& done, const T* item, F&& change) {
    const auto [at, first_time] = done.try_emplace(item, item);
    if (first_time) {
        T& copy = batch.allocate<T>(1)[0];
        copy = *item;
        copy.attributes = change(item->attributes);
        at->second = &copy;
    }
    return at->second;
}

bool is_address_key(std::string_view key) {
    return key == "ip" || key == "peer.ipv4";
}

std::string dotted_quad(std::uint32_t address) {
    return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255U, address >> 8 & 255U, address & 255U);
}

// Numbers of either kind; text and the rest stay.
std::optional<std::uint32_t> numeric_address(const model::Value& value) {
    if (value.type == model::ValueType::kInt) return static_cast<std::uint32_t>(value.integer);
    if (value.type != model::ValueType::kDouble || !(value.number >= -9.2e18 && value.number <= 9.2e18))
        return std::nullopt;
    return static_cast<std::uint32_t>(static_cast<std::int64_t>(value.number));
}

model::Attributes with_dotted_quads(model::SpanBatch& batch, model::Attributes attributes) {
    const auto needs = [](const model::Attribute& a) { return is_address_key(a.key) && numeric_address(a.value); };
    if (std::none_of(attributes.begin(), attributes.end(), needs)) return attributes;
    const std::span<model::Attribute> out = writable(batch, attributes);
    for (model::Attribute& a : out) {
        if (needs(a)) a.value = model::Value::of_string(batch.copy(dotted_quad(*numeric_address(a.value))));
    }
    return out;
}

}  // namespace

void sort_collections(Trace& trace) {
    model::SpanBatch& batch = trace.batch;
    std::unordered_map<const model::Resource*, const model::Resource*> resources;
    std::unordered_map<const model::Scope*, const model::Scope*> scopes;
    const auto in_order = [&](model::Attributes a) { return sorted(batch, a); };
    for (model::Span& span : batch.spans()) {
        span.resource = mapped(batch, resources, span.resource, in_order);
        span.scope = mapped(batch, scopes, span.scope, in_order);
        span.attributes = sorted(batch, span.attributes);
        if (!span.events.empty()) {
            const std::span<model::Event> events = writable(batch, span.events);
            for (model::Event& event : events) event.attributes = sorted(batch, event.attributes);
            std::stable_sort(events.begin(), events.end(),
                             [](const auto& a, const auto& b) { return a.name < b.name; });
            span.events = events;
        }
        if (!span.links.empty()) {
            const std::span<model::Link> links = writable(batch, span.links);
            for (model::Link& link : links) link.attributes = sorted(batch, link.attributes);
            span.links = links;
        }
    }
}

void drop_duplicates(Trace& trace) {
    auto& spans = trace.batch.spans();
    // Ids are looked at first: contents only of spans that share one.
    std::unordered_map<model::SpanId, std::size_t> first_of_id;
    first_of_id.reserve(spans.size());
    std::unordered_multimap<std::uint64_t, std::size_t> seen;  // of shared ids, by content
    std::unordered_set<model::SpanId> shared;
    std::vector<std::vector<std::string>> warnings;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const auto [known, is_new] = first_of_id.try_emplace(spans[i].span_id, kept);
        if (!is_new) {
            if (shared.insert(spans[i].span_id).second) {
                seen.emplace(store::content_hash(spans[known->second]), known->second);
            }
            const std::uint64_t hash = store::content_hash(spans[i]);
            const auto [first, last] = seen.equal_range(hash);
            const bool duplicate = std::any_of(
                first, last, [&](const auto& entry) { return store::same_content(spans[entry.second], spans[i]); });
            if (duplicate) continue;
            seen.emplace(hash, kept);
        }
        if (i < trace.warnings.size()) warnings.push_back(std::move(trace.warnings[i]));
        if (kept != i) spans[kept] = spans[i];
        ++kept;
    }
    spans.resize(kept);
    trace.warnings = std::move(warnings);
}

void normalize_ip_attributes(Trace& trace) {
    for (model::Span& span : trace.batch.spans()) span.attributes = with_dotted_quads(trace.batch, span.attributes);
}

void drop_empty_links(Trace& trace) {
    auto& spans = trace.batch.spans();
    for (std::size_t i = 0; i < spans.size(); ++i) {
        model::Span& span = spans[i];
        const auto is_empty = [](const model::Link& link) { return link.trace_id.is_zero(); };
        if (std::none_of(span.links.begin(), span.links.end(), is_empty)) continue;
        const std::span<model::Link> links = writable(trace.batch, span.links);
        const auto end = std::remove_if(links.begin(), links.end(), is_empty);
        for (auto dropped = end; dropped != links.end(); ++dropped) trace.warn(i, "Invalid span link removed");
        span.links = links.first(static_cast<std::size_t>(end - links.begin()));
    }
}

}  // namespace skua::query
