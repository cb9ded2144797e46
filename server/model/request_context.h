// SPDX-License-Identifier: Apache-2.0
// What every call into the store and the query engine carries.
#pragma once

#include <cstdint>
#include <limits>
#include <stop_token>
#include <string>

namespace skua::model {

struct RequestContext {
    std::string tenant;  // empty: the default tenant
    // On the monotonic clock (base::Clock::monotonic_ns).
    std::int64_t deadline_ns = std::numeric_limits<std::int64_t>::max();
    std::stop_token cancel;  // set when the client has left
};

}  // namespace skua::model
