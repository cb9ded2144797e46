// SPDX-License-Identifier: Apache-2.0
// The parameters of api_v3, camelCase and in their older snake_case spelling. Errors name the spelling that was used:
// "malformed parameter query.startTimeMin: …".
#pragma once

#include "api/http.h"
#include "query/trace_query.h"

namespace skua::api::jaeger_v3 {

struct SearchParams {
    query::TraceQuery query;
    bool raw = false;
};
base::Result<SearchParams> read_search_params(const HttpRequest& request);

// startTime and endTime are checked and otherwise ignored; gives rawTraces.
base::Result<bool> read_trace_params(const HttpRequest& request);

// startTime and endTime, both required.
base::Result<store::TimeRange> read_dependency_params(const HttpRequest& request);

std::string_view span_kind(const HttpRequest& request);

}  // namespace skua::api::jaeger_v3
