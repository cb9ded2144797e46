// SPDX-License-Identifier: Apache-2.0
#include "net/testing.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace skua::net::testing {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::string deflate_all(std::string_view bytes, int window_bits) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
    const auto same = [](char a, char b) { return std::tolower(a) == std::tolower(b); };
    std::string_view rest = head;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view key = line.substr(0, colon);
        if (!std::equal(key.begin(), key.end(), name.begin(), name.end(), same)) continue;
        return std::string(line.substr(std::min(colon + 2, line.size())));
    }
    return {};
}

Client::Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval limit{20, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    const sockaddr_in address = loopback(port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error(fmt::format("cannot connect to port {}", port));
    }
}

Client::~Client() {
    close();
}

void Client::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void Client::shutdown_send() {
    ::shutdown(fd_, SHUT_WR);
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

bool Client::fill() {
    char buffer[16384];
    const ssize_t n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("the server is silent");
    if (n <= 0) return false;
    in_.append(buffer, static_cast<std::size_t>(n));
    return true;
}

Answer Client::read_answer(bool is_head) {
    Answer answer;
    std::size_t end = 0;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos) {
        if (!fill()) return answer;
    }
    answer.head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    answer.status = std::atoi(answer.head.c_str() + 9);
    const std::size_t length =
        is_head ? 0 : static_cast<std::size_t>(std::atol(answer.header("Content-Length").c_str()));
    while (in_.size() < length) {
        if (!fill()) break;
    }
    answer.body = in_.substr(0, length);
    in_.erase(0, length);
    return answer;
}

std::string Client::read_all() {
    while (fill()) {
    }
    return std::exchange(in_, {});
}

Answer Client::ask(std::string_view bytes, bool is_head) {
    send(bytes);
    return read_answer(is_head);
}

std::string get(std::string_view path, std::string_view extra_headers) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", path, extra_headers);
}

std::string post(std::string_view path, std::string_view content_type, std::string_view body,
                 std::string_view extra_headers) {
    return fmt::format("POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}",
                       path, content_type, body.size(), extra_headers, body);
}

std::string chunked(std::string_view body, std::size_t chunk) {
    std::string out;
    while (!body.empty()) {
        const std::string_view part = body.substr(0, chunk);
        body.remove_prefix(part.size());
        out += fmt::format("{:x}\r\n{}\r\n", part.size(), part);
    }
    return out + "0\r\n\r\n";
}

void send_datagram(std::uint16_t port, std::string_view bytes) {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const ssize_t n =
        ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
    if (n != static_cast<ssize_t>(bytes.size())) throw std::runtime_error("cannot send a datagram");
}

std::vector<ListenSocket> bind_free(Protocol protocol) {
    auto sockets = bind_endpoint({"localhost", 0}, protocol);
    if (!sockets) throw std::runtime_error(sockets.error().message);
    return std::move(sockets).value();
}

std::string gzip(std::string_view bytes) {
    return deflate_all(bytes, 15 + 16);
}

std::string zlib(std::string_view bytes, bool raw) {
    return deflate_all(bytes, raw ? -15 : 15);
}

std::string zstd(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
    return out;
}

}  // namespace skua::net::testing
