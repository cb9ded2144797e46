// SPDX-License-Identifier: Apache-2.0
#include "api/otlp/otlp_ingest.h"

#include "api/otlp/export_response.h"
#include "api/otlp/testing.h"
#include "api/rpc_status.h"
#include "base/hex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::api {
namespace {

using testing::ask;
using testing::header_of;
using testing::make_request;

constexpr const char* kProtobuf = "application/x-protobuf";
constexpr const char* kJson = "application/json";

class OtlpIngestTest : public ::testing::Test {
protected:
    OtlpIngest ingest() {
        return {writer_, protobuf_, json_,
                [](model::Encoding, std::string_view body) -> base::Result<std::uint64_t> {
                    if (body == "bad") return base::Error{base::Code::kInvalidArgument, "cannot read metrics"};
                    return static_cast<std::uint64_t>(body.size());
                },
                clock_};
    }
    HttpResponse http(const HttpRequest& request, CorsOptions cors = {}) {
        return ask(otlp_http_handler(ingest(), counters_, std::move(cors)), request);
    }
    RpcResponse rpc(const std::string& service, std::string_view message) {
        const auto methods = otlp_rpc_methods(ingest(), counters_);
        const std::string method = "/opentelemetry.proto.collector." + service + "/Export";
        RpcResponse got;
        methods.at(method)({method, message, {}}, [&](RpcResponse response) { got = std::move(response); });
        return got;
    }

