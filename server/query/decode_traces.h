// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "model/ingest.h"
#include "query/trace.h"

#include <vector>

namespace skua::query {

// The traces of a body that is shown and not stored, in the order of their first spans; neither sanitized nor adjusted.
base::Result<std::vector<Trace>> decode_traces(const model::Decoder& decoder, const model::RawBody& body);

}  // namespace skua::query
