// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_server.h"

#include "api/rpc_status.h"
#include "net/testing.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

namespace skua::net {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct Reply {
    grpc::Status status;
    std::string message;
};

class GrpcServerTest : public ::testing::Test {
protected:
    void serve(RpcMethods methods, GrpcLimits limits = {}) {
        auto sockets = testing::bind_free();
        port_ = sockets.front().port();
        server_.emplace(io_, budget_, "grpc-test", std::move(methods), limits);
        server_->serve(std::move(sockets));
        channel_ = connect();
    }
    std::shared_ptr<grpc::Channel> connect() {
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        return grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port_), grpc::InsecureChannelCredentials(),
                                         arguments);
    }
    Reply call(const std::string& method, std::string_view message,
               grpc_compression_algorithm compression = GRPC_COMPRESS_NONE, grpc::ClientContext* given = nullptr) {
        grpc::GenericStub stub(channel_);
        grpc::ClientContext own;
        grpc::ClientContext& context = given != nullptr ? *given : own;
        context.set_deadline(std::chrono::system_clock::now() + 20s);
        context.set_compression_algorithm(compression);
        const grpc::Slice slice(message.data(), message.size());
        const grpc::ByteBuffer request(&slice, 1);
        grpc::ByteBuffer response;
        // A queue and no callback: that would run on a thread of gRPC's, whose locks the thread sanitizer does not see.
        grpc::CompletionQueue queue;
        const auto reader = stub.PrepareUnaryCall(&context, method, request, &queue);
        Reply reply;
        reader->StartCall();
        reader->Finish(&response, &reply.status, nullptr);
        void* tag = nullptr;
        bool done = false;
        EXPECT_TRUE(queue.Next(&tag, &done));
        grpc::Slice whole;
        if (reply.status.ok() && response.DumpToSingleSlice(&whole).ok()) {
            reply.message.assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
        }
        return reply;
    }

    IoThreads io_{"test-io", 2};
    ByteBudget budget_{std::size_t{64} << 20};
    std::optional<GrpcServer> server_;
    std::shared_ptr<grpc::Channel> channel_;
    std::uint16_t port_ = 0;
};

void echo(const api::RpcRequest& request, const api::RpcRespond& respond) {
    respond({{}, 0, fmt::format("{} {}:{}", request.method, request.message.size(), request.message.substr(0, 20))});
}

