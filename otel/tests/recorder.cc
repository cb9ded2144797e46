// SPDX-License-Identifier: Apache-2.0
#include "otel/tests/recorder.h"

#include <algorithm>
#include <mutex>
#include <set>

#include <opentelemetry/exporters/memory/in_memory_span_data.h>
#include <opentelemetry/exporters/memory/in_memory_span_exporter_factory.h>
#include <opentelemetry/sdk/metrics/meter_provider.h>
#include <opentelemetry/sdk/metrics/metric_reader.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/sampler.h>
#include <opentelemetry/sdk/trace/simple_processor_factory.h>
#include <opentelemetry/sdk/trace/span_data.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>

namespace skua::otel::testing {
namespace nostd = opentelemetry::nostd;
namespace trace = opentelemetry::trace;
namespace trace_sdk = opentelemetry::sdk::trace;
namespace metrics_sdk = opentelemetry::sdk::metrics;
namespace memory = opentelemetry::exporter::memory;
namespace {

std::string text(const opentelemetry::sdk::common::OwnedAttributeValue& value) {
    if (const auto* s = nostd::get_if<std::string>(&value)) return *s;
    if (const auto* i = nostd::get_if<std::int64_t>(&value)) return std::to_string(*i);
    if (const auto* i = nostd::get_if<std::int32_t>(&value)) return std::to_string(*i);
    if (const auto* b = nostd::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* d = nostd::get_if<double>(&value)) return std::to_string(*d);
    return "?";
}

std::string text(const opentelemetry::common::AttributeValue& value) {
    if (const auto* s = nostd::get_if<nostd::string_view>(&value)) return {s->data(), s->size()};
    if (const auto* i = nostd::get_if<std::int64_t>(&value)) return std::to_string(*i);
    if (const auto* b = nostd::get_if<bool>(&value)) return *b ? "true" : "false";
    if (const auto* d = nostd::get_if<double>(&value)) return std::to_string(*d);
    return "?";
}

template <class Map>
text_map texts(const Map& from) {
    text_map out;
    for (const auto& [key, value] : from) out[key] = text(value);
    return out;
}

template <class Id, std::size_t digits>
std::string hex(const Id& id) {
    char out[digits];
    id.ToLowerBase16(nostd::span<char, digits>(out, digits));
    return {out, digits};
}

const char* kind_name(trace::SpanKind kind) {
    switch (kind) {
        case trace::SpanKind::kInternal:
            return "internal";
        case trace::SpanKind::kServer:
            return "server";
        case trace::SpanKind::kClient:
            return "client";
        case trace::SpanKind::kProducer:
            return "producer";
        case trace::SpanKind::kConsumer:
            return "consumer";
    }
    return "?";
}

seen_span seen(const trace_sdk::SpanData& span) {
    seen_span out;
    out.name = std::string(span.GetName().data(), span.GetName().size());
    out.kind = kind_name(span.GetSpanKind());
    out.trace_id = hex<trace::TraceId, 32>(span.GetTraceId());
    out.span_id = hex<trace::SpanId, 16>(span.GetSpanId());
    out.parent_id = hex<trace::SpanId, 16>(span.GetParentSpanId());
    out.scope = span.GetInstrumentationScope().GetName();
    out.scope_version = span.GetInstrumentationScope().GetVersion();
    out.schema_url = span.GetInstrumentationScope().GetSchemaURL();
    out.attributes = texts(span.GetAttributes());
    out.failed = span.GetStatus() == trace::StatusCode::kError;
    out.description = std::string(span.GetDescription().data(), span.GetDescription().size());
    for (const auto& event : span.GetEvents()) {
        out.events.push_back(event.GetName());
        out.event_attributes = texts(event.GetAttributes());
    }
    out.duration_ns = span.GetDuration().count();
    out.start_ns = span.GetStartTime().time_since_epoch().count();
    return out;
}

// Answers the same to everything, and remembers what it was shown.
class remembering_sampler final : public trace_sdk::Sampler {
public:
    explicit remembering_sampler(bool record) : record_(record) {}
    trace_sdk::SamplingResult ShouldSample(const trace::SpanContext& parent, trace::TraceId, nostd::string_view name,
                                           trace::SpanKind, const opentelemetry::common::KeyValueIterable& attributes,
                                           const trace::SpanContextKeyValueIterable&) noexcept override {
        const std::lock_guard lock(mutex);
        text_map& shown = by_name[std::string(name.data(), name.size())];
        attributes.ForEachKeyValue([&](nostd::string_view key, opentelemetry::common::AttributeValue value) {
            shown[std::string(key.data(), key.size())] = text(value);
            return true;
        });
        const auto decision = record_ ? trace_sdk::Decision::RECORD_AND_SAMPLE : trace_sdk::Decision::DROP;
        return {decision, nullptr, parent.trace_state()};
    }
    nostd::string_view GetDescription() const noexcept override { return "remembering"; }

