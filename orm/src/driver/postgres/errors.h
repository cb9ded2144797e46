// SPDX-License-Identifier: Apache-2.0
// What libpq says of a failure, as our error.
#pragma once

#include <string_view>

#include <libpq-fe.h>
#include <skua/orm/error.hpp>

namespace skua::orm::detail::postgres {

// Of a result that failed. Never has values in it: DETAIL is left out, and of messages about data all that is quoted.
error error_of(const PGresult* result);
// Of a connection that cannot be used any more.
error lost(std::string_view message);
// "ERROR: …\n" of libpq on one line.
std::string one_line(std::string_view message);

}  // namespace skua::orm::detail::postgres
