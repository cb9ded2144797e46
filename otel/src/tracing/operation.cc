// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/operation.h"

#include "otel/src/semconv.h"

#include <string>

#include <opentelemetry/trace/span_metadata.h>
#include <opentelemetry/trace/span_startoptions.h>

namespace skua::otel {
namespace trace = opentelemetry::trace;
namespace {

thread_local operation* innermost_operation = nullptr;

std::string name_of(const orm::operation_info& info) {
    std::string name(info.verb);
    if (!info.table.empty()) {
        name += ' ';
        name += info.table;
    }
    return name;
}

}  // namespace

operation* operation::innermost() noexcept {
    return innermost_operation;
}

operation::operation(const orm::driver_call& call, operation* outer, context parent, const context* named_parent,
                     const sink& to, const tracing_options& options)
    : before_(innermost_operation),
      outer_(outer),
      info_(call.operation),
      at_(call.at),
      to_(to),
      options_(options),
      named_parent_(named_parent),
      begin_(instant::now()),
      parent_(std::move(parent)),
      seen_(opentelemetry::context::RuntimeContext::GetCurrent()) {
    innermost_operation = this;
    if (options.operations == operation_spans::always) show();
    if (options.operations == operation_spans::automatic && info_ && info_->verb == "auto_migrate") show();
}

operation::~operation() {
    attached_ = nullptr;
    innermost_operation = before_;
}

bool operation::encloses(const orm::driver_call& call, const context* named_parent) const noexcept {
    if (call.event != orm::driver_event::operation && call.operation == info_) return true;
    if (named_parent) return named_parent == named_parent_;
    return opentelemetry::context::RuntimeContext::GetCurrent() == seen_;
}

const operation::context& operation::inner_context() const noexcept {
    if (own_) return *own_;
    return outer_ ? outer_->inner_context() : parent_;
}

void operation::take(statement_record record) {
    sent_ = true;
    if (own_ || options_.operations == operation_spans::never) return emit(record, inner_context(), to_, options_);
    if (!waiting_) {
        waiting_ = std::move(record);
        return;
    }
    show();
    emit(record, inner_context(), to_, options_);
}

void operation::show() {
    if (!own_ && options_.operations != operation_spans::never) {
        if (outer_) outer_->show();
        start_span();
    }
    if (waiting_) {
        const statement_record first = std::move(*waiting_);
        waiting_.reset();
        emit(first, inner_context(), to_, options_);
    }
    if (own_ && !attached_ && innermost_operation == this) {
        attached_ = opentelemetry::context::RuntimeContext::Attach(*own_);
        seen_ = *own_;
    }
}

void operation::start_span() {
    context parent = outer_ ? outer_->inner_context() : parent_;
    if (!to_.tracer || !info_) {
        own_ = std::move(parent);
        return;
    }
    attribute_list attributes;
    attributes.add(semconv::orm_operation, info_->verb);
    attributes.add(semconv::orm_model, info_->model.substr(0, max_model));
    if (options_.call_site && *at_.file != '\0') {
        attributes.add(semconv::code_function_name, at_.function);
        attributes.add(semconv::code_file_path, at_.file);
        attributes.add(semconv::code_line_number, std::int64_t{at_.line});
    }
    attributes.add(options_.attributes);
    trace::StartSpanOptions start;
    start.kind = trace::SpanKind::kInternal;
    start.parent = parent;
    start.start_system_time = opentelemetry::common::SystemTimestamp(std::chrono::nanoseconds(begin_.system_ns));
    start.start_steady_time = opentelemetry::common::SteadyTimestamp(std::chrono::nanoseconds(begin_.steady_ns));
    span_ = to_.tracer->StartSpan(name_of(*info_), attributes, trace::NullSpanContext(), start);
    own_ = parent.SetValue(trace::kSpanKey, span_);
}

void operation::end(const orm::driver_call& call) {
    const orm::error* error = call.failure;
    const bool failed = error && counts_as_failure(*error, options_);
    // Nothing went over the wire to show why: a hook said no, the pool had nothing.
    if (failed && !sent_ && !own_) show();
    if (waiting_) {
        statement_record only = std::move(*waiting_);
        waiting_.reset();
        if (outer_) {
            outer_->take(std::move(only));
        } else {
            emit(only, parent_, to_, options_);
        }
    } else if (outer_ && sent_) {
        outer_->sent_ = true;
    }
    attached_ = nullptr;
    if (!span_) return;
    if (failed && span_->IsRecording()) {
        const failure described = describe(*error, call.database->system);
        span_->SetAttribute(semconv::error_type, view(described.type));
        span_->SetStatus(trace::StatusCode::kError, view(described.description));
    }
    span_->End();
}

}  // namespace skua::otel
