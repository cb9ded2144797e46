// SPDX-License-Identifier: Apache-2.0
#include "model/nested.h"
#include "query/adjusters/adjusters.h"
#include "query/go_syntax.h"
#include "store/keys.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace skua::query {
namespace {

std::string text_of(const model::Value& value) {
    return value.type == model::ValueType::kString ? std::string(value.text) : std::string();
}

// Two spans with one key have one clock. Empty: unknown, never the same as another.
std::string host_key(const model::Resource& resource) {
    if (const model::Value* id = store::find(resource.attributes, "host.id")) return text_of(*id);
    if (const model::Value* ip = store::find(resource.attributes, "host.ip")) {
        if (ip->type == model::ValueType::kString) return text_of(*ip);
        model::Attribute first;
        if (ip->type == model::ValueType::kArray && model::NestedReader(*ip).next(first)) {
            std::string text;
            model::append_string_form(text, first.value);
            return text;
        }
    }
    if (const model::Value* name = store::find(resource.attributes, "host.name")) return text_of(*name);
    return {};
}

std::int64_t difference(std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a - b);
}

// How far the child must move to stand inside its parent.
std::int64_t skew_of(const model::Span& child, const model::Span& parent) {
    const std::int64_t parent_ns = difference(parent.end_ns, parent.start_ns);
    const std::int64_t child_ns = difference(child.end_ns, child.start_ns);
    if (child_ns > parent_ns) {
        // It ran on its own, or the parent stopped waiting: only its start can be judged.
        return child.start_ns < parent.start_ns ? difference(parent.start_ns, child.start_ns) : 0;
    }
    if (child.start_ns >= parent.start_ns && child.end_ns <= parent.end_ns) return 0;
    // The way there and the way back are taken as equally long.
    return difference(parent.start_ns + static_cast<std::uint64_t>((parent_ns - child_ns) / 2), child.start_ns);
}

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

struct Node {
    const std::string* host = nullptr;
    // Children as a list, the last first: the walk's stack turns them round.
    std::size_t last_child = kNone;
    std::size_t sibling_before = kNone;
    bool counts = true;  // false: a second span with an id already seen
    bool root = false;
};

class Skew {
public:
    Skew(Trace& trace, std::int64_t max_delta)
        : trace_(trace), spans_(trace.batch.spans()), max_delta_(max_delta), nodes_(spans_.size()) {}

    void correct() {
        link_nodes();
        for (std::size_t i = 0; i < nodes_.size(); ++i) {
            if (nodes_[i].root) walk(i);
        }
    }

private:
    struct Step {
        std::size_t node;
        std::size_t parent;
        const std::string* host;  // of the clock that `delta` is for
        std::int64_t delta;
    };

    void link_nodes() {
        std::unordered_map<model::SpanId, std::size_t> by_id;
        by_id.reserve(spans_.size());
        const model::Resource* resource = nullptr;  // of the span before: they often stand together
        const std::string* host = nullptr;
        for (std::size_t i = 0; i < spans_.size(); ++i) {
            if (spans_[i].resource != resource) {
                resource = spans_[i].resource;
                const auto [known, first] = hosts_.try_emplace(resource);
                if (first) known->second = host_key(*resource);
                host = &known->second;
            }
            nodes_[i].host = host;
            nodes_[i].counts = by_id.try_emplace(spans_[i].span_id, i).second;
            if (!nodes_[i].counts) trace_.warn(i, "duplicate span IDs; skipping clock skew adjustment");
        }
        for (std::size_t i = 0; i < spans_.size(); ++i) {
            if (!nodes_[i].counts) continue;
            const model::SpanId parent = spans_[i].parent_span_id;
            const auto found = by_id.find(parent);
            if (!parent.is_zero() && found != by_id.end()) {
                Node& of = nodes_[found->second];
                nodes_[i].sibling_before = std::exchange(of.last_child, i);
                continue;
            }
            nodes_[i].root = true;
            if (!parent.is_zero()) {
                trace_.warn(i, fmt::format("parent span ID={} is not in the trace; skipping clock skew adjustment",
                                           parent.to_hex()));
            }
        }
    }

    // Parents before their children; a span whose ancestors form a circle is never reached.
    void walk(std::size_t root) {
        std::vector<Step> steps = {{root, root, nodes_[root].host, 0}};
        while (!steps.empty()) {
            Step step = steps.back();
            steps.pop_back();
            const Node& node = nodes_[step.node];
            if (step.node != root && (*node.host != *step.host || node.host->empty())) {
                step.host = node.host;
                step.delta = skew_of(spans_[step.node], spans_[step.parent]);
            }
            apply(step.node, step.delta);
            for (std::size_t child = node.last_child; child != kNone; child = nodes_[child].sibling_before) {
                steps.push_back({child, step.node, step.host, step.delta});
            }
        }
    }

    void apply(std::size_t i, std::int64_t delta) {
        if (delta == 0) return;
        if (max_delta_ == 0) {
            trace_.warn(i, fmt::format("clock skew adjustment disabled; not applying calculated delta of {}",
                                       format_duration(delta)));
            return;
        }
        if (delta > max_delta_ || delta < -max_delta_) {
            trace_.warn(
                i, fmt::format("max clock skew adjustment delta of {} exceeded; not applying calculated delta of {}",
                               format_duration(max_delta_), format_duration(delta)));
            return;
        }
        const auto shift = static_cast<std::uint64_t>(delta);
        model::Span& span = spans_[i];
        span.start_ns += shift;
        span.end_ns += shift;
        const std::span<model::Event> events = trace_.batch.allocate<model::Event>(span.events.size());
        std::copy(span.events.begin(), span.events.end(), events.begin());
        for (model::Event& event : events) event.time_ns += shift;
        span.events = events;
        trace_.warn(i, fmt::format("This span's timestamps were adjusted by {}", format_duration(delta)));
    }

    Trace& trace_;
    std::vector<model::Span>& spans_;
    const std::int64_t max_delta_;
    std::vector<Node> nodes_;
    std::unordered_map<const model::Resource*, std::string> hosts_;
};

}  // namespace

void correct_clock_skew(Trace& trace, std::int64_t max_delta_ns) {
    Skew(trace, max_delta_ns).correct();
}

}  // namespace skua::query
