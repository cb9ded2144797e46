// SPDX-License-Identifier: Apache-2.0
// Counts what the test program allocates with new; a test looks at the difference.
#pragma once

#include <cstddef>

namespace skua::otel::testing {

std::size_t allocations() noexcept;

}  // namespace skua::otel::testing
