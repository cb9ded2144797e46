// SPDX-License-Identifier: Apache-2.0
// A small shop at work, for a page with something to look at: several traces of two services.
//
//     shop [--endpoint http://host:4317] [--protocol grpc|http/protobuf|http/json]
//
// Without flags it sends where OTEL_* says, or to localhost:4317. Prints one line per trace: its id and what it shows.
#include "shop_requests.h"
#include "trace_id.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include <opentelemetry/context/propagation/global_propagator.h>
#include <opentelemetry/context/propagation/text_map_propagator.h>
#include <opentelemetry/trace/context.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/span_startoptions.h>
#include <opentelemetry/trace/tracer.h>
#include <skua/orm/sqlite.hpp>
#include <skua/otel.hpp>
#include <skua/otel/provider.hpp>

namespace {
namespace orm = skua::orm;
namespace otel_api = opentelemetry;
namespace trace = opentelemetry::trace;

// One in-memory database for both services: it lives as long as somebody has it open.
constexpr char dsn[] = "file:shop?mode=memory&cache=shared";

orm::database open_database() {
    auto db = orm::open(orm::sqlite(dsn), {.logger = orm::silent()}).or_throw();
    db.use(skua::otel::tracing({.parameter_hash = true})).or_throw();
    return db;
}

otel_api::nostd::shared_ptr<trace::Span> start(const std::string& name, trace::SpanKind kind,
                                               const otel_api::context::Context& parent = {}) {
    trace::StartSpanOptions options;
    options.kind = kind;
    options.parent = parent;
    return trace::Provider::GetTracerProvider()->GetTracer("shop")->StartSpan(name, options);
}

void say(trace::Span& span, const std::string& name, const char* shows) {
    std::printf("%s  %-24s %s\n", trace_id_of(span).c_str(), name.c_str(), shows);
}

// A request as a web server's instrumentation would show it. Returns its context, for who continues it elsewhere.
template <class Handler>
otel_api::context::Context serve(const char* method, const char* route, const char* shows, Handler handle) {
    const std::string name = std::string(method) + " " + route;
    auto span = start(name, trace::SpanKind::kServer);
    const trace::Scope current(span);
    span->SetAttribute("http.request.method", method);
    span->SetAttribute("http.route", route);
    span->SetAttribute("url.scheme", "http");
    span->SetAttribute("server.address", "shop.example.org");
    const int status = handle();
    span->SetAttribute("http.response.status_code", status);
    if (status >= 500) {
        span->SetAttribute("error.type", std::to_string(status));
        span->SetStatus(trace::StatusCode::kError);
    }
    auto context = otel_api::context::RuntimeContext::GetCurrent();
    span->End();
    say(*span, name, shows);
    return context;
}

// The message that carries the trace from the shop to its worker.
class message final : public otel_api::context::propagation::TextMapCarrier {
public:
    otel_api::nostd::string_view Get(otel_api::nostd::string_view key) const noexcept override {
        return key == "traceparent" ? otel_api::nostd::string_view(traceparent_) : "";
    }
    void Set(otel_api::nostd::string_view key, otel_api::nostd::string_view value) noexcept override {
        if (key == "traceparent") traceparent_ = std::string(value.data(), value.size());
    }

private:
    std::string traceparent_;
};

void work(const message& order, std::int64_t order_id) {
    auto telemetry = skua::otel::provider({.service_name = "shop-worker"}).or_throw();
    const orm::database db = open_database();
    auto none = otel_api::context::Context{};
    const auto sent =
        otel_api::context::propagation::GlobalTextMapPropagator::GetGlobalPropagator()->Extract(order, none);
    auto span = start("process orders", trace::SpanKind::kConsumer, sent);
    const trace::Scope current(span);
    span->SetAttribute("messaging.system", "in_process");
    span->SetAttribute("messaging.operation.type", "process");
    if (shop::pack_order(db, order_id) != 200) span->SetStatus(trace::StatusCode::kError);
    span->End();
    say(*span, "process orders", "the same trace goes on in the service shop-worker");
}

void run() {
    auto telemetry = skua::otel::provider({.service_name = "shop", .service_version = "1.0"}).or_throw();
    const orm::database db = open_database();
    std::int64_t order_id = 0;
    message order;

    serve("POST", "/admin/stock", "tables made, two batches written", [&] { return shop::stock_up(db); });
    serve("GET", "/products", "two plain queries", [&] { return shop::list_products(db); });
    serve("POST", "/checkout", "a transaction with a savepoint that is rolled back", [&] {
        const int status = shop::checkout(db, 7, order_id);
        auto context = otel_api::context::RuntimeContext::GetCurrent();
        otel_api::context::propagation::GlobalTextMapPropagator::GetGlobalPropagator()->Inject(order, context);
        return status;
    });
    serve("GET", "/orders/{id}", "N+1: one query per item of the order",
          [&] { return shop::show_order(db, order_id); });
    serve("POST", "/customers", "an error: unique constraint violated", [&] { return shop::register_twice(db); });
    serve("GET", "/reports/margin", "an error: SQL with a column that is not there",
          [&] { return shop::broken_report(db); });
    serve("GET", "/reports/days", "a slow query", [&] { return shop::slow_report(db); });
    work(order, order_id);
    telemetry.flush();  // while there is a pool to be measured
}

// False: said what is wrong.
bool read_arguments(int count, char** values) {
    for (int i = 1; i < count; i += 2) {
        const bool endpoint = std::strcmp(values[i], "--endpoint") == 0;
        const bool protocol = std::strcmp(values[i], "--protocol") == 0;
        if ((!endpoint && !protocol) || i + 1 == count) {
            std::fprintf(stderr,
                         "shop: got \"%s\"; want [--endpoint <url>] [--protocol grpc|http/protobuf|http/json]\n",
                         values[i]);
            return false;
        }
        // A flag wins over the environment by becoming it.
        const std::string traces =
            endpoint ? "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL";
        const std::string metrics =
            endpoint ? "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT" : "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL";
        ::unsetenv(traces.c_str());
        ::unsetenv(metrics.c_str());
        ::setenv(endpoint ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_PROTOCOL", values[i + 1], 1);
    }
    return true;
}

}  // namespace

int main(int count, char** values) {
    if (!read_arguments(count, values)) return 2;
    try {
        run();
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "shop: %s\n", failure.what());
        return 1;
    }
    return 0;
}
