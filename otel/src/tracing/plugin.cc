// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/listener.h"
#include "skua/orm/database.hpp"
#include "skua/otel/tracing.hpp"

#include <utility>

#include <opentelemetry/context/runtime_context.h>
#include <opentelemetry/trace/context.h>
#include <opentelemetry/trace/default_span.h>
#include <opentelemetry/trace/span.h>

#ifdef OPENTELEMETRY_STL_VERSION
#error "do not set OPENTELEMETRY_STL_VERSION: the packaged library lays its types out without it, and crashes"
#endif

namespace skua::otel {
namespace nostd = opentelemetry::nostd;
namespace trace = opentelemetry::trace;

tracing_plugin::tracing_plugin(tracing_options options)
    : options_(std::make_shared<tracing_options>(std::move(options))) {}

orm::status tracing_plugin::initialize(orm::database& db) {
    auto made = std::make_shared<listener>(options_, db.info(), db.pool());
    orm::driver_listener hooks;
    hooks.self = std::move(made);
    hooks.begin = [](void* self, orm::driver_call& c, orm::hook_slot& s) noexcept {
        static_cast<listener*>(self)->begin(c, s);
    };
    hooks.end = [](void* self, orm::driver_call& c, orm::hook_slot& s) noexcept {
        static_cast<listener*>(self)->end(c, s);
    };
    hooks.events = listener::events(*options_);
    return db.driver_hooks().add_listener(plugin_name, std::move(hooks));
}

tracing_plugin tracing(tracing_options options) {
    return tracing_plugin(std::move(options));
}

orm::context parent(const opentelemetry::context::Context& context) {
    return orm::context().set(parent_key, context);
}

orm::context parent(const nostd::shared_ptr<trace::Span>& span) {
    return parent(opentelemetry::context::Context(trace::kSpanKey, span));
}

orm::context parent(const trace::SpanContext& span) {
    return parent(nostd::shared_ptr<trace::Span>(new trace::DefaultSpan(span)));
}

struct suppressed::state {
    nostd::unique_ptr<opentelemetry::context::Token> token;
};

suppressed::suppressed() : state_(std::make_unique<state>()) {
    auto current = opentelemetry::context::RuntimeContext::GetCurrent();
    state_->token = opentelemetry::context::RuntimeContext::Attach(current.SetValue(suppress_key, true));
}

suppressed::~suppressed() = default;

}  // namespace skua::otel
