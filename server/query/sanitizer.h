// SPDX-License-Identifier: Apache-2.0
// Jaeger's sanitizers as a view. Jaeger changes spans before it stores them; we store what was sent and show a
// Jaeger-shaped reader what Jaeger would have kept. store/keys.h has the same rules for what spans are found by.
#pragma once

#include "query/trace.h"

namespace skua::query {

// In order: service name, span name, UTF-8 of names and attributes, duration of at least 1 ns (with a warning).
void sanitize(Trace& trace);

}  // namespace skua::query
