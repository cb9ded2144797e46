// SPDX-License-Identifier: Apache-2.0
// Bounds on what one body may make us hold. The body itself is bounded by who receives it; these are for what is much
// larger in memory than on the wire (an empty attribute: 2 bytes there, 48 here; an event: 2 and 88).
#pragma once

#include <cstddef>

namespace skua::ingest {

// Counted over one span with its events and links, over one resource, over one scope. A body over it is refused.
inline constexpr std::size_t kAttributesMax = 1U << 18;
inline constexpr std::size_t kEventsMax = 1U << 16;  // of a span
inline constexpr std::size_t kLinksMax = 1U << 16;   // of a span

}  // namespace skua::ingest
