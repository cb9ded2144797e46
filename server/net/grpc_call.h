// SPDX-License-Identifier: Apache-2.0
// Internal to net/: one gRPC call on a completion queue, and what the calls of a door share.
//
// The callback API of gRPC 1.51 costs twice as much for small requests (threads are changed twice a call): here the
// thread that polls a queue reads the message and runs the handler. Whoever answers starts the writing.
#pragma once

#include "net/grpc_server.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>

namespace skua::net {

struct GrpcServer::Door {
    Door(ByteBudget& b, std::string n, RpcMethods m, GrpcLimits l)
        : budget(b), name(std::move(n)), methods(std::move(m)), limits(l) {}
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    void accept_loop(const std::stop_token& stop);
    void accept_from(int listener);
    void poll(grpc::ServerCompletionQueue& queue, int number) const;

    // Constant after construction (methods: after serve).
    ByteBudget& budget;
    const std::string name;
    RpcMethods methods;
    const GrpcLimits limits;

    GrpcCounters counters;
    std::atomic<bool> is_serving{true};

    // Calls that exist, those waiting for a client too: queues are shut down after the last.
    std::mutex mutex;
    std::condition_variable no_calls;
    std::size_t calls = 0;  // guarded by mutex

    // Of the thread that serves, stops and destroys. The service outlives the server.
    grpc::AsyncGenericService service;
    std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor;
    std::unique_ptr<grpc::Server> server;
    std::vector<std::unique_ptr<grpc::ServerCompletionQueue>> queues;
    std::vector<std::thread> pollers;
    std::vector<ListenSocket> sockets;
    int wake_fd = -1;
    std::jthread accept_thread;
    bool is_stopped = false;
};

// Made to wait for a client; deletes itself. Events come from the queue's poller, the answer from any thread.
class GrpcCall {
public:
    // Asks for the next call that comes.
    static void wait_for_one(GrpcServer::Door& door, grpc::ServerCompletionQueue& queue);
    // What a queue hands out.
    static void on_event(void* tag, bool ok);

private:
    enum class Event : std::uint8_t { kCalled, kRead, kFinished, kEnded };
    struct Tag {
        GrpcCall* call;
        Event event;
    };
    class Answer;

    GrpcCall(GrpcServer::Door& door, grpc::ServerCompletionQueue& queue);
    ~GrpcCall();
    void called(bool ok);
    void read(bool ok);
    base::Status read_message();
    void run_handler();
    void answer(api::RpcResponse response);
    void finish(const grpc::Status& status);
    void refuse_over_budget();
    void release();

    GrpcServer::Door& door_;
    grpc::ServerCompletionQueue& queue_;
    Tag called_{this, Event::kCalled};
    Tag read_{this, Event::kRead};
    Tag finished_{this, Event::kFinished};
    Tag ended_{this, Event::kEnded};
    grpc::GenericServerContext context_;
    grpc::GenericServerAsyncReaderWriter stream_{&context_};
    const api::RpcHandler* handler_ = nullptr;
    std::atomic<int> holders_{2};  // the events finished and ended; the answer
    ByteLease lease_;
    std::stop_source stop_;
    grpc::ByteBuffer message_;
    grpc::Slice slice_;
    std::string plain_;
    std::string_view bytes_;
    grpc::ByteBuffer response_;
};

}  // namespace skua::net
