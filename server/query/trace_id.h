// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "model/ids.h"

#include <string_view>

namespace skua::query {

// As people write trace ids into an address: 1 to 32 hex digits of either case, or 8 or 16 bytes in base64 (standard
// or URL alphabet, padded or not). Text that is both is hex. Errors have Go's text, as Jaeger answers.
base::Result<model::TraceId> parse_trace_id(std::string_view text);

}  // namespace skua::query
