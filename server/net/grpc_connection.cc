// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_connection.h"

#include "api/rpc_status.h"
#include "base/log.h"
#include "model/nested.h"
#include "net/decompress.h"
#include "net/grpc_message.h"

#include <algorithm>
#include <array>
#include <stop_token>

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>

namespace skua::net {

// One stream.
class GrpcCall {
public:
    enum class At : std::uint8_t { kHeaders, kMessage, kHandler, kAnswered };

    GrpcCall(std::int32_t stream_id, GrpcShared& shared)
        : id(stream_id), message(shared.limits.message_bytes), lease(shared.budget) {}

    const std::int32_t id;
    At at = At::kHeaders;
    bool is_open = true;
    bool has_moved = true;  // since the last tick
    bool is_post = false;
    bool is_grpc = false;
    std::string path;
    std::string coding_name;
    const api::RpcHandler* handler = nullptr;
    GrpcMessageReader message;
    std::string plain;  // the message after decompression
    ByteLease lease;
    std::stop_source stop;
    std::string out;  // what is sent of the answer's body
    std::size_t out_sent = 0;
};

// Hands the answer on, and answers itself when the handler forgot to.
class GrpcAnswer {
public:
    GrpcAnswer(std::shared_ptr<void> owner, GrpcConnection& connection, std::shared_ptr<GrpcCall> call)
        : owner_(std::move(owner)), connection_(connection), call_(std::move(call)) {}
    GrpcAnswer(const GrpcAnswer&) = delete;
    GrpcAnswer& operator=(const GrpcAnswer&) = delete;
    ~GrpcAnswer() { give({base::Error{base::Code::kInternal, "the request was dropped"}, 0, {}}); }

    void give(api::RpcResponse response) {
        if (!given_.exchange(true)) connection_.answer({call_, std::move(response)});
    }

private:
    const std::shared_ptr<void> owner_;
    GrpcConnection& connection_;
    const std::shared_ptr<GrpcCall> call_;
    std::atomic<bool> given_{false};
};

namespace {

constexpr std::int64_t kBusyRetryMs = 1000;
constexpr std::uint32_t kStreamWindow = 1U << 20U;
constexpr std::int32_t kConnectionWindow = 8 << 20;
constexpr std::uint32_t kFrameBytes = 256U << 10U;
constexpr std::uint32_t kHeaderListBytes = 16U << 10U;
constexpr std::size_t kCodingNameMax = 32;
constexpr std::string_view kMagic = NGHTTP2_CLIENT_MAGIC;
constexpr std::string_view kCodings = "identity,gzip,deflate,zstd";

nghttp2_nv header(std::string_view name, std::string_view value, int flags = NGHTTP2_NV_FLAG_NONE) {
    const auto bytes = [](std::string_view text) {
        return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));  // nghttp2 only reads
    };
    return {bytes(name), bytes(value), name.size(), value.size(), static_cast<std::uint8_t>(flags)};
}

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

std::string greeting_for_http1() {
    static constexpr std::string_view kText =
        "this port speaks gRPC over HTTP/2; OTLP over HTTP has a port of its own (4318 by default)\n";
    return fmt::format(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n"
        "Connection: close\r\n\r\n{}",
        kText.size(), kText);
}

}  // namespace

// The C functions that nghttp2 calls.
struct GrpcCallbacks {
    static GrpcConnection& connection(void* user) { return *static_cast<GrpcConnection*>(user); }
    static GrpcCall* call(nghttp2_session* session, std::int32_t stream_id) {
        return static_cast<GrpcCall*>(nghttp2_session_get_stream_user_data(session, stream_id));
    }

