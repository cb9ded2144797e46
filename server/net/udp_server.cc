// SPDX-License-Identifier: Apache-2.0
#include "net/udp_server.h"

#include "base/log.h"
#include "net/io_context.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <future>
#include <mutex>

#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

namespace skua::net {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

// After so many datagrams the other sockets of the thread get their turn.
constexpr int kBatch = 64;
// On stop: at most so many datagrams are read of what the kernel holds.
constexpr int kFinalBatchMax = 4096;
constexpr std::size_t kDatagramBuffer = 65536;

}  // namespace

struct UdpServer::Door {
    // Constant after construction.
    IoThreads::Impl* io = nullptr;
    std::string name;
    api::DatagramHandler handler;
    UdpLimits limits;

    UdpCounters counters;

    // Guarded by mutex.
    std::mutex mutex;
    std::condition_variable idle;
    std::size_t under_way = 0;
};

// Runs on its socket's thread.
class UdpServer::Socket : public std::enable_shared_from_this<UdpServer::Socket> {
public:
    Socket(std::shared_ptr<Door> door, ListenSocket socket) : door_(std::move(door)), socket_(door_->io->next()) {
        const int fd = socket.fd();
        const int on = 1;
        const int size = door_->limits.receive_buffer_bytes;
        // FORCE needs a capability; without it the system's maximum holds.
        if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) {
            ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        }
        ::setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
        socket_.assign(socket.is_ipv6() ? udp::v6() : udp::v4(), socket.release());
    }

    void start() {
        asio::post(socket_.get_executor(), [self = shared_from_this()] { self->wait(); });
    }

    // Any thread. The promise is kept when the last datagram was handed over.
    void finish(std::promise<void>& finished) {
        asio::post(socket_.get_executor(), [self = shared_from_this(), &finished] {
            self->is_stopped_ = true;
            for (int i = 0; i < kFinalBatchMax && self->receive_one(); ++i) {
            }
            boost::system::error_code ignored;
            self->socket_.close(ignored);
            finished.set_value();
        });
    }

private:
    void wait() {
        if (is_stopped_) return;
        socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](boost::system::error_code error) {
            if (error || self->is_stopped_) return;
            self->receive();
        });
    }

    void receive() {
        for (int i = 0; i < kBatch; ++i) {
            if (under_way_.load() >= door_->limits.in_flight_max) {
                is_paused_.store(true);
                // Looked at again: the last of them may have ended in between.
                if (under_way_.load() >= door_->limits.in_flight_max || !is_paused_.exchange(false)) return;
            }
            if (!receive_one()) break;
        }
        wait();
    }

    // False when there is none.
    bool receive_one() {
        iovec part{buffer_.data(), buffer_.size()};
        alignas(cmsghdr) char control[CMSG_SPACE(sizeof(std::uint32_t))];
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        const ssize_t n = ::recvmsg(socket_.native_handle(), &message, MSG_DONTWAIT);
        if (n < 0) return errno == EINTR;
        count_kernel_drops(message);
        door_->counters.datagrams.fetch_add(1, std::memory_order_relaxed);
        door_->counters.bytes.fetch_add(static_cast<std::uint64_t>(n), std::memory_order_relaxed);
        if ((message.msg_flags & MSG_TRUNC) != 0 || static_cast<std::size_t>(n) > door_->limits.datagram_bytes) {
            door_->counters.dropped_too_large.fetch_add(1, std::memory_order_relaxed);
            return true;
        }
        hand_over({buffer_.data(), static_cast<std::size_t>(n)});
        return true;
    }

    void hand_over(std::string_view datagram) {
        under_way_.fetch_add(1);
        {
            const std::lock_guard lock(door_->mutex);
            ++door_->under_way;
        }
        try {
            door_->handler(datagram, [self = shared_from_this()] { self->on_done(); });
        } catch (const std::exception& e) {
            base::log(base::Level::kError, "net", "cannot handle a datagram on {}: {}", door_->name, e.what());
            on_done();
        }
    }

    // Any thread.
    void on_done() {
        under_way_.fetch_sub(1);
        if (is_paused_.exchange(false)) {
            asio::post(socket_.get_executor(), [self = shared_from_this()] { self->wait(); });
        }
        const std::lock_guard lock(door_->mutex);
        if (--door_->under_way == 0) door_->idle.notify_all();
    }

    // The kernel tells its total with each datagram, modulo 2^32.
    void count_kernel_drops(msghdr& message) {
        for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_RXQ_OVFL) continue;
            std::uint32_t total = 0;
            std::memcpy(&total, CMSG_DATA(c), sizeof total);
            door_->counters.dropped_by_kernel.fetch_add(total - kernel_drops_, std::memory_order_relaxed);
            kernel_drops_ = total;
        }
    }

    const std::shared_ptr<Door> door_;
    udp::socket socket_;
    std::atomic<std::size_t> under_way_{0};
    std::atomic<bool> is_paused_{false};
    // Of the socket's thread.
    bool is_stopped_ = false;
    std::uint32_t kernel_drops_ = 0;
    std::array<char, kDatagramBuffer> buffer_;
};

UdpServer::UdpServer(IoThreads& io, std::string name, api::DatagramHandler handler, UdpLimits limits)
    : door_(std::make_shared<Door>()) {
    door_->io = &io.impl();
    door_->name = std::move(name);
    door_->handler = std::move(handler);
    door_->limits = limits;
}

UdpServer::~UdpServer() {
    stop(std::chrono::milliseconds(0));
    std::unique_lock lock(door_->mutex);
    door_->idle.wait(lock, [this] { return door_->under_way == 0; });
}

void UdpServer::serve(std::vector<ListenSocket> sockets) {
    for (ListenSocket& socket : sockets) {
        sockets_.push_back(std::make_shared<Socket>(door_, std::move(socket)));
        sockets_.back()->start();
    }
}

bool UdpServer::stop(std::chrono::milliseconds grace) {
    for (const auto& socket : sockets_) {
        std::promise<void> finished;
        socket->finish(finished);
        finished.get_future().wait();
    }
    sockets_.clear();
    std::unique_lock lock(door_->mutex);
    return door_->idle.wait_for(lock, grace, [this] { return door_->under_way == 0; });
}

const UdpCounters& UdpServer::counters() const {
    return door_->counters;
}

const std::string& UdpServer::name() const {
    return door_->name;
}

}  // namespace skua::net
