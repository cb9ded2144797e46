// SPDX-License-Identifier: Apache-2.0
// How much of a test that tries very many cases is left out where each of them takes many times as long:
// SKUA_TEST_SPARSE=10 tries every tenth. `./dev test tsan` sets it; without it every case is tried.
#pragma once

#include <cstdlib>
#include <string>

namespace skua::store::testing {

inline unsigned sparse() {
    const char* const value = std::getenv("SKUA_TEST_SPARSE");
    return value == nullptr ? 1 : static_cast<unsigned>(std::stoul(value));
}

}  // namespace skua::store::testing
