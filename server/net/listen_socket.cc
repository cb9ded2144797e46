// SPDX-License-Identifier: Apache-2.0
#include "net/listen_socket.h"

#include "net/port_owner.h"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skua::net {
namespace {

constexpr int kBacklog = 1024;
// Two addresses must get the same free port; another process may take it between the two binds.
constexpr int kFreePortTries = 16;

struct Address {
    sockaddr_storage storage{};
    socklen_t length = 0;
    std::string text;
    bool dual_stack = false;
};

Address ipv4(std::uint32_t host, std::string text) {
    Address address;
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(host);
    std::memcpy(&address.storage, &in, sizeof in);
    address.length = sizeof in;
    address.text = std::move(text);
    return address;
}

Address ipv6(const in6_addr& host, std::string text) {
    Address address;
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_addr = host;
    std::memcpy(&address.storage, &in, sizeof in);
    address.length = sizeof in;
    address.text = std::move(text);
    return address;
}

void set_port(Address& address, std::uint16_t port) {
    // The port stands at the same place in sockaddr_in and sockaddr_in6.
    const std::uint16_t big_endian = htons(port);
    std::memcpy(reinterpret_cast<char*>(&address.storage) + offsetof(sockaddr_in, sin_port), &big_endian, 2);
}

base::Result<std::vector<Address>> resolve(const std::string& host) {
    std::vector<Address> addresses;
    if (host == "localhost") {
        addresses.push_back(ipv4(INADDR_LOOPBACK, "127.0.0.1"));
        addresses.push_back(ipv6(in6addr_loopback, "::1"));
        return addresses;
    }
    if (host.empty()) {
        addresses.push_back(ipv6(in6addr_any, "::"));
        addresses.back().dual_stack = true;
        return addresses;
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;  // one entry per address
    addrinfo* found = nullptr;
    const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    if (failed != 0) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("cannot resolve '{}': {}", host, ::gai_strerror(failed))};
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
    for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family != AF_INET && entry->ai_family != AF_INET6) continue;
        Address address;
        std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
        address.length = entry->ai_addrlen;
        char text[NI_MAXHOST] = {};
        ::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST);
        address.text = text;
        addresses.push_back(std::move(address));
    }
    return addresses;
}

void set_option(int fd, int level, int name, int value) {
    // Best effort: an option that is refused only changes comfort.
    [[maybe_unused]] const int ignored = ::setsockopt(fd, level, name, &value, sizeof value);
}

// The bound descriptor, or -errno.
int open_and_bind(const Address& address, Protocol protocol) {
    const bool tcp = protocol == Protocol::kTcp;
    const int family = address.storage.ss_family;
    const int fd = ::socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // TCP: a port in TIME_WAIT may be taken again. Not for UDP, where the option would let two servers share the port.
    if (tcp) set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (family == AF_INET6) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, address.dual_stack ? 0 : 1);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0 ||
        (tcp && ::listen(fd, kBacklog) != 0)) {
        const int error = errno;
        ::close(fd);
        return -error;
    }
    return fd;
}

std::uint16_t bound_port(int fd) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
    std::uint16_t big_endian = 0;
    std::memcpy(&big_endian, reinterpret_cast<const char*>(&storage) + offsetof(sockaddr_in, sin_port), 2);
    return ntohs(big_endian);
}

bool is_family_missing(int error) {
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

struct BindAttempt {
    std::vector<ListenSocket> sockets;
    int error = 0;
    std::string address;  // of the error
};

BindAttempt bind_all(std::vector<Address> addresses, std::uint16_t port, Protocol protocol) {
    BindAttempt attempt;
    int missing_family = 0;
    for (Address& address : addresses) {
        set_port(address, port);
        const int fd = open_and_bind(address, protocol);
        if (fd < 0) {
            if (is_family_missing(-fd)) {
                missing_family = -fd;
                attempt.address = address.text;
                continue;
            }
            return {{}, -fd, address.text};
        }
        port = bound_port(fd);
        attempt.sockets.emplace_back(fd, protocol, address.text, port);
    }
    if (attempt.sockets.empty()) attempt.error = missing_family;
    return attempt;
}

base::Error bind_error(const BindAttempt& attempt, std::uint16_t port, Protocol protocol) {
    const std::string where = fmt::format("cannot listen on {} {} port {}", attempt.address, to_string(protocol), port);
    if (attempt.error != EADDRINUSE) return base::errno_error(where, attempt.error);
    std::string message = where + ": the port is in use";
    const std::string owner = port_owner(protocol, port);
    if (!owner.empty()) message += " by " + owner;
    return {base::Code::kUnavailable, std::move(message)};
}

}  // namespace

std::string_view to_string(Protocol protocol) {
    return protocol == Protocol::kTcp ? "TCP" : "UDP";
}

base::Result<Endpoint> parse_endpoint(std::string_view text, std::string_view default_host) {
    Endpoint endpoint{std::string(default_host), 0};
    std::string_view port = text;
    if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
        std::string_view host = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
            host = host.substr(1, host.size() - 2);
        } else if (host.find(':') != std::string_view::npos) {
            return base::Error{
                base::Code::kInvalidArgument,
                fmt::format("cannot read address '{}': an IPv6 host needs brackets; want [host]:port", text)};
        }
        endpoint.host = host;
    }
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (port.empty() || error != std::errc{} || end != port.data() + port.size()) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("cannot read address '{}': bad port '{}'; want 0 to 65535", text, port)};
    }
    return endpoint;
}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = std::exchange(other.fd_, -1);
        protocol_ = other.protocol_;
        address_ = std::move(other.address_);
        port_ = other.port_;
    }
    return *this;
}

ListenSocket::~ListenSocket() {
    if (fd_ >= 0) ::close(fd_);
}

base::Result<std::vector<ListenSocket>> bind_endpoint(const Endpoint& endpoint, Protocol protocol) {
    SKUA_ASSIGN_OR_RETURN(std::vector<Address> addresses, resolve(endpoint.host));
    BindAttempt attempt = bind_all(addresses, endpoint.port, protocol);
    for (int i = 0; attempt.error == EADDRINUSE && endpoint.port == 0 && i < kFreePortTries; ++i) {
        attempt = bind_all(addresses, 0, protocol);
    }
    if (is_family_missing(attempt.error) && endpoint.host.empty()) {
        attempt = bind_all({ipv4(INADDR_ANY, "0.0.0.0")}, endpoint.port, protocol);  // a machine without IPv6
    }
    if (attempt.error != 0) return bind_error(attempt, endpoint.port, protocol);
    return std::move(attempt.sockets);
}

}  // namespace skua::net