TEST_F(GrpcServerTest, ServesRawMessages) {
    serve({{"/a.B/Echo", echo}});
    EXPECT_EQ(call("/a.B/Echo", "hello").message, "/a.B/Echo 5:hello");
    EXPECT_EQ(call("/a.B/Echo", "").message, "/a.B/Echo 0:");
    const std::string large(5 << 20, 'x');
    EXPECT_EQ(call("/a.B/Echo", large).message, "/a.B/Echo 5242880:" + std::string(20, 'x'));
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(GrpcServerTest, CompressedMessagesAreUndone) {
    serve({{"/a.B/Echo", echo}});
    const std::string text(50'000, 'z');
    const std::string want = "/a.B/Echo 50000:" + std::string(20, 'z');
    for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
        const Reply reply = call("/a.B/Echo", text, algorithm);
        EXPECT_TRUE(reply.status.ok()) << reply.status.error_message();
        EXPECT_EQ(reply.message, want);
    }
    EXPECT_LT(server_->counters().message_bytes.load(), 10'000U);  // they did arrive compressed
}

TEST_F(GrpcServerTest, UnknownMethodsAreUnimplemented) {
    serve({{"/a.B/Echo", echo}});
    const Reply reply = call("/a.B/Other", "x");
    EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_EQ(reply.status.error_message(), "unknown method /a.B/Other");
}

TEST_F(GrpcServerTest, TooLargeIsResourceExhaustedWithoutRetryInfo) {
    GrpcLimits limits;
    limits.message_bytes = 100'000;
    serve({{"/a.B/Echo", echo}}, limits);
    EXPECT_TRUE(call("/a.B/Echo", std::string(100'000, 'x')).status.ok());
    const std::string bomb(std::size_t{30} << 20, '\0');
    const Reply plain = call("/a.B/Echo", std::string(100'001, 'x'));
    const Reply packed = call("/a.B/Echo", bomb, GRPC_COMPRESS_GZIP);
    for (const Reply& reply : {plain, packed}) {
        EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << reply.status.error_message();
        EXPECT_EQ(reply.status.error_details(), "");
    }
    EXPECT_EQ(server_->counters().requests_too_large.load(), 2U);
    EXPECT_TRUE(call("/a.B/Echo", "x").status.ok());
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(GrpcServerTest, OverTheBudgetCarriesRetryInfo) {
    serve({{"/a.B/Echo", echo}});
    ASSERT_TRUE(budget_.try_take(std::size_t{64} << 20));
    const Reply reply = call("/a.B/Echo", "hello");
    EXPECT_EQ(reply.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_EQ(reply.status.error_details(),
              api::rpc_status_protobuf({8, "cannot take the request: too many bytes in flight", 1000}));
    budget_.give_back(std::size_t{64} << 20);
    EXPECT_TRUE(call("/a.B/Echo", "hello").status.ok());
    EXPECT_EQ(server_->counters().requests_over_budget.load(), 1U);
}

TEST_F(GrpcServerTest, FailuresKeepCodeTextAndRetryInfo) {
    struct Case {
        base::Code code;
        grpc::StatusCode want;
    };
    const Case cases[] = {{base::Code::kInvalidArgument, grpc::StatusCode::INVALID_ARGUMENT},
                          {base::Code::kResourceExhausted, grpc::StatusCode::RESOURCE_EXHAUSTED},
                          {base::Code::kUnavailable, grpc::StatusCode::UNAVAILABLE},
                          {base::Code::kInternal, grpc::StatusCode::INTERNAL},
                          {base::Code::kUnimplemented, grpc::StatusCode::UNIMPLEMENTED}};
    std::atomic<base::Code> code{};
    serve({{"/a.B/Fail", [&](const api::RpcRequest&, const api::RpcRespond& respond) {
                respond({base::Error{code.load(), "because"}, 250, {}});
            }}});
    for (const Case& c : cases) {
        SCOPED_TRACE(to_string(c.code));
        code = c.code;
        const Reply reply = call("/a.B/Fail", "");
        EXPECT_EQ(reply.status.error_code(), c.want);
        EXPECT_EQ(reply.status.error_message(), "because");
        EXPECT_EQ(reply.status.error_details(), api::rpc_status_protobuf({c.want, "because", 250}));
    }
}

TEST_F(GrpcServerTest, HealthSaysWhatItIsTold) {
    serve({});
    const std::string check = "/grpc.health.v1.Health/Check";
    EXPECT_EQ(call(check, "").message, std::string("\x08\x01"));
    server_->set_serving(false);
    EXPECT_EQ(call(check, "").message, std::string("\x08\x02"));
}

TEST_F(GrpcServerTest, AHandlerThatThrowsOrForgetsIsAnsweredFor) {
    serve({{"/a.B/Throw", [](const api::RpcRequest&, const api::RpcRespond&) { throw std::runtime_error("boom"); }},
           {"/a.B/Forget", [](const api::RpcRequest&, const api::RpcRespond&) {}}});
    EXPECT_EQ(call("/a.B/Throw", "").status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(call("/a.B/Forget", "").status.error_code(), grpc::StatusCode::INTERNAL);
}

// Keeps calls until the test answers them.
struct Parking {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<std::stop_token, api::RpcRespond>> waiting;

    api::RpcHandler handler() {
        return [this](const api::RpcRequest& request, api::RpcRespond respond) {
            const std::lock_guard lock(mutex);
            waiting.emplace_back(request.context.cancel, std::move(respond));
            changed.notify_all();
        };
    }
    void wait_for_one() {
        std::unique_lock lock(mutex);
        ASSERT_TRUE(changed.wait_for(lock, 20s, [&] { return !waiting.empty(); }));
    }
    void answer_all() {
        std::vector<std::pair<std::stop_token, api::RpcRespond>> taken;
        {
            const std::lock_guard lock(mutex);
            taken.swap(waiting);
        }
        for (auto& [token, respond] : taken) respond({{}, 0, "late"});
    }
};

TEST_F(GrpcServerTest, AClientThatLeavesSetsTheStopToken) {
    Parking parking;
    serve({{"/a.B/Park", parking.handler()}});
    grpc::ClientContext context;
    auto reply = std::async(std::launch::async, [&] { return call("/a.B/Park", "", GRPC_COMPRESS_NONE, &context); });
    parking.wait_for_one();
    std::promise<void> stopped;
    const std::stop_callback callback(parking.waiting[0].first, [&] { stopped.set_value(); });
    context.TryCancel();
    EXPECT_EQ(stopped.get_future().wait_for(20s), std::future_status::ready);
    EXPECT_EQ(reply.get().status.error_code(), grpc::StatusCode::CANCELLED);
    parking.answer_all();
}

TEST_F(GrpcServerTest, StopLetsRunningCallsEnd) {
    Parking parking;
    serve({{"/a.B/Park", parking.handler()}});
    auto reply = std::async(std::launch::async, [&] { return call("/a.B/Park", ""); });
    parking.wait_for_one();
    auto stopped = std::async(std::launch::async, [&] { server_->stop(20s); });
    parking.answer_all();
    EXPECT_EQ(reply.get().message, "late");
    stopped.get();
    EXPECT_TRUE(bind_endpoint({"127.0.0.1", port_}, Protocol::kTcp).ok());  // the port is free again
}

TEST_F(GrpcServerTest, AnAnswerAfterTheGraceGoesNowhereAndHarmsNobody) {
    Parking parking;
    serve({{"/a.B/Park", parking.handler()}});
    auto reply = std::async(std::launch::async, [&] { return call("/a.B/Park", ""); });
    parking.wait_for_one();
    EXPECT_FALSE(server_->stop(0s));
    EXPECT_FALSE(reply.get().status.ok());
    auto destroyed = std::async(std::launch::async, [&] { server_.reset(); });
    parking.answer_all();  // the destructor waits for it
    destroyed.get();
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(GrpcServerTest, ASecondServerOnThePortIsRefused) {
    serve({});
    EXPECT_FALSE(bind_endpoint({"localhost", port_}, Protocol::kTcp).ok());
}

TEST_F(GrpcServerTest, GarbageOnTheWireDoesNotStopTheServer) {
    serve({{"/a.B/Echo", echo}});
    for (const std::string_view bytes :
         {"GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\ngarbage"}) {
        testing::Client client(port_);
        client.send(bytes);
        client.shutdown_send();
        client.read_all();
    }
    EXPECT_TRUE(call("/a.B/Echo", "x").status.ok());
}

TEST_F(GrpcServerTest, ManyCallsAtOnce) {
    serve({{"/a.B/Echo", echo}});
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) good += call("/a.B/Echo", std::string(1000, 'q')).status.ok() ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good.load(), 400);
    EXPECT_EQ(budget_.used(), 0U);
}

}  // namespace
}  // namespace skua::net
