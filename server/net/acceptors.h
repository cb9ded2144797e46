// SPDX-License-Identifier: Apache-2.0
// Internal to net/: takes the connections of a door's listening sockets.
#pragma once

#include "net/io_context.h"
#include "net/listen_socket.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace skua::net {

class Acceptors {
public:
    // `take` gets every connection, until it returns false or close() was called; several at a time, on the I/O
    // threads. The socket belongs to the thread with the least to do. What it captures lives until the last acceptor
    // has ended.
    void serve(IoThreads::Impl& io, std::vector<ListenSocket> sockets, const std::string& name,
               const std::function<bool(boost::asio::ip::tcp::socket)>& take);
    // Any thread but the I/O threads. The ports are free when it returns; a connection accepted at this moment may
    // still come.
    void close();

private:
    std::mutex mutex_;
    std::vector<std::shared_ptr<boost::asio::ip::tcp::acceptor>> acceptors_;
};

}  // namespace skua::net
