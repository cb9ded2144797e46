// SPDX-License-Identifier: Apache-2.0
#include "net/acceptors.h"

#include "base/log.h"

#include <chrono>
#include <future>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace skua::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Error = boost::system::error_code;

// After an accept that failed for want of descriptors or memory.
constexpr std::chrono::milliseconds kAcceptPause{100};

struct Listener : std::enable_shared_from_this<Listener> {
    IoThreads::Impl& io;
    std::shared_ptr<tcp::acceptor> acceptor;
    std::string name;
    std::function<bool(tcp::socket)> take;

    Listener(IoThreads::Impl& threads, std::shared_ptr<tcp::acceptor> a, std::string n,
             std::function<bool(tcp::socket)> t)
        : io(threads), acceptor(std::move(a)), name(std::move(n)), take(std::move(t)) {}

    void next() {
        acceptor->async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](Error error) {
            if (error == asio::error::operation_aborted || !self->acceptor->is_open()) return;
            if (error) return self->failed(error);
            self->accept();
        });
    }

    // Only now, with the connection there, is it known which thread has time for it.
    void accept() {
        Error error;
        tcp::socket socket = acceptor->accept(io.next(), error);
        if (error) return failed(error);
        if (take(std::move(socket))) next();
    }

    void failed(const Error& error) {
        // The client left again, or another one's wake-up was for it.
        if (error == asio::error::connection_aborted || error == asio::error::would_block) return next();
        base::log(base::Level::kWarn, "net", "cannot accept a connection on {}: {}", name, error.message());
        pause();
    }

    void pause() {
        const auto timer = std::make_shared<asio::steady_timer>(acceptor->get_executor(), kAcceptPause);
        timer->async_wait([self = shared_from_this(), timer](Error) {
            if (self->acceptor->is_open()) self->next();
        });
    }
};

}  // namespace

void Acceptors::serve(IoThreads::Impl& io, std::vector<ListenSocket> sockets, const std::string& name,
                      const std::function<bool(tcp::socket)>& take) {
    for (ListenSocket& socket : sockets) {
        const auto protocol = socket.is_ipv6() ? tcp::v6() : tcp::v4();
        const auto acceptor = std::make_shared<tcp::acceptor>(io.next());
        acceptor->assign(protocol, socket.release());
        acceptor->non_blocking(true);
        {
            const std::lock_guard lock(mutex_);
            acceptors_.push_back(acceptor);
        }
        const auto listener = std::make_shared<Listener>(io, acceptor, name, take);
        asio::post(acceptor->get_executor(), [listener] {
            if (listener->acceptor->is_open()) listener->next();
        });
    }
}

void Acceptors::close() {
    std::vector<std::shared_ptr<tcp::acceptor>> closing;
    {
        const std::lock_guard lock(mutex_);
        closing.swap(acceptors_);
    }
    for (const auto& acceptor : closing) {
        std::promise<void> closed;
        asio::post(acceptor->get_executor(), [&] {
            Error ignored;
            acceptor->close(ignored);
            closed.set_value();
        });
        closed.get_future().wait();
    }
}

}  // namespace skua::net
