// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include "net/decompress.h"
#include "net/testing.h"

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::net {
namespace {

using namespace std::chrono_literals;
using testing::Answer;
using testing::Client;
using testing::get;
using ::testing::HasSubstr;
using testing::post;
using ::testing::StartsWith;

// Says what it got.
void echo(const api::HttpRequest& request, const api::Respond& respond) {
    api::HttpResponse response;
    response.content_type = "text/plain";
    response.body =
        fmt::format("{} {} {}:{}", request.method, request.path, request.body.size(), request.body.substr(0, 100));
    respond(std::move(response));
}

// Keeps requests until the test answers them.
class Parking {
public:
    api::HttpHandler handler() {
        return [this](const api::HttpRequest& request, api::Respond respond) {
            const std::lock_guard lock(mutex_);
            waiting_.emplace_back(&request, std::move(respond));
            changed_.notify_all();
        };
    }
    void wait_for(std::size_t n) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, 20s, [&] { return waiting_.size() >= n; }));
    }
    const api::HttpRequest& request(std::size_t i) { return *waiting_[i].first; }
    void answer_all() {
        std::vector<std::pair<const api::HttpRequest*, api::Respond>> taken;
        {
            const std::lock_guard lock(mutex_);
            taken.swap(waiting_);
        }
        for (auto& [request, respond] : taken) {
            api::HttpResponse response;
            response.body = "late " + request->path;
            respond(std::move(response));
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::pair<const api::HttpRequest*, api::Respond>> waiting_;
};

class HttpServerTest : public ::testing::Test {
protected:
    void serve(api::HttpHandler handler = echo, HttpLimits limits = {}) {
        auto sockets = testing::bind_free();
        port_ = sockets.front().port();
        server_.emplace(io_, budget_, "test", std::move(handler), limits);
        server_->serve(std::move(sockets));
    }
    Answer ask(std::string_view bytes, bool is_head = false) { return Client(port_).ask(bytes, is_head); }

    IoThreads io_{"test-io", 2};
    ByteBudget budget_{std::size_t{64} << 20};
    std::optional<HttpServer> server_;
    std::uint16_t port_ = 0;
};

TEST_F(HttpServerTest, AnswersAndKeepsTheConnection) {
    serve();
    Client client(port_);
    for (int i = 0; i < 3; ++i) {
        const Answer answer = client.ask(get("/a%20b?x=1"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "GET /a%20b 0:");
        EXPECT_EQ(answer.header("Content-Type"), "text/plain");
        EXPECT_THAT(answer.header("Date"), HasSubstr("GMT"));
    }
    EXPECT_EQ(client.ask(get("/", "Connection: close\r\n")).header("connection"), "close");
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, OldClientsAreAnsweredAndClosed) {
    serve();
    Client client(port_);
    EXPECT_EQ(client.ask("GET / HTTP/1.0\r\n\r\n").body, "GET / 0:");
    EXPECT_TRUE(client.is_closed());
    Client keeping(port_);
    EXPECT_EQ(keeping.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("Connection"), "keep-alive");
    EXPECT_EQ(keeping.ask(get("/2")).body, "GET /2 0:");
}

TEST_F(HttpServerTest, HeadHasTheLengthAndNoBody) {
    serve();
    Client client(port_);
    const Answer head = client.ask("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n", true);
    EXPECT_EQ(head.header("Content-Length"), "10");  // "HEAD /x 0:"
    EXPECT_EQ(client.ask(get("/next")).body, "GET /next 0:");
}

TEST_F(HttpServerTest, PipelinedRequestsAreAnsweredInOrder) {
    serve();
    Client client(port_);
    std::string all;
    for (int i = 0; i < 50; ++i) {
        all += i % 2 == 0 ? get(fmt::format("/{}", i)) : post(fmt::format("/{}", i), "text/plain", "body");
    }
    client.send(all);
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(client.read_answer().body,
                  i % 2 == 0 ? fmt::format("GET /{} 0:", i) : fmt::format("POST /{} 4:body", i));
    }
}

TEST_F(HttpServerTest, BodiesArriveInAnyPieces) {
    serve();
    const std::string body(300'000, 'x');
    const std::string head = "POST /b HTTP/1.1\r\nHost: a\r\n";
    const std::string want = "POST /b 300000:" + std::string(100, 'x');
    const std::string sized = head + "Content-Length: 300000\r\n\r\n" + body;
    EXPECT_EQ(ask(sized).body, want);
    for (const std::size_t chunk : {7UL, 1000UL, 65536UL, 1000000UL}) {
        EXPECT_EQ(ask(head + "Transfer-Encoding: chunked\r\n\r\n" + testing::chunked(body, chunk)).body, want);
    }
    Client slow(port_);
    const std::string small = head + "Transfer-Encoding: chunked\r\n\r\n" + testing::chunked("hello world", 3);
    for (const char c : small + get("/after")) slow.send({&c, 1});
    EXPECT_EQ(slow.read_answer().body, "POST /b 11:hello world");
    EXPECT_EQ(slow.read_answer().body, "GET /after 0:");
}

TEST_F(HttpServerTest, CompressedBodiesAreUndone) {
    serve();
    const std::string body(5000, 'y');
    const std::string want = "POST /z 5000:" + std::string(100, 'y');
    EXPECT_EQ(ask(post("/z", "a/b", testing::gzip(body), "Content-Encoding: gzip\r\n")).body, want);
    EXPECT_EQ(ask(post("/z", "a/b", testing::zlib(body), "Content-Encoding: deflate\r\n")).body, want);
    EXPECT_EQ(ask(post("/z", "a/b", testing::zlib(body), "Content-Encoding: zlib\r\n")).body, want);
    EXPECT_EQ(ask(post("/z", "a/b", testing::zstd(body), "Content-Encoding: zstd\r\n")).body, want);
    EXPECT_EQ(ask("POST /z HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  testing::chunked(testing::gzip(body), 5))
                  .body,
              want);
    const Answer unknown = ask(post("/z", "a/b", body, "Content-Encoding: snowball\r\n"));
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(unknown.body, "unsupported Content-Encoding: snowball\n");
    const Answer garbage = ask(post("/z", "a/b", body, "Content-Encoding: gzip\r\n"));
    EXPECT_EQ(garbage.status, 400);
    EXPECT_THAT(garbage.body, StartsWith("cannot decompress gzip"));
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(HttpServerTest, TooLargeIsRefusedAtEveryStage) {
    HttpLimits limits;
    limits.body_bytes = 10'000;
    limits.header_bytes = 4096;
    serve(echo, limits);
    const std::string exact(10'000, 'x');
    const std::string more(10'001, 'x');
    EXPECT_EQ(ask(post("/", "a/b", exact)).status, 200);
    EXPECT_EQ(ask(post("/", "a/b", more)).status, 413);
    const std::string chunked_head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(ask(chunked_head + testing::chunked(exact, 999)).status, 200);
    EXPECT_EQ(ask(chunked_head + testing::chunked(more, 999)).status, 413);
    EXPECT_EQ(ask(post("/", "a/b", testing::gzip(exact), "Content-Encoding: gzip\r\n")).status, 200);
    EXPECT_EQ(ask(post("/", "a/b", testing::gzip(more), "Content-Encoding: gzip\r\n")).status, 413);
    const std::string bomb = testing::gzip(std::string(std::size_t{5} << 20, '\0'));
    EXPECT_EQ(ask(post("/", "a/b", bomb, "Content-Encoding: gzip\r\n")).status, 413);
    EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999\r\n\r\n").status, 413);
    EXPECT_EQ(ask(get("/", "X: " + std::string(5000, 'x') + "\r\n")).status, 431);
    EXPECT_EQ(ask(std::string(5000, 'G')).status / 100, 4);
    EXPECT_GE(server_->counters().requests_too_large.load(), 6U);
}

TEST_F(HttpServerTest, TheRefusalOfALargeBodyReachesAClientThatSendsItAll) {
    HttpLimits limits;
    limits.body_bytes = 1000;
    serve(echo, limits);
    Client client(port_);
    const Answer answer = client.ask(post("/", "a/b", std::string(4 << 20, 'x')));
    EXPECT_EQ(answer.status, 413);
    EXPECT_THAT(answer.body, HasSubstr("want at most 1000"));
    EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, MalformedRequestsAreAnswered400AndClosed) {
    serve();
    for (const std::string_view bytes :
         {"hello\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
          "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET search HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03\r\n\r\n"}) {
        SCOPED_TRACE(bytes);
        Client client(port_);
        EXPECT_EQ(client.ask(bytes).status, 400);
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_EQ(server_->counters().requests_malformed.load(), 13U);
    EXPECT_EQ(ask(get("/alive")).status, 200);
}

TEST_F(HttpServerTest, AnyBytesNeverStopTheServer) {
    serve();
    unsigned seed = 12345;
    for (int i = 0; i < 200; ++i) {
        std::string bytes = i % 2 == 0 ? "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" : "";
        for (int n = 0; n < 300; ++n) {
            seed = seed * 1103515245U + 12345U;
            bytes += static_cast<char>(seed >> 16);
        }
        Client client(port_);
        client.send(bytes);
        client.shutdown_send();
        client.read_all();
    }
    EXPECT_EQ(ask(get("/alive")).status, 200);
}

TEST_F(HttpServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
    HttpLimits limits;
    limits.body_bytes = 1000;
    serve(echo, limits);
    Client client(port_);
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
    EXPECT_EQ(client.ask(head + "Content-Length: 5\r\n\r\n").status, 100);
    EXPECT_EQ(client.ask("hello").body, "POST / 5:hello");
    EXPECT_EQ(ask(head + "Content-Length: 5000\r\n\r\n").status, 413);
    EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nContent-Length: 5\r\n\r\n").status, 417);
}

TEST_F(HttpServerTest, LargeAnswersAreCompressedWhenAccepted) {
    serve([](const api::HttpRequest& request, const api::Respond& respond) {
        api::HttpResponse response;
        response.content_type = request.path == "/bin" ? "application/octet-stream" : "application/json";
        response.shared_body = std::make_shared<const std::string>(100'000, 'j');
        if (request.path == "/small") response.shared_body = std::make_shared<const std::string>("{}");
        respond(std::move(response));
    });
    const Answer packed = ask(get("/", "Accept-Encoding: gzip\r\n"));
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.header("Vary"), "Accept-Encoding");
    EXPECT_LT(packed.body.size(), 1000U);
    ByteLease lease(budget_);
    const auto plain = decompress(ContentCoding::kGzip, packed.body, 1 << 20, lease);
    ASSERT_TRUE(plain.ok());
    EXPECT_EQ(*plain, std::string(100'000, 'j'));
    EXPECT_EQ(ask(get("/")).body.size(), 100'000U);
    EXPECT_EQ(ask(get("/bin", "Accept-Encoding: gzip\r\n")).header("Content-Encoding"), "");
    EXPECT_EQ(ask(get("/small", "Accept-Encoding: gzip\r\n")).body, "{}");
}

TEST_F(HttpServerTest, AnswersThatComeCompressedAreUndoneForOldClients) {
    serve([](const api::HttpRequest&, const api::Respond& respond) {
        api::HttpResponse response;
        response.shared_body = std::make_shared<const std::string>(testing::gzip("plain text"));
        response.headers.emplace_back("Content-Encoding", "gzip");
        respond(std::move(response));
    });
    const Answer old = ask(get("/"));
    EXPECT_EQ(old.body, "plain text");
    EXPECT_EQ(old.header("Content-Encoding"), "");
    const Answer modern = ask(get("/", "Accept-Encoding: br, gzip\r\n"));
    EXPECT_EQ(modern.body, testing::gzip("plain text"));
    EXPECT_EQ(modern.header("Content-Encoding"), "gzip");
}

TEST_F(HttpServerTest, OverTheBudgetIsRefusedAtTheHeaders) {
    ASSERT_TRUE(budget_.try_take((std::size_t{64} << 20) - 100'000));
    serve();
    Client client(port_);
    const Answer answer = client.ask("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");  // no body sent
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(ask(post("/", "a/b", std::string(50'000, 'x'))).status, 200);
    // A chunked body is known to be too much only as it grows.
    EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  testing::chunked(std::string(200'000, 'x'), 5000))
                  .status,
              429);
    budget_.give_back((std::size_t{64} << 20) - 100'000);
    EXPECT_EQ(ask(post("/", "a/b", std::string(200'000, 'x'))).status, 200);
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(HttpServerTest, WhatTheHandlerTakesIsCountedWithTheBody) {
    Parking parking;
    HttpLimits limits;
    limits.handler_bytes = [](const api::HttpRequest& request) { return request.body.size() * 15; };
    serve(parking.handler(), limits);
    Client first(port_);
    ASSERT_TRUE(first.send(post("/first", "a/b", std::string(1000, 'x'))));
    parking.wait_for(1);
    EXPECT_EQ(budget_.used(), 16'000U);
    const std::size_t rest = (std::size_t{64} << 20) - 16'000 - 5'000;
    ASSERT_TRUE(budget_.try_take(rest));
    const Answer refused = ask(post("/", "a/b", std::string(1000, 'x')));  // the body alone would fit
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_THAT(refused.body, HasSubstr("too many bytes in flight"));
    budget_.give_back(rest);
    const Answer never = ask(post("/", "a/b", std::string(std::size_t{5} << 20, 'x')));
    EXPECT_EQ(never.status, 413);
    EXPECT_THAT(never.body, HasSubstr("reading it takes 83886080 bytes of memory; want at most 67108864"));
    parking.answer_all();
    EXPECT_EQ(first.read_answer().body, "late /first");
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(HttpServerTest, ManyConnectionsAndTheirLimit) {
    HttpLimits limits;
    limits.connections = 100;
    serve(echo, limits);
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<Client>(port_));
    for (auto& client : clients) EXPECT_EQ(client->ask(get("/")).status, 200);
    EXPECT_EQ(server_->counters().connections_open.load(), 100U);
    Client extra(port_);
    const Answer refused = extra.read_answer();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.header("Retry-After"), "1");
    EXPECT_EQ(refused.body, "too many connections\n");
    for (auto& client : clients) EXPECT_EQ(client->ask(get("/")).status, 200);
}

TEST_F(HttpServerTest, SlowClientsAreCut) {
    HttpLimits limits;
    limits.header_timeout = 100ms;
    limits.stall_timeout = 100ms;
    limits.keep_alive_timeout = 100ms;
    serve(echo, limits);
    Client silent(port_);
    Client half_header(port_);
    half_header.send("GET / HT");
    Client half_body(port_);
    half_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
    Client half_chunk(port_);
    half_chunk.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
    Client idle(port_);
    EXPECT_EQ(idle.ask(get("/")).status, 200);
    for (Client* client : {&silent, &half_header, &half_body, &half_chunk, &idle}) EXPECT_TRUE(client->is_closed());
    EXPECT_EQ(server_->counters().timeouts.load(), 5U);
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(HttpServerTest, AClientThatNeverReadsItsAnswerIsCut) {
    HttpLimits limits;
    limits.stall_timeout = 100ms;
    std::promise<void> released;
    serve(
        [&released](const api::HttpRequest&, const api::Respond& respond) {
            api::HttpResponse response;
            response.shared_body = std::shared_ptr<const std::string>(new std::string(std::size_t{64} << 20, 'x'),
                                                                      [&released](const std::string* text) {
                                                                          delete text;
                                                                          released.set_value();
                                                                      });
            respond(std::move(response));
        },
        limits);
    Client client(port_);
    client.send(get("/"));
    EXPECT_EQ(released.get_future().wait_for(20s), std::future_status::ready);
    EXPECT_EQ(server_->counters().timeouts.load(), 1U);
}

TEST_F(HttpServerTest, AnswersMayComeLaterFromAnotherThread) {
    Parking parking;
    serve(parking.handler());
    Client first(port_);
    Client second(port_);
    first.send(get("/1"));
    second.send(get("/2"));
    parking.wait_for(2);
    std::thread([&] { parking.answer_all(); }).join();
    EXPECT_EQ(first.read_answer().body, "late /1");
    EXPECT_EQ(second.read_answer().body, "late /2");
    first.send(get("/3") + get("/4"));  // pipelined behind a late answer
    parking.wait_for(1);
    parking.answer_all();
    EXPECT_EQ(first.read_answer().body, "late /3");
    parking.wait_for(1);
    parking.answer_all();
    EXPECT_EQ(first.read_answer().body, "late /4");
}

TEST_F(HttpServerTest, AClientThatLeavesSetsTheStopToken) {
    Parking parking;
    serve(parking.handler());
    Client client(port_);
    client.send(get("/"));
    parking.wait_for(1);
    std::promise<void> stopped;
    const std::stop_callback callback(parking.request(0).context.cancel, [&] { stopped.set_value(); });
    client.close();
    EXPECT_EQ(stopped.get_future().wait_for(20s), std::future_status::ready);
    parking.answer_all();
}

TEST_F(HttpServerTest, AHandlerThatThrowsOrForgetsIsAnsweredFor) {
    serve([](const api::HttpRequest& request, const api::Respond&) {
        if (request.path == "/throw") throw std::runtime_error("boom");
    });
    EXPECT_EQ(ask(get("/throw")).status, 500);
    EXPECT_EQ(ask(get("/forget")).status, 500);
}

TEST_F(HttpServerTest, StopAnswersWhatRunsAndClosesTheRest) {
    Parking parking;
    serve(parking.handler());
    Client busy(port_);
    Client idle(port_);
    idle.send(get("/idle"));
    parking.wait_for(1);
    parking.answer_all();
    EXPECT_EQ(idle.read_answer().status, 200);
    busy.send(get("/busy"));
    parking.wait_for(1);
    auto stopped = std::async(std::launch::async, [&] { return server_->stop(20s); });
    EXPECT_TRUE(idle.is_closed());
    parking.answer_all();
    const Answer answer = busy.read_answer();
    EXPECT_EQ(answer.body, "late /busy");
    EXPECT_TRUE(busy.is_closed());
    EXPECT_TRUE(stopped.get());
    EXPECT_THROW(Client{port_}, std::runtime_error);
}

TEST_F(HttpServerTest, StopCutsWhatDoesNotEnd) {
    Parking parking;
    serve(parking.handler());
    Client busy(port_);
    busy.send(get("/busy"));
    parking.wait_for(1);
    const std::stop_token token = parking.request(0).context.cancel;
    EXPECT_FALSE(server_->stop(0ms));
    EXPECT_TRUE(busy.is_closed());
    parking.answer_all();
    server_.reset();
    EXPECT_TRUE(token.stop_requested());
}

}  // namespace
}  // namespace skua::net
