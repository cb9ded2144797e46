// SPDX-License-Identifier: Apache-2.0
// The parameters of Jaeger's own API, with the defaults and the error texts that it has.
#pragma once

#include "api/http.h"
#include "base/clock.h"
#include "query/trace_query.h"

#include <cstdint>
#include <vector>

namespace skua::api::jaeger_v1 {

struct SearchParams {
    query::TraceQuery query;
    std::vector<model::TraceId> trace_ids;  // when not empty: these are wanted, the query is not
    bool raw = false;
};
base::Result<SearchParams> read_search_params(const HttpRequest& request, const base::Clock& clock);

// endTs and lookback, in milliseconds.
base::Result<store::TimeRange> read_dependency_params(const HttpRequest& request, const base::Clock& clock);

// Of one trace: start and end are checked and otherwise ignored.
base::Result<bool> read_trace_params(const HttpRequest& request);

}  // namespace skua::api::jaeger_v1