    static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
        if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
        GrpcConnection& self = connection(user);
        auto made = std::make_shared<GrpcCall>(frame->hd.stream_id, self.shared_);
        nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, made.get());
        self.calls_.emplace(frame->hd.stream_id, std::move(made));
        return 0;
    }

    static int on_header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                         std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                         void*) {
        GrpcCall* call = GrpcCallbacks::call(session, frame->hd.stream_id);
        if (call == nullptr || call->at != GrpcCall::At::kHeaders) return 0;
        const std::string_view n = text(name, name_size);
        const std::string_view v = text(value, value_size);
        if (n == ":path") {
            call->path = v;
        } else if (n == ":method") {
            call->is_post = v == "POST";
        } else if (n == "content-type") {
            call->is_grpc = v.starts_with("application/grpc");
        } else if (n == "grpc-encoding") {
            call->coding_name = v.substr(0, kCodingNameMax);
        }
        return 0;
    }

    static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t stream_id, const std::uint8_t* data,
                       std::size_t size, void* user) {
        if (GrpcCall* call = GrpcCallbacks::call(session, stream_id)) connection(user).on_data(*call, text(data, size));
        return 0;
    }

    static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
        if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
        GrpcCall* call = GrpcCallbacks::call(session, frame->hd.stream_id);
        if (call == nullptr) return 0;
        if (call->at == GrpcCall::At::kHeaders) connection(user).on_headers(*call);
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) connection(user).on_end(*call);
        return 0;
    }

    // A call that was refused before its message had come: the rest need not be sent (RFC 9113, section 8.1).
    static int on_sent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
        const bool is_end = frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if (is_end && nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0) {
            nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
        }
        return 0;
    }

    static int on_stream_close(nghttp2_session*, std::int32_t stream_id, std::uint32_t, void* user) {
        auto& calls = connection(user).calls_;
        const auto found = calls.find(stream_id);
        if (found == calls.end()) return 0;
        const auto call = std::move(found->second);
        calls.erase(found);
        call->is_open = false;
        if (call->at == GrpcCall::At::kHandler) call->stop.request_stop();
        if (call->at < GrpcCall::At::kHandler) call->lease.release();
        return 0;
    }

    // The message, then trailers with the status.
    static ssize_t read_answer(nghttp2_session* session, std::int32_t stream_id, std::uint8_t* buffer, std::size_t size,
                               std::uint32_t* flags, nghttp2_data_source* source, void*) {
        GrpcCall& call = *static_cast<GrpcCall*>(source->ptr);
        const std::size_t n = std::min(size, call.out.size() - call.out_sent);
        std::copy_n(call.out.data() + call.out_sent, n, buffer);
        call.out_sent += n;
        if (call.out_sent < call.out.size()) return static_cast<ssize_t>(n);
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const nghttp2_nv trailer = header("grpc-status", "0");
        nghttp2_submit_trailer(session, stream_id, &trailer, 1);
        return static_cast<ssize_t>(n);
    }

    static const nghttp2_session_callbacks* table() {
        static const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> made = [] {
            nghttp2_session_callbacks* callbacks = nullptr;
            if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
            nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
            nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
            nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
            nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
            nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, on_sent);
            nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
            return std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)>(
                callbacks, nghttp2_session_callbacks_del);
        }();
        return made.get();
    }
};

GrpcConnection::GrpcConnection(GrpcShared& shared, std::function<void()> wake)
    : shared_(shared), wake_(std::move(wake)) {
    if (nghttp2_session_server_new(&session_, GrpcCallbacks::table(), this) != 0) throw std::bad_alloc();
    const std::array<nghttp2_settings_entry, 4> settings = {{
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(shared.limits.streams_per_connection)},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
        {NGHTTP2_SETTINGS_MAX_FRAME_SIZE, kFrameBytes},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeaderListBytes},
    }};
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

GrpcConnection::~GrpcConnection() {
    nghttp2_session_del(session_);
}

