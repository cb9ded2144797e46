// SPDX-License-Identifier: Apache-2.0
#include "app/server.h"

#include "api/admin/admin_http.h"
#include "api/http_error.h"
#include "api/jaeger_ingest/jaeger_ingest.h"
#include "api/otlp/otlp_ingest.h"
#include "api/sampling/sampling_http.h"
#include "app/query_door.h"
#include "app/socket_metrics.h"
#include "app/store_metrics.h"
#include "base/log.h"
#include "ingest/decoders.h"
#include "ingest/otlp/metric_count.h"
#include "net/grpc_server.h"
#include "net/http_server.h"
#include "net/udp_server.h"
#include "sampling/strategy_source.h"
#include "store/embedded/store.h"

#include <fmt/format.h>

#ifndef SKUA_VERSION
#error "SKUA_VERSION comes from the build"
#endif

namespace skua::app {
namespace {

base::Result<std::uint64_t> count_metrics(model::Encoding encoding, std::string_view body) {
    const auto counts = encoding == model::Encoding::kOtlpJson ? ingest::count_metrics_json(body)
                                                               : ingest::count_metrics_protobuf(body);
    if (!counts) return counts.error();
    return counts->data_points;
}

const model::Decoder& decoder(model::Encoding encoding) {
    return *ingest::decoder_for(encoding);
}

constexpr std::size_t index(Port port) {
    return static_cast<std::size_t>(port);
}

}  // namespace

std::string_view version() {
    return SKUA_VERSION;
}

// In the order of construction; destroyed the other way round, so that whoever is used outlives its users. Doors wait
// for their handlers' answers, which the store owes: it is closed before they are destroyed.
struct Server::Parts {
    Parts(const Config& config, const base::Clock& c)
        : clock(c), health(c), budget(config.bytes_in_flight), io("net", config.io_threads) {}

    const base::Clock& clock;
    api::Health health;
    const api::BuildInfo build{std::string(version()), "", ""};
    net::ByteBudget budget;
    std::unique_ptr<sampling::StrategySource> strategies;
    std::unique_ptr<store::embedded::EmbeddedStore> store;
    std::unique_ptr<QueryDoor> query;

    api::DoorCounters otlp_grpc{"otlp", "grpc", "otlp"};
    api::DoorCounters otlp_http{"otlp", "http", "otlp"};
    api::DoorCounters jaeger_compact{"jaeger", "udp_thrift_compact", "jaeger"};
    api::DoorCounters jaeger_binary{"jaeger", "udp_thrift_binary", "jaeger"};
    api::DoorCounters jaeger_http{"jaeger", "collector_http", "jaeger"};

    net::IoThreads io;
    std::vector<std::unique_ptr<net::HttpServer>> health_doors;
    std::vector<std::unique_ptr<net::HttpServer>> query_doors;
    std::vector<std::unique_ptr<net::HttpServer>> span_doors;
    std::vector<std::unique_ptr<net::UdpServer>> udp_doors;
    std::unique_ptr<net::GrpcServer> grpc_door;
    // The metrics page is up while the others are still made: it looks at them from here on.
    std::atomic<bool> is_complete{false};

