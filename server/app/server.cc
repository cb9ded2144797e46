// SPDX-License-Identifier: Apache-2.0
#include "app/server.h"

#include "api/admin/admin_http.h"
#include "api/http_error.h"
#include "api/jaeger_ingest/jaeger_ingest.h"
#include "api/otlp/ingest_outcome.h"
#include "api/otlp/otlp_ingest.h"
#include "api/sampling/sampling_http.h"
#include "app/query_door.h"
#include "app/socket_metrics.h"
#include "app/store_metrics.h"
#include "base/log.h"
#include "ingest/decoders.h"
#include "ingest/otlp/json_memory.h"
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

// Where JSON is read, the bytes that this takes besides the body.
std::size_t json_memory(const api::HttpRequest& request) {
    const bool is_json = api::media_type(request.header("content-type").value_or("")) == "application/json" ||
                         request.path.ends_with("/api/transform");
    if (!is_json) return 0;
    const bool is_metrics = request.path == "/v1/metrics";
    return ingest::json_memory_bytes(request.body, is_metrics ? ingest::JsonKind::kMetrics : ingest::JsonKind::kSpans);
}

const model::Decoder& decoder(model::Encoding encoding) {
    return *ingest::decoder_for(encoding);
}

constexpr std::uint64_t kMiB = 1 << 20;

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
    Parts(Server& owner, const base::Clock& c)
        : server(owner),
          config(owner.config_),
          clock(c),
          health(c),
          budget(config.bytes_in_flight),
          io("net", config.io_threads) {}

    Server& server;
    const Config& config;
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

    using HttpDoors = std::vector<std::unique_ptr<net::HttpServer>>;
    std::vector<net::ListenSocket>& sockets(Port port) const { return server.sockets_[index(port)]; }
    void serve_http(HttpDoors& doors, Port port, api::HttpHandler handler);
    void serve_udp(Port port, model::Door door, model::Encoding encoding, api::DoorCounters& counters);
    void serve_health();
    void serve_spans();
    base::Status open_store(store::embedded::StartOptions start);
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

Server::Server(const Config& config) : config_(config) {}

Server::~Server() {
    stop();
}

