// SPDX-License-Identifier: Apache-2.0
// Catches what the plugin emits, as plain values. The SDK's headers stay in recorder.cc.
#pragma once

#include "skua/otel/options.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

OPENTELEMETRY_BEGIN_NAMESPACE
namespace trace {
class Span;
class Tracer;
}  // namespace trace
OPENTELEMETRY_END_NAMESPACE

namespace skua::otel::testing {

using text_map = std::map<std::string, std::string>;

struct seen_span {
    std::string name, kind, trace_id, span_id, parent_id;
    std::string scope, scope_version, schema_url;
    text_map attributes;
    bool failed = false;
    std::string description;
    std::vector<std::string> events;
    text_map event_attributes;  // of the last event
    std::int64_t duration_ns = 0;
    std::int64_t start_ns = 0;
};

// A point of a metric: value, or count and sum of a histogram.
struct seen_point {
    text_map attributes;
    double value = 0;
    std::uint64_t count = 0;
    double sum = 0;
};

class recorder {
public:
    enum class sampling { everything, nothing };
    explicit recorder(sampling how = sampling::everything);
    ~recorder();
    recorder(const recorder&) = delete;
    recorder& operator=(const recorder&) = delete;

    [[nodiscard]] opentelemetry::nostd::shared_ptr<opentelemetry::trace::TracerProvider> tracers() const;
    [[nodiscard]] opentelemetry::nostd::shared_ptr<opentelemetry::metrics::MeterProvider> meters() const;
    // Ends with the test's own spans: they are named, never by the plugin.
    [[nodiscard]] opentelemetry::nostd::shared_ptr<opentelemetry::trace::Tracer> tracer() const;

    // In the order in which they ended; taken out.
    std::vector<seen_span> take();
    // Taken out; one line per span: two blanks per level, kind, name, `!error.type`. Siblings by start, then by end.
    std::string tree();
    // What the sampler was shown, by span name.
    [[nodiscard]] std::map<std::string, text_map> sampled() const;

    // Collects now.
    std::map<std::string, std::vector<seen_point>> metrics();

private:
    struct state;
    std::unique_ptr<state> state_;
};

std::string tree_of(std::vector<seen_span> spans);

}  // namespace skua::otel::testing