    api::HttpHandler batch_handler() {
        return api::jaeger_batch_handler(*store, decoder(model::Encoding::kJaegerBatchBinary), jaeger_http, clock);
    }
    // 14268: POST /api/traces, and Jaeger v1's sampling routes.
    api::HttpHandler collector_handler();
    // 5778: sampling at every path; a POST of Thrift is a batch of spans, as the seed describes it.
    api::HttpHandler sampling_door_handler();
    api::OtlpIngest otlp() {
        return {*store, decoder(model::Encoding::kOtlpProtobuf), decoder(model::Encoding::kOtlpJson), count_metrics,
                clock};
    }
    void write_metrics(api::MetricsText& out) const;
};

api::HttpHandler Server::Parts::collector_handler() {
    return [batches = batch_handler(), this](const api::HttpRequest& request, api::Respond respond) {
        const bool is_get = request.method == "GET" || request.method == "HEAD";
        if (request.path == "/api/traces") {
            if (request.method == "POST") return batches(request, std::move(respond));
            api::HttpResponse response;
            response.status = 405;
            response.headers.emplace_back("Allow", "POST");
            return respond(std::move(response));
        }
        if (is_get && request.path == "/api/sampling") {
            return respond(api::answer_sampling(*strategies, request, api::SamplingForm::kNames));
        }
        if (is_get && request.path == "/api/baggageRestrictions") return respond(api::answer_baggage_restrictions());
        respond(api::page_not_found());
    };
}

api::HttpHandler Server::Parts::sampling_door_handler() {
    return [batches = batch_handler(), sampling = api::sampling_handler(*strategies)](const api::HttpRequest& request,
                                                                                      api::Respond respond) {
        if (request.method == "POST" && api::is_thrift(request)) return batches(request, std::move(respond));
        sampling(request, std::move(respond));
    };
}

void Server::Parts::write_metrics(api::MetricsText& out) const {
    if (!is_complete.load(std::memory_order_acquire)) return;
    std::vector<const net::HttpServer*> http;
    for (const auto* doors : {&health_doors, &query_doors, &span_doors}) {
        for (const auto& door : *doors) http.push_back(door.get());
    }
    std::vector<const net::UdpServer*> udp;
    for (const auto& door : udp_doors) udp.push_back(door.get());
    write_http_metrics(out, http);
    write_udp_metrics(out, udp);
    if (grpc_door) write_grpc_metrics(out, *grpc_door);
    out.gauge("skua_request_bytes_in_flight", "Request bytes held by all ports");
    out.sample({}, static_cast<std::uint64_t>(budget.used()));
    write_store_metrics(out, *store);
}

Server::Server(const Config& config)
    : shutdown_timeout_(config.shutdown_timeout),
      base_path_(config.base_path),
      storage_text_(describe_storage(config.storage)) {}

Server::~Server() {
    stop();
}

base::Status Server::bind(const Config& config) {
    for (const PortInfo& info : all_ports()) {
        const auto& endpoint = config.endpoints[index(info.port)];
        if (!endpoint) continue;
        auto bound = net::bind_endpoint(*endpoint, info.protocol);
        if (!bound) {
            return base::Error{bound.error().code,
                               fmt::format("{}; choose another with --{}", bound.error().message, info.setting)};
        }
        ports_[index(info.port)] = bound->front().port();
        sockets_[index(info.port)] = std::move(bound).value();
    }
    return {};
}

base::Result<std::unique_ptr<Server>> Server::start(const Config& config, const base::Clock& clock) {
    auto server = std::unique_ptr<Server>(new Server(config));
    SKUA_RETURN_IF_ERROR(server->bind(config));
    server->parts_ = std::make_unique<Parts>(config, clock);
    Parts& parts = *server->parts_;
    net::HttpLimits limits;
    limits.body_bytes = config.otlp_body_bytes;
    limits.connections = config.connections;
    const auto serve_http = [&](std::vector<std::unique_ptr<net::HttpServer>>& doors, Port port,
                                api::HttpHandler handler) {
        if (server->sockets_[index(port)].empty()) return;
        doors.push_back(std::make_unique<net::HttpServer>(
            parts.io, parts.budget, std::string(all_ports()[index(port)].name), std::move(handler), limits));
        doors.back()->serve(std::move(server->sockets_[index(port)]));
    };
    const auto serve_udp = [&](Port port, model::Door door, model::Encoding encoding, api::DoorCounters& counters) {
        if (server->sockets_[index(port)].empty()) return;
        parts.udp_doors.push_back(std::make_unique<net::UdpServer>(
            parts.io, std::string(all_ports()[index(port)].name),
            api::jaeger_datagram_handler(*parts.store, decoder(encoding), door, encoding, counters, clock)));
        parts.udp_doors.back()->serve(std::move(server->sockets_[index(port)]));
    };
    // Those who ask how it goes get an answer while the store reads its log back.
    serve_http(parts.health_doors, Port::kHealth, api::health_check_handler(parts.health));
    serve_http(parts.health_doors, Port::kAdmin,
               api::admin_handler({parts.health,
                                   parts.build,
                                   {&parts.otlp_grpc, &parts.otlp_http, &parts.jaeger_compact, &parts.jaeger_binary,
                                    &parts.jaeger_http},
                                   [&parts](api::MetricsText& out) { parts.write_metrics(out); }}));
    SKUA_ASSIGN_OR_RETURN(
        parts.strategies,
        sampling::StrategySource::open({config.sampling_file, config.sampling_reload, config.sampling_default}, clock));
    SKUA_ASSIGN_OR_RETURN(parts.store, open_storage(config.storage, clock));
    SKUA_ASSIGN_OR_RETURN(parts.query, QueryDoor::make(config, *parts.store, clock, api::build_info_json(parts.build)));
    serve_http(parts.span_doors, Port::kOtlpHttp,
               api::otlp_http_handler(parts.otlp(), parts.otlp_http, {config.cors_origins, config.cors_headers, 0}));
    serve_http(parts.span_doors, Port::kJaegerHttp, parts.collector_handler());
    serve_http(parts.span_doors, Port::kSampling, parts.sampling_door_handler());
    serve_udp(Port::kJaegerCompact, model::Door::kJaegerUdpCompact, model::Encoding::kJaegerAgentCompact,
              parts.jaeger_compact);
    serve_udp(Port::kJaegerBinary, model::Door::kJaegerUdpBinary, model::Encoding::kJaegerAgentBinary,
              parts.jaeger_binary);
    if (auto& sockets = server->sockets_[index(Port::kOtlpGrpc)]; !sockets.empty()) {
        net::GrpcLimits grpc_limits;
        grpc_limits.message_bytes = config.otlp_body_bytes;
        grpc_limits.connections = config.connections;
        parts.grpc_door = std::make_unique<net::GrpcServer>(
            parts.io, parts.budget, "otlp-grpc", api::otlp_rpc_methods(parts.otlp(), parts.otlp_grpc), grpc_limits);
        parts.grpc_door->serve(std::move(sockets));
    }
    serve_http(parts.query_doors, Port::kQuery, parts.query->handler());
    parts.is_complete.store(true, std::memory_order_release);
    parts.health.set(api::ServerState::kReady);
    return server;
}

void Server::stop() {
    if (!parts_) return;
    parts_->health.set(api::ServerState::kStopping);
    if (parts_->grpc_door) parts_->grpc_door->set_serving(false);
    bool is_clean = true;
    for (const auto& door : parts_->udp_doors) is_clean &= door->stop(shutdown_timeout_);
    for (const auto& door : parts_->span_doors) is_clean &= door->stop(shutdown_timeout_);
    if (parts_->grpc_door) is_clean &= parts_->grpc_door->stop(shutdown_timeout_);
    for (const auto& door : parts_->query_doors) is_clean &= door->stop(shutdown_timeout_);
    // Answers whatever a door still waits for, and seals. The health doors say meanwhile that it is stopping.
    if (parts_->store) {
        if (const base::Status closed = parts_->store->close(); !closed.ok()) {
            base::log(base::Level::kError, "app", "the store did not close in order (its log has all): {}",
                      closed.error().message);
        }
    }
    for (const auto& door : parts_->health_doors) is_clean &= door->stop(shutdown_timeout_);
    if (!is_clean)
        base::log(base::Level::kWarn, "app", "requests were cut: they took longer than the shutdown timeout");
    parts_->health_doors.clear();  // the metrics page looks at the other doors: it goes before them
    parts_ = nullptr;
}

std::string Server::ports_json() const {
    std::string out = "{";
    for (const PortInfo& info : all_ports()) {
        const auto used = port(info.port);
        if (!used) continue;
        out += fmt::format(R"({}"{}":{})", out.size() > 1 ? "," : "", info.name, *used);
    }
    return out + "}";
}

std::string Server::ready_line() const {
    std::string out = fmt::format("Skua {} is ready:", version());
    if (const auto query = port(Port::kQuery)) {
        out += fmt::format(" http://localhost:{}{}", *query, base_path_ == "/" ? "" : base_path_);
    }
    std::string others;
    for (const PortInfo& info : all_ports()) {
        const auto used = port(info.port);
        if (!used || info.port == Port::kQuery) continue;
        others += fmt::format("{}{} {}{}", others.empty() ? "" : ", ", info.name, *used,
                              info.protocol == net::Protocol::kUdp ? "/udp" : "");
    }
    return out + (others.empty() ? "" : " (" + others + ")") + "; " + storage_text_;
}

}  // namespace skua::app
