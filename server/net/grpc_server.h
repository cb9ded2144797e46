// SPDX-License-Identifier: Apache-2.0
// gRPC for one door: any number of unary methods on raw bytes, and grpc.health.v1.
//
// Our own acceptor takes the connections and hands them to gRPC, so that ports are bound before anything is served and
// never shared with a second server. Messages are decompressed here, within the bound: gRPC's own decompression has
// none.
#pragma once

#include "api/rpc.h"
#include "net/byte_budget.h"
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
    std::size_t memory_bytes = std::size_t{256} << 20;  // of gRPC's own buffers; it slows clients down beyond
    int streams_per_connection = 256;
};

struct GrpcCounters {
    std::atomic<std::uint64_t> connections_total{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> requests_over_budget{0};
    std::atomic<std::uint64_t> requests_too_large{0};
    std::atomic<std::uint64_t> message_bytes{0};
};

// "/package.Service/Method" to its handler, which runs on gRPC's threads, several at a time.
using RpcMethods = std::map<std::string, api::RpcHandler>;

class GrpcServer {
public:
    // `budget` outlives the server. `name` is for the log and the thread.
    GrpcServer(ByteBudget& budget, std::string name, RpcMethods methods, GrpcLimits limits = {});
    // Waits for every handler that has not answered yet: whoever owes the answers must have been stopped before.
    ~GrpcServer();
    GrpcServer(const GrpcServer&) = delete;
    GrpcServer& operator=(const GrpcServer&) = delete;

    // kInternal when gRPC does not start.
    base::Status serve(std::vector<ListenSocket> sockets);
    // Takes no more calls and lets running ones end; after `grace` the rest is cancelled.
    void stop(std::chrono::milliseconds grace);
    // What Health/Check answers; true from the start.
    void set_serving(bool is_serving);

    [[nodiscard]] const GrpcCounters& counters() const;
    [[nodiscard]] const std::string& name() const;

    struct Door;

private:
    std::unique_ptr<Door> door_;
};

}  // namespace skua::net
