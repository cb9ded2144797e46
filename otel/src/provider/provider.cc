// SPDX-License-Identifier: Apache-2.0
#include "skua/otel/provider.hpp"

#include "otel/src/provider/exporters.h"
#include "otel/src/provider/settings.h"
#include "otel/src/semconv.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <opentelemetry/baggage/propagation/baggage_propagator.h>
#include <opentelemetry/context/propagation/composite_propagator.h>
#include <opentelemetry/context/propagation/global_propagator.h>
#include <opentelemetry/metrics/provider.h>
#include <opentelemetry/sdk/metrics/aggregation/aggregation_config.h>
#include <opentelemetry/sdk/metrics/export/periodic_exporting_metric_reader_factory.h>
#include <opentelemetry/sdk/metrics/meter_provider.h>
#include <opentelemetry/sdk/metrics/meter_provider_factory.h>
#include <opentelemetry/sdk/metrics/view/instrument_selector_factory.h>
#include <opentelemetry/sdk/metrics/view/meter_selector_factory.h>
#include <opentelemetry/sdk/metrics/view/view_factory.h>
#include <opentelemetry/sdk/metrics/view/view_registry.h>
#include <opentelemetry/sdk/resource/resource.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/samplers/always_off_factory.h>
#include <opentelemetry/sdk/trace/samplers/always_on_factory.h>
#include <opentelemetry/sdk/trace/samplers/parent_factory.h>
#include <opentelemetry/sdk/trace/samplers/trace_id_ratio_factory.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/propagation/http_trace_context.h>
#include <opentelemetry/trace/provider.h>

namespace skua::otel {
namespace nostd = opentelemetry::nostd;
namespace trace_sdk = opentelemetry::sdk::trace;
namespace metrics_sdk = opentelemetry::sdk::metrics;
namespace propagation = opentelemetry::context::propagation;
using opentelemetry::sdk::resource::Resource;
using opentelemetry::sdk::resource::ResourceAttributes;
using tracer_provider = nostd::shared_ptr<opentelemetry::trace::TracerProvider>;
using meter_provider = nostd::shared_ptr<opentelemetry::metrics::MeterProvider>;
using propagator = nostd::shared_ptr<propagation::TextMapPropagator>;

struct telemetry::state {
    std::chrono::milliseconds flush_timeout{};
    std::shared_ptr<patience> limit = std::make_shared<patience>();
    std::shared_ptr<trace_sdk::TracerProvider> traces;  // null: not exported
    std::shared_ptr<metrics_sdk::MeterProvider> metrics;
    tracer_provider our_traces, previous_traces;
    meter_provider our_metrics, previous_metrics;
    propagator our_propagator, previous_propagator;

