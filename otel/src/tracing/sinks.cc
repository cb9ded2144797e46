// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/sinks.h"

#include "otel/src/semconv.h"

#include <opentelemetry/metrics/meter_provider.h>
#include <opentelemetry/metrics/noop.h>
#include <opentelemetry/metrics/provider.h>
#include <opentelemetry/trace/noop.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/tracer_provider.h>

#ifndef SKUA_VERSION
#error "SKUA_VERSION is set by CMake"
#endif

namespace skua::otel {
namespace nostd = opentelemetry::nostd;
namespace trace = opentelemetry::trace;
namespace metrics = opentelemetry::metrics;
namespace {

nostd::shared_ptr<trace::Tracer> recording_tracer(trace::TracerProvider& provider) {
    auto tracer = provider.GetTracer(semconv::scope_name, SKUA_VERSION, semconv::schema_url);
    if (dynamic_cast<trace::NoopTracer*>(tracer.get())) return {};
    return tracer;
}

nostd::shared_ptr<metrics::Meter> recording_meter(metrics::MeterProvider& provider) {
    auto meter = provider.GetMeter(semconv::scope_name, SKUA_VERSION, semconv::schema_url);
    if (dynamic_cast<metrics::NoopMeter*>(meter.get())) return {};
    return meter;
}

}  // namespace

sinks::sinks(const tracing_options& options, orm::pool_monitor pool) : options_(options), pool_(std::move(pool)) {
    static_cast<void>(look_again(nullptr));
}

const sink* sinks::look_again(const sink* known) noexcept {
    const auto tracers = options_.provider ? options_.provider : trace::Provider::GetTracerProvider();
    const auto meters = options_.meter_provider ? options_.meter_provider : metrics::Provider::GetMeterProvider();
    if (tracers.get() == seen_tracers_.load(std::memory_order_relaxed) &&
        meters.get() == seen_meters_.load(std::memory_order_relaxed)) {
        return known;
    }

    const std::lock_guard lock(mutex_);
    seen_tracers_.store(tracers.get(), std::memory_order_relaxed);
    seen_meters_.store(meters.get(), std::memory_order_relaxed);
    known = current();
    sink found = known ? *known : sink{};
    if (options_.traces && !found.tracer && tracers) found.tracer = recording_tracer(*tracers);
    if (options_.metrics && !found.meters && meters) {
        if (const auto meter = recording_meter(*meters))
            found.meters = std::make_shared<instruments>(meter, pool_, options_);
    }
    if (found.complete(options_)) settled_.store(true, std::memory_order_relaxed);
    const bool news = (found.tracer && !(known && known->tracer)) || (found.meters && !(known && known->meters));
    if (!news) return known;
    all_.push_back(std::make_unique<const sink>(std::move(found)));
    current_.store(all_.back().get(), std::memory_order_release);
    return current();
}

}  // namespace skua::otel
