// SPDX-License-Identifier: Apache-2.0
// The doors for those who operate the server: 14269 (Jaeger v1's admin port) and 13133 (the collector's health check).
#pragma once

#include "api/admin/door_counters.h"
#include "api/admin/health.h"
#include "api/admin/metrics_text.h"
#include "api/http.h"

#include <functional>
#include <string>
#include <vector>

namespace skua::api {

struct BuildInfo {
    std::string version;  // "0.1.0"
    std::string commit;
    std::string date;
};
// {"gitCommit":…,"gitVersion":"v0.1.0","buildDate":…}, also for the UI.
std::string build_info_json(const BuildInfo& info);

// All references outlive the handlers.
struct AdminSources {
    const Health& health;
    const BuildInfo& build;
    std::vector<const DoorCounters*> doors;
    // Adds what only others know: sockets, store.
    std::function<void(MetricsText&)> more;
};

// 14269: / (health), /metrics, /version.
HttpHandler admin_handler(AdminSources sources);
// 13133: / and /status.
HttpHandler health_check_handler(const Health& health);

}  // namespace skua::api
