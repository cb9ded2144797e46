// SPDX-License-Identifier: Apache-2.0
#include "net/handler_pool.h"

#include <future>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>

namespace skua::net {
namespace {

api::HttpRequest request_for(std::string path) {
    api::HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    return request;
}

// Asks and returns the answer to come.
std::future<api::HttpResponse> ask(const api::HttpHandler& handler, const api::HttpRequest& request) {
    auto promise = std::make_shared<std::promise<api::HttpResponse>>();
    auto future = promise->get_future();
    handler(request, [promise](api::HttpResponse response) { promise->set_value(std::move(response)); });
    return future;
}

// Answers with the path once it is let go.
struct Gate {
    std::promise<void> open;
    std::shared_future<void> opened{open.get_future()};
    api::HttpHandler handler() {
        return [this](const api::HttpRequest& request, const api::Respond& respond) {
            opened.wait();
            api::HttpResponse response;
            response.body = request.path;
            respond(std::move(response));
        };
    }
};

TEST(HandlerPool, RunsOnAnotherThread) {
    HandlerPool pool("test", 1, 4);
    std::thread::id ran_on;
    const auto handler = pool.wrap([&](const api::HttpRequest&, const api::Respond& respond) {
        ran_on = std::this_thread::get_id();
        respond({});
    });
    const auto request = request_for("/");
    EXPECT_EQ(ask(handler, request).get().status, 200);
    EXPECT_NE(ran_on, std::this_thread::get_id());
}

TEST(HandlerPool, RefusesWhenTooManyWait) {
    Gate gate;
    HandlerPool pool("test", 1, 2);
    std::promise<void> is_running;
    const auto handler = pool.wrap([&](const api::HttpRequest& request, const api::Respond& respond) {
        if (request.path == "/first") is_running.set_value();
        gate.handler()(request, respond);
    });
    const auto first = request_for("/first");
    const auto later = request_for("/later");
    auto running = ask(handler, first);
    is_running.get_future().wait();
    auto waiting_1 = ask(handler, later);
    auto waiting_2 = ask(handler, later);
    const api::HttpResponse refused = ask(handler, later).get();
    EXPECT_EQ(refused.status, 503);
    ASSERT_EQ(refused.headers.size(), 1U);
    EXPECT_EQ(refused.headers[0].first, "Retry-After");
    gate.open.set_value();
    EXPECT_EQ(running.get().body, "/first");
    EXPECT_EQ(waiting_1.get().body, "/later");
    EXPECT_EQ(waiting_2.get().body, "/later");
}

TEST(HandlerPool, RunsWhatWaitsBeforeItEnds) {
    Gate gate;
    const auto request = request_for("/kept");
    std::future<api::HttpResponse> running;
    std::future<api::HttpResponse> waiting;
    {
        HandlerPool pool("test", 1, 2);
        const auto handler = pool.wrap(gate.handler());
        running = ask(handler, request);
        waiting = ask(handler, request);
        gate.open.set_value();
    }
    EXPECT_EQ(running.get().body, "/kept");
    EXPECT_EQ(waiting.get().body, "/kept");
}

TEST(HandlerPool, SkipsAClientThatLeftBeforeItsTurn) {
    Gate gate;
    HandlerPool pool("test", 1, 2);
    const auto handler = pool.wrap(gate.handler());
    const auto first = request_for("/first");
    std::stop_source stop;
    auto gone = request_for("/gone");
    gone.context.cancel = stop.get_token();
    auto running = ask(handler, first);
    auto waiting = ask(handler, gone);
    stop.request_stop();
    gate.open.set_value();
    EXPECT_EQ(running.get().status, 200);
    EXPECT_EQ(waiting.get().status, 499);
}

TEST(HandlerPool, AnswersForAHandlerThatThrows) {
    HandlerPool pool("test", 1, 2);
    const auto handler =
        pool.wrap([](const api::HttpRequest&, const api::Respond&) { throw std::runtime_error("no luck"); });
    const auto request = request_for("/");
    EXPECT_EQ(ask(handler, request).get().status, 500);
}

}  // namespace
}  // namespace skua::net
