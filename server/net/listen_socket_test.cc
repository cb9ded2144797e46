// SPDX-License-Identifier: Apache-2.0
#include "net/listen_socket.h"

#include "net/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::net {
namespace {

using ::testing::HasSubstr;

TEST(Endpoint, Parses) {
    struct Case {
        std::string_view text;
        std::string host;
        std::uint16_t port;
    };
    const Case cases[] = {
        {":4317", "", 4317},           {"4317", "dflt", 4317},     {"0", "dflt", 0}, {"localhost:0", "localhost", 0},
        {"[::1]:16686", "::1", 16686}, {"0.0.0.0:1", "0.0.0.0", 1}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto got = parse_endpoint(c.text, "dflt");
        ASSERT_TRUE(got.ok()) << got.error().message;
        EXPECT_EQ(*got, (Endpoint{c.host, c.port}));
    }
    for (const std::string_view text :
         {"", ":", "localhost", "localhost:", "a:b", "::1:80", "1:65536", "x:-1", ":80x"}) {
        SCOPED_TRACE(text);
        EXPECT_FALSE(parse_endpoint(text, "dflt").ok());
    }
}

TEST(BindEndpoint, LocalhostIsBothFamiliesOnOnePort) {
    for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp}) {
        const auto sockets = testing::bind_free(protocol);
        ASSERT_FALSE(sockets.empty());
        EXPECT_EQ(sockets[0].address(), "127.0.0.1");
        EXPECT_NE(sockets[0].port(), 0);
        for (const ListenSocket& socket : sockets) EXPECT_EQ(socket.port(), sockets[0].port());
    }
}

TEST(BindEndpoint, APortInUseIsNamedWithItsOwner) {
    for (const Protocol protocol : {Protocol::kTcp, Protocol::kUdp}) {
        const auto first = testing::bind_free(protocol);
        const std::uint16_t port = first.front().port();
        for (const char* host : {"localhost", "", "127.0.0.1"}) {
            SCOPED_TRACE(host);
            const auto second = bind_endpoint({host, port}, protocol);
            ASSERT_FALSE(second.ok());
            EXPECT_EQ(second.error().code, base::Code::kUnavailable);
            EXPECT_THAT(second.error().message,
                        HasSubstr(std::string(to_string(protocol)) + " port " + std::to_string(port)));
            EXPECT_THAT(second.error().message, HasSubstr("in use by pid " + std::to_string(::getpid())));
        }
    }
}

TEST(BindEndpoint, BadHostsAreNamed) {
    const auto unknown = bind_endpoint({"no such host", 0}, Protocol::kTcp);
    ASSERT_FALSE(unknown.ok());
    EXPECT_THAT(unknown.error().message, HasSubstr("cannot resolve 'no such host'"));
    const auto foreign = bind_endpoint({"192.0.2.1", 0}, Protocol::kTcp);
    ASSERT_FALSE(foreign.ok());
    EXPECT_THAT(foreign.error().message, HasSubstr("192.0.2.1"));
}

}  // namespace
}  // namespace skua::net
