// SPDX-License-Identifier: Apache-2.0
#include "app/socket_metrics.h"

#include "net/grpc_server.h"
#include "net/http_server.h"
#include "net/udp_server.h"

namespace skua::app {
namespace {

using Counter = std::atomic<std::uint64_t>;

template <class Door, class Counters>
void family(api::MetricsText& out, const std::vector<const Door*>& doors, std::string_view name, std::string_view help,
            Counter Counters::*counter) {
    out.counter(name, help);
    for (const Door* door : doors) {
        out.sample({{"door", door->name()}}, (door->counters().*counter).load(std::memory_order_relaxed));
    }
}

}  // namespace

void write_http_metrics(api::MetricsText& out, const std::vector<const net::HttpServer*>& doors) {
    using C = net::HttpCounters;
    out.gauge("skua_http_connections_open", "HTTP connections");
    for (const net::HttpServer* door : doors) {
        out.sample({{"door", door->name()}}, door->counters().connections_open.load(std::memory_order_relaxed));
    }
    family(out, doors, "skua_http_connections_total", "HTTP connections taken", &C::connections_total);
    family(out, doors, "skua_http_connections_refused_total", "HTTP connections over the limit",
           &C::connections_refused);
    family(out, doors, "skua_http_requests_total", "HTTP requests", &C::requests);
    family(out, doors, "skua_http_requests_malformed_total", "HTTP requests that could not be read",
           &C::requests_malformed);
    family(out, doors, "skua_http_requests_too_large_total", "HTTP requests over a size limit", &C::requests_too_large);
    family(out, doors, "skua_http_requests_over_budget_total", "HTTP requests refused for bytes in flight",
           &C::requests_over_budget);
    family(out, doors, "skua_http_timeouts_total", "HTTP connections cut because they stood still", &C::timeouts);
    family(out, doors, "skua_http_body_bytes_total", "Bytes of HTTP request bodies as sent", &C::body_bytes);
}

void write_udp_metrics(api::MetricsText& out, const std::vector<const net::UdpServer*>& doors) {
    using C = net::UdpCounters;
    family(out, doors, "skua_udp_datagrams_total", "Datagrams received", &C::datagrams);
    family(out, doors, "skua_udp_bytes_total", "Bytes of datagrams received", &C::bytes);
    family(out, doors, "skua_udp_dropped_by_kernel_total", "Datagrams the full socket buffer lost",
           &C::dropped_by_kernel);
    family(out, doors, "skua_udp_dropped_too_large_total", "Datagrams over the size limit", &C::dropped_too_large);
}

void write_grpc_metrics(api::MetricsText& out, const net::GrpcServer& door) {
    using C = net::GrpcCounters;
    const std::vector<const net::GrpcServer*> doors = {&door};
    family(out, doors, "skua_grpc_connections_total", "gRPC connections taken", &C::connections_total);
    family(out, doors, "skua_grpc_connections_refused_total", "gRPC connections over the limit",
           &C::connections_refused);
    family(out, doors, "skua_grpc_requests_total", "gRPC calls", &C::requests);
    family(out, doors, "skua_grpc_requests_over_budget_total", "gRPC calls refused for bytes in flight",
           &C::requests_over_budget);
    family(out, doors, "skua_grpc_requests_too_large_total", "gRPC calls over the size limit", &C::requests_too_large);
    family(out, doors, "skua_grpc_message_bytes_total", "Bytes of gRPC messages as sent", &C::message_bytes);
}

}  // namespace skua::app
