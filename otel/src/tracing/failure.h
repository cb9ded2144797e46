// SPDX-License-Identifier: Apache-2.0
// How a failure of the ORM reads on a span.
#pragma once

#include "skua/orm/error.hpp"
#include "skua/otel/options.hpp"

#include <string>
#include <string_view>

namespace skua::otel {

struct failure {
    std::string type;         // error.type
    std::string status_code;  // db.response.status_code; empty: the database said nothing
    std::string description;  // of the status; has no values in it
};

// False: not found, or filtered out by the options.
bool counts_as_failure(const orm::error& error, const tracing_options& options) noexcept;

// `system`: PostgreSQL's codes are SQLSTATEs, the others' are numbers.
failure describe(const orm::error& error, std::string_view system);

}  // namespace skua::otel
