// SPDX-License-Identifier: Apache-2.0
#include "app/server.h"

#include "net/testing.h"

#include <atomic>
#include <filesystem>
#include <stop_token>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::app {
namespace {

using net::testing::Answer;
using net::testing::Client;
using net::testing::get;
using net::testing::post;
using ::testing::HasSubstr;

constexpr std::string_view kTrace = R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name",)"
                                    R"("value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[{"traceId":)"
                                    R"("5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"buy",)"
                                    R"("kind":2,"startTimeUnixNano":"1700000000000000000",)"
                                    R"("endTimeUnixNano":"1700000000100000000"}]}]}]})";

// Every port on a free number, nothing on the disk.
std::vector<std::string> free_ports() {
    std::vector<std::string> arguments = {"--storage.path="};
    for (const PortInfo& info : all_ports()) arguments.push_back(fmt::format("--{}=0", info.setting));
    return arguments;
}

Config configure(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = free_ports();
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto settings = Settings::read(arguments, {});
    if (!settings) throw std::runtime_error(settings.error().message);
    auto config = Config::from(*settings);
    if (!config) throw std::runtime_error(config.error().message);
    return std::move(config).value();
}

class ServerTest : public ::testing::Test {
protected:
    void start(std::vector<std::string> more = {}) {
        auto started = Server::start(configure(std::move(more)), base::system_clock());
        ASSERT_TRUE(started.ok()) << started.error().message;
        server_ = std::move(started).value();
    }
    Answer ask(Port port, std::string_view bytes) { return Client(*server_->port(port)).ask(bytes); }
    std::uint64_t metric(std::string_view line_start) {
        const std::string text = "\n" + ask(Port::kAdmin, get("/metrics")).body;
        const std::size_t at = text.find("\n" + std::string(line_start) + " ");
        if (at == std::string::npos) return ~std::uint64_t{0};
        return std::strtoull(text.c_str() + at + line_start.size() + 2, nullptr, 10);
    }
    grpc::Status call(const std::string& method, std::string_view message) {
        auto channel = grpc::CreateChannel(fmt::format("127.0.0.1:{}", *server_->port(Port::kOtlpGrpc)),
                                           grpc::InsecureChannelCredentials());
        grpc::GenericStub stub(channel);
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
        const grpc::Slice slice(message.data(), message.size());
        const grpc::ByteBuffer request(&slice, 1);
        grpc::ByteBuffer response;
        // A queue and no callback: that would run on a thread of gRPC's, whose locks the thread sanitizer does not see.
        grpc::CompletionQueue queue;
        const auto reader = stub.PrepareUnaryCall(&context, method, request, &queue);
        grpc::Status status;
        reader->StartCall();
        reader->Finish(&response, &status, nullptr);
        void* tag = nullptr;
        bool done = false;
        EXPECT_TRUE(queue.Next(&tag, &done));
        return status;
    }

    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, EveryPortOfTheSeedIsAlive) {
    start();
    EXPECT_EQ(ask(Port::kOtlpHttp, post("/v1/traces", "application/json", kTrace)).body, R"({"partialSuccess":{}})");
    EXPECT_EQ(ask(Port::kOtlpHttp, post("/v1/metrics", "application/json", R"({"resourceMetrics":[]})")).status, 200);
    EXPECT_EQ(ask(Port::kOtlpHttp, post("/v1/logs", "application/json", "{}")).status, 404);
    EXPECT_TRUE(call("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "").ok());
    EXPECT_TRUE(call("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "").ok());
    EXPECT_EQ(call("/opentelemetry.proto.collector.logs.v1.LogsService/Export", "").error_code(),
              grpc::StatusCode::UNIMPLEMENTED);
    EXPECT_EQ(call("/opentelemetry.proto.collector.trace.v1.TraceService/Export", "\xff\xff").error_code(),
              grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(ask(Port::kSampling, get("/sampling?service=shop")).body, HasSubstr(R"("samplingRate":1)"));
    EXPECT_EQ(ask(Port::kSampling, get("/sampling")).status, 400);
    EXPECT_THAT(ask(Port::kJaegerHttp, get("/api/sampling?service=shop")).body, HasSubstr("PROBABILISTIC"));
    EXPECT_EQ(ask(Port::kJaegerHttp, get("/api/traces")).status, 405);
    EXPECT_EQ(ask(Port::kQuery, get("/search")).header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(ask(Port::kQuery, get("/api/nothing")).status, 404);
    EXPECT_THAT(ask(Port::kHealth, get("/status")).body, HasSubstr("StatusOK"));
    EXPECT_THAT(ask(Port::kAdmin, get("/")).body, HasSubstr("Server available"));
    EXPECT_THAT(ask(Port::kAdmin, get("/version")).body, HasSubstr(std::string(version())));
    EXPECT_EQ(metric(R"(otelcol_receiver_accepted_spans{receiver="otlp",transport="http"})"), 1U);
    EXPECT_EQ(metric("skua_store_spans"), 1U);
}

TEST_F(ServerTest, WhatGoesInAsOtlpComesBackFromEveryQueryRoute) {
    start({"--query.base-path=/jaeger"});
    EXPECT_EQ(ask(Port::kOtlpHttp,
                  post("/v1/traces", "application/json", net::testing::gzip(kTrace), "Content-Encoding: gzip\r\n"))
                  .status,
              200);
    struct Case {
        std::string_view path;
        std::string_view in_body;
    };
    const Case cases[] = {{"/jaeger/api/traces/5b8efff798038103d269b633813fc60c", R"("operationName":"buy")"},
                          {"/jaeger/api/services", R"(["shop"])"},
                          {"/jaeger/api/v3/services", R"(["shop"])"},
                          {"/jaeger/api/services/shop/operations", R"(["buy"])"},
                          {"/jaeger/api/traces?service=shop&start=1699999999000000&end=1700000001000000", "buy"},
                          {"/jaeger/api/v3/traces/5b8efff798038103d269b633813fc60c", R"("name":"buy")"}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.path);
        const Answer answer = ask(Port::kQuery, get(c.path));
        EXPECT_EQ(answer.status, 200);
        EXPECT_THAT(answer.body, HasSubstr(std::string(c.in_body)));
    }
    const Answer unknown = ask(Port::kQuery, get("/jaeger/api/traces/1"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr("trace not found"));
    const Answer head =
        Client(*server_->port(Port::kQuery)).ask("HEAD /jaeger/api/services HTTP/1.1\r\nHost: a\r\n\r\n", true);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(ask(Port::kQuery, get("/jaeger/search")).header("Content-Type"), "text/html; charset=utf-8");
}

// One Thrift Batch {process {serviceName "s"}, spans []} of the binary protocol: HTTP's body on 14268 and 5778.
std::string empty_batch() {
    const std::string service("\x0b\x00\x01\x00\x00\x00\x01s\x00", 9);  // Process.serviceName (1), stop
    const std::string process = std::string("\x0c\x00\x01", 3) + service;
    const std::string spans("\x0f\x00\x02\x0c\x00\x00\x00\x00", 8);  // list of structs, empty
    return process + spans + std::string(1, '\0');
}

TEST_F(ServerTest, ThriftBatchesAreTakenOnBothHttpPorts) {
    start();
    for (const Port port : {Port::kJaegerHttp, Port::kSampling}) {
        EXPECT_EQ(ask(port, post("/api/traces", "application/x-thrift", empty_batch())).status, 202);
        EXPECT_EQ(ask(port, post("/api/traces?format=jaeger.thrift", "application/x-thrift",
                                 net::testing::gzip(empty_batch()), "Content-Encoding: gzip\r\n"))
                      .status,
                  202);
        const Answer garbage = ask(port, post("/api/traces", "application/x-thrift", "garbage"));
        EXPECT_EQ(garbage.status, 400);
        EXPECT_THAT(garbage.body, HasSubstr("Unable to process request body: "));
    }
    EXPECT_EQ(ask(Port::kJaegerHttp, post("/api/traces", "text/plain", "x")).body,
              "Unsupported content type: text/plain\n");
}

TEST_F(ServerTest, GarbageDatagramsAreCounted) {
    start();
    net::testing::send_datagram(*server_->port(Port::kJaegerCompact), "garbage");
    const std::string line = R"(skua_door_unreadable_requests_total{receiver="jaeger",transport="udp_thrift_compact"})";
    while (metric(line) == 0) std::this_thread::yield();  // the test's time limit ends it if it never comes
    EXPECT_EQ(metric(line), 1U);
}

TEST_F(ServerTest, APortInUseIsNamedAndNothingIsHalfUp) {
    start();
    for (const PortInfo& info : all_ports()) {
        SCOPED_TRACE(info.name);
        const std::uint16_t taken = *server_->port(info.port);
        const auto second =
            Server::start(configure({fmt::format("--{}={}", info.setting, taken)}), base::system_clock());
        ASSERT_FALSE(second.ok());
        EXPECT_EQ(second.error().code, base::Code::kUnavailable);
        EXPECT_THAT(second.error().message, HasSubstr(fmt::format("{} port {}", to_string(info.protocol), taken)));
        EXPECT_THAT(second.error().message, HasSubstr("in use by pid"));
        EXPECT_THAT(second.error().message, HasSubstr(fmt::format("--{}", info.setting)));
    }
}

// A folder of this test, gone when it ends.
struct Folder {
    explicit Folder(const std::string& name)
        : path(std::filesystem::temp_directory_path() / fmt::format("skua-server-{}-{}", ::getpid(), name)) {
        std::filesystem::remove_all(path);
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path;
};

TEST_F(ServerTest, WhileTheLogIsReadBackHealthSaysSoAndAStopEndsItWithoutLoss) {
    const Folder original("original");
    const Folder folder("crashed");
    start({"--storage.path=" + original.path.string()});
    ASSERT_EQ(ask(Port::kOtlpHttp, post("/v1/traces", "application/json", kTrace)).status, 200);
    // What a kill would leave: everything acknowledged is in the log, nothing is sealed.
    std::error_code error;
    do {  // again, if a file of the log is just being made
        std::filesystem::remove_all(folder.path);
        std::filesystem::copy(original.path, folder.path, std::filesystem::copy_options::recursive, error);
    } while (error);
    server_.reset();

    const Config config = configure({"--storage.path=" + folder.path.string()});
    auto prepared = Server::prepare(config, base::system_clock());
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    server_ = std::move(prepared).value();
    EXPECT_THAT(ask(Port::kHealth, get("/status")).body, HasSubstr("StatusStarting"));
    std::stop_source stop;
    int told = 0;
    const base::Status opened =
        server_->open({stop.get_token(), [&](const store::embedded::ReplayProgress& progress) {
                           ++told;
                           EXPECT_GT(progress.bytes_total, kTrace.size());
                           for (const Port port : {Port::kHealth, Port::kAdmin}) {
                               const Answer answer = ask(port, get("/"));
                               EXPECT_EQ(answer.status, 503);
                               EXPECT_THAT(answer.body, HasSubstr("replaying the log: 0 of 1 MiB"));
                           }
                           stop.request_stop();
                       }});
    EXPECT_EQ(told, 1);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code, base::Code::kCancelled) << opened.error().message;
    server_.reset();

    start({"--storage.path=" + folder.path.string()});
    EXPECT_EQ(ask(Port::kHealth, get("/status")).status, 200);
    EXPECT_EQ(ask(Port::kQuery, get("/api/traces/5b8efff798038103d269b633813fc60c")).status, 200);
    server_.reset();  // before its folder
}

TEST_F(ServerTest, WhatJsonTakesToBeReadIsCountedWithTheBytesInFlight) {
    start({"--max-bytes-in-flight=1MiB", "--collector.otlp.max-body-size=1MiB"});
    EXPECT_EQ(ask(Port::kOtlpHttp, post("/v1/traces", "application/json", kTrace)).status, 200);
    const std::string large = fmt::format(R"({{"resourceSpans":[],"unknown":"{}"}})", std::string(200'000, 'x'));
    for (const auto& [port, path] :
         {std::pair{Port::kOtlpHttp, "/v1/traces"}, std::pair{Port::kOtlpHttp, "/v1/metrics"},
          std::pair{Port::kQuery, "/api/transform"}}) {
        SCOPED_TRACE(path);
        const Answer answer = ask(port, post(path, "application/json", large));
        EXPECT_EQ(answer.status, 413);
        EXPECT_THAT(answer.body, HasSubstr("reading it takes"));
    }
}

TEST_F(ServerTest, PortsCanBeOff) {
    start({"--health.host-port=off", "--collector.otlp.enabled=false"});
    EXPECT_FALSE(server_->port(Port::kHealth));
    EXPECT_FALSE(server_->port(Port::kOtlpGrpc));
    EXPECT_THAT(server_->ports_json(), ::testing::Not(HasSubstr("otlp")));
    EXPECT_THAT(server_->ready_line(),
                HasSubstr(fmt::format("is ready: http://localhost:{} (", *server_->port(Port::kQuery))));
}

TEST_F(ServerTest, BadFilesEndTheStart) {
    const auto sampling = Server::start(configure({"--sampling.strategies-file=/none.json"}), base::system_clock());
    ASSERT_FALSE(sampling.ok());
    EXPECT_THAT(sampling.error().message, HasSubstr("/none.json"));
    const auto ui = Server::start(configure({"--query.ui-config=/none.js"}), base::system_clock());
    ASSERT_FALSE(ui.ok());
    EXPECT_THAT(ui.error().message, HasSubstr("/none.js"));
}

TEST_F(ServerTest, StopWithRequestsInFlightCutsNoAnswerShort) {
    start();
    const std::uint16_t port = *server_->port(Port::kOtlpHttp);
    std::atomic<int> answered{0};
    std::atomic<int> wrong{0};
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&] {
            try {
                Client client(port);
                for (;;) {
                    if (!client.send(post("/v1/traces", "application/json", kTrace))) return;
                    const Answer answer = client.read_answer();
                    if (answer.status == 0) return;  // closed between requests
                    if (answer.status != 200 || answer.body != R"({"partialSuccess":{}})") ++wrong;
                    ++answered;
                }
            } catch (const std::exception&) {  // refused: stopped before this one connected
            }
        });
    }
    while (answered.load() < 100) std::this_thread::yield();
    server_->stop();
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(wrong.load(), 0);
    EXPECT_THROW(Client{port}, std::runtime_error);
}

}  // namespace
}  // namespace skua::app
