// SPDX-License-Identifier: Apache-2.0
// The store on the metrics page.
#pragma once

#include "api/admin/metrics_text.h"

namespace skua::store::embedded {
class EmbeddedStore;
}

namespace skua::app {

void write_store_metrics(api::MetricsText& out, const store::embedded::EmbeddedStore& store);

}  // namespace skua::app
