// SPDX-License-Identifier: Apache-2.0
// What SELECT does with rows that others want, too.
#pragma once

#include <cstdint>

namespace skua::orm {

// SELECT … FOR UPDATE SKIP LOCKED
struct row_lock {
    enum class strength : std::uint8_t { none, update, share };
    enum class when_taken : std::uint8_t { wait, skip, fail };
    strength how = strength::none;
    when_taken taken = when_taken::wait;
};

}  // namespace skua::orm
