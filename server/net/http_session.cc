// SPDX-License-Identifier: Apache-2.0
#include "net/http_session.h"

#include "base/log.h"
#include "net/http_target.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>
#include <sys/socket.h>

namespace skua::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Error = boost::system::error_code;

constexpr std::size_t kInputFirst = 8 * 1024;
constexpr std::size_t kInputBody = 64 * 1024;
constexpr std::size_t kBodyFirst = 64 * 1024;
// What is read and thrown away after a refusal, so that the client sees the answer and not a reset.
constexpr std::size_t kLingerBytesMax = std::size_t{32} << 20;
constexpr std::chrono::seconds kLingerTime{2};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

api::HttpResponse busy(int status, std::string text) {
    api::HttpResponse response = text_response(status, std::move(text));
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

// Hands the answer on, and answers itself when the handler forgot to.
class AnswerOnce {
public:
    explicit AnswerOnce(std::shared_ptr<HttpSession> session) : session_(std::move(session)) {}
    AnswerOnce(const AnswerOnce&) = delete;
    AnswerOnce& operator=(const AnswerOnce&) = delete;
    ~AnswerOnce() { give(text_response(500, "the request was dropped")); }

    void give(api::HttpResponse response) {
        if (!given_.exchange(true)) session_->answer(std::move(response));
    }

private:
    const std::shared_ptr<HttpSession> session_;
    std::atomic<bool> given_{false};
};

}  // namespace

HttpSession::HttpSession(std::shared_ptr<HttpServer::Door> door, Socket socket)
    : door_(std::move(door)), socket_(std::move(socket)), timer_(socket_.get_executor()) {}

HttpSession::~HttpSession() {
    door_->counters.connections_open.fetch_sub(1, std::memory_order_relaxed);
    door_->sessions.remove(this);
}

void HttpSession::start() {
    asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
        Error ignored;
        self->socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
        self->set_deadline(self->door_->limits.header_timeout);
        self->next_request();
    });
}

void HttpSession::finish() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->close_after_ = true;
        if (self->at_ == At::kIdle) self->close();
    });
}

void HttpSession::cut() {
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->close(); });
}

void HttpSession::next_request() {
    at_ = At::kIdle;
    exchange_ = nullptr;
    body_.clear();
    body_size_ = 0;
    body_unread_ = false;
    chunks_ = ChunkedDecoder();
    content_length_.reset();
    coding_ = ContentCoding::kIdentity;
    body_deadline_ = Clock::time_point::max();
    ++serial_;
    if (input().empty()) {
        in_begin_ = in_end_ = 0;
        if (in_size_ != kInputFirst) {  // an idle connection keeps little
            in_ = nullptr;
            in_size_ = 0;
            reserve_input(kInputFirst);
        }
        if (door_->is_stopping.load()) return close();
    }
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(door_->limits.header_bytes));
    parser_->body_limit(boost::none);
    if (input().empty()) return read_header();
    parse_header();
}

void HttpSession::reserve_input(std::size_t bytes) {
    if (in_begin_ > 0) {
        std::memmove(in_.get(), in_.get() + in_begin_, in_end_ - in_begin_);
        in_end_ -= in_begin_;
        in_begin_ = 0;
    }
    if (in_size_ >= bytes) return;
    auto bigger = std::make_unique_for_overwrite<char[]>(bytes);
    if (in_end_ > 0) std::memcpy(bigger.get(), in_.get(), in_end_);
    in_ = std::move(bigger);
    in_size_ = bytes;
}

void HttpSession::read_header() {
    socket_.async_read_some(asio::buffer(in_.get() + in_end_, in_size_ - in_end_),
                            [self = shared_from_this()](Error error, std::size_t n) {
                                if (error) return self->close();
                                self->in_end_ += n;
                                self->parse_header();
                            });
}

void HttpSession::parse_header() {
    if (at_ == At::kIdle) {
        at_ = At::kHeader;
        set_deadline(door_->limits.header_timeout);
    }
    Error error;
    const std::string_view bytes = input();
    // A lone line end before a request is read over (RFC 9112, section 2.2); the parser would not.
    in_begin_ += parser_->put(asio::buffer(bytes.data(), bytes.size()), error);
    if (error == http::error::need_more) {
        if (input().size() >= door_->limits.header_bytes) error = http::error::header_limit;
    }
    if (error == http::error::need_more) {
        reserve_input(in_end_ - in_begin_ == in_size_ ? std::min(in_size_ * 2, door_->limits.header_bytes) : in_size_);
        return read_header();
    }
    if (error == http::error::header_limit) {
        door_->counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
        return refuse(text_response(
            431, fmt::format("cannot read the header: larger than {} bytes", door_->limits.header_bytes)));
    }
    if (error) {
        door_->counters.requests_malformed.fetch_add(1, std::memory_order_relaxed);
        return refuse(text_response(400, "cannot read the request: " + error.message()));
    }
    on_header();
}

