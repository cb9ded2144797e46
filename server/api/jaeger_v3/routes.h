// SPDX-License-Identifier: Apache-2.0
// Jaeger's api_v3 over HTTP:
//
//   GET /api/v3/services  /api/v3/operations  /api/v3/traces/{trace_id}  /api/v3/traces  /api/v3/trace-summaries
//   GET /api/v3/dependencies      declared by Jaeger, served by us
#pragma once

#include "api/router.h"
#include "query/engine.h"

namespace skua::api::jaeger_v3 {

// The engine outlives the router.
void add_routes(Router& router, const query::Engine& engine);

}  // namespace skua::api::jaeger_v3
