// SPDX-License-Identifier: Apache-2.0
// Sockets bound before anything is served, so that a port in use is found while nothing is half up.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::net {

enum class Protocol : std::uint8_t { kTcp, kUdp };
std::string_view to_string(Protocol protocol);  // "TCP", "UDP"

// Where to listen. Host: "localhost" is 127.0.0.1 and ::1; empty, "0.0.0.0" or "::" is every interface of that family
// (empty: of both); else an address or a name. Port 0: the system chooses, the same one for all addresses.
struct Endpoint {
    std::string host = "localhost";
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "host:port", "[::1]:port", ":port" (every interface) or "port" (on `default_host`).
base::Result<Endpoint> parse_endpoint(std::string_view text, std::string_view default_host);

// A bound socket (TCP: listening already, its connections wait). Owns the descriptor.
class ListenSocket {
public:
    ListenSocket(int fd, Protocol protocol, std::string address, std::uint16_t port)
        : fd_(fd), protocol_(protocol), address_(std::move(address)), port_(port) {}
    ListenSocket(ListenSocket&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)),
          protocol_(other.protocol_),
          address_(std::move(other.address_)),
          port_(other.port_) {}
    ListenSocket& operator=(ListenSocket&& other) noexcept;
    ~ListenSocket();

    [[nodiscard]] int fd() const { return fd_; }
    // Gives the descriptor away.
    int release() { return std::exchange(fd_, -1); }
    [[nodiscard]] Protocol protocol() const { return protocol_; }
    [[nodiscard]] const std::string& address() const { return address_; }
    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] bool is_ipv6() const { return address_.find(':') != std::string::npos; }

private:
    int fd_;
    Protocol protocol_;
    std::string address_;
    std::uint16_t port_;
};

// All addresses of the endpoint with one port number. An address family the machine does not have is left out when
// another one of the endpoint works. kUnavailable: the port is in use, and the message says by whom when /proc tells.
base::Result<std::vector<ListenSocket>> bind_endpoint(const Endpoint& endpoint, Protocol protocol);

}  // namespace skua::net
