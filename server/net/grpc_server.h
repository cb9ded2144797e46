// SPDX-License-Identifier: Apache-2.0
// gRPC for one door: any number of unary methods on raw bytes, and grpc.health.v1/Health/Check.
//
// HTTP/2 is nghttp2's, on the I/O threads that all doors share; gRPC's framing is ours. (docs/adr/0006: why not gRPC's
// own server.) Everything a client can send is bounded: message (as sent and after decompression), headers, calls,
// connections, time, and the bytes that all doors hold together.
#pragma once

#include "api/rpc.h"
#include "net/byte_budget.h"
#include "net/io_threads.h"
#include "net/listen_socket.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace skua::net {

struct GrpcLimits {
    std::size_t message_bytes = std::size_t{20} << 20;  // as sent, and again after decompression
    int streams_per_connection = 256;
    std::size_t connections = 4096;
    // The longest a message, an answer or the greeting may stand still.
    std::chrono::milliseconds stall_timeout{15'000};
};

struct GrpcCounters {
    std::atomic<std::uint64_t> connections_total{0};
    std::atomic<std::uint64_t> connections_refused{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> requests_over_budget{0};
    std::atomic<std::uint64_t> requests_too_large{0};
    std::atomic<std::uint64_t> message_bytes{0};
};

// "/package.Service/Method" to its handler, which runs on the I/O threads, several at a time.
using RpcMethods = std::map<std::string, api::RpcHandler, std::less<>>;

class GrpcServer {
public:
    // `io` and `budget` outlive the server. `name` is for the log.
    GrpcServer(IoThreads& io, ByteBudget& budget, std::string name, RpcMethods methods, GrpcLimits limits = {});
    // Waits for every handler that has not answered yet: whoever owes the answers must have been stopped before.
    ~GrpcServer();
    GrpcServer(const GrpcServer&) = delete;
    GrpcServer& operator=(const GrpcServer&) = delete;

    void serve(std::vector<ListenSocket> sockets);
    // Takes no more calls and lets running ones end. True when all had ended within `grace`; the rest is cut then.
    bool stop(std::chrono::milliseconds grace);
    // What Health/Check answers; true from the start.
    void set_serving(bool is_serving);

    [[nodiscard]] const GrpcCounters& counters() const;
    [[nodiscard]] const std::string& name() const;

    struct Door;

private:
    std::shared_ptr<Door> door_;
};

}  // namespace skua::net
