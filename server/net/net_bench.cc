// SPDX-License-Identifier: Apache-2.0
// What it costs the server to receive OTLP requests: CPU seconds per million spans, the handler only looks at the first
// byte. The server is one process, the client another; both share the machine's cores. One JSON object per line; the
// baseline of a door is a loop of recv and send on a socket, which knows beforehand how many bytes come.
#include "net/grpc_server.h"
#include "net/http_server.h"
#include "net/malloc_tuning.h"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <functional>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skua::net {
namespace {

constexpr std::size_t kSpanBytes = 424;  // the mean of real requests with ten attributes per span
constexpr int kConnections = 2;
constexpr int kInFlight = 4;  // of a connection
constexpr const char* kMethod = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

enum class Kind { kSocket, kGrpc, kHttp };
struct Case {
    const char* name;
    Kind kind;
    int spans;
    int requests;
};
// Each socket is the baseline of those that follow it.
constexpr Case kCases[] = {{"net.socket.receive.512_spans", Kind::kSocket, 512, 20'000},
                           {"net.grpc.receive.512_spans", Kind::kGrpc, 512, 20'000},
                           {"net.http.receive.512_spans", Kind::kHttp, 512, 20'000},
                           {"net.socket.receive.8_spans", Kind::kSocket, 8, 120'000},
                           {"net.grpc.receive.8_spans", Kind::kGrpc, 8, 120'000},
                           {"net.http.receive.8_spans", Kind::kHttp, 8, 120'000}};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class T>
void put(int fd, const T& value) {
    if (::write(fd, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) std::perror("net_bench: write");
}
template <class T>
T take(int fd) {
    T value{};
    if (::read(fd, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) ::_exit(1);
    return value;
}

std::string http_request(int spans) {
    const std::string body(static_cast<std::size_t>(spans) * kSpanBytes, 'x');
    return fmt::format(
        "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\n"
        "Content-Length: {}\r\n\r\n{}",
        body.size(), body);
}

// Answers every `request_bytes` bytes with as much as an HTTP door does.
void echo_connection(int fd, std::size_t request_bytes) {
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
    std::string buffer(request_bytes, '\0');
    for (;;) {
        for (std::size_t got = 0; got < request_bytes;) {
            const ssize_t n = ::recv(fd, buffer.data() + got, request_bytes - got, 0);
            if (n <= 0) {
                ::close(fd);
                return;
            }
            got += static_cast<std::size_t>(n);
        }
        if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) return;
    }
}

void serve_sockets(int listener, std::size_t request_bytes) {
    for (;;) {
        const int fd = ::accept(listener, nullptr, nullptr);
        if (fd < 0) return;
        std::thread([fd, request_bytes] { echo_connection(fd, request_bytes); }).detach();
    }
}

// Tells its port, then its CPU time whenever asked, until the pipe closes.
[[noreturn]] void serve(const Case& what, int in, int out) {
    keep_freed_memory();  // as the server does
    auto sockets = bind_endpoint({"127.0.0.1", 0}, Protocol::kTcp);
    if (!sockets) ::_exit(1);
    const std::uint16_t port = sockets->front().port();
    ByteBudget budget(std::size_t{64} << 20);
    std::atomic<std::uint64_t> sum{0};
    IoThreads io("bench", 2);
    GrpcServer grpc(io, budget, "bench",
                    {{kMethod, [&](const api::RpcRequest& request, const api::RpcRespond& respond) {
                          sum += static_cast<unsigned char>(request.message[0]);
                          respond({});
                      }}});
    HttpServer http(io, budget, "bench", [&](const api::HttpRequest& request, const api::Respond& respond) {
        sum += static_cast<unsigned char>(request.body[0]);
        api::HttpResponse response;
        response.content_type = "application/x-protobuf";
        respond(std::move(response));
    });
    if (what.kind == Kind::kSocket) {
        const int listener = sockets->front().fd();
        ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) & ~O_NONBLOCK);
        std::thread([listener, &what] { serve_sockets(listener, http_request(what.spans).size()); }).detach();
        sum = 1;
    } else if (what.kind == Kind::kGrpc) {
        grpc.serve(std::move(sockets).value());
    } else {
        http.serve(std::move(sockets).value());
    }
    put(out, port);
    char ask = 0;
    while (::read(in, &ask, 1) == 1) put(out, cpu_seconds());
    ::_exit(sum.load() == 0 ? 1 : 0);
}

void load_grpc(const Case& what, std::uint16_t port) {
    const std::string body(static_cast<std::size_t>(what.spans) * kSpanBytes, 'x');
    const grpc::Slice slice(body);
    const grpc::ByteBuffer request(&slice, 1);
    std::mutex mutex;
    std::condition_variable all_done;
    int started = 0;
    int ended = 0;
    int failed = 0;
    struct Lane {
        std::unique_ptr<grpc::GenericStub> stub;
        std::unique_ptr<grpc::ClientContext> context;
        grpc::ByteBuffer response;
    };
    std::vector<std::unique_ptr<Lane>> lanes;
    std::function<void(Lane&)> next = [&](Lane& lane) {
        {
            const std::lock_guard lock(mutex);
            if (started == what.requests) return;
            ++started;
        }
        lane.context = std::make_unique<grpc::ClientContext>();
        lane.stub->UnaryCall(lane.context.get(), kMethod, {}, &request, &lane.response,
                             [&](const grpc::Status& status) {
                                 next(lane);
                                 const std::lock_guard lock(mutex);
                                 failed += status.ok() ? 0 : 1;
                                 if (++ended == what.requests) all_done.notify_all();
                             });
    };
    for (int i = 0; i < kConnections; ++i) {
        grpc::ChannelArguments arguments;
        arguments.SetInt("bench.connection", i);  // a connection of its own
        const auto channel =
            grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port), grpc::InsecureChannelCredentials(), arguments);
        for (int j = 0; j < kInFlight; ++j) {
            lanes.push_back(std::make_unique<Lane>());
            lanes.back()->stub = std::make_unique<grpc::GenericStub>(channel);
        }
    }
    for (auto& lane : lanes) next(*lane);
    std::unique_lock lock(mutex);
    all_done.wait(lock, [&] { return ended == what.requests; });
    if (failed > 0) fmt::print(stderr, "{}: {} of {} calls failed\n", what.name, failed, what.requests);
}

void load_http(const Case& what, std::uint16_t port) {
    const std::string bytes = http_request(what.spans);
    const auto run = [&](int requests) {
        const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) std::perror("net_bench");
        char answer[4096];
        for (int i = 0; i < requests; ++i) {
            for (std::size_t sent = 0; sent < bytes.size();) {
                const ssize_t n = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
                if (n <= 0) return;
                sent += static_cast<std::size_t>(n);
            }
            if (::recv(fd, answer, sizeof answer, 0) <= 0) return;
        }
        ::close(fd);
    };
    std::vector<std::jthread> threads;
    constexpr int kLanes = kConnections * kInFlight;
    for (int i = 0; i < kLanes; ++i) threads.emplace_back(run, what.requests / kLanes);
}

struct Child {
    pid_t pid = 0;
    int to = -1;
    int from = -1;
};

Child start(const Case& what) {
    int down[2];
    int up[2];
    if (::pipe(down) != 0 || ::pipe(up) != 0) ::_exit(1);
    const pid_t pid = ::fork();
    if (pid == 0) {
        ::close(down[1]);
        serve(what, down[0], up[1]);
    }
    ::close(down[0]);
    ::close(up[1]);
    return {pid, down[1], up[0]};
}

double measure(const Case& what, const Child& child, double baseline) {
    const auto port = take<std::uint16_t>(child.from);
    const auto cpu = [&] {
        put(child.to, 'c');
        return take<double>(child.from);
    };
    const auto load = [&](const Case& c) { c.kind == Kind::kGrpc ? load_grpc(c, port) : load_http(c, port); };
    Case warm = what;
    warm.requests /= 20;
    load(warm);
    const double before = cpu();
    load(what);
    const double used = cpu() - before;
    const double million_spans = static_cast<double>(what.requests) * what.spans / 1e6;
    const double value = used / million_spans;
    if (what.kind == Kind::kSocket) baseline = value;
    fmt::print(R"({{"name":"{}","value":{:.4f},"unit":"server CPU s / million spans","baseline":{:.4f},"ratio":{:.2f},)"
               R"("command":"net_bench"}})"
               "\n",
               what.name, value, baseline, value / baseline);
    std::fflush(stdout);
    return baseline;
}

}  // namespace
}  // namespace skua::net

int main() {
    using namespace skua::net;
    std::vector<Child> children;
    for (const Case& what : kCases) children.push_back(start(what));  // before this process starts gRPC itself
    double baseline = 0;
    for (std::size_t i = 0; i < children.size(); ++i) baseline = measure(kCases[i], children[i], baseline);
    for (const Child& child : children) {
        ::kill(child.pid, SIGTERM);
        ::waitpid(child.pid, nullptr, 0);
    }
    return 0;
}
