// SPDX-License-Identifier: Apache-2.0
// One statement that went over the wire, from its begin to its end, and how it becomes a span and a measurement.
//
// Spans are made when the statement has ended, with both times given: what the span's parent is may only then be known
// (an operation gets a span of its own when a second statement follows), and a span takes one call instead of a dozen.
#pragma once

#include "otel/src/tracing/failure.h"
#include "otel/src/tracing/sinks.h"
#include "otel/src/tracing/statement_facts.h"
#include "skua/orm/driver_hooks.hpp"

#include <cstdint>
#include <memory>
#include <optional>

#include <opentelemetry/context/context.h>

namespace skua::otel {

struct instant {
    std::int64_t system_ns = 0;  // since the Unix epoch
    std::int64_t steady_ns = 0;
    static instant now() noexcept;
};
std::int64_t steady_now_ns() noexcept;

// What is rare.
struct record_details {
    attribute_list parameters;
    std::optional<failure> failed;
    std::string stack;  // of the failure, when asked for
};

struct statement_record {
    shared_facts facts;
    instant begin;
    std::int64_t end_steady_ns = 0;
    std::int64_t rows_affected = -1;
    std::int64_t rows_returned = -1;
    std::uint32_t batch_size = 0;
    bool writes = false;
    orm::location at;
    std::unique_ptr<record_details> details;  // null: nothing rare

    record_details& rare() {
        if (!details) details = std::make_unique<record_details>();
        return *details;
    }
};

void emit(const statement_record& record, const opentelemetry::context::Context& parent, const sink& to,
          const tracing_options& options);

}  // namespace skua::otel
