// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_call.h"

#include "api/rpc_status.h"
#include "base/log.h"
#include "net/decompress.h"

#include <fmt/format.h>
#include <grpcpp/support/proto_buffer_reader.h>

namespace skua::net {
namespace {

constexpr std::int64_t kBusyRetryMs = 1000;

// How the peer compressed the message. gRPC tells it nowhere else to a generic service.
class MessageReader : public grpc::ProtoBufferReader {
public:
    explicit MessageReader(grpc::ByteBuffer* buffer) : ProtoBufferReader(buffer) {}
    [[nodiscard]] grpc_compression_algorithm compression() {
        return status().ok() ? reader()->buffer_in->data.raw.compression : GRPC_COMPRESS_NONE;
    }
};

grpc::Status to_grpc_status(const base::Error& error, std::int64_t retry_after_ms) {
    const int code = api::grpc_code(error.code);
    std::string details;
    if (retry_after_ms > 0) details = api::rpc_status_protobuf({code, error.message, retry_after_ms});
    return {static_cast<grpc::StatusCode>(code), error.message, details};
}

}  // namespace

// Hands the answer on, and answers itself when the handler forgot to.
class GrpcCall::Answer {
public:
    explicit Answer(GrpcCall& call) : call_(call) {}
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    ~Answer() {
        give({base::Error{base::Code::kInternal, "the request was dropped"}, 0, {}});
        call_.release();
    }
    void give(api::RpcResponse response) {
        if (!given_.exchange(true)) call_.answer(std::move(response));
    }

private:
    GrpcCall& call_;
    std::atomic<bool> given_{false};
};

GrpcCall::GrpcCall(GrpcServer::Door& door, grpc::ServerCompletionQueue& queue)
    : door_(door), queue_(queue), lease_(door.budget) {
    const std::lock_guard lock(door_.mutex);
    ++door_.calls;
}

GrpcCall::~GrpcCall() {
    const std::lock_guard lock(door_.mutex);
    // Under the lock: the door may go as soon as its owner sees the count.
    if (--door_.calls == 0) door_.no_calls.notify_all();
}

void GrpcCall::wait_for_one(GrpcServer::Door& door, grpc::ServerCompletionQueue& queue) {
    auto* const call = new GrpcCall(door, queue);
    call->context_.AsyncNotifyWhenDone(&call->ended_);
    door.service.RequestCall(&call->context_, &call->stream_, &queue, &queue, &call->called_);
}

void GrpcCall::on_event(void* tag, bool ok) {
    const Tag& what = *static_cast<const Tag*>(tag);
    GrpcCall& call = *what.call;
    switch (what.event) {
        case Event::kCalled:
            return call.called(ok);
        case Event::kRead:
            return call.read(ok);
        case Event::kEnded:
            if (call.context_.IsCancelled()) call.stop_.request_stop();
            return call.release();
        case Event::kFinished:
            return call.release();
    }
}

void GrpcCall::called(bool ok) {
    if (!ok) {  // the server stops: nobody called, and there will be no other event
        delete this;
        return;
    }
    wait_for_one(door_, queue_);
    door_.counters.requests.fetch_add(1, std::memory_order_relaxed);
    const auto handler = door_.methods.find(context_.method());
    if (handler == door_.methods.end()) {
        return finish({grpc::StatusCode::UNIMPLEMENTED, fmt::format("unknown method {}", context_.method())});
    }
    handler_ = &handler->second;
    if (!door_.budget.has_room_for(1)) return refuse_over_budget();  // before the message is read
    stream_.Read(&message_, &read_);
}

void GrpcCall::read(bool ok) {
    if (!ok) return finish({grpc::StatusCode::INVALID_ARGUMENT, "cannot read the request: no message"});
    door_.counters.message_bytes.fetch_add(message_.Length(), std::memory_order_relaxed);
    if (!lease_.grow_to(message_.Length())) return refuse_over_budget();
    if (const base::Status read = read_message(); !read.ok()) {
        if (read.error().code == base::Code::kResourceExhausted) return refuse_over_budget();
        if (read.error().code == base::Code::kTooLarge) {
            door_.counters.requests_too_large.fetch_add(1, std::memory_order_relaxed);
        }
        lease_.release();
        return finish(to_grpc_status(read.error(), 0));
    }
    run_handler();
}

// The message as one piece: gRPC's own when it came as one, else a copy.
base::Status GrpcCall::read_message() {
    const grpc_compression_algorithm algorithm = MessageReader(&message_).compression();
    if (!message_.TrySingleSlice(&slice_).ok() && !message_.DumpToSingleSlice(&slice_).ok()) {
        return base::Error{base::Code::kInternal, "cannot read the request: bad buffer"};
    }
    message_.Clear();
    bytes_ = {reinterpret_cast<const char*>(slice_.begin()), slice_.size()};
    if (algorithm == GRPC_COMPRESS_NONE) return {};
    const ContentCoding coding = algorithm == GRPC_COMPRESS_GZIP ? ContentCoding::kGzip : ContentCoding::kZlib;
    SKUA_ASSIGN_OR_RETURN(plain_, decompress(coding, bytes_, door_.limits.message_bytes, lease_));
    bytes_ = plain_;
    return {};
}

void GrpcCall::run_handler() {
    api::RpcRequest request;
    request.method = context_.method();
    request.message = bytes_;
    request.context.cancel = stop_.get_token();
    holders_.fetch_add(1);  // for the answer
    const auto answer = std::make_shared<Answer>(*this);
    try {
        (*handler_)(request, [answer](api::RpcResponse response) { answer->give(std::move(response)); });
    } catch (const std::exception& e) {
        base::log(base::Level::kError, "net", "cannot handle {} on {}: {}", request.method, door_.name, e.what());
    }
}

void GrpcCall::answer(api::RpcResponse response) {
    lease_.release();
    if (!response.status.ok()) return finish(to_grpc_status(response.status.error(), response.retry_after_ms));
    const grpc::Slice slice(response.message);
    response_ = grpc::ByteBuffer(&slice, 1);
    stream_.WriteAndFinish(response_, grpc::WriteOptions(), grpc::Status::OK, &finished_);
}

void GrpcCall::finish(const grpc::Status& status) {
    stream_.Finish(status, &finished_);
}

void GrpcCall::refuse_over_budget() {
    door_.counters.requests_over_budget.fetch_add(1, std::memory_order_relaxed);
    lease_.release();
    finish(to_grpc_status({base::Code::kResourceExhausted, "cannot take the request: too many bytes in flight"},
                          kBusyRetryMs));
}

void GrpcCall::release() {
    if (holders_.fetch_sub(1) == 1) delete this;
}

}  // namespace skua::net
