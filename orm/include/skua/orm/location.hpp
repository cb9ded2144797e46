// SPDX-License-Identifier: Apache-2.0
// Where in the user's program something was asked for. Our own type: clang 14 has no std::source_location.
#pragma once

#include <cstdint>

namespace skua::orm {

struct location {
    const char* file = "";
    const char* function = "";
    std::uint32_t line = 0;

    // As a default argument it names the caller.
    static constexpr location current(const char* file = __builtin_FILE(), const char* function = __builtin_FUNCTION(),
                                      unsigned line = __builtin_LINE()) noexcept {
        return {file, function, line};
    }
};

}  // namespace skua::orm
