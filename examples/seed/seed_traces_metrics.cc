// SPDX-License-Identifier: Apache-2.0
// Traces and metrics: open a database, use the plugin, ask one question.
#include "trace_id.h"

#include <cstdio>

#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/scope.h>
#include <opentelemetry/trace/tracer.h>
#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <skua/otel.hpp>
#include <skua/otel/provider.hpp>

namespace orm = skua::orm;

int main() {
    auto telemetry =
        skua::otel::provider({.service_name = "seed"}).or_throw();  // OTLP to localhost:4317, or what OTEL_* says

    auto db = orm::open(orm::sqlite("file::memory:?cache=shared")).or_throw();
    db.use(skua::otel::tracing()).or_throw();

    auto tracer = opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("seed");
    auto root = tracer->StartSpan("root");
    const opentelemetry::trace::Scope current(root);

    const int answer = db.raw<int>("SELECT 42").first().or_throw();
    root->End();
    std::printf("answer %d, trace %s\n", answer, trace_id_of(*root).c_str());
    telemetry.flush();  // while there is a pool to be measured
}
