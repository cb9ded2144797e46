// SPDX-License-Identifier: Apache-2.0
#include "api/admin/admin_http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::api {
namespace {

using ::testing::HasSubstr;

HttpResponse get(const HttpHandler& handler, std::string path) {
    HttpRequest request;
    request.method = "GET";
    request.path = std::move(path);
    HttpResponse got;
    handler(request, [&](HttpResponse response) { got = std::move(response); });
    return got;
}

class AdminHttpTest : public ::testing::Test {
protected:
    base::ManualClock clock_{1'700'000'000'000'000'000};
    Health health_{clock_};
    BuildInfo build_{"1.2.3", "abc", "2026-01-01"};
};

TEST_F(AdminHttpTest, HealthFollowsTheState) {
    const HttpHandler admin = admin_handler({health_, build_, {}, {}});
    const HttpHandler check = health_check_handler(health_);
    EXPECT_EQ(get(admin, "/").status, 503);
    EXPECT_THAT(get(admin, "/").body, HasSubstr("Server not available"));
    EXPECT_EQ(get(check, "/status").status, 503);
    EXPECT_THAT(get(check, "/status").body, HasSubstr("StatusStarting"));
    clock_.advance(500'000'000);
    health_.set(ServerState::kReady);
    clock_.advance(3'661'250'000'000);
    EXPECT_EQ(get(admin, "/").body,
              R"({"status":"Server available","upSince":"2023-11-14T22:13:20.5Z","uptime":"1h1m1.25s"})");
    EXPECT_EQ(get(admin, "/").content_type, "application/json");
    for (const char* path : {"/", "/status"}) {
        EXPECT_EQ(get(check, path).status, 200);
        EXPECT_EQ(get(check, path).body, R"({"start_time":"2023-11-14T22:13:20Z","healthy":true,"status":"StatusOK",)"
                                         R"("status_time":"2023-11-14T22:13:20.5Z"})");
    }
    health_.set(ServerState::kStopping);
    EXPECT_EQ(get(admin, "/").status, 503);
    EXPECT_EQ(get(check, "/").status, 503);
    EXPECT_THAT(get(check, "/").body, HasSubstr(R"("healthy":false,"status":"StatusStopping")"));
}

TEST_F(AdminHttpTest, HealthSaysWhatTheStartIsAt) {
    const HttpHandler admin = admin_handler({health_, build_, {}, {}});
    const HttpHandler check = health_check_handler(health_);
    health_.set_detail("replaying the log: 3 of 1024 MiB");
    for (const HttpHandler* handler : {&admin, &check}) {
        EXPECT_EQ(get(*handler, "/").status, 503);
        EXPECT_THAT(get(*handler, "/").body, HasSubstr(R"(,"detail":"replaying the log: 3 of 1024 MiB"})"));
    }
    health_.set(ServerState::kReady);
    for (const HttpHandler* handler : {&admin, &check}) {
        EXPECT_EQ(get(*handler, "/").status, 200);
        EXPECT_EQ(get(*handler, "/").body.find("detail"), std::string::npos);
    }
}

TEST_F(AdminHttpTest, VersionAndUnknownPaths) {
    const HttpHandler admin = admin_handler({health_, build_, {}, {}});
    EXPECT_EQ(get(admin, "/version").body, R"({"gitCommit":"abc","gitVersion":"v1.2.3","buildDate":"2026-01-01"})");
    EXPECT_EQ(get(admin, "/nothing").status, 404);
}

TEST_F(AdminHttpTest, MetricsSayWhatCameInThroughEachDoor) {
    DoorCounters grpc("otlp", "grpc", "otlp");
    DoorCounters udp("jaeger", "udp_thrift_compact", "jaeger");
    grpc.accepted_spans = 7;
    grpc.metric_points = 5;
    udp.rejected_spans = 2;
    const HttpHandler admin = admin_handler({health_, build_, {&grpc, &udp}, [](MetricsText& out) {
                                                 out.gauge("extra", "More");
                                                 out.sample({{"name", "a\"b\\c\nd"}}, std::uint64_t{1});
                                             }});
    const HttpResponse got = get(admin, "/metrics");
    EXPECT_EQ(got.content_type, "text/plain; version=0.0.4; charset=utf-8");
    for (const char* line :
         {"\notelcol_receiver_accepted_spans{receiver=\"otlp\",transport=\"grpc\"} 7\n",
          "\notelcol_receiver_refused_spans{receiver=\"jaeger\",transport=\"udp_thrift_compact\"} 2\n",
          "\notelcol_receiver_accepted_metric_points{receiver=\"otlp\",transport=\"grpc\"} 5\n",
          "\njaeger_collector_spans_received_total{format=\"otlp\",transport=\"grpc\"} 7\n",
          "\n# TYPE process_resident_memory_bytes gauge\n", "\nextra{name=\"a\\\"b\\\\c\\nd\"} 1\n"}) {
        EXPECT_THAT(got.body, HasSubstr(line));
    }
}

TEST(Durations, AreWrittenAsGoDoes) {
    struct Case {
        std::int64_t ns;
        std::string_view text;
    };
    const Case cases[] = {{0, "0s"},
                          {999, "999ns"},
                          {1500, "1.5µs"},
                          {250'000'000, "250ms"},
                          {1'000'000'000, "1s"},
                          {60'000'000'000, "1m0s"},
                          {3'600'000'000'000, "1h0m0s"}};
    for (const Case& c : cases) EXPECT_EQ(format_duration(c.ns), c.text);
}

}  // namespace
}  // namespace skua::api
