// SPDX-License-Identifier: Apache-2.0
// What one query may take.
#pragma once

#include <cstdint>

namespace skua::store::embedded {

struct ReadLimits {
    // That it may hold in memory, as it accounts for it. Beyond it a search is truncated where it can go on from there,
    // and anything else is refused. A trace of 100,000 usual spans takes half of that.
    std::uint64_t query_bytes = std::uint64_t{256} << 20;
};

}  // namespace skua::store::embedded
