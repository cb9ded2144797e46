// SPDX-License-Identifier: Apache-2.0
#include "otel/src/tracing/record.h"

#include "otel/src/semconv.h"

#include <chrono>

#include <opentelemetry/common/timestamp.h>
#include <opentelemetry/trace/span.h>
#include <opentelemetry/trace/span_startoptions.h>

namespace skua::otel {
namespace trace = opentelemetry::trace;
namespace nostd = opentelemetry::nostd;
namespace {

using more_attributes = extended_attributes<8>;

template <class Clock>
std::int64_t read() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

void add_call_site(more_attributes& to, const orm::location& at) {
    if (*at.file == '\0') return;
    to.add(semconv::code_function_name, nostd::string_view(at.function));
    to.add(semconv::code_file_path, nostd::string_view(at.file));
    to.add(semconv::code_line_number, std::int64_t{at.line});
}

void add_failure(more_attributes& to, const failure& failed) {
    to.add(semconv::error_type, view(failed.type));
    if (!failed.status_code.empty()) to.add(semconv::db_response_status_code, view(failed.status_code));
}

void emit_span(const statement_record& record, const opentelemetry::context::Context& parent, trace::Tracer& tracer,
               const tracing_options& options) {
    more_attributes attributes(record.facts->span);
    if (options.call_site) add_call_site(attributes, record.at);
    if (record.batch_size > 1) attributes.add(semconv::db_operation_batch_size, std::int64_t{record.batch_size});
    // A write that returns nothing (no RETURNING) has no rows to speak of.
    if (options.returned_rows && (record.rows_returned > 0 || (record.rows_returned == 0 && !record.writes))) {
        attributes.add(semconv::db_response_returned_rows, record.rows_returned);
    }
    if (options.gorm_attributes && record.rows_affected >= 0) {
        attributes.add(semconv::db_rows_affected, record.rows_affected);
    }
    const failure* failed = record.details && record.details->failed ? &*record.details->failed : nullptr;
    if (failed) add_failure(attributes, *failed);
    if (record.details) attributes.add_all(&record.details->parameters);

    trace::StartSpanOptions start;
    start.kind = trace::SpanKind::kClient;
    start.parent = parent;
    start.start_system_time = opentelemetry::common::SystemTimestamp(std::chrono::nanoseconds(record.begin.system_ns));
    start.start_steady_time = opentelemetry::common::SteadyTimestamp(std::chrono::nanoseconds(record.begin.steady_ns));
    const auto span = tracer.StartSpan(view(record.facts->name), attributes, trace::NullSpanContext(), start);
    if (failed && span->IsRecording()) {
        if (!record.details->stack.empty()) {
            span->AddEvent("exception", {{semconv::exception_type, view(failed->type)},
                                         {semconv::exception_message, view(failed->description)},
                                         {semconv::exception_stacktrace, view(record.details->stack)}});
        }
        span->SetStatus(trace::StatusCode::kError, view(failed->description));
    }
    trace::EndSpanOptions end;
    end.end_steady_time = opentelemetry::common::SteadyTimestamp(std::chrono::nanoseconds(record.end_steady_ns));
    span->End(end);
}

}  // namespace

std::int64_t steady_now_ns() noexcept {
    return read<std::chrono::steady_clock>();
}

instant instant::now() noexcept {
    return {read<std::chrono::system_clock>(), steady_now_ns()};
}

void emit(const statement_record& record, const opentelemetry::context::Context& parent, const sink& to,
          const tracing_options& options) {
    if (to.tracer) emit_span(record, parent, *to.tracer, options);
    if (!to.meters) return;
    const double seconds = static_cast<double>(record.end_steady_ns - record.begin.steady_ns) * 1e-9;
    if (record.details && record.details->failed) {
        more_attributes attributes(record.facts->metric);
        add_failure(attributes, *record.details->failed);
        to.meters->statement_took(seconds, attributes, parent);
    } else {
        to.meters->statement_took(seconds, record.facts->metric, parent);
    }
}

}  // namespace skua::otel
