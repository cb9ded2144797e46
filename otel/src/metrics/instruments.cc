// SPDX-License-Identifier: Apache-2.0
#include "otel/src/metrics/instruments.h"

#include "otel/src/semconv.h"

#include <opentelemetry/metrics/observer_result.h>
#include <opentelemetry/nostd/variant.h>

namespace skua::otel {
namespace metrics = opentelemetry::metrics;
namespace nostd = opentelemetry::nostd;
namespace {

enum class shape : std::uint8_t { sum_that_falls, sum, gauge };

}  // namespace

struct instruments::row {
    const char* name;
    const char* description;
    const char* unit;
    shape kind;
    bool gorm;                                     // only with gorm_attributes
    std::int64_t (*read)(const orm::pool_stats&);  // null: connection count, by state
};

const instruments::row instruments::rows[] = {
    {semconv::connection_count, "Connections that are open, by state", "{connection}", shape::sum_that_falls, false,
     nullptr},
    {semconv::connection_max, "Connections the pool may open", "{connection}", shape::sum_that_falls, false,
     [](const orm::pool_stats& s) { return std::int64_t{s.max_open}; }},
    {semconv::connection_idle_max, "Idle connections the pool keeps at most", "{connection}", shape::sum_that_falls,
     false, [](const orm::pool_stats& s) { return std::int64_t{s.max_idle}; }},
    {semconv::connection_idle_min, "Idle connections the pool keeps at least", "{connection}", shape::sum_that_falls,
     false, [](const orm::pool_stats& s) { return std::int64_t{s.min_idle}; }},
    {semconv::connection_pending_requests, "Callers waiting for a connection", "{request}", shape::sum_that_falls,
     false, [](const orm::pool_stats& s) { return std::int64_t{s.pending}; }},
    {semconv::connection_timeouts, "Callers that waited in vain", "{timeout}", shape::sum, false,
     [](const orm::pool_stats& s) { return static_cast<std::int64_t>(s.timeouts); }},
    {"go.sql.connections_max_open", "Connections the pool may open", "", shape::gauge, true,
     [](const orm::pool_stats& s) { return std::int64_t{s.max_open}; }},
    {"go.sql.connections_open", "Connections that are open", "", shape::gauge, true,
     [](const orm::pool_stats& s) { return std::int64_t{s.open}; }},
    {"go.sql.connections_in_use", "Connections in use", "", shape::gauge, true,
     [](const orm::pool_stats& s) { return std::int64_t{s.in_use}; }},
    {"go.sql.connections_idle", "Connections that are idle", "", shape::gauge, true,
     [](const orm::pool_stats& s) { return std::int64_t{s.idle}; }},
    {"go.sql.connections_wait_count", "Callers that had to wait", "", shape::sum, true,
     [](const orm::pool_stats& s) { return static_cast<std::int64_t>(s.wait_count); }},
    {"go.sql.connections_wait_duration", "Time callers waited", "nanoseconds", shape::sum, true,
     [](const orm::pool_stats& s) { return s.wait_duration_ns; }},
    {"go.sql.connections_closed_max_idle", "Connections closed because there were enough idle ones", "", shape::sum,
     true, [](const orm::pool_stats& s) { return static_cast<std::int64_t>(s.closed_idle); }},
    {"go.sql.connections_closed_max_lifetime", "Connections closed because they were too old", "", shape::sum, true,
     [](const orm::pool_stats& s) { return static_cast<std::int64_t>(s.closed_lifetime); }},
};

instruments::instruments(const nostd::shared_ptr<metrics::Meter>& meter, orm::pool_monitor pool,
                         const tracing_options& options)
    : pool_(std::move(pool)) {
    for (attribute_list* list : {&pool_attributes_, &idle_attributes_, &used_attributes_}) {
        list->add(semconv::connection_pool_name, pool_.info().pool_name);
        list->add(options.attributes);
    }
    idle_attributes_.add(semconv::connection_state, "idle");
    used_attributes_.add(semconv::connection_state, "used");

    duration_ =
        meter->CreateDoubleHistogram(semconv::client_operation_duration, "Duration of database client operations", "s");
    create_time_ = meter->CreateDoubleHistogram(semconv::connection_create_time, "Time to open a connection", "s");
    wait_time_ =
        meter->CreateDoubleHistogram(semconv::connection_wait_time, "Time to get a connection from the pool", "s");
    use_time_ = meter->CreateDoubleHistogram(semconv::connection_use_time, "Time between taking and giving back", "s");

    registrations_.reserve(std::size(rows));
    for (const row& r : rows) {
        if (r.gorm && !options.gorm_attributes) continue;
        registration& made = registrations_.emplace_back();
        made.what = &r;
        made.self = this;
        switch (r.kind) {
            case shape::sum_that_falls:
                made.instrument = meter->CreateInt64ObservableUpDownCounter(r.name, r.description, r.unit);
                break;
            case shape::sum:
                made.instrument = meter->CreateInt64ObservableCounter(r.name, r.description, r.unit);
                break;
            case shape::gauge:
                made.instrument = meter->CreateInt64ObservableGauge(r.name, r.description, r.unit);
                break;
        }
        made.instrument->AddCallback(&instruments::observe, &made);
    }
}

instruments::~instruments() {
    for (registration& r : registrations_) r.instrument->RemoveCallback(&instruments::observe, &r);
}

void instruments::observe(metrics::ObserverResult result, void* state) {
    const auto& what = *static_cast<const registration*>(state);
    if (!what.what->read) return what.self->observe_count(result);
    if (const auto* out = nostd::get_if<nostd::shared_ptr<metrics::ObserverResultT<std::int64_t>>>(&result)) {
        (*out)->Observe(what.what->read(what.self->pool_.stats()), what.self->pool_attributes_);
    }
}

void instruments::observe_count(const metrics::ObserverResult& result) const {
    if (const auto* out = nostd::get_if<nostd::shared_ptr<metrics::ObserverResultT<std::int64_t>>>(&result)) {
        const orm::pool_stats stats = pool_.stats();
        (*out)->Observe(std::int64_t{stats.idle}, idle_attributes_);
        (*out)->Observe(std::int64_t{stats.in_use}, used_attributes_);
    }
}

}  // namespace skua::otel
