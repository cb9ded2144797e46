// SPDX-License-Identifier: Apache-2.0
// What Connector/C says of a failure, as our error.
#pragma once

#include <string_view>

#include <skua/orm/error.hpp>

namespace skua::orm::detail::mariadb {

// Never has values in it: what the server quotes of them is left out.
error error_of(unsigned number, std::string_view sqlstate, std::string_view message);

}  // namespace skua::orm::detail::mariadb
