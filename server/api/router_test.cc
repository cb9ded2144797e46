// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include <gtest/gtest.h>

namespace skua::api {
namespace {

class RouterTest : public ::testing::Test {
protected:
    static Router make(std::string_view base_path) {
        Router router(base_path);
        const auto say = [](std::string_view who) {
            return [who = std::string(who)](const HttpRequest&, const PathValues& values, const Respond& respond) {
                HttpResponse response;
                response.body = who + " " + values.get("id") + "|" + values.get_with_plus("service");
                respond(std::move(response));
            };
        };
        router.add("GET /api/traces", say("search"));
        router.add("GET /api/traces/{id}", say("one"));
        router.add("GET /api/traces/special", say("special"));
        router.add("POST /api/traces", say("post"));
        router.add("GET /api/services/{service}/operations", say("operations"));
        router.set_fallback([](const HttpRequest& request, const Respond& respond) {
            HttpResponse response;
            response.body = "page " + request.path;
            respond(std::move(response));
        });
        return router;
    }

    static std::string ask(const Router& router, std::string_view method, std::string_view path) {
        HttpRequest request;
        request.method = method;
        request.path = path;
        std::string answer = "no answer";
        router.handle(request, [&](const HttpResponse& response) {
            answer = response.body;
            if (response.status != 200)
                answer +=
                    std::to_string(response.status) + " " + response.content_type + " " + response.headers.at(0).second;
        });
        return answer;
    }
};

constexpr std::string_view kNotFound = "404 page not found\n404 text/plain; charset=utf-8 nosniff";

TEST_F(RouterTest, FindsHandlers) {
    struct Case {
        std::string_view method, path, want;
    };
    constexpr Case kCases[] = {
        {"GET", "/api/traces", "search |"},
        {"HEAD", "/api/traces", "search |"},
        {"POST", "/api/traces", "post |"},
        {"DELETE", "/api/traces", kNotFound},
        {"POST", "/api/traces/1", kNotFound},
        {"GET", "/api/traces/1", "one 1|"},
        {"GET", "/api/traces/special", "special |"},
        {"GET", "/api/traces/a%2Fb%2b+", "one a/b++|"},
        {"GET", "/api/traces/%zz%4", "one %zz%4|"},
        {"GET", "/api/traces/", kNotFound},
        {"GET", "/api/traces/1/2", kNotFound},
        {"GET", "/api/services/a+b%2Fc/operations", "operations |a b/c"},
        {"GET", "/api", kNotFound},
        {"GET", "/api/", kNotFound},
        {"GET", "/api/nonsense", kNotFound},
        {"GET", "/apiary", "page /apiary"},
        {"GET", "/", "page /"},
        {"GET", "/trace/1", "page /trace/1"},
    };
    const Router router = make("");
    for (const Case& c : kCases) EXPECT_EQ(ask(router, c.method, c.path), c.want) << c.method << " " << c.path;
}

TEST_F(RouterTest, KnowsItsBasePath) {
    struct Case {
        std::string_view path, want;
    };
    constexpr Case kCases[] = {
        {"/jaeger/api/traces", "search |"},
        {"/jaeger/api/x", kNotFound},
        {"/api/traces", kNotFound},
        {"/", kNotFound},
        {"/jaegerx/api/traces", kNotFound},
        {"/jaeger", "page /jaeger"},
        {"/jaeger/search", "page /jaeger/search"},
    };
    const Router router = make("/jaeger/");
    EXPECT_EQ(router.base_path(), "/jaeger");
    for (const Case& c : kCases) EXPECT_EQ(ask(router, "GET", c.path), c.want) << c.path;
}

TEST_F(RouterTest, EndlessPathsAreNotFound) {
    std::string path = "/api";
    for (int i = 0; i < 100'000; ++i) path += "/";
    EXPECT_EQ(ask(make(""), "GET", path), kNotFound);
}

}  // namespace
}  // namespace skua::api
