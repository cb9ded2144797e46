// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include "net/http_session.h"
#include "net/io_context.h"

#include <sys/socket.h>

namespace skua::net {
namespace {

using boost::asio::ip::tcp;

void refuse_connection(tcp::socket& socket) {
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";
    [[maybe_unused]] const auto sent =
        ::send(socket.native_handle(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

bool take_connection(const std::shared_ptr<HttpServer::Door>& door, tcp::socket socket) {
    using Room = SessionSet<HttpSession>::Room;
    std::shared_ptr<HttpSession> session;
    const auto make = [&] {
        door->counters.connections_open.fetch_add(1, std::memory_order_relaxed);
        return std::make_shared<HttpSession>(door, std::move(socket));
    };
    const Room room = door->sessions.add(door->limits.connections, make, session);
    if (room == Room::kFull) {
        door->counters.connections_refused.fetch_add(1, std::memory_order_relaxed);
        refuse_connection(socket);
    }
    if (room == Room::kTaken) {
        door->counters.connections_total.fetch_add(1, std::memory_order_relaxed);
        session->start();
    }
    return room != Room::kStopping;
}

}  // namespace

HttpServer::HttpServer(IoThreads& io, ByteBudget& budget, std::string name, api::HttpHandler handler, HttpLimits limits)
    : door_(std::make_shared<Door>()) {
    door_->io = &io.impl();
    door_->budget = &budget;
    door_->name = std::move(name);
    door_->handler = std::move(handler);
    door_->limits = std::move(limits);
}

HttpServer::~HttpServer() {
    stop(std::chrono::milliseconds(0));
    door_->sessions.wait();
}

void HttpServer::serve(std::vector<ListenSocket> sockets) {
    door_->acceptors.serve(*door_->io, std::move(sockets), door_->name,
                           [door = door_](tcp::socket socket) { return take_connection(door, std::move(socket)); });
}

bool HttpServer::stop(std::chrono::milliseconds grace) {
    door_->is_stopping.store(true);
    door_->acceptors.close();
    return door_->sessions.stop(grace);
}

const HttpCounters& HttpServer::counters() const {
    return door_->counters;
}

const std::string& HttpServer::name() const {
    return door_->name;
}

}  // namespace skua::net