base::Status Server::bind() {
    for (const PortInfo& info : all_ports()) {
        const auto& endpoint = config_.endpoints[index(info.port)];
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

void Server::Parts::serve_http(HttpDoors& doors, Port port, api::HttpHandler handler) {
    if (sockets(port).empty()) return;
    net::HttpLimits limits;
    limits.body_bytes = config.otlp_body_bytes;
    limits.connections = config.connections;
    if (port == Port::kOtlpHttp || port == Port::kQuery) limits.handler_bytes = json_memory;
    doors.push_back(std::make_unique<net::HttpServer>(io, budget, std::string(all_ports()[index(port)].name),
                                                      std::move(handler), limits));
    doors.back()->serve(std::move(sockets(port)));
}

void Server::Parts::serve_udp(Port port, model::Door door, model::Encoding encoding, api::DoorCounters& counters) {
    if (sockets(port).empty()) return;
    udp_doors.push_back(std::make_unique<net::UdpServer>(
        io, std::string(all_ports()[index(port)].name),
        api::jaeger_datagram_handler(*store, decoder(encoding), door, encoding, counters, clock)));
    udp_doors.back()->serve(std::move(sockets(port)));
}

void Server::Parts::serve_health() {
    serve_http(health_doors, Port::kHealth, api::health_check_handler(health));
    serve_http(health_doors, Port::kAdmin,
               api::admin_handler({health,
                                   build,
                                   {&otlp_grpc, &otlp_http, &jaeger_compact, &jaeger_binary, &jaeger_http},
                                   [this](api::MetricsText& out) { write_metrics(out); }}));
}

void Server::Parts::serve_spans() {
    serve_http(span_doors, Port::kOtlpHttp,
               api::otlp_http_handler(otlp(), otlp_http, {config.cors_origins, config.cors_headers, 0}));
    serve_http(span_doors, Port::kJaegerHttp, collector_handler());
    serve_http(span_doors, Port::kSampling, sampling_door_handler());
    serve_udp(Port::kJaegerCompact, model::Door::kJaegerUdpCompact, model::Encoding::kJaegerAgentCompact,
              jaeger_compact);
    serve_udp(Port::kJaegerBinary, model::Door::kJaegerUdpBinary, model::Encoding::kJaegerAgentBinary, jaeger_binary);
    if (sockets(Port::kOtlpGrpc).empty()) return;
    net::GrpcLimits limits;
    limits.message_bytes = config.otlp_body_bytes;
    limits.connections = config.connections;
    grpc_door =
        std::make_unique<net::GrpcServer>(io, budget, "otlp-grpc", api::otlp_rpc_methods(otlp(), otlp_grpc), limits);
    grpc_door->serve(std::move(sockets(Port::kOtlpGrpc)));
}

base::Status Server::Parts::open_store(store::embedded::StartOptions start) {
    start.progress = [this, tell = std::move(start.progress)](const store::embedded::ReplayProgress& progress) {
        health.set_detail(fmt::format("replaying the log: {} of {} MiB", progress.bytes / kMiB,
                                      (progress.bytes_total + kMiB - 1) / kMiB));
        if (tell) tell(progress);
    };
    SKUA_ASSIGN_OR_RETURN(store, open_storage(config.storage, clock, std::move(start)));
    return {};
}

base::Result<std::unique_ptr<Server>> Server::prepare(const Config& config, const base::Clock& clock) {
    auto server = std::unique_ptr<Server>(new Server(config));
    SKUA_RETURN_IF_ERROR(server->bind());
    server->parts_ = std::make_unique<Parts>(*server, clock);
    server->parts_->serve_health();  // who asks how it goes gets an answer while the store reads its log back
    return server;
}

base::Status Server::open(store::embedded::StartOptions start) {
    Parts& parts = *parts_;
    SKUA_ASSIGN_OR_RETURN(parts.strategies,
                          sampling::StrategySource::open(
                              {config_.sampling_file, config_.sampling_reload, config_.sampling_default}, parts.clock));
    SKUA_RETURN_IF_ERROR(parts.open_store(std::move(start)));
    SKUA_ASSIGN_OR_RETURN(parts.query,
                          QueryDoor::make(config_, *parts.store, parts.clock, api::build_info_json(parts.build)));
    parts.serve_spans();
    parts.serve_http(parts.query_doors, Port::kQuery, parts.query->handler());
    parts.is_complete.store(true, std::memory_order_release);
    parts.health.set(api::ServerState::kReady);
    return {};
}

base::Result<std::unique_ptr<Server>> Server::start(const Config& config, const base::Clock& clock) {
    SKUA_ASSIGN_OR_RETURN(auto server, prepare(config, clock));
    SKUA_RETURN_IF_ERROR(server->open());
    return server;
}

void Server::stop() {
    if (!parts_) return;
    parts_->health.set(api::ServerState::kStopping);
    if (parts_->grpc_door) parts_->grpc_door->set_serving(false);
    bool is_clean = true;
    for (const auto& door : parts_->udp_doors) is_clean &= door->stop(config_.shutdown_timeout);
    for (const auto& door : parts_->span_doors) is_clean &= door->stop(config_.shutdown_timeout);
    if (parts_->grpc_door) is_clean &= parts_->grpc_door->stop(config_.shutdown_timeout);
    for (const auto& door : parts_->query_doors) is_clean &= door->stop(config_.shutdown_timeout);
    // Answers whatever a door still waits for, and seals. The health doors say meanwhile that it is stopping.
    if (parts_->store) {
        if (const base::Status closed = parts_->store->close(); !closed.ok()) {
            base::log(base::Level::kError, "app", "the store did not close in order (its log has all): {}",
                      closed.error().message);
        }
    }
    for (const auto& door : parts_->health_doors) is_clean &= door->stop(config_.shutdown_timeout);
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
        out += fmt::format(" http://localhost:{}{}", *query, config_.base_path == "/" ? "" : config_.base_path);
    }
    std::string others;
    for (const PortInfo& info : all_ports()) {
        const auto used = port(info.port);
        if (!used || info.port == Port::kQuery) continue;
        others += fmt::format("{}{} {}{}", others.empty() ? "" : ", ", info.name, *used,
                              info.protocol == net::Protocol::kUdp ? "/udp" : "");
    }
    return out + (others.empty() ? "" : " (" + others + ")") + "; " + describe_storage(config_.storage);
}

}  // namespace skua::app