    ~state();
    void restore() const;
};

namespace {

Resource resource_of(const provider_options& options, const settings& read) {
    ResourceAttributes attributes;
    for (const attribute& a : options.resource) {
        std::visit([&](const auto& value) { attributes[a.name] = value; }, a.value);
    }
    if (!options.service_version.empty()) attributes["service.version"] = options.service_version;
    for (const auto& [key, value] : read.resource) attributes[key] = value;
    if (!read.service_name.empty()) attributes["service.name"] = read.service_name;
    return Resource::Create(attributes, semconv::schema_url);
}

std::unique_ptr<trace_sdk::Sampler> sampler_of(const settings& read) {
    std::unique_ptr<trace_sdk::Sampler> root;
    switch (read.sampler) {
        case sampler_kind::always_on:
            root = trace_sdk::AlwaysOnSamplerFactory::Create();
            break;
        case sampler_kind::always_off:
            root = trace_sdk::AlwaysOffSamplerFactory::Create();
            break;
        case sampler_kind::ratio:
            root = trace_sdk::TraceIdRatioBasedSamplerFactory::Create(read.ratio);
            break;
    }
    if (!read.parent_based) return root;
    return trace_sdk::ParentBasedSamplerFactory::Create(std::move(root));
}

std::shared_ptr<trace_sdk::TracerProvider> make_traces(const settings& read, const Resource& resource,
                                                       const std::shared_ptr<patience>& limit) {
    trace_sdk::BatchSpanProcessorOptions batching;
    batching.max_queue_size = read.queue_size;
    batching.max_export_batch_size = read.batch_size;
    batching.schedule_delay_millis = std::chrono::milliseconds(read.schedule_delay_ms);
    std::vector<std::unique_ptr<trace_sdk::SpanProcessor>> processors;
    for (auto& exporter : span_exporters(read.traces, limit)) {
        processors.push_back(trace_sdk::BatchSpanProcessorFactory::Create(std::move(exporter), batching));
    }
    return trace_sdk::TracerProviderFactory::Create(std::move(processors), resource, sampler_of(read));
}

// The API of 1.19 cannot say which buckets an instrument wants; a view can.
std::unique_ptr<metrics_sdk::ViewRegistry> duration_views(bool fine) {
    std::vector<double> bounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10};
    if (fine) bounds.insert(bounds.begin(), {0.000005, 0.00001, 0.00005, 0.0001, 0.0005});
    auto views = std::make_unique<metrics_sdk::ViewRegistry>();
    for (const char* name : {semconv::client_operation_duration, semconv::connection_create_time,
                             semconv::connection_wait_time, semconv::connection_use_time}) {
        auto config = std::make_shared<metrics_sdk::HistogramAggregationConfig>();
        config->boundaries_ = bounds;
        views->AddView(
            metrics_sdk::InstrumentSelectorFactory::Create(metrics_sdk::InstrumentType::kHistogram, name, "s"),
            metrics_sdk::MeterSelectorFactory::Create("", "", ""),
            metrics_sdk::ViewFactory::Create("", "", "s", metrics_sdk::AggregationType::kHistogram, config));
    }
    return views;
}

std::shared_ptr<metrics_sdk::MeterProvider> make_metrics(const settings& read, const Resource& resource, bool fine,
                                                         const std::shared_ptr<patience>& limit) {
    metrics_sdk::PeriodicExportingMetricReaderOptions period;
    period.export_interval_millis = std::chrono::milliseconds(read.metric_interval_ms);
    period.export_timeout_millis = std::chrono::milliseconds(read.metric_timeout_ms);
    std::shared_ptr<metrics_sdk::MeterProvider> made =
        metrics_sdk::MeterProviderFactory::Create(duration_views(fine), resource);
    for (auto& exporter : metric_exporters(read.metrics, limit)) {
        made->AddMetricReader(metrics_sdk::PeriodicExportingMetricReaderFactory::Create(std::move(exporter), period));
    }
    return made;
}

propagator make_propagator(const settings& read) {
    std::vector<std::unique_ptr<propagation::TextMapPropagator>> all;
    if (read.trace_context) all.push_back(std::make_unique<opentelemetry::trace::propagation::HttpTraceContext>());
    if (read.baggage) all.push_back(std::make_unique<opentelemetry::baggage::propagation::BaggagePropagator>());
    return propagator(new propagation::CompositePropagator(std::move(all)));
}

void install(telemetry::state& state, const settings& read) {
    namespace api = opentelemetry;
    if (state.traces) {
        state.our_traces = tracer_provider(std::shared_ptr<api::trace::TracerProvider>(state.traces));
        state.previous_traces = api::trace::Provider::GetTracerProvider();
        api::trace::Provider::SetTracerProvider(state.our_traces);
    }
    if (state.metrics) {
        state.our_metrics = meter_provider(std::shared_ptr<api::metrics::MeterProvider>(state.metrics));
        state.previous_metrics = api::metrics::Provider::GetMeterProvider();
        api::metrics::Provider::SetMeterProvider(state.our_metrics);
    }
    state.our_propagator = make_propagator(read);
    state.previous_propagator = propagation::GlobalTextMapPropagator::GetGlobalPropagator();
    propagation::GlobalTextMapPropagator::SetGlobalPropagator(state.our_propagator);
}

}  // namespace

// Who was replaced in the meantime is left alone.
void telemetry::state::restore() const {
    namespace api = opentelemetry;
    if (our_traces && api::trace::Provider::GetTracerProvider() == our_traces) {
        api::trace::Provider::SetTracerProvider(previous_traces);
    }
    if (our_metrics && api::metrics::Provider::GetMeterProvider() == our_metrics) {
        api::metrics::Provider::SetMeterProvider(previous_metrics);
    }
    if (propagation::GlobalTextMapPropagator::GetGlobalPropagator() == our_propagator) {
        propagation::GlobalTextMapPropagator::SetGlobalPropagator(previous_propagator);
    }
}

telemetry::state::~state() {
    restore();
    limit->end_in_ms(flush_timeout.count());
    const auto at_most = std::chrono::duration_cast<std::chrono::microseconds>(flush_timeout);
    // A reader that is shut down does not collect once more; a processor that is shut down exports its queue.
    // Spans first: they are worth more, should the time run out.
    if (traces) traces->Shutdown(at_most);
    if (metrics) metrics->ForceFlush(at_most);
    our_metrics = {};
    // Its destructor shuts down too, and complains when that has been done.
    if (metrics.use_count() > 1) metrics->Shutdown(at_most);
}

telemetry::telemetry(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
telemetry::telemetry(telemetry&&) noexcept = default;
telemetry& telemetry::operator=(telemetry&&) noexcept = default;
telemetry::~telemetry() = default;

bool telemetry::flush(std::chrono::milliseconds timeout) {
    if (!state_) return true;
    bool all = true;
    if (state_->traces) all = state_->traces->ForceFlush(timeout) && all;
    if (state_->metrics) all = state_->metrics->ForceFlush(timeout) && all;
    return all;
}

orm::result<telemetry> provider(const provider_options& options) {
    auto read = read_settings(options, [](const char* name) -> const char* { return std::getenv(name); });
    if (!read) return std::move(read.error());
    if (read->disabled) return telemetry(nullptr);
    auto state = std::make_unique<telemetry::state>();
    state->flush_timeout = std::max(options.flush_timeout, std::chrono::milliseconds(1));
    const Resource resource = resource_of(options, *read);
    if (read->traces.any()) state->traces = make_traces(*read, resource, state->limit);
    if (read->metrics.any()) state->metrics = make_metrics(*read, resource, options.fine_buckets, state->limit);
    install(*state, *read);
    return telemetry(std::move(state));
}

}  // namespace skua::otel
