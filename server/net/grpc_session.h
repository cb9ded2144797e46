// SPDX-License-Identifier: Apache-2.0
// Internal to net/: the socket of one gRPC connection.
#pragma once

#include "net/acceptors.h"
#include "net/grpc_connection.h"
#include "net/session_set.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace skua::net {

class GrpcSession;

struct GrpcServer::Door {
    Door(IoThreads::Impl& threads, ByteBudget& budget, std::string name, RpcMethods methods, GrpcLimits limits)
        : io(threads), shared(budget, std::move(name), std::move(methods), limits) {}

    IoThreads::Impl& io;
    GrpcShared shared;
    Acceptors acceptors;
    SessionSet<GrpcSession> sessions;
};

// Runs on its socket's thread; lives as long as a step of it is pending or a handler owes an answer.
class GrpcSession : public std::enable_shared_from_this<GrpcSession> {
public:
    using Socket = boost::asio::ip::tcp::socket;

    GrpcSession(std::shared_ptr<GrpcServer::Door> door, Socket socket);
    ~GrpcSession();

    void start();
    // Any thread. Takes no more calls, closes when those that run have ended.
    void finish();
    // Any thread. Closes now; handlers that run are told to stop.
    void cut();

private:
    void wait_for_bytes();
    void read();
    void write();
    void close();
    void arm_timer();

    const std::shared_ptr<GrpcServer::Door> door_;
    Socket socket_;
    boost::asio::steady_timer timer_;
    GrpcConnection connection_;
    std::string out_;
    std::size_t out_sent_ = 0;
    bool is_writing_ = false;
    bool has_written_ = true;  // since the last tick
    bool close_after_ = false;
    bool is_closed_ = false;
};

}  // namespace skua::net
