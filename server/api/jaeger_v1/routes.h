// SPDX-License-Identifier: Apache-2.0
// Jaeger's own JSON API, with the routes its newest line removed:
//
//   GET /api/services  /api/services/{service}/operations  /api/operations  /api/dependencies
//   GET /api/traces (search, and several by id)  /api/traces/{id}
//   POST /api/transform  /api/archive/{id}
#pragma once

#include "api/router.h"
#include "model/ingest.h"
#include "query/engine.h"

namespace skua::api::jaeger_v1 {

// Everything given outlives the router. `otlp_json` reads the bodies of /api/transform; null: no such route.
void add_routes(Router& router, const query::Engine& engine, const model::Decoder* otlp_json);

}  // namespace skua::api::jaeger_v1
