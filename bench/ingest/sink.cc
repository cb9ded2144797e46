// SPDX-License-Identifier: Apache-2.0
// The baseline of the ingest bench: our gRPC door with a handler that answers OK and looks at nothing.
// otlp_sink PORTS_FILE: writes {"otlp-grpc": port} when ready, ends on SIGTERM.

#include "net/byte_budget.h"
#include "net/grpc_server.h"
#include "net/io_threads.h"
#include "net/listen_socket.h"

#include <csignal>
#include <cstdio>
#include <map>

int main(int argc, char** argv) {
    using namespace skua;
    if (argc != 2) {
        std::fprintf(stderr, "usage: otlp_sink PORTS_FILE\n");
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);

    net::ByteBudget budget(std::size_t{64} << 20);
    net::RpcMethods methods;
    methods["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] =
        [](const api::RpcRequest&, const api::RpcRespond& respond) { respond({}); };
    net::IoThreads io("sink", 2);
    net::GrpcServer server(io, budget, "sink", std::move(methods));
    auto sockets = net::bind_endpoint({"127.0.0.1", 0}, net::Protocol::kTcp);
    if (!sockets.ok()) {
        std::fprintf(stderr, "otlp_sink: %s\n", sockets.error().message.c_str());
        return 1;
    }
    const int port = sockets->front().port();
    server.serve(std::move(sockets).value());
    std::FILE* ports = std::fopen(argv[1], "w");
    if (ports == nullptr) return 1;
    std::fprintf(ports, "{\"otlp-grpc\": %d}", port);
    std::fclose(ports);
    int signal = 0;
    sigwait(&signals, &signal);
    server.stop(std::chrono::milliseconds(500));
}
