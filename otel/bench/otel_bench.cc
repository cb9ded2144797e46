// SPDX-License-Identifier: Apache-2.0
// What the plugin costs the thread that calls the ORM, per statement: CPU nanoseconds, everything interleaved in one
// process, the median of rounds. One JSON object per line; baseline and ratio are against the same work without the
// plugin.
//
//     otel_bench [rounds]
#include "otel/src/tracing/listener.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <opentelemetry/metrics/noop.h>
#include <opentelemetry/sdk/metrics/meter_provider.h>
#include <opentelemetry/sdk/trace/batch_span_processor_factory.h>
#include <opentelemetry/sdk/trace/batch_span_processor_options.h>
#include <opentelemetry/sdk/trace/exporter.h>
#include <opentelemetry/sdk/trace/processor.h>
#include <opentelemetry/sdk/trace/span_data.h>
#include <opentelemetry/sdk/trace/tracer_provider.h>
#include <opentelemetry/sdk/trace/tracer_provider_factory.h>
#include <opentelemetry/trace/noop.h>
#include <opentelemetry/trace/provider.h>
#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <skua/otel.hpp>
#include <time.h>

namespace skua::otel {
namespace {
namespace nostd = opentelemetry::nostd;
namespace trace = opentelemetry::trace;
namespace trace_sdk = opentelemetry::sdk::trace;

struct Row : orm::model<Row> {
    std::string name;
    std::int64_t stars = 0;
    SKUA_MODEL(Row, (name, "size:100"), (stars))
};

// Takes spans and forgets them.
class dropping_exporter final : public trace_sdk::SpanExporter {
public:
    std::unique_ptr<trace_sdk::Recordable> MakeRecordable() noexcept override {
        return std::make_unique<trace_sdk::SpanData>();
    }
    opentelemetry::sdk::common::ExportResult Export(
        const nostd::span<std::unique_ptr<trace_sdk::Recordable>>&) noexcept override {
        return opentelemetry::sdk::common::ExportResult::kSuccess;
    }
    bool ForceFlush(std::chrono::microseconds) noexcept override { return true; }
    bool Shutdown(std::chrono::microseconds) noexcept override { return true; }
};

nostd::shared_ptr<trace::TracerProvider> recording_traces() {
    trace_sdk::BatchSpanProcessorOptions batching;
    batching.max_queue_size = 1 << 16;
    batching.schedule_delay_millis = std::chrono::milliseconds(20);
    std::vector<std::unique_ptr<trace_sdk::SpanProcessor>> processors;
    processors.push_back(trace_sdk::BatchSpanProcessorFactory::Create(std::make_unique<dropping_exporter>(), batching));
    std::shared_ptr<trace::TracerProvider> made = trace_sdk::TracerProviderFactory::Create(std::move(processors));
    return nostd::shared_ptr<trace::TracerProvider>(made);
}

nostd::shared_ptr<opentelemetry::metrics::MeterProvider> recording_metrics() {
    std::shared_ptr<opentelemetry::metrics::MeterProvider> made =
        std::make_shared<opentelemetry::sdk::metrics::MeterProvider>();
    return nostd::shared_ptr<opentelemetry::metrics::MeterProvider>(made);
}

double thread_cpu_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

struct contestant {
    std::string name;
    std::function<void()> once;
    std::vector<double> ns = {};
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// The first is the baseline.
void race(std::vector<contestant> all, int rounds, int per_round) {
    for (contestant& c : all) {
        for (int i = 0; i < per_round; ++i) c.once();
    }
    for (int round = 0; round < rounds; ++round) {
        for (contestant& c : all) {
            const double begin = thread_cpu_ns();
            for (int i = 0; i < per_round; ++i) c.once();
            c.ns.push_back((thread_cpu_ns() - begin) / per_round);
        }
    }
    const double baseline = median(all.front().ns);
    for (const contestant& c : all) {
        const double value = median(c.ns);
        std::printf(
            "{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"ns\",\"baseline\":%.1f,\"ratio\":%.3f,"
            "\"command\":\"otel_bench %d\"}\n",
            c.name.c_str(), value, baseline, value / baseline, rounds);
        if (&c == &all.front()) continue;
        std::printf(
            "{\"name\":\"%s/added\",\"value\":%.1f,\"unit\":\"ns\",\"baseline\":%.1f,\"ratio\":%.3f,"
            "\"command\":\"otel_bench %d\"}\n",
            c.name.c_str(), value - baseline, baseline, (value - baseline) / baseline, rounds);
    }
}

orm::database open() {
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    db.auto_migrate<Row>().or_throw();
    std::vector<Row> rows;
    for (int i = 0; i < 100; ++i) rows.push_back({.name = "row " + std::to_string(i), .stars = i});
    db.create(rows).or_throw();
    return db;
}

orm::database traced(tracing_options options) {
    orm::database db = open();
    db.use(tracing(std::move(options))).or_throw();
    return db;
}

void find_one_row(const orm::database& db) {
    if (!db.find<Row>(7)) std::abort();
}

void race_databases(int rounds) {
    const nostd::shared_ptr<trace::TracerProvider> no_traces(new trace::NoopTracerProvider);
    const nostd::shared_ptr<opentelemetry::metrics::MeterProvider> no_metrics(
        new opentelemetry::metrics::NoopMeterProvider);
    const auto traces = recording_traces();
    const auto metrics = recording_metrics();
    const orm::database off = open();
    const orm::database noop = traced({.provider = no_traces, .meter_provider = no_metrics});
    const orm::database global_noop = traced({});
    const orm::database spans = traced({.provider = traces, .metrics = false});
    const orm::database both = traced({.provider = traces, .meter_provider = metrics});
    const orm::database hashed = traced({.provider = traces, .parameter_hash = true, .metrics = false});
    race({{"find by key, no plugin", [&] { find_one_row(off); }},
          {"find by key, do-nothing providers", [&] { find_one_row(noop); }},
          {"find by key, no provider set", [&] { find_one_row(global_noop); }},
          {"find by key, spans", [&] { find_one_row(spans); }},
          {"find by key, spans and parameter hash", [&] { find_one_row(hashed); }},
          {"find by key, spans and metrics", [&] { find_one_row(both); }}},
         rounds, 2000);
}

// A statement without a database: the plugin and the SDK alone.
class statement_alone {
public:
    statement_alone(tracing_options options)
        : plugin_(std::make_shared<tracing_options>(std::move(options)), database_, orm::pool_monitor(nullptr)) {
        statement_.sql = "SELECT * FROM rows WHERE rows.id = ? AND rows.deleted_at IS NULL LIMIT 1";
        statement_.operation = "SELECT";
        statement_.collection = "rows";
        statement_.summary = "SELECT rows";
        outer_.event = orm::driver_event::operation;
        outer_.database = &database_;
        outer_.handle_context = &none_;
        outer_.operation = &operation_;
        outer_.at = orm::location::current();
        inner_ = outer_;
        inner_.event = orm::driver_event::execute;
        inner_.statement = &statement_;
        inner_.rows_returned = 1;
    }
    void run() {
        orm::hook_slot outer_slot;
        orm::hook_slot inner_slot;
        plugin_.begin(outer_, outer_slot);
        plugin_.begin(inner_, inner_slot);
        plugin_.end(inner_, inner_slot);
        plugin_.end(outer_, outer_slot);
    }

private:
    const orm::database_info database_{.system = "sqlite", .name_space = "main"};
    const orm::context none_;
    const orm::operation_info operation_{"find", "Row", "rows"};
    listener plugin_;
    orm::statement_info statement_;
    orm::driver_call outer_, inner_;
};

void race_plugin(int rounds) {
    const auto traces = recording_traces();
    auto tracer = traces->GetTracer("bench");
    statement_alone nobody({});
    statement_alone spans({.provider = traces, .metrics = false});
    race({{"SDK alone, span without attributes", [&] { tracer->StartSpan("SELECT rows")->End(); }},
          {"plugin alone, no provider set", [&] { nobody.run(); }},
          {"plugin alone, spans", [&] { spans.run(); }}},
         rounds, 5000);
}

}  // namespace
}  // namespace skua::otel

int main(int count, char** values) {
    const int rounds = count > 1 ? std::atoi(values[1]) : 41;
    if (rounds < 1) {
        std::fprintf(stderr, "otel_bench: got \"%s\"; want a number of rounds\n", values[1]);
        return 2;
    }
    skua::otel::race_plugin(rounds);
    skua::otel::race_databases(rounds);
}
