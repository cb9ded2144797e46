// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_ingest/jaeger_ingest.h"

#include "api/otlp/testing.h"

#include <gtest/gtest.h>

namespace skua::api {
namespace {

using testing::ask;
using testing::header_of;
using testing::make_request;

class JaegerIngestTest : public ::testing::Test {
protected:
    HttpResponse post(std::string content_type, std::string body = "batch") {
        return ask(jaeger_batch_handler(writer_, decoder_, counters_, clock_),
                   make_request("POST", "/api/traces", std::move(content_type), std::move(body)));
    }

    testing::FakeWriter writer_;
    testing::NoDecoder decoder_;
    base::ManualClock clock_{5};
    DoorCounters counters_{"jaeger", "http", "jaeger"};
};

TEST_F(JaegerIngestTest, BatchesAreAccepted) {
    writer_.outcome.counts.accepted_spans = 4;
    for (const char* type :
         {"application/x-thrift", "application/vnd.apache.thrift.binary", "Application/X-Thrift; a=b"}) {
        const HttpResponse got = post(type);
        EXPECT_EQ(got.status, 202);
        EXPECT_EQ(got.body, "");
    }
    EXPECT_EQ(writer_.taken.size(), 3U);
    EXPECT_EQ(writer_.taken[0].encoding, model::Encoding::kJaegerBatchBinary);
    EXPECT_EQ(counters_.accepted_spans.load(), 12U);
}

TEST_F(JaegerIngestTest, BadRequestsHaveJaegersTexts) {
    EXPECT_EQ(post("application/json").body, "Unsupported content type: application/json\n");
    EXPECT_EQ(post("application/json").status, 400);
    EXPECT_EQ(post("").body, "Cannot parse content type: mime: no media type\n");
    EXPECT_EQ(post("x y").body, "Cannot parse content type: x y\n");
    EXPECT_TRUE(writer_.taken.empty());
    writer_.outcome.status = base::Error{base::Code::kInvalidArgument, "cut off"};
    EXPECT_EQ(post("application/x-thrift").status, 400);
    EXPECT_EQ(post("application/x-thrift").body, "Unable to process request body: cut off\n");
}

TEST_F(JaegerIngestTest, StoreFailures) {
    struct Case {
        base::Code code;
        int status;
        std::string_view retry_after;
    };
    const Case cases[] = {{base::Code::kInternal, 500, ""},
                          {base::Code::kResourceExhausted, 429, "1"},
                          {base::Code::kUnavailable, 503, "1"},
                          {base::Code::kTooLarge, 413, ""}};
    for (const Case& c : cases) {
        SCOPED_TRACE(to_string(c.code));
        writer_.outcome.status = base::Error{c.code, "full"};
        const HttpResponse got = post("application/x-thrift");
        EXPECT_EQ(got.status, c.status);
        EXPECT_EQ(got.body, "Cannot submit Jaeger batch: full\n");
        EXPECT_EQ(header_of(got, "Retry-After"), c.retry_after);
    }
    EXPECT_EQ(counters_.failed_requests.load(), 4U);
}

TEST_F(JaegerIngestTest, DatagramsGoToTheStoreAndAreDoneAfterwards) {
    writer_.outcome.counts.accepted_spans = 1;
    const auto handler = jaeger_datagram_handler(writer_, decoder_, model::Door::kJaegerUdpCompact,
                                                 model::Encoding::kJaegerAgentCompact, counters_, clock_);
    int done = 0;
    handler("datagram", [&] { ++done; });
    writer_.outcome.status = base::Error{base::Code::kInvalidArgument, "no thrift"};
    handler("garbage", [&] { ++done; });
    EXPECT_EQ(done, 2);
    ASSERT_EQ(writer_.taken.size(), 2U);
    EXPECT_EQ(writer_.taken[0].bytes, "datagram");
    EXPECT_EQ(writer_.taken[0].door, model::Door::kJaegerUdpCompact);
    EXPECT_EQ(writer_.taken[0].encoding, model::Encoding::kJaegerAgentCompact);
    EXPECT_EQ(counters_.accepted_spans.load(), 1U);
    EXPECT_EQ(counters_.unreadable_requests.load(), 1U);
}

}  // namespace
}  // namespace skua::api
