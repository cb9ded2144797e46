// SPDX-License-Identifier: Apache-2.0
// The span that a decoder is reading, part by part, in any order.
#pragma once

#include "model/span.h"

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::ingest {

// Owns the lists of one span at a time; their memory is used again for the next one.
class SpanBuilder {
public:
    using Attributes = std::vector<model::Attribute>;

    // Starts the next span; what finish() returned is gone.
    void clear() {
        span = {};
        attributes.clear();
        part_attributes.clear();
        events_.clear();
        event_ranges_.clear();
        links_.clear();
        link_ranges_.clear();
        if (!texts.empty()) texts.clear();
    }
    [[nodiscard]] std::size_t attributes_count() const { return attributes.size() + part_attributes.size(); }
    [[nodiscard]] std::size_t events_count() const { return events_.size(); }
    [[nodiscard]] std::size_t links_count() const { return links_.size(); }
    // The attributes are those added to `part_attributes` since it had `first` of them.
    void add_event(const model::Event& event, std::size_t first) {
        events_.push_back(event);
        event_ranges_.emplace_back(first, part_attributes.size());
    }
    void add_link(const model::Link& link, std::size_t first) {
        links_.push_back(link);
        link_ranges_.emplace_back(first, part_attributes.size());
    }
    // Keeps text made while reading (not part of the body) until clear().
    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
    // Valid until clear().
    const model::Span& finish(const model::Resource& resource, const model::Scope& scope) {
        for (std::size_t i = 0; i < events_.size(); ++i) events_[i].attributes = part(event_ranges_[i]);
        for (std::size_t i = 0; i < links_.size(); ++i) links_[i].attributes = part(link_ranges_[i]);
        span.attributes = attributes;
        span.events = events_;
        span.links = links_;
        span.resource = &resource;
        span.scope = &scope;
        return span;
    }

    model::Span span;            // its scalar fields and texts
    Attributes attributes;       // its own
    Attributes part_attributes;  // of all its events and links
    std::deque<std::string> texts;

private:
    // Positions, not pointers: the vector may still grow.
    using Range = std::pair<std::size_t, std::size_t>;
    [[nodiscard]] model::Attributes part(Range range) const {
        return model::Attributes(part_attributes).subspan(range.first, range.second - range.first);
    }

    std::vector<model::Event> events_;
    std::vector<Range> event_ranges_;
    std::vector<model::Link> links_;
    std::vector<Range> link_ranges_;
};

}  // namespace skua::ingest
