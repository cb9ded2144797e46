// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include "base/log.h"
#include "net/http_session.h"
#include "net/io_context.h"

#include <boost/asio/post.hpp>
#include <sys/socket.h>

namespace skua::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

// After an accept that failed for want of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

void refuse_connection(tcp::socket& socket) {
    static constexpr std::string_view kBusy =
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Length: 21\r\nConnection: close\r\n\r\ntoo many connections\n";
    [[maybe_unused]] const auto sent =
        ::send(socket.native_handle(), kBusy.data(), kBusy.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

void take_connection(const std::shared_ptr<HttpServer::Door>& door, tcp::socket socket) {
    std::shared_ptr<HttpSession> session;
    {
        const std::lock_guard lock(door->mutex);
        if (door->is_stopping.load()) return;
        if (door->sessions.size() < door->limits.connections) {
            door->counters.connections_open.fetch_add(1, std::memory_order_relaxed);
            session = std::make_shared<HttpSession>(door, std::move(socket));
            door->sessions.insert(session.get());
        }
    }
    if (!session) {
        door->counters.connections_refused.fetch_add(1, std::memory_order_relaxed);
        return refuse_connection(socket);
    }
    door->counters.connections_total.fetch_add(1, std::memory_order_relaxed);
    session->start();
}

void accept_next(std::shared_ptr<HttpServer::Door> door, std::shared_ptr<tcp::acceptor> acceptor) {
    tcp::acceptor& a = *acceptor;
    a.async_accept(asio::make_strand(*door->io), [door, acceptor](Error error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || door->is_stopping.load()) return;
        if (!error) {
            take_connection(door, std::move(socket));
            return accept_next(door, acceptor);
        }
        if (error == asio::error::connection_aborted) return accept_next(door, acceptor);
        base::log(base::Level::kWarn, "net", "cannot accept a connection on {}: {}", door->name, error.message());
        const auto timer = std::make_shared<asio::steady_timer>(acceptor->get_executor(), kAcceptPause);
        timer->async_wait([door, acceptor, timer](Error) {
            if (!door->is_stopping.load()) accept_next(door, acceptor);
        });
    });
}

}  // namespace

HttpServer::HttpServer(IoThreads& io, ByteBudget& budget, std::string name, api::HttpHandler handler, HttpLimits limits)
    : door_(std::make_shared<Door>()) {
    door_->io = &io.impl().context;
    door_->budget = &budget;
    door_->name = std::move(name);
    door_->handler = std::move(handler);
    door_->limits = limits;
}

HttpServer::~HttpServer() {
    stop(std::chrono::milliseconds(0));
    std::unique_lock lock(door_->mutex);
    door_->all_gone.wait(lock, [this] { return door_->sessions.empty(); });
}

void HttpServer::serve(std::vector<ListenSocket> sockets) {
    for (ListenSocket& socket : sockets) {
        const auto protocol = socket.is_ipv6() ? tcp::v6() : tcp::v4();
        auto acceptor = std::make_shared<tcp::acceptor>(asio::make_strand(*door_->io));
        acceptor->assign(protocol, socket.release());
        {
            const std::lock_guard lock(door_->mutex);
            door_->acceptors.push_back(acceptor);
        }
        asio::post(acceptor->get_executor(), [door = door_, acceptor] { accept_next(door, acceptor); });
    }
}

bool HttpServer::stop(std::chrono::milliseconds grace) {
    std::vector<std::shared_ptr<HttpSession>> sessions;
    const auto collect = [&] {
        sessions.clear();
        for (HttpSession* session : door_->sessions) {
            if (auto alive = session->weak_from_this().lock()) sessions.push_back(std::move(alive));
        }
    };
    std::unique_lock lock(door_->mutex);
    door_->is_stopping.store(true);
    for (auto& acceptor : door_->acceptors) {
        asio::post(acceptor->get_executor(), [acceptor] {
            Error ignored;
            acceptor->close(ignored);
        });
    }
    door_->acceptors.clear();
    collect();
    lock.unlock();
    for (const auto& session : sessions) session->finish();
    sessions.clear();  // before the wait: these are references too
    lock.lock();
    const bool all_ended = door_->all_gone.wait_for(lock, grace, [this] { return door_->sessions.empty(); });
    if (all_ended) return true;
    collect();
    lock.unlock();
    for (const auto& session : sessions) session->cut();
    return false;
}

const HttpCounters& HttpServer::counters() const {
    return door_->counters;
}

const std::string& HttpServer::name() const {
    return door_->name;
}

}  // namespace skua::net
