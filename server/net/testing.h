// SPDX-License-Identifier: Apache-2.0
// Real sockets for the tests: a client that sends any bytes and reads answers.
#pragma once

#include "net/listen_socket.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::net::testing {

struct Answer {
    int status = 0;
    std::string head;
    std::string body;

    // First value of a header (any case), or "".
    [[nodiscard]] std::string header(std::string_view name) const;
};

// A TCP connection to 127.0.0.1. Reads give up after 20 s, so that a broken server fails a test instead of hanging it.
class Client {
public:
    explicit Client(std::uint16_t port);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool send(std::string_view bytes);
    // One response; status 0 when the connection ended first. `is_head`: no body follows.
    Answer read_answer(bool is_head = false);
    // All until the server closes.
    std::string read_all();
    // True when the server closed (or reset) the connection without sending more.
    bool is_closed() { return read_all().empty(); }
    void shutdown_send();
    void close();
    Answer ask(std::string_view bytes, bool is_head = false);

private:
    bool fill();

    int fd_ = -1;
    std::string in_;
};

std::string get(std::string_view path, std::string_view extra_headers = "");
std::string post(std::string_view path, std::string_view content_type, std::string_view body,
                 std::string_view extra_headers = "");
std::string chunked(std::string_view body, std::size_t chunk);
void send_datagram(std::uint16_t port, std::string_view bytes);

// A free port on 127.0.0.1 and ::1.
std::vector<ListenSocket> bind_free(Protocol protocol = Protocol::kTcp);

std::string gzip(std::string_view bytes);
std::string zlib(std::string_view bytes, bool raw = false);
std::string zstd(std::string_view bytes);

}  // namespace skua::net::testing
