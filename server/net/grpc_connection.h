// SPDX-License-Identifier: Apache-2.0
// Internal to net/: one HTTP/2 connection that speaks gRPC, without its socket: bytes in, calls to handlers, bytes out.
// HTTP/2 itself is nghttp2's; it also counts resets, pings, settings and continuations and ends who floods with them.
//
// Threads: one at a time (the socket's), but for the answers, which come from any thread.
#pragma once

#include "net/grpc_server.h"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct nghttp2_session;

namespace skua::net {

class GrpcCall;

// What the connections of a door share. Constant while it serves, but for the counters and the flag.
struct GrpcShared {
    GrpcShared(ByteBudget& b, std::string n, RpcMethods m, GrpcLimits l)
        : budget(b), name(std::move(n)), methods(std::move(m)), limits(l) {}

    ByteBudget& budget;
    const std::string name;
    RpcMethods methods;
    const GrpcLimits limits;
    GrpcCounters counters;
    std::atomic<bool> is_serving{true};
};

class GrpcConnection {
public:
    // `wake` is called, on any thread, when answers wait for take_answers(): at most once until that was called.
    GrpcConnection(GrpcShared& shared, std::function<void()> wake);
    ~GrpcConnection();
    GrpcConnection(const GrpcConnection&) = delete;
    GrpcConnection& operator=(const GrpcConnection&) = delete;

    // Whose life every call prolongs until it is answered; it owns this connection. Before the first feed.
    void set_owner(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

    // Runs the handlers of the calls that `bytes` complete, and takes their answers if they came at once. False: the
    // peer does not speak HTTP/2, or broke it; send output() and close.
    bool feed(std::string_view bytes);
    void take_answers();
    // Appends about `bytes_max` bytes for the peer at most. Nothing appended: nothing to send now.
    void output(std::string& out, std::size_t bytes_max);
    // No more calls; those that run may end.
    void shut_down();
    // The peer is gone: every running handler is told to stop, answers go nowhere.
    void abandon();
    // Ends calls whose message has not moved since the last tick. False: the peer has not even said that it speaks
    // HTTP/2 since the last tick.
    bool tick();
    // After shut_down or the peer's goodbye: whether all has been said.
    [[nodiscard]] bool is_over() const;
    [[nodiscard]] bool is_idle() const { return calls_.empty(); }

private:
    friend struct GrpcCallbacks;
    friend class GrpcAnswer;
    struct Answered {
        std::shared_ptr<GrpcCall> call;
        api::RpcResponse response;
    };

    void on_headers(GrpcCall& call);
    void on_data(GrpcCall& call, std::string_view bytes);
    void on_end(GrpcCall& call);
    base::Status undo_compression(GrpcCall& call);
    void run_handler(GrpcCall& call);
    void answer(Answered answered);
    void submit(GrpcCall& call, const api::RpcResponse& response);
    void fail(GrpcCall& call, const base::Error& error, std::int64_t retry_after_ms = 0);
    void refuse_over_budget(GrpcCall& call);
    void refuse_http(GrpcCall& call, const char* status);
    bool is_http2(std::string_view bytes);

    GrpcShared& shared_;
    const std::function<void()> wake_;
    std::weak_ptr<void> owner_;
    nghttp2_session* session_ = nullptr;
    std::unordered_map<std::int32_t, std::shared_ptr<GrpcCall>> calls_;
    std::size_t preface_seen_ = 0;  // bytes of HTTP/2's first 24
    unsigned ticks_ = 0;
    bool is_foreign_ = false;
    std::string goodbye_;  // for those who speak something else

    std::mutex mutex_;
    std::vector<Answered> answered_;
    bool is_awake_ = false;  // answers will be taken without another wake
};

}  // namespace skua::net
