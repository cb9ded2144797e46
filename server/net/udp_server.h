// SPDX-License-Identifier: Apache-2.0
// UDP for one door: its sockets and its handler.
//
// Threads: serve and stop from one thread; the handler runs on the I/O threads, one datagram of a socket at a time. The
// kernel's buffer is the queue: while too many datagrams are under way none is read, and what does not fit there is
// counted as dropped.
#pragma once

#include "api/datagram.h"
#include "net/io_threads.h"
#include "net/listen_socket.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace skua::net {

struct UdpLimits {
    std::size_t datagram_bytes = 65000;
    int receive_buffer_bytes = 8 << 20;  // asked for; the system may give less (net.core.rmem_max)
    std::size_t in_flight_max = 256;     // datagrams of a socket whose work is not done
};

struct UdpCounters {
    std::atomic<std::uint64_t> datagrams{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> dropped_by_kernel{0};  // its buffer was full
    std::atomic<std::uint64_t> dropped_too_large{0};
};

class UdpServer {
public:
    // `io` outlives the server.
    UdpServer(IoThreads& io, std::string name, api::DatagramHandler handler, UdpLimits limits = {});
    // Waits for the work under way: whoever owes it must have been stopped before.
    ~UdpServer();
    UdpServer(const UdpServer&) = delete;
    UdpServer& operator=(const UdpServer&) = delete;

    void serve(std::vector<ListenSocket> sockets);
    // Reads what the kernel still holds, then no more. True when the work for it was done within `grace`.
    bool stop(std::chrono::milliseconds grace);

    [[nodiscard]] const UdpCounters& counters() const;
    [[nodiscard]] const std::string& name() const;

    struct Door;
    class Socket;

private:
    std::shared_ptr<Door> door_;
    std::vector<std::shared_ptr<Socket>> sockets_;
};

}  // namespace skua::net
