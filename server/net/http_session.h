// SPDX-License-Identifier: Apache-2.0
// Internal to net/: one HTTP connection, and what the connections of a door share.
#pragma once

#include "net/acceptors.h"
#include "net/chunked.h"
#include "net/decompress.h"
#include "net/http_response.h"
#include "net/http_server.h"
#include "net/io_context.h"
#include "net/session_set.h"

#include <optional>
#include <stop_token>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace skua::net {

class HttpSession;

struct HttpServer::Door {
    // Constant after construction.
    IoThreads::Impl* io = nullptr;
    ByteBudget* budget = nullptr;
    std::string name;
    api::HttpHandler handler;
    HttpLimits limits;

    HttpCounters counters;
    std::atomic<bool> is_stopping{false};

    Acceptors acceptors;
    SessionSet<HttpSession> sessions;
};

// Runs on its socket's thread; lives as long as a step of it is pending or a handler owes an answer.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
public:
    using Socket = boost::asio::ip::tcp::socket;
    using Clock = std::chrono::steady_clock;

    HttpSession(std::shared_ptr<HttpServer::Door> door, Socket socket);
    ~HttpSession();

    void start();
    // Any thread. An idle connection closes, a busy one after its answer.
    void finish();
    // Any thread. Closes now; a handler that runs is told to stop.
    void cut();
    // Any thread; once per request.
    void answer(api::HttpResponse response);

    // What a handler works on.
    struct Exchange {
        Exchange(ByteBudget& budget) : lease(budget) {}
        api::HttpRequest request;
        ByteLease lease;
        std::stop_source stop;
        WireOptions wire;
    };

private:
    enum class At : std::uint8_t { kIdle, kHeader, kBody, kHandler, kAnswer, kLinger };
    using Parser = boost::beast::http::request_parser<boost::beast::http::empty_body>;

    void next_request();
    void read_header();
    void parse_header();
    void on_header();
    void fill_request();
    // The answer that refuses the request at its headers, if there is one.
    std::optional<api::HttpResponse> refusal();
    void send_continue();
    void read_body();
    void read_sized_body();
    void read_chunked_body();
    void take_chunks();
    void on_body();
    bool make_body_room(std::size_t bytes);
    // False: the request was refused.
    bool make_handler_room();
    void run_handler();
    void watch_client();
    void refuse(api::HttpResponse response);
    void write(WireResponse response);
    void write_rest();
    void on_written();
    void linger();
    void close();

    // Makes `deadline_` the time when the connection is cut.
    void set_deadline(Clock::duration from_now);
    void clear_deadline() { deadline_ = Clock::time_point::max(); }
    void arm_timer();

    void reserve_input(std::size_t bytes);
    [[nodiscard]] std::string_view input() const { return {in_.get() + in_begin_, in_end_ - in_begin_}; }

    const std::shared_ptr<HttpServer::Door> door_;
    Socket socket_;
    boost::asio::steady_timer timer_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point body_deadline_ = Clock::time_point::max();
    bool timer_armed_ = false;

    // Bytes read and not used yet: [in_begin_, in_end_) of in_.
    std::unique_ptr<char[]> in_;
    std::size_t in_size_ = 0;
    std::size_t in_begin_ = 0;
    std::size_t in_end_ = 0;

    At at_ = At::kIdle;
    std::optional<Parser> parser_;
    std::shared_ptr<Exchange> exchange_;
    ContentCoding coding_ = ContentCoding::kIdentity;
    std::optional<std::size_t> content_length_;
    ChunkedDecoder chunks_;
    std::string body_;
    std::size_t body_size_ = 0;  // bytes of body_ that are the client's
    std::uint64_t serial_ = 0;   // of the request, so that a late event of an earlier one is known as such
    bool close_after_ = false;
    bool body_unread_ = false;
    WireResponse out_;
    std::size_t out_sent_ = 0;
    std::size_t lingered_bytes_ = 0;
};

}  // namespace skua::net
