// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_server.h"

#include "base/log.h"
#include "net/grpc_call.h"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skua::net {
namespace {

constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";
constexpr int kAcceptPauseMs = 100;
constexpr int kPollForever = -1;
// Calls asked for ahead on each queue: one that comes need not wait until the poller has asked again.
constexpr int kCallsAhead = 32;
constexpr unsigned kPollersMin = 2;
constexpr unsigned kPollersMax = 16;

// grpc.health.v1.HealthCheckResponse{status = SERVING (1) or NOT_SERVING (2)}.
std::string health_response(bool is_serving) {
    return {'\x08', is_serving ? '\x01' : '\x02'};
}

}  // namespace

GrpcServer::Door::~Door() {
    if (wake_fd >= 0) ::close(wake_fd);
}

void GrpcServer::Door::poll(grpc::ServerCompletionQueue& queue, int number) const {
    ::pthread_setname_np(::pthread_self(), (name.substr(0, 12) + "-" + std::to_string(number)).c_str());
    void* tag = nullptr;
    bool ok = false;
    while (queue.Next(&tag, &ok)) GrpcCall::on_event(tag, ok);
}

void GrpcServer::Door::accept_loop(const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
    std::vector<pollfd> fds;
    for (const ListenSocket& socket : sockets) fds.push_back({socket.fd(), POLLIN, 0});
    fds.push_back({wake_fd, POLLIN, 0});
    while (!stop.stop_requested()) {
        if (::poll(fds.data(), fds.size(), kPollForever) < 0 && errno != EINTR) return;
        for (std::size_t i = 0; i + 1 < fds.size() && !stop.stop_requested(); ++i) {
            if ((fds[i].revents & POLLIN) != 0) accept_from(fds[i].fd);
        }
    }
}

void GrpcServer::Door::accept_from(int listener) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
            base::log(base::Level::kWarn, "net", "cannot accept a connection on {}: out of descriptors or memory",
                      name);
            pollfd wake{wake_fd, POLLIN, 0};
            ::poll(&wake, 1, kAcceptPauseMs);
        }
        return;
    }
    counters.connections_total.fetch_add(1, std::memory_order_relaxed);
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
    connection.listener_fd = -1;
    connection.fd = fd;
    acceptor->HandleNewConnection(&connection);
}

GrpcServer::GrpcServer(ByteBudget& budget, std::string name, RpcMethods methods, GrpcLimits limits)
    : door_(std::make_unique<Door>(budget, std::move(name), std::move(methods), limits)) {
    door_->methods.emplace(kHealthCheck, [door = door_.get()](const api::RpcRequest&, const api::RpcRespond& respond) {
        respond({{}, 0, health_response(door->is_serving.load())});
    });
}

GrpcServer::~GrpcServer() {
    stop(std::chrono::milliseconds(0));
    {
        std::unique_lock lock(door_->mutex);
        door_->no_calls.wait(lock, [this] { return door_->calls == 0; });
    }
    for (const auto& queue : door_->queues) queue->Shutdown();
    for (std::thread& poller : door_->pollers) poller.join();
    door_->server = nullptr;
    door_->acceptor = nullptr;
}

base::Status GrpcServer::serve(std::vector<ListenSocket> sockets) {
    grpc::ServerBuilder builder;
    grpc::ResourceQuota quota(door_->name);
    quota.Resize(door_->limits.memory_bytes);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(static_cast<int>(door_->limits.message_bytes));
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, door_->limits.streams_per_connection);
    builder.RegisterAsyncGenericService(&door_->service);
    const unsigned pollers = std::clamp(std::thread::hardware_concurrency(), kPollersMin, kPollersMax);
    for (unsigned i = 0; i < pollers; ++i) door_->queues.push_back(builder.AddCompletionQueue());
    door_->acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
    door_->server = builder.BuildAndStart();
    if (!door_->server) return base::Error{base::Code::kInternal, "cannot start the gRPC server " + door_->name};
    for (const auto& queue : door_->queues) {
        for (int i = 0; i < kCallsAhead; ++i) GrpcCall::wait_for_one(*door_, *queue);
        door_->pollers.emplace_back(
            [door = door_.get(), q = queue.get(), i = door_->pollers.size()] { door->poll(*q, static_cast<int>(i)); });
    }
    door_->sockets = std::move(sockets);
    door_->wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (door_->wake_fd < 0) return base::errno_error("cannot make an event descriptor", errno);
    door_->accept_thread = std::jthread([door = door_.get()](const std::stop_token& stop) { door->accept_loop(stop); });
    return {};
}

void GrpcServer::stop(std::chrono::milliseconds grace) {
    if (!door_->server || door_->is_stopped) return;
    door_->is_stopped = true;
    if (door_->accept_thread.joinable()) {
        door_->accept_thread.request_stop();
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(door_->wake_fd, &one, sizeof one);
        door_->accept_thread.join();
    }
    door_->sockets.clear();
    // Ends when the running calls have, or are cancelled: an answer that comes later goes nowhere, but may come.
    door_->server->Shutdown(std::chrono::system_clock::now() + grace);
}

void GrpcServer::set_serving(bool is_serving) {
    door_->is_serving.store(is_serving);
}

const GrpcCounters& GrpcServer::counters() const {
    return door_->counters;
}

const std::string& GrpcServer::name() const {
    return door_->name;
}

}  // namespace skua::net
