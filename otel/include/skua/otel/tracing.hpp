// SPDX-License-Identifier: Apache-2.0
// The OpenTelemetry plugin: db.use(skua::otel::tracing()).or_throw();
//
// One CLIENT span per statement that goes over the wire, with the stable database conventions; its parent is
// OpenTelemetry's current span where the finisher is called, or the one named by db.with(skua::otel::parent(span)).
// A span is handed to the tracer when its statement has ended, with the times taken at its begin and end.
// Only the OpenTelemetry API is linked; see <skua/otel/provider.hpp> for an SDK in one call.
#pragma once

#include <memory>
#include <string_view>

#include <skua/orm/context.hpp>
#include <skua/orm/plugin.hpp>
#include <skua/otel/options.hpp>

OPENTELEMETRY_BEGIN_NAMESPACE
namespace trace {
class Span;
class SpanContext;
}  // namespace trace
namespace context {
class Context;
}
OPENTELEMETRY_END_NAMESPACE

namespace skua::otel {

inline constexpr std::string_view plugin_name = "skua.otel";

class tracing_plugin final : public orm::plugin {
public:
    explicit tracing_plugin(tracing_options options);
    [[nodiscard]] std::string_view name() const override { return plugin_name; }
    orm::status initialize(orm::database& db) override;

private:
    std::shared_ptr<tracing_options> options_;
};

tracing_plugin tracing(tracing_options options = {});

// For db.with(…): statements made with that handle are children of it, whatever is current.
orm::context parent(const opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span>& span);
orm::context parent(const opentelemetry::trace::SpanContext& span);
orm::context parent(const opentelemetry::context::Context& context);

// While it lives, statements of this thread leave no span and no measurement. (An OpenTelemetry context with the
// boolean "suppress_instrumentation" set has the same effect.) Destroy it on the thread that made it.
class suppressed {
public:
    suppressed();
    ~suppressed();
    suppressed(const suppressed&) = delete;
    suppressed& operator=(const suppressed&) = delete;

private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace skua::otel