    testing::FakeWriter writer_;
    testing::NoDecoder protobuf_;
    testing::NoDecoder json_;
    base::ManualClock clock_{77};
    DoorCounters counters_{"otlp", "http", "otlp"};
};

TEST_F(OtlpIngestTest, BodiesGoToTheStoreAsTheyCame) {
    writer_.outcome.counts.accepted_spans = 3;
    const HttpResponse protobuf = http(make_request("POST", "/v1/traces", kProtobuf, "bytes"));
    EXPECT_EQ(protobuf.status, 200);
    EXPECT_EQ(protobuf.content_type, kProtobuf);
    EXPECT_EQ(protobuf.body, "");
    const HttpResponse json = http(make_request("POST", "/v1/traces", "Application/JSON; charset=utf-8", "{}"));
    EXPECT_EQ(json.status, 200);
    EXPECT_EQ(json.content_type, kJson);
    EXPECT_EQ(json.body, R"({"partialSuccess":{}})");
    ASSERT_EQ(writer_.taken.size(), 2U);
    EXPECT_EQ(writer_.taken[0].bytes, "bytes");
    EXPECT_EQ(writer_.taken[0].encoding, model::Encoding::kOtlpProtobuf);
    EXPECT_EQ(writer_.taken[0].decoder, &protobuf_);
    EXPECT_EQ(writer_.taken[0].door, model::Door::kOtlpHttp);
    EXPECT_EQ(writer_.taken[0].received_ns, 77);
    EXPECT_EQ(writer_.taken[1].encoding, model::Encoding::kOtlpJson);
    EXPECT_EQ(writer_.taken[1].decoder, &json_);
    EXPECT_EQ(counters_.accepted_spans.load(), 6U);
}

TEST_F(OtlpIngestTest, AnEmptyRequestIsFine) {
    EXPECT_EQ(http(make_request("POST", "/v1/traces", kProtobuf)).status, 200);
    EXPECT_TRUE(rpc("trace.v1.TraceService", "").status.ok());
    EXPECT_TRUE(writer_.taken.empty());
}

TEST_F(OtlpIngestTest, WrongMethodsTypesAndPathsHaveTheCollectorsTexts) {
    struct Case {
        HttpRequest request;
        int status;
        std::string_view content_type;
        std::string_view body;
    };
    const std::string_view media = "415 unsupported media type, supported: [application/json, application/x-protobuf]";
    const Case cases[] = {
        {make_request("GET", "/v1/traces", kJson), 405, "text/plain", "405 method not allowed, supported: [POST]"},
        {make_request("PUT", "/v1/metrics"), 405, "text/plain", "405 method not allowed, supported: [POST]"},
        {make_request("POST", "/v1/traces", "text/plain", "x"), 415, "text/plain", media},
        {make_request("POST", "/v1/traces"), 415, "text/plain", media},
        {make_request("POST", "/v1/metrics", "application/xml"), 415, "text/plain", media},
        {make_request("OPTIONS", "/v1/traces"), 405, "text/plain", "405 method not allowed, supported: [POST]"},
        {make_request("POST", "/v1/logs", kJson, "{}"), 404, "text/plain; charset=utf-8", "404 page not found\n"},
        {make_request("GET", "/"), 404, "text/plain; charset=utf-8", "404 page not found\n"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.request.method + " " + c.request.path);
        const HttpResponse got = http(c.request);
        EXPECT_EQ(got.status, c.status);
        EXPECT_EQ(got.content_type, c.content_type);
        EXPECT_EQ(got.body, c.body);
    }
    EXPECT_TRUE(writer_.taken.empty());
}

TEST_F(OtlpIngestTest, FailuresAreRpcStatusInTheRequestsEncoding) {
    struct Case {
        base::Code code;
        int status;
        int rpc_code;
        std::string_view retry_after;
    };
    const Case cases[] = {
        {base::Code::kInvalidArgument, 400, 3, ""}, {base::Code::kResourceExhausted, 429, 8, "3"},
        {base::Code::kTooLarge, 413, 8, ""},        {base::Code::kUnavailable, 503, 14, "3"},
        {base::Code::kInternal, 500, 13, ""},       {base::Code::kIo, 503, 14, "3"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(to_string(c.code));
        writer_.outcome.status = base::Error{c.code, "no \"way\""};
        writer_.outcome.retry_after_ms = c.retry_after.empty() ? 0 : 2500;
        const HttpResponse json = http(make_request("POST", "/v1/traces", kJson, "{}"));
        EXPECT_EQ(json.status, c.status);
        EXPECT_EQ(json.content_type, kJson);
        const std::string details =
            c.retry_after.empty()
                ? ""
                : R"(,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"2.500s"}])";
        EXPECT_EQ(json.body, R"({"code":)" + std::to_string(c.rpc_code) + R"(,"message":"no \"way\"")" + details + "}");
        EXPECT_EQ(header_of(json, "Retry-After"), c.retry_after);
        const HttpResponse protobuf = http(make_request("POST", "/v1/traces", kProtobuf, "x"));
        EXPECT_EQ(protobuf.status, c.status);
        EXPECT_EQ(protobuf.content_type, kProtobuf);
        EXPECT_EQ(protobuf.body, rpc_status_protobuf({c.rpc_code, "no \"way\"", c.retry_after.empty() ? 0 : 2500}));
    }
    EXPECT_EQ(counters_.unreadable_requests.load(), 2U);
    EXPECT_EQ(counters_.failed_requests.load(), 10U);
}

TEST_F(OtlpIngestTest, RejectedSpansAreAPartialSuccess) {
    writer_.outcome.counts = {5, 2, "zero trace id"};
    EXPECT_EQ(http(make_request("POST", "/v1/traces", kJson, "{}")).body,
              R"({"partialSuccess":{"rejectedSpans":"2","errorMessage":"zero trace id"}})");
    // ExportTraceServiceResponse.partial_success (1) {rejected_spans (1) = 2, error_message (2)}
    const std::string wire = "0a110802120d" + base::to_hex("zero trace id");
    EXPECT_EQ(base::to_hex(http(make_request("POST", "/v1/traces", kProtobuf, "x")).body), wire);
    const RpcResponse grpc = rpc("trace.v1.TraceService", "x");
    EXPECT_TRUE(grpc.status.ok());
    EXPECT_EQ(base::to_hex(grpc.message), wire);
    EXPECT_EQ(counters_.accepted_spans.load(), 15U);
    EXPECT_EQ(counters_.rejected_spans.load(), 6U);
}

TEST(RpcStatus, BytesAreKnown) {
    // code = 8, message = "m", details = Any{type_url, RetryInfo{retry_delay = Duration{seconds 1, nanos 500000000}}}
    EXPECT_EQ(base::to_hex(rpc_status_protobuf({8, "m", 1500})),
              "080812016d"
              "1a36"
              "0a28" +
                  base::to_hex("type.googleapis.com/google.rpc.RetryInfo") +
                  "120a"
                  "0a08"
                  "0801"
                  "1080cab5ee01");
    EXPECT_EQ(rpc_status_protobuf({}), "");
    EXPECT_EQ(retry_after_seconds(0), 1);
    EXPECT_EQ(retry_after_seconds(1000), 1);
    EXPECT_EQ(retry_after_seconds(1001), 2);
}

TEST_F(OtlpIngestTest, MetricsAreCounted) {
    EXPECT_EQ(http(make_request("POST", "/v1/metrics", kJson, "12345")).body, R"({"partialSuccess":{}})");
    EXPECT_EQ(http(make_request("POST", "/v1/metrics", kProtobuf, "12")).status, 200);
    EXPECT_TRUE(rpc("metrics.v1.MetricsService", "123").status.ok());
    EXPECT_EQ(counters_.metric_points.load(), 10U);
    EXPECT_EQ(http(make_request("POST", "/v1/metrics", kJson, "bad")).status, 400);
    EXPECT_EQ(rpc("metrics.v1.MetricsService", "bad").status.error().code, base::Code::kInvalidArgument);
    EXPECT_TRUE(writer_.taken.empty());
}

TEST_F(OtlpIngestTest, RpcFailuresAreHandedOn) {
    writer_.outcome.status = base::Error{base::Code::kUnavailable, "stopping"};
    writer_.outcome.retry_after_ms = 100;
    const RpcResponse got = rpc("trace.v1.TraceService", "x");
    EXPECT_EQ(got.status.error().message, "stopping");
    EXPECT_EQ(got.retry_after_ms, 100);
    EXPECT_EQ(writer_.taken[0].door, model::Door::kOtlpGrpc);
}

TEST_F(OtlpIngestTest, CorsLetsOnlyAllowedOriginsIn) {
    const CorsOptions cors{{"http://*.example.com", "https://one.test"}, {"x-custom"}, 600};
    struct Case {
        std::string origin;
        bool allowed;
    };
    const Case cases[] = {{"http://a.example.com", true},
                          {"https://one.test", true},
                          {"https://evil.test", false},
                          {"http://example.com", false},
                          {"", false}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.origin);
        HttpRequest preflight = make_request("OPTIONS", "/v1/traces");
        preflight.headers.emplace_back("origin", c.origin);
        preflight.headers.emplace_back("access-control-request-method", "POST");
        const HttpResponse answer = http(preflight, cors);
        EXPECT_EQ(answer.status, 204);
        EXPECT_EQ(header_of(answer, "Access-Control-Allow-Origin"), c.allowed ? c.origin : "");
        EXPECT_EQ(header_of(answer, "Access-Control-Max-Age"), c.allowed ? "600" : "");
        HttpRequest post = make_request("POST", "/v1/traces", kJson, "{}");
        post.headers.emplace_back("origin", c.origin);
        EXPECT_EQ(header_of(http(post, cors), "Access-Control-Allow-Origin"), c.allowed ? c.origin : "");
        EXPECT_EQ(header_of(http(post), "Access-Control-Allow-Origin"), "");  // off
    }
}

}  // namespace
}  // namespace skua::api
