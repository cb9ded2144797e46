// SPDX-License-Identifier: Apache-2.0
#include "net/http_target.h"

#include "net/http_response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::net {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(HttpTarget, TakesPathAndQueryApart) {
    const auto target = parse_target("/api/a%2Fb?service=my%20shop&tag=a:b&tag=c%3Dd&flag&plus=1+2&bad=%zz%4&&=x#f");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/a%2Fb");
    EXPECT_THAT(target->query, ElementsAre(Pair("service", "my shop"), Pair("tag", "a:b"), Pair("tag", "c=d"),
                                           Pair("flag", ""), Pair("plus", "1 2"), Pair("bad", "%zz%4"), Pair("", "x")));
}

TEST(HttpTarget, AbsoluteFormIsTheSame) {
    EXPECT_EQ(parse_target("http://localhost:16686/search?x=1")->path, "/search");
    EXPECT_EQ(parse_target("http://localhost:16686")->path, "/");
    EXPECT_EQ(parse_target("http://localhost?x=1")->path, "/");
}

TEST(HttpTarget, RefusesOtherForms) {
    for (const std::string_view target : {"*", "example.com:443", "search", ""}) {
        SCOPED_TRACE(target);
        EXPECT_FALSE(parse_target(target));
    }
}

TEST(HttpResponse, AcceptEncoding) {
    for (const std::string_view yes : {"gzip", "gzip, deflate, br", "deflate,gzip;q=0.5", "*", "br, *;q=0.1"}) {
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    }
    for (const std::string_view no : {"", "br", "gzip;q=0", "gzip; q=0.000", "xgzip", "identity"}) {
        EXPECT_FALSE(accepts_gzip(no)) << no;
    }
}

TEST(HttpResponse, HeadersThatWouldForgeOthersAreLeftOut) {
    api::HttpResponse response = text_response(200, "x");
    response.headers = {{"Good", "1"}, {"Bad", "1\r\nSet-Cookie: a=b"}};
    const WireResponse wire = to_wire(std::move(response), {});
    EXPECT_NE(wire.head.find("Good: 1\r\n"), std::string::npos);
    EXPECT_EQ(wire.head.find("Set-Cookie"), std::string::npos);
}

}  // namespace
}  // namespace skua::net