void HttpSession::on_header() {
    door_->counters.requests.fetch_add(1, std::memory_order_relaxed);
    exchange_ = std::make_shared<Exchange>(*door_->budget);
    fill_request();
    if (auto response = refusal()) return refuse(std::move(*response));
    const bool has_body = parser_->chunked() || content_length_.value_or(0) > 0;
    if (!has_body) return run_handler();
    body_unread_ = true;
    at_ = At::kBody;
    body_deadline_ = Clock::now() + door_->limits.body_timeout;
    set_deadline(door_->limits.stall_timeout);
    if (exchange_->request.header("expect") && input().empty()) return send_continue();
    read_body();
}

void HttpSession::fill_request() {
    const auto& message = parser_->get();
    api::HttpRequest& request = exchange_->request;
    request.method = std::string(message.method_string());
    for (const auto& field : message) {
        request.headers.emplace_back(lower(field.name_string()), std::string(field.value()));
    }
    request.context.cancel = exchange_->stop.get_token();
    if (const auto length = parser_->content_length()) content_length_ = static_cast<std::size_t>(*length);
    exchange_->wire.is_head = request.method == "HEAD";
    exchange_->wire.is_http_1_0 = message.version() == 10;
    exchange_->wire.accepts_gzip = accepts_gzip(request.header("accept-encoding").value_or(""));
    if (!parser_->keep_alive()) close_after_ = true;
}

std::optional<api::HttpResponse> HttpSession::refusal() {
    const auto& message = parser_->get();
    api::HttpRequest& request = exchange_->request;
    const auto malformed = [&](std::string text) {
        door_->counters.requests_malformed.fetch_add(1, std::memory_order_relaxed);
        return text_response(400, "cannot read the request: " + std::move(text));
    };
    if (message.version() != 11 && message.version() != 10) return malformed("not HTTP/1.1");
    auto target = parse_target({message.target().data(), message.target().size()});
    if (!target) return malformed("bad request target");
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    if (message.version() == 11 && !request.header("host")) return malformed("no Host header");
    if (request.header("transfer-encoding") && !parser_->chunked()) return malformed("unknown Transfer-Encoding");
    const auto expect = request.header("expect");
    if (expect && lower(*expect) != "100-continue") return text_response(417, "unknown expectation");
    const bool has_body = parser_->chunked() || content_length_.value_or(0) > 0;
    if (!has_body) return std::nullopt;
    const std::string_view coding_name = request.header("content-encoding").value_or("");
    const auto coding = parse_content_coding(coding_name);
    if (!coding) {  // the collector's text
        return text_response(400, fmt::format("unsupported Content-Encoding: {}", coding_name));
    }
    coding_ = *coding;
    if (content_length_.value_or(0) > door_->limits.body_bytes) {
        door_->counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
        return text_response(413, fmt::format("cannot take the request: body of {} bytes; want at most {}",
                                              *content_length_, door_->limits.body_bytes));
    }
    if (!door_->budget->has_room_for(std::max(content_length_.value_or(0), kBodyFirst))) {
        door_->counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        return busy(429, "cannot take the request: too many bytes in flight");
    }
    return std::nullopt;
}

void HttpSession::send_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(socket_, asio::buffer(kContinue.data(), kContinue.size()),
                      [self = shared_from_this()](Error error, std::size_t) {
                          if (error) return self->close();
                          self->read_body();
                      });
}

void HttpSession::read_body() {
    if (content_length_) return read_sized_body();
    reserve_input(kInputBody);
    take_chunks();
}

// Doubles from a small start up to what is needed: a claimed length alone costs nothing.
bool HttpSession::make_body_room(std::size_t bytes) {
    if (bytes <= body_.size()) return true;
    const std::size_t limit = content_length_.value_or(door_->limits.body_bytes);
    const std::size_t want = std::max(bytes, std::min(limit, std::max(body_.size() * 2, kBodyFirst)));
    if (!exchange_->lease.grow_to(want)) {
        door_->counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        refuse(busy(429, "cannot take the request: too many bytes in flight"));
        return false;
    }
    body_.resize(want);
    return true;
}

