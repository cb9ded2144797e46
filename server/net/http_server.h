// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 for one door: its sockets, its handler, its limits.
//
// Threads: serve and stop from one thread; the handler runs on the I/O threads, several at a time. A handler may answer
// from any thread. Everything a client can send is bounded: header, body (as sent and after decompression), time,
// connections, and the bytes that all doors hold together.
#pragma once

#include "api/http.h"
#include "net/byte_budget.h"
#include "net/io_threads.h"
#include "net/listen_socket.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace skua::net {

struct HttpLimits {
    std::size_t header_bytes = 64 * 1024;
    std::size_t body_bytes = std::size_t{20} << 20;  // as sent, and again after decompression
    // What the handler takes in memory for a request with a body, besides it: counted with the bytes in flight until
    // the answer, and refused where they are too many. Null: nothing.
    std::function<std::size_t(const api::HttpRequest& request)> handler_bytes;
    std::size_t connections = 4096;
    // From the first byte of a header (or the connection's begin) to its last.
    std::chrono::milliseconds header_timeout{10'000};
    // The longest a body or an answer may stand still.
    std::chrono::milliseconds stall_timeout{15'000};
    std::chrono::milliseconds body_timeout{120'000};
    // Between two requests.
    std::chrono::milliseconds keep_alive_timeout{120'000};
};

// Since the start; read by the metrics page.
struct HttpCounters {
    std::atomic<std::uint64_t> connections_open{0};
    std::atomic<std::uint64_t> connections_total{0};
    std::atomic<std::uint64_t> connections_refused{0};
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> requests_malformed{0};
    std::atomic<std::uint64_t> requests_too_large{0};
    std::atomic<std::uint64_t> requests_over_budget{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> body_bytes{0};
};

class HttpServer {
public:
    // `io` and `budget` outlive the server. `name` is for the log.
    HttpServer(IoThreads& io, ByteBudget& budget, std::string name, api::HttpHandler handler, HttpLimits limits = {});
    // Waits for every handler that has not answered yet: whoever owes the answers must have been stopped before.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void serve(std::vector<ListenSocket> sockets);
    // Takes no more connections, closes the idle ones, lets running requests end. True when all had ended within
    // `grace`; the rest is cut then.
    bool stop(std::chrono::milliseconds grace);

    [[nodiscard]] const HttpCounters& counters() const;
    [[nodiscard]] const std::string& name() const;

    struct Door;

private:
    std::shared_ptr<Door> door_;
};

}  // namespace skua::net