    std::mutex mutex;
    std::map<std::string, text_map> by_name;  // guarded by mutex

private:
    const bool record_;
};

class on_demand_reader final : public metrics_sdk::MetricReader {
public:
    metrics_sdk::AggregationTemporality GetAggregationTemporality(metrics_sdk::InstrumentType) const noexcept override {
        return metrics_sdk::AggregationTemporality::kCumulative;
    }

private:
    bool OnForceFlush(std::chrono::microseconds) noexcept override { return true; }
    bool OnShutDown(std::chrono::microseconds) noexcept override { return true; }
};

seen_point seen(const metrics_sdk::PointDataAttributes& from) {
    seen_point out;
    out.attributes = texts(from.attributes);
    const auto number = [](const metrics_sdk::ValueType& v) {
        if (const auto* i = nostd::get_if<std::int64_t>(&v)) return static_cast<double>(*i);
        return nostd::get<double>(v);
    };
    if (const auto* sum = nostd::get_if<metrics_sdk::SumPointData>(&from.point_data)) out.value = number(sum->value_);
    if (const auto* last = nostd::get_if<metrics_sdk::LastValuePointData>(&from.point_data)) {
        out.value = number(last->value_);
    }
    if (const auto* histogram = nostd::get_if<metrics_sdk::HistogramPointData>(&from.point_data)) {
        out.count = histogram->count_;
        out.sum = number(histogram->sum_);
    }
    return out;
}

}  // namespace

struct recorder::state {
    std::shared_ptr<memory::InMemorySpanData> data;
    std::shared_ptr<trace_sdk::TracerProvider> traces;
    std::shared_ptr<metrics_sdk::MeterProvider> metrics = std::make_shared<metrics_sdk::MeterProvider>();
    std::shared_ptr<on_demand_reader> reader = std::make_shared<on_demand_reader>();
    remembering_sampler* sampler = nullptr;  // of the provider
};

recorder::recorder(sampling how) : state_(std::make_unique<state>()) {
    auto sampler = std::make_unique<remembering_sampler>(how == sampling::everything);
    state_->sampler = sampler.get();
    auto exporter = memory::InMemorySpanExporterFactory::Create(state_->data, 1000);
    state_->traces = trace_sdk::TracerProviderFactory::Create(
        trace_sdk::SimpleSpanProcessorFactory::Create(std::move(exporter)),
        opentelemetry::sdk::resource::Resource::Create({}), std::move(sampler));
    state_->metrics->AddMetricReader(state_->reader);
}

recorder::~recorder() = default;

nostd::shared_ptr<trace::TracerProvider> recorder::tracers() const {
    return nostd::shared_ptr<trace::TracerProvider>(std::shared_ptr<trace::TracerProvider>(state_->traces));
}

nostd::shared_ptr<opentelemetry::metrics::MeterProvider> recorder::meters() const {
    return nostd::shared_ptr<opentelemetry::metrics::MeterProvider>(
        std::shared_ptr<opentelemetry::metrics::MeterProvider>(state_->metrics));
}

nostd::shared_ptr<trace::Tracer> recorder::tracer() const {
    return state_->traces->GetTracer("test");
}

std::vector<seen_span> recorder::take() {
    std::vector<seen_span> out;
    for (const auto& span : state_->data->GetSpans()) out.push_back(seen(*span));
    return out;
}

std::string recorder::tree() {
    return tree_of(take());
}

std::map<std::string, text_map> recorder::sampled() const {
    const std::lock_guard lock(state_->sampler->mutex);
    return state_->sampler->by_name;
}

std::map<std::string, std::vector<seen_point>> recorder::metrics() {
    std::map<std::string, std::vector<seen_point>> out;
    state_->reader->Collect([&](metrics_sdk::ResourceMetrics& all) {
        for (const auto& scope : all.scope_metric_data_) {
            for (const auto& metric : scope.metric_data_) {
                for (const auto& point : metric.point_data_attr_) {
                    out[metric.instrument_descriptor.name_].push_back(seen(point));
                }
            }
        }
        return true;
    });
    return out;
}

std::string tree_of(std::vector<seen_span> spans) {
    std::stable_sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.start_ns < b.start_ns; });
    std::set<std::string> ids;
    for (const auto& s : spans) ids.insert(s.span_id);
    std::string out;
    const auto print = [&](const auto& self, const std::string& parent, bool top, std::size_t depth) -> void {
        for (const auto& s : spans) {
            if (top ? ids.count(s.parent_id) != 0 : s.parent_id != parent) continue;
            out += std::string(2 * depth, ' ') + s.kind + ' ' + s.name;
            if (const auto type = s.attributes.find("error.type"); type != s.attributes.end())
                out += " !" + type->second;
            out += '\n';
            self(self, s.span_id, false, depth + 1);
        }
    };
    print(print, "", true, 0);
    return out;
}

}  // namespace skua::otel::testing
