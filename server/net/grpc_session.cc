// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_session.h"

#include <cerrno>
#include <chrono>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

namespace skua::net {
namespace {

namespace asio = boost::asio;
using Error = boost::system::error_code;

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::size_t kWriteBytes = 64 * 1024;
// How much one connection may read before the others of its thread have their turn.
constexpr int kReadsInARow = 4;

}  // namespace

GrpcSession::GrpcSession(std::shared_ptr<GrpcServer::Door> door, Socket socket)
    : door_(std::move(door)),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      connection_(door_->shared, [this] {
          // Whoever answers holds the session (set_owner).
          asio::post(socket_.get_executor(), [self = shared_from_this()] {
              self->connection_.take_answers();
              self->write();
          });
      }) {}

GrpcSession::~GrpcSession() {
    door_->sessions.remove(this);
}

void GrpcSession::start() {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
        Error ignored;
        self->connection_.set_owner(self);
        self->socket_.non_blocking(true, ignored);
        self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        self->socket_.set_option(asio::socket_base::keep_alive(true), ignored);
        self->arm_timer();
        self->write();
        self->wait_for_bytes();
    });
}

void GrpcSession::finish() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->connection_.shut_down();
        self->write();
    });
}

void GrpcSession::cut() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

// An idle connection has no buffer of its own: the bytes are read into the thread's when they are there.
void GrpcSession::wait_for_bytes() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this()](Error error) {
        if (error) return self->close();
        self->read();
    });
}

void GrpcSession::read() {
    static thread_local const auto buffer = std::make_unique_for_overwrite<char[]>(kReadBytes);
    for (int i = 0; i < kReadsInARow && !is_closed_; ++i) {
        const ssize_t n = ::recv(socket_.native_handle(), buffer.get(), kReadBytes, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        if (n <= 0) return close();
        close_after_ = !connection_.feed({buffer.get(), static_cast<std::size_t>(n)});
        write();
        if (close_after_) return;
        if (static_cast<std::size_t>(n) < kReadBytes) break;
    }
    if (!is_closed_) wait_for_bytes();
}

void GrpcSession::write() {
    if (is_writing_ || is_closed_) return;
    out_.clear();
    out_sent_ = 0;
    connection_.output(out_, kWriteBytes);
    if (out_.empty()) {
        if (close_after_ || connection_.is_over()) close();
        if (connection_.is_idle()) out_ = std::string();
        return;
    }
    is_writing_ = true;
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](Error error, std::size_t) {
        self->is_writing_ = false;
        self->has_written_ = true;
        if (error) return self->close();
        self->write();
    });
}

void GrpcSession::close() {
    if (is_closed_) return;
    is_closed_ = true;
    connection_.abandon();
    Error ignored;
    timer_.cancel();
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void GrpcSession::arm_timer() {
    timer_.expires_after(door_->shared.limits.stall_timeout);
    timer_.async_wait([weak = weak_from_this()](Error error) {
        const auto self = weak.lock();
        if (error || !self || self->is_closed_) return;
        const bool is_stuck = self->is_writing_ && !std::exchange(self->has_written_, false);
        if (is_stuck || !self->connection_.tick()) return self->close();
        self->write();
        self->arm_timer();
    });
}

}  // namespace skua::net
