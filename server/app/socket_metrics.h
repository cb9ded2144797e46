// SPDX-License-Identifier: Apache-2.0
// The counters of sockets on the metrics page.
#pragma once

#include "api/admin/metrics_text.h"

#include <vector>

namespace skua::net {
class HttpServer;
class UdpServer;
class GrpcServer;
}  // namespace skua::net

namespace skua::app {

void write_http_metrics(api::MetricsText& out, const std::vector<const net::HttpServer*>& doors);
void write_udp_metrics(api::MetricsText& out, const std::vector<const net::UdpServer*>& doors);
void write_grpc_metrics(api::MetricsText& out, const net::GrpcServer& door);

}  // namespace skua::app