void HttpSession::read_sized_body() {
    const std::size_t length = *content_length_;
    if (!make_body_room(std::min(length, body_size_ + 1))) return;
    if (const std::size_t n = std::min(input().size(), body_.size() - body_size_); n > 0) {
        std::memcpy(body_.data() + body_size_, input().data(), n);
        in_begin_ += n;
        body_size_ += n;
    }
    if (body_size_ == length) return on_body();
    if (!input().empty()) return read_sized_body();  // the header's read brought more than the first buffer holds
    if (!make_body_room(std::min(length, body_size_ + 1))) return;
    socket_.async_read_some(asio::buffer(body_.data() + body_size_, std::min(body_.size(), length) - body_size_),
                            [self = shared_from_this()](Error error, std::size_t n) {
                                if (error) return self->close();
                                self->body_size_ += n;
                                self->set_deadline(self->door_->limits.stall_timeout);
                                self->read_sized_body();
                            });
}

void HttpSession::take_chunks() {
    for (;;) {
        const ChunkedDecoder::Step step = chunks_.feed(input());
        in_begin_ += step.consumed;
        if (step.state == ChunkedDecoder::State::kBroken) {
            door_->counters.requests_malformed.fetch_add(1, std::memory_order_relaxed);
            return refuse(text_response(400, "cannot read the request: bad chunk"));
        }
        if (body_size_ + step.data.size() > door_->limits.body_bytes) {
            door_->counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
            return refuse(text_response(
                413, fmt::format("cannot take the request: body of more than {} bytes", door_->limits.body_bytes)));
        }
        if (!step.data.empty()) {
            if (!make_body_room(body_size_ + step.data.size())) return;
            std::memcpy(body_.data() + body_size_, step.data.data(), step.data.size());
            body_size_ += step.data.size();
        }
        if (step.state == ChunkedDecoder::State::kDone) return on_body();
        if (step.consumed == 0) return read_chunked_body();
    }
}

void HttpSession::read_chunked_body() {
    in_begin_ = in_end_ = 0;
    socket_.async_read_some(asio::buffer(in_.get(), in_size_), [self = shared_from_this()](Error error, std::size_t n) {
        if (error) return self->close();
        self->in_end_ = n;
        self->set_deadline(self->door_->limits.stall_timeout);
        self->take_chunks();
    });
}

void HttpSession::on_body() {
    body_unread_ = false;
    door_->counters.body_bytes.fetch_add(body_size_, std::memory_order_relaxed);
    body_.resize(body_size_);
    if (coding_ == ContentCoding::kIdentity || body_.empty()) {
        exchange_->request.body = std::move(body_);
        return run_handler();
    }
    auto plain = decompress(coding_, body_, door_->limits.body_bytes, exchange_->lease);
    body_ = std::string();
    if (plain) {
        exchange_->request.body = std::move(plain).value();
        return run_handler();
    }
    const base::Error& error = plain.error();
    if (error.code == base::Code::kTooLarge) {
        door_->counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
        return refuse(text_response(413, error.message));
    }
    if (error.code == base::Code::kResourceExhausted) {
        door_->counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        return refuse(busy(429, error.message));
    }
    door_->counters.requests_malformed.fetch_add(1, std::memory_order_relaxed);
    return refuse(text_response(400, error.message));
}

bool HttpSession::make_handler_room() {
    const auto& handler_bytes = door_->limits.handler_bytes;
    if (!handler_bytes || exchange_->request.body.empty()) return true;
    ByteLease& lease = exchange_->lease;
    const std::size_t all = lease.bytes() + handler_bytes(exchange_->request);
    if (all > door_->budget->bytes_max()) {
        door_->counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
        refuse(text_response(
            413, fmt::format("cannot take the request: reading it takes {} bytes of memory; want at most {}", all,
                             door_->budget->bytes_max())));
        return false;
    }
    if (!lease.grow_to(all)) {
        door_->counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        refuse(busy(429, "cannot take the request: too many bytes in flight"));
        return false;
    }
    return true;
}

void HttpSession::run_handler() {
    if (!make_handler_room()) return;
    at_ = At::kHandler;
    clear_deadline();
    exchange_->wire.keep_alive = !close_after_ && !door_->is_stopping.load();
    const auto answer = std::make_shared<AnswerOnce>(shared_from_this());
    // Held here too: the handler may answer at once, and its request must live until it returns.
    const std::shared_ptr<Exchange> exchange = exchange_;
    const std::uint64_t serial = serial_;
    try {
        door_->handler(exchange->request, [answer](api::HttpResponse response) { answer->give(std::move(response)); });
    } catch (const std::exception& e) {
        base::log(base::Level::kError, "net", "cannot handle {} {} on {}: {}", exchange->request.method,
                  exchange->request.path, door_->name, e.what());
        answer->give(text_response(500, "internal error"));
    }
    if (at_ == At::kHandler && serial_ == serial && input().empty()) watch_client();
}

