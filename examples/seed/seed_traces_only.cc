// SPDX-License-Identifier: Apache-2.0
// Traces only: the same program without metrics.
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
    auto telemetry = skua::otel::provider({.service_name = "seed", .metrics = false}).or_throw();

    auto db = orm::open(orm::sqlite("file::memory:?cache=shared")).or_throw();
    db.use(skua::otel::tracing({.metrics = false})).or_throw();

    auto tracer = opentelemetry::trace::Provider::GetTracerProvider()->GetTracer("seed");
    auto root = tracer->StartSpan("root");
    const opentelemetry::trace::Scope current(root);

    const int answer = db.raw<int>("SELECT 42").first().or_throw();
    root->End();
    std::printf("answer %d, trace %s\n", answer, trace_id_of(*root).c_str());
}