bool GrpcConnection::is_http2(std::string_view bytes) {
    if (preface_seen_ == kMagic.size()) return true;
    const std::string_view due = kMagic.substr(preface_seen_);
    const std::size_t n = std::min(bytes.size(), due.size());
    if (bytes.substr(0, n) == due.substr(0, n)) {
        preface_seen_ += n;
        return true;
    }
    is_foreign_ = true;
    for (const std::string_view method : {"GET ", "POST ", "PUT ", "HEAD ", "OPTIONS "}) {
        if (bytes.starts_with(method)) goodbye_ = greeting_for_http1();
    }
    return false;
}

bool GrpcConnection::feed(std::string_view bytes) {
    if (is_foreign_ || !is_http2(bytes)) return false;
    {
        const std::lock_guard lock(mutex_);
        is_awake_ = true;
    }
    const ssize_t read =
        nghttp2_session_mem_recv(session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    take_answers();
    return read >= 0 && static_cast<std::size_t>(read) == bytes.size();
}

void GrpcConnection::on_headers(GrpcCall& call) {
    shared_.counters.requests.fetch_add(1, std::memory_order_relaxed);
    call.at = GrpcCall::At::kMessage;
    if (!call.is_post) return refuse_http(call, "405");
    if (!call.is_grpc) return refuse_http(call, "415");
    const auto handler = shared_.methods.find(call.path);
    if (handler == shared_.methods.end()) {
        return fail(call, {base::Code::kUnimplemented, "unknown method " + call.path});
    }
    call.handler = &handler->second;
    if (!parse_content_coding(call.coding_name)) {
        return fail(call, {base::Code::kUnimplemented,
                           fmt::format("unknown grpc-encoding {}; want one of {}", call.coding_name, kCodings)});
    }
    if (!shared_.budget.has_room_for(1)) refuse_over_budget(call);  // before the message is read
}

void GrpcConnection::on_data(GrpcCall& call, std::string_view bytes) {
    call.has_moved = true;
    if (call.at != GrpcCall::At::kMessage) return;
    shared_.counters.message_bytes.fetch_add(bytes.size(), std::memory_order_relaxed);
    const base::Status taken = call.message.take(bytes, call.lease);
    if (!taken.ok()) fail(call, taken.error());
}

void GrpcConnection::on_end(GrpcCall& call) {
    if (call.at != GrpcCall::At::kMessage) return;
    if (!call.message.is_complete()) {
        return fail(call, {base::Code::kInvalidArgument, "cannot read the request: no whole message"});
    }
    if (call.message.is_compressed()) {
        const base::Status undone = undo_compression(call);
        if (!undone.ok()) return fail(call, undone.error());
    }
    run_handler(call);
}

base::Status GrpcConnection::undo_compression(GrpcCall& call) {
    const ContentCoding coding = *parse_content_coding(call.coding_name);
    if (coding == ContentCoding::kIdentity) {
        return base::Error{base::Code::kInternal, "cannot read the request: compressed, but no grpc-encoding"};
    }
    SKUA_ASSIGN_OR_RETURN(call.plain,
                          decompress(coding, call.message.body(), shared_.limits.message_bytes, call.lease));
    call.message.clear();
    return {};
}

void GrpcConnection::run_handler(GrpcCall& call) {
    call.at = GrpcCall::At::kHandler;
    const auto held = calls_.at(call.id);
    api::RpcRequest request;
    request.method = call.path;
    request.message = call.message.is_compressed() ? call.plain : call.message.body();
    request.context.cancel = call.stop.get_token();
    const auto answer = std::make_shared<GrpcAnswer>(owner_.lock(), *this, held);
    try {
        (*call.handler)(request, [answer](api::RpcResponse response) { answer->give(std::move(response)); });
    } catch (const std::exception& e) {
        base::log(base::Level::kError, "net", "cannot handle {} on {}: {}", call.path, shared_.name, e.what());
    }
    call.message.clear();  // the handler has made of it what it wants
    call.plain = std::string();
}

void GrpcConnection::answer(Answered answered) {
    bool must_wake = false;
    {
        const std::lock_guard lock(mutex_);
        answered_.push_back(std::move(answered));
        must_wake = !std::exchange(is_awake_, true);
    }
    if (must_wake) wake_();
}

void GrpcConnection::take_answers() {
    std::vector<Answered> taken;
    {
        const std::lock_guard lock(mutex_);
        is_awake_ = false;
        taken.swap(answered_);
    }
    for (Answered& each : taken) {
        each.call->lease.release();
        if (each.call->is_open && each.call->at == GrpcCall::At::kHandler) {
            submit(*each.call, each.response);
        }
    }
}

void GrpcConnection::submit(GrpcCall& call, const api::RpcResponse& response) {
    if (!response.status.ok()) return fail(call, response.status.error(), response.retry_after_ms);
    call.at = GrpcCall::At::kAnswered;
    call.out = grpc_frame(response.message);
    const std::array<nghttp2_nv, 3> headers = {header(":status", "200"), header("content-type", "application/grpc"),
                                               header("grpc-accept-encoding", kCodings)};
    nghttp2_data_provider provider{};
    provider.source.ptr = &call;  // lives in calls_ while its stream does
    provider.read_callback = GrpcCallbacks::read_answer;
    nghttp2_submit_response(session_, call.id, headers.data(), headers.size(), &provider);
}

void GrpcConnection::fail(GrpcCall& call, const base::Error& error, std::int64_t retry_after_ms) {
    if (error.code == base::Code::kTooLarge) {
        shared_.counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
    }
    if (error.code == base::Code::kResourceExhausted && call.at == GrpcCall::At::kMessage) {
        shared_.counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
        retry_after_ms = kBusyRetryMs;
    }
    call.at = GrpcCall::At::kAnswered;
    call.message.clear();
    call.lease.release();
    const int code = api::grpc_code(error.code);
    const std::string code_text = std::to_string(code);
    const std::string message = grpc_message_text(error.message);
    std::string details;
    if (retry_after_ms > 0)
        model::append_base64(details, api::rpc_status_protobuf({code, error.message, retry_after_ms}));
    const std::array<nghttp2_nv, 6> headers = {
        header(":status", "200"),
        header("content-type", "application/grpc"),
        header("grpc-accept-encoding", kCodings),
        header("grpc-status", code_text),
        header("grpc-message", message),
        header("grpc-status-details-bin", details),
    };
    nghttp2_submit_response(session_, call.id, headers.data(), headers.size() - (details.empty() ? 1 : 0), nullptr);
}

void GrpcConnection::refuse_over_budget(GrpcCall& call) {
    fail(call, {base::Code::kResourceExhausted, "cannot take the request: too many bytes in flight"});
}

void GrpcConnection::refuse_http(GrpcCall& call, const char* status) {
    call.at = GrpcCall::At::kAnswered;
    const nghttp2_nv only = header(":status", status);
    nghttp2_submit_response(session_, call.id, &only, 1, nullptr);
}

void GrpcConnection::output(std::string& out, std::size_t bytes_max) {
    if (is_foreign_) out += std::exchange(goodbye_, {});
    while (!is_foreign_ && out.size() < bytes_max) {
        const std::uint8_t* bytes = nullptr;
        const ssize_t n = nghttp2_session_mem_send(session_, &bytes);
        if (n <= 0) return;
        out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
    }
}

void GrpcConnection::shut_down() {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_),
                          NGHTTP2_NO_ERROR, nullptr, 0);
}

void GrpcConnection::abandon() {
    for (auto& [id, call] : calls_) {
        call->is_open = false;
        call->stop.request_stop();
        if (call->at < GrpcCall::At::kHandler) call->lease.release();
    }
}

bool GrpcConnection::tick() {
    if (preface_seen_ < kMagic.size() && ++ticks_ > 1) return false;
    for (auto& [id, call] : calls_) {
        if (call->at < GrpcCall::At::kHandler && !std::exchange(call->has_moved, false)) {
            nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
        }
    }
    return true;
}

bool GrpcConnection::is_over() const {
    return is_foreign_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

}  // namespace skua::net
