// SPDX-License-Identifier: Apache-2.0
// What all HTTP doors for spans share: content types, status codes, counting.
#pragma once

#include "api/admin/door_counters.h"
#include "base/result.h"
#include "model/ingest.h"

#include <string>
#include <string_view>

namespace skua::api {

// The collector's table (facts: OTLP/HTTP), with 413 for what is too large.
int ingest_http_status(base::Code code);
// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(std::string_view content_type);
void count_outcome(DoorCounters& counters, const model::AppendOutcome& outcome);

}  // namespace skua::api
