// SPDX-License-Identifier: Apache-2.0
// What skua::otel::tracing() can be told. Everything has a default: `tracing()` alone gives traces and metrics.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <opentelemetry/nostd/shared_ptr.h>
#include <opentelemetry/version.h>

OPENTELEMETRY_BEGIN_NAMESPACE
namespace trace {
class TracerProvider;
}
namespace metrics {
class MeterProvider;
}
OPENTELEMETRY_END_NAMESPACE

namespace skua::orm {
struct error;
}

namespace skua::otel {

using attribute_value = std::variant<bool, std::int64_t, double, std::string>;
struct attribute {
    std::string name;
    attribute_value value;
};

// The INTERNAL span around all that one call of the ORM sends.
enum class operation_spans : std::uint8_t {
    automatic,  // when it sends more than one statement, or fails before it sends any
    always,
    never,
};

enum class transaction_spans : std::uint8_t {
    none,
    commit,  // COMMIT and ROLLBACK of a transaction that wrote
    all,     // BEGIN and savepoints too, whether it wrote or not
};

struct tracing_options {
    // Null: the global one, also when it is set later than the plugin is used; the first one that records is kept.
    opentelemetry::nostd::shared_ptr<opentelemetry::trace::TracerProvider> provider = {};
    opentelemetry::nostd::shared_ptr<opentelemetry::metrics::MeterProvider> meter_provider = {};

    std::vector<attribute> attributes = {};  // on every span and measurement
    std::string db_system = {};              // db.system.name; empty: what the driver says
    std::string server_address = {};         // empty: from the DSN

    // Values of parameters as db.query.parameter.<column or index>; without it no value leaves the process. The text of
    // a statement never has values in it.
    bool query_variables = false;
    std::vector<std::string> parameters = {};  // only these columns or indexes; works without query_variables
    // skua.db.parameters.hash: equal for equal parameters, so that repeated queries are told from similar ones without
    // a value. SipHash-2-4 under `parameter_hash_key`, or under a random key of this process when that is empty.
    bool parameter_hash = false;
    std::string parameter_hash_key = {};

    bool query_text = true;
    // Gets the text with placeholders (raw SQL: sanitised), once per statement shape.
    std::function<std::string(std::string_view)> query_formatter = {};
    std::size_t max_query_text = 4096;  // bytes; the rest is cut

    bool traces = true;
    bool metrics = true;
    bool returned_rows = true;     // db.response.returned_rows
    bool call_site = true;         // code.function.name, code.file.path, code.line.number
    bool stack_trace = false;      // an `exception` event with the stack on failed statements
    bool migration_spans = false;  // the catalogue queries of a migration too
    operation_spans operations = operation_spans::automatic;
    transaction_spans transactions = transaction_spans::commit;
    // False: this failure does not make a span an error. A record that was not found never does.
    std::function<bool(const orm::error&)> error_filter = {};
    // The names of gorm's plugin as well: db.rows_affected on spans, go.sql.* metrics.
    bool gorm_attributes = false;
};

}  // namespace skua::otel
