// SPDX-License-Identifier: Apache-2.0
// A call of the ORM that is under way on this thread, and the INTERNAL span it gets once it turns out to need one.
#pragma once

#include "otel/src/tracing/record.h"

#include <optional>

#include <opentelemetry/context/context.h>
#include <opentelemetry/context/runtime_context.h>
#include <opentelemetry/nostd/unique_ptr.h>
#include <opentelemetry/trace/span.h>

namespace skua::otel {

// Made in the begin of an operation, destroyed in its end, on one thread. They nest: a hook or a transaction's function
// calls the ORM again. Statements are handed to the innermost operation. The first one waits there until a second one
// comes (then the operation gets its span and both become its children) or the operation ends (then it goes to the
// outer one).
class operation {
public:
    using context = opentelemetry::context::Context;

    // The innermost of this thread, of any database; null: none.
    static operation* innermost() noexcept;

    // `outer`: what it runs inside of; null: `parent` is its parent. Both sinks and options outlive it.
    operation(const orm::driver_call& call, operation* outer, context parent, const context* named_parent,
              const sink& to, const tracing_options& options);
    ~operation();
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;

    void take(statement_record record);
    // From now on it has a span, and while it is the innermost one, that span is current.
    void show();
    void end(const orm::driver_call& call);

    [[nodiscard]] const orm::operation_info* info() const noexcept { return info_; }
    // True: nothing between this operation and `call` names another parent.
    [[nodiscard]] bool encloses(const orm::driver_call& call, const context* named_parent) const noexcept;
    // What a child gets as parent, as far as it is known now.
    [[nodiscard]] const context& inner_context() const noexcept;

    static constexpr std::size_t max_model = 128;

private:
    void start_span();

    operation* const before_;  // innermost until this one began
    operation* const outer_;
    const orm::operation_info* const info_;
    const orm::location at_;
    const sink& to_;
    const tracing_options& options_;
    const context* const named_parent_;
    const instant begin_;
    context parent_;
    context seen_;  // OpenTelemetry's current context when user code in it runs
    std::optional<context> own_;
    opentelemetry::nostd::shared_ptr<opentelemetry::trace::Span> span_;
    opentelemetry::nostd::unique_ptr<opentelemetry::context::Token> attached_;
    std::optional<statement_record> waiting_;
    bool sent_ = false;
};

}  // namespace skua::otel
