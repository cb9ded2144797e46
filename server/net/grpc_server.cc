// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_server.h"

#include "net/grpc_session.h"
#include "net/io_context.h"

namespace skua::net {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";

// grpc.health.v1.HealthCheckResponse{status = SERVING (1) or NOT_SERVING (2)}.
std::string health_response(bool is_serving) {
    return {'\x08', is_serving ? '\x01' : '\x02'};
}

bool take_connection(const std::shared_ptr<GrpcServer::Door>& door, tcp::socket socket) {
    using Room = SessionSet<GrpcSession>::Room;
    std::shared_ptr<GrpcSession> session;
    const auto make = [&] { return std::make_shared<GrpcSession>(door, std::move(socket)); };
    const Room room = door->sessions.add(door->shared.limits.connections, make, session);
    GrpcCounters& counters = door->shared.counters;
    if (room == Room::kFull) counters.connections_refused.fetch_add(1, std::memory_order_relaxed);
    if (room == Room::kTaken) {
        counters.connections_total.fetch_add(1, std::memory_order_relaxed);
        session->start();
    }
    return room != Room::kStopping;
}

}  // namespace

GrpcServer::GrpcServer(IoThreads& io, ByteBudget& budget, std::string name, RpcMethods methods, GrpcLimits limits)
    : door_(std::make_shared<Door>(io.impl(), budget, std::move(name), std::move(methods), limits)) {
    const auto check = [shared = &door_->shared](const api::RpcRequest&, const api::RpcRespond& respond) {
        respond({{}, 0, health_response(shared->is_serving.load())});
    };
    door_->shared.methods.emplace(kHealthCheck, check);
}

GrpcServer::~GrpcServer() {
    stop(std::chrono::milliseconds(0));
    door_->sessions.wait();
}

void GrpcServer::serve(std::vector<ListenSocket> sockets) {
    door_->acceptors.serve(door_->io, std::move(sockets), door_->shared.name,
                           [door = door_](tcp::socket socket) { return take_connection(door, std::move(socket)); });
}

bool GrpcServer::stop(std::chrono::milliseconds grace) {
    door_->acceptors.close();
    return door_->sessions.stop(grace);
}

void GrpcServer::set_serving(bool is_serving) {
    door_->shared.is_serving.store(is_serving);
}

const GrpcCounters& GrpcServer::counters() const {
    return door_->shared.counters;
}

const std::string& GrpcServer::name() const {
    return door_->shared.name;
}

}  // namespace skua::net
