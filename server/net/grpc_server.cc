// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_server.h"

#include "api/rpc_status.h"
#include "base/log.h"
#include "net/decompress.h"

#include <cerrno>
#include <stop_token>
#include <thread>

#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skua::net {
namespace {

constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";
constexpr std::int64_t kBusyRetryMs = 1000;
constexpr int kAcceptPauseMs = 100;
constexpr int kPollForever = -1;

// How the peer compressed the message. gRPC tells it nowhere else to a generic service.
class MessageReader : public grpc::ProtoBufferReader {
public:
    explicit MessageReader(grpc::ByteBuffer* buffer) : ProtoBufferReader(buffer) {}
    [[nodiscard]] grpc_compression_algorithm compression() {
        return status().ok() ? reader()->buffer_in->data.raw.compression : GRPC_COMPRESS_NONE;
    }
};

grpc::Status to_grpc_status(const base::Error& error, std::int64_t retry_after_ms) {
    const int code = api::grpc_code(error.code);
    std::string details;
    if (retry_after_ms > 0) details = api::rpc_status_protobuf({code, error.message, retry_after_ms});
    return {static_cast<grpc::StatusCode>(code), error.message, details};
}

base::Error over_budget() {
    return {base::Code::kResourceExhausted, "cannot take the request: too many bytes in flight"};
}

// grpc.health.v1.HealthCheckResponse{status = SERVING (1) or NOT_SERVING (2)}.
std::string health_response(bool is_serving) {
    return {'\x08', is_serving ? '\x01' : '\x02'};
}

}  // namespace

struct GrpcServer::Door final : grpc::CallbackGenericService {
    Door(ByteBudget& b, std::string n, RpcMethods m, GrpcLimits l)
        : budget(b), name(std::move(n)), methods(std::move(m)), limits(l) {}
    ~Door() override {
        if (wake_fd >= 0) ::close(wake_fd);
    }

    grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;
    void accept_loop(const std::stop_token& stop);
    void accept_from(int listener);

    // Constant after construction (methods: after serve).
    ByteBudget& budget;
    const std::string name;
    RpcMethods methods;
    const GrpcLimits limits;

    GrpcCounters counters;
    std::atomic<bool> is_serving{true};

    // Of the thread that serves and stops.
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
    std::unique_ptr<grpc::Server> server;
    std::vector<ListenSocket> sockets;
    int wake_fd = -1;
    std::jthread accept_thread;
};

namespace {

// One call. gRPC calls the On… functions one after another; the answer may come from any thread.
class Call final : public grpc::ServerGenericBidiReactor {
public:
    Call(GrpcServer::Door& door, const grpc::GenericCallbackServerContext& context)
        : door_(door), method_(context.method()), lease_(door.budget) {
        door_.counters.requests.fetch_add(1, std::memory_order_relaxed);
        const auto handler = door_.methods.find(method_);
        if (handler == door_.methods.end()) {
            Finish({grpc::StatusCode::UNIMPLEMENTED, fmt::format("unknown method {}", method_)});
            return;
        }
        handler_ = &handler->second;
        if (door_.budget.has_room_for(1)) {
            StartRead(&message_);
        } else {
            refuse_over_budget();  // before the message is read
        }
    }