// A client that leaves while its answer is made is told to the handler by the stop token.
void HttpSession::watch_client() {
    socket_.async_wait(Socket::wait_read, [self = shared_from_this(), serial = serial_](Error error) {
        if (error || self->serial_ != serial || self->at_ != At::kHandler) return;
        char byte = 0;
        const auto n = ::recv(self->socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        const bool has_left = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
        if (has_left) self->exchange_->stop.request_stop();
    });
}

void HttpSession::answer(api::HttpResponse response) {
    // exchange_ does not change before the answer is written: reading it here is safe from any thread.
    WireResponse wire = to_wire(std::move(response), exchange_->wire);
    asio::dispatch(socket_.get_executor(), [self = shared_from_this(), wire = std::move(wire)]() mutable {
        if (!self->exchange_->wire.keep_alive) self->close_after_ = true;
        self->exchange_->request.body = std::string();
        self->exchange_->lease.release();
        self->write(std::move(wire));
    });
}

void HttpSession::refuse(api::HttpResponse response) {
    close_after_ = true;
    body_unread_ = true;
    WireOptions options;
    body_ = std::string();
    if (exchange_) {
        options = exchange_->wire;
        exchange_->lease.release();
    }
    options.keep_alive = false;
    write(to_wire(std::move(response), options));
}

void HttpSession::write(WireResponse response) {
    at_ = At::kAnswer;
    Error ignored;
    socket_.cancel(ignored);  // the watch on the client
    out_ = std::move(response);
    out_sent_ = 0;
    write_rest();
}

void HttpSession::write_rest() {
    const std::string_view body = out_.body_view();
    const std::size_t head_left = out_.head.size() - std::min(out_sent_, out_.head.size());
    const std::size_t body_sent = out_sent_ - (out_.head.size() - head_left);
    const std::array<asio::const_buffer, 2> buffers = {
        asio::buffer(out_.head.data() + out_.head.size() - head_left, head_left),
        asio::buffer(body.data() + body_sent, body.size() - body_sent)};
    set_deadline(door_->limits.stall_timeout);
    socket_.async_write_some(buffers, [self = shared_from_this()](Error error, std::size_t n) {
        if (error) return self->close();
        self->out_sent_ += n;
        if (self->out_sent_ < self->out_.head.size() + self->out_.body_view().size()) return self->write_rest();
        self->on_written();
    });
}

void HttpSession::on_written() {
    out_ = WireResponse();
    exchange_ = nullptr;
    if (!close_after_) {
        set_deadline(door_->limits.keep_alive_timeout);
        return next_request();
    }
    if (!body_unread_) return close();
    at_ = At::kLinger;
    Error ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    lingered_bytes_ = 0;
    set_deadline(kLingerTime);
    reserve_input(kInputBody);
    linger();
}

void HttpSession::linger() {
    socket_.async_read_some(asio::buffer(in_.get(), in_size_), [self = shared_from_this()](Error error, std::size_t n) {
        self->lingered_bytes_ += n;
        if (error || self->lingered_bytes_ > kLingerBytesMax) return self->close();
        self->linger();
    });
}

void HttpSession::close() {
    if (exchange_) exchange_->stop.request_stop();
    // Before the client can see that it was cut; what a handler works on is released with its answer.
    if (exchange_ && at_ == At::kBody) exchange_->lease.release();
    Error ignored;
    timer_.cancel();
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

void HttpSession::set_deadline(Clock::duration from_now) {
    const Clock::time_point now = Clock::now();
    deadline_ = now + from_now;
    if (at_ == At::kBody) deadline_ = std::min(deadline_, body_deadline_);
    // An earlier alarm looks at deadline_ when it fires; only a later one must be moved.
    if (!timer_armed_ || deadline_ < timer_.expiry()) arm_timer();
}

void HttpSession::arm_timer() {
    timer_.expires_at(deadline_);
    timer_armed_ = true;
    timer_.async_wait([weak = weak_from_this()](Error error) {
        const auto self = weak.lock();
        if (error || !self) return;  // moved, or the connection is gone
        self->timer_armed_ = false;
        if (self->deadline_ == Clock::time_point::max()) return;
        if (Clock::now() < self->deadline_) return self->arm_timer();
        self->door_->counters.timeouts.fetch_add(1, std::memory_order_relaxed);
        self->close();
    });
}

}  // namespace skua::net
