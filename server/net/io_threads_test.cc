// SPDX-License-Identifier: Apache-2.0
#include "net/io_threads.h"

#include "base/clock.h"
#include "net/http_server.h"
#include "net/testing.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

namespace skua::net {
namespace {

using testing::Client;
using testing::get;

constexpr std::int64_t kBusyNs = 1'000'000'000;

// Answers with the name of the thread that it runs on; /busy uses a second of it first.
void who(const api::HttpRequest& request, const api::Respond& respond) {
    if (request.path == "/busy") {
        const std::int64_t until_ns = base::cpu_ns() + kBusyNs;
        while (base::cpu_ns() < until_ns) {
        }
    }
    char name[16] = {};
    ::pthread_getname_np(::pthread_self(), name, sizeof name);
    api::HttpResponse response;
    response.body = name;
    respond(std::move(response));
}

struct Served {
    IoThreads io{"loop", 2};
    ByteBudget budget{1 << 20};
    HttpServer server{io, budget, "test", who};
    std::uint16_t port = 0;

    Served() {
        auto sockets = testing::bind_free();
        port = sockets.front().port();
        server.serve(std::move(sockets));
    }
};

TEST(IoThreads, ConnectionsTakeTurns) {
    Served served;
    std::map<std::string, int> connections;
    for (int i = 0; i < 8; ++i) {
        Client client(served.port);
        ++connections[client.ask(get("/")).body];
    }
    EXPECT_THAT(connections, ::testing::SizeIs(2));
    EXPECT_THAT(connections, ::testing::Each(::testing::Pair(::testing::_, ::testing::Ge(2))));
}

TEST(IoThreads, AConnectionStaysWithItsThread) {
    Served served;
    Client client(served.port);
    Client other(served.port);
    std::set<std::string> names;
    for (int i = 0; i < 20; ++i) {
        names.insert(client.ask(get("/")).body);
        (void)other.ask(get("/"));
    }
    EXPECT_EQ(names.size(), 1U);
}

TEST(IoThreads, ABusyThreadGetsNoNewConnections) {
    Served served;
    Client busy(served.port);
    const std::string loaded = busy.ask(get("/busy")).body;
    for (int i = 0; i < 4; ++i) {
        Client client(served.port);
        EXPECT_NE(client.ask(get("/")).body, loaded);
    }
}

}  // namespace
}  // namespace skua::net