    void OnReadDone(bool ok) override {
        if (!ok) {
            Finish({grpc::StatusCode::INVALID_ARGUMENT, "cannot read the request: no message"});
            return;
        }
        door_.counters.message_bytes.fetch_add(message_.Length(), std::memory_order_relaxed);
        if (!lease_.grow_to(message_.Length())) return refuse_over_budget();
        if (const base::Status read = read_message(); !read.ok()) {
            if (read.error().code == base::Code::kResourceExhausted) return refuse_over_budget();
            if (read.error().code == base::Code::kTooLarge) {
                door_.counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
            }
            lease_.release();
            Finish(to_grpc_status(read.error(), 0));
            return;
        }
        run_handler();
    }
    void OnCancel() override { stop_.request_stop(); }
    void OnDone() override { release(); }

private:
    // The message as one piece: gRPC's own when it came as one, else a copy.
    base::Status read_message() {
        const grpc_compression_algorithm algorithm = MessageReader(&message_).compression();
        if (!message_.TrySingleSlice(&slice_).ok() && !message_.DumpToSingleSlice(&slice_).ok()) {
            return base::Error{base::Code::kInternal, "cannot read the request: bad buffer"};
        }
        message_.Clear();
        bytes_ = {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
        if (algorithm == GRPC_COMPRESS_NONE) return {};
        const ContentCoding coding = algorithm == GRPC_COMPRESS_GZIP ? ContentCoding::kGzip : ContentCoding::kZlib;
        SKUA_ASSIGN_OR_RETURN(plain_, decompress(coding, bytes_, door_.limits.message_bytes, lease_));
        bytes_ = plain_;
        return {};
    }

    void run_handler() {
        api::RpcRequest request;
        request.method = method_;
        request.message = bytes_;
        request.context.cancel = stop_.get_token();
        holders_.fetch_add(1);  // for the answer
        const auto answer = std::make_shared<Answer>(*this);
        try {
            (*handler_)(request, [answer](api::RpcResponse response) { answer->give(std::move(response)); });
        } catch (const std::exception& e) {
            base::log(base::Level::kError, "net", "cannot handle {} on {}: {}", method_, door_.name, e.what());
        }
    }

    void finish(api::RpcResponse response) {
        lease_.release();
        if (!response.status.ok()) {
            Finish(to_grpc_status(response.status.error(), response.retry_after_ms));
            return;
        }
        const grpc::Slice slice(response.message);
        response_ = grpc::ByteBuffer(&slice, 1);
        StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
    }

    void refuse_over_budget() {
        door_.counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        lease_.release();
        Finish(to_grpc_status(over_budget(), kBusyRetryMs));
    }

    void release() {
        if (holders_.fetch_sub(1) == 1) delete this;
    }

    // Hands the answer on, and answers itself when the handler forgot to.
    class Answer {
    public:
        explicit Answer(Call& call) : call_(call) {}
        Answer(const Answer&) = delete;
        Answer& operator=(const Answer&) = delete;
        ~Answer() {
            give({base::Error{base::Code::kInternal, "the request was dropped"}, 0, {}});
            call_.release();
        }
        void give(api::RpcResponse response) {
            if (!given_.exchange(true)) call_.finish(std::move(response));
        }

    private:
        Call& call_;
        std::atomic<bool> given_{false};
    };

    GrpcServer::Door& door_;
    const std::string method_;
    const api::RpcHandler* handler_ = nullptr;
    std::atomic<int> holders_{1};  // gRPC, and the answer
    ByteLease lease_;
    std::stop_source stop_;
    grpc::ByteBuffer message_;
    grpc::Slice slice_;
    std::string plain_;
    std::string_view bytes_;
    grpc::ByteBuffer response_;
};

}  // namespace

grpc::ServerGenericBidiReactor* GrpcServer::Door::CreateReactor(grpc::GenericCallbackServerContext* context) {
    return new Call(*this, *context);
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
}

base::Status GrpcServer::serve(std::vector<ListenSocket> sockets) {
    grpc::ServerBuilder builder;
    grpc::ResourceQuota quota(door_->name);
    quota.Resize(door_->limits.memory_bytes);
    builder.SetResourceQuota(quota);
    builder.SetMaxReceiveMessageSize(static_cast<int>(door_->limits.message_bytes));
    builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, door_->limits.streams_per_connection);
    builder.RegisterCallbackGenericService(door_.get());
    door_->acceptor = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, grpc::InsecureServerCredentials());
    door_->server = builder.BuildAndStart();
    if (!door_->server) return base::Error{base::Code::kInternal, "cannot start the gRPC server " + door_->name};
    door_->sockets = std::move(sockets);
    door_->wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (door_->wake_fd < 0) return base::errno_error("cannot make an event descriptor", errno);
    door_->accept_thread = std::jthread([door = door_.get()](const std::stop_token& stop) { door->accept_loop(stop); });
    return {};
}

void GrpcServer::stop(std::chrono::milliseconds grace) {
    if (!door_->server) return;
    if (door_->accept_thread.joinable()) {
        door_->accept_thread.request_stop();
        const std::uint64_t one = 1;
        [[maybe_unused]] const auto written = ::write(door_->wake_fd, &one, sizeof one);
        door_->accept_thread.join();
    }
    door_->sockets.clear();
    door_->server->Shutdown(std::chrono::system_clock::now() + grace);
    door_->server->Wait();
    door_->server = nullptr;
    door_->acceptor = nullptr;
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
