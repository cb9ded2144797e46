// SPDX-License-Identifier: Apache-2.0
#include "model/span_batch.h"

#include <cstring>

namespace skua::model {

SpanBatch::SpanBatch() : arena_(std::make_unique<std::pmr::monotonic_buffer_resource>()) {}
SpanBatch::SpanBatch(SpanBatch&&) noexcept = default;
SpanBatch& SpanBatch::operator=(SpanBatch&&) noexcept = default;
SpanBatch::~SpanBatch() = default;

std::string_view SpanBatch::copy(std::string_view text) {
    if (text.empty()) return {};
    const std::span<char> bytes = allocate<char>(text.size());
    std::memcpy(bytes.data(), text.data(), text.size());
    copied_bytes_ += text.size();
    return {bytes.data(), bytes.size()};
}

Attributes SpanBatch::copy(Attributes attributes) {
    const std::span<Attribute> copies = allocate<Attribute>(attributes.size());
    copied_bytes_ += attributes.size() * sizeof(Attribute);
    for (std::size_t i = 0; i < attributes.size(); ++i) {
        copies[i] = attributes[i];
        copies[i].key = copy(attributes[i].key);
        copies[i].value.text = copy(attributes[i].value.text);
    }
    return copies;
}

const Resource* SpanBatch::copy(const Resource& resource) {
    Resource& r = allocate<Resource>(1)[0];
    r = resource;
    r.attributes = copy(resource.attributes);
    r.schema_url = copy(resource.schema_url);
    r.unknown_fields = copy(resource.unknown_fields);
    r.outer_unknown_fields = copy(resource.outer_unknown_fields);
    return &r;
}

const Scope* SpanBatch::copy(const Scope& scope) {
    Scope& s = allocate<Scope>(1)[0];
    s = scope;
    s.name = copy(scope.name);
    s.version = copy(scope.version);
    s.attributes = copy(scope.attributes);
    s.schema_url = copy(scope.schema_url);
    s.unknown_fields = copy(scope.unknown_fields);
    s.outer_unknown_fields = copy(scope.outer_unknown_fields);
    return &s;
}

void SpanBatch::append(const Span& span, const Resource* resource, const Scope* scope) {
    Span s = span;
    s.resource = resource;
    s.scope = scope;
    s.trace_state = copy(span.trace_state);
    s.name = copy(span.name);
    s.attributes = copy(span.attributes);
    s.status_message = copy(span.status_message);
    s.unknown_fields = copy(span.unknown_fields);
    s.status_unknown_fields = copy(span.status_unknown_fields);

    const std::span<Event> events = allocate<Event>(span.events.size());
    for (std::size_t i = 0; i < events.size(); ++i) {
        events[i] = span.events[i];
        events[i].name = copy(span.events[i].name);
        events[i].attributes = copy(span.events[i].attributes);
        events[i].unknown_fields = copy(span.events[i].unknown_fields);
    }
    s.events = events;

    const std::span<Link> links = allocate<Link>(span.links.size());
    for (std::size_t i = 0; i < links.size(); ++i) {
        links[i] = span.links[i];
        links[i].trace_state = copy(span.links[i].trace_state);
        links[i].attributes = copy(span.links[i].attributes);
        links[i].unknown_fields = copy(span.links[i].unknown_fields);
    }
    s.links = links;

    copied_bytes_ += events.size_bytes() + links.size_bytes();
    spans_.push_back(s);
}

}  // namespace skua::model
