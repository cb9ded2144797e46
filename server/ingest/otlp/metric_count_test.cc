// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/metric_count.h"

#include <string>

#include <gtest/gtest.h>

namespace skua::ingest {
namespace {

std::string len(char field, const std::string& body) {
    // a length of two bytes, though one may do
    return std::string{static_cast<char>(field << 3 | 2), static_cast<char>(body.size() | 0x80),
                       static_cast<char>(body.size() >> 7)} +
           body;
}
std::string request(const std::string& metrics) {
    return len(1, len(1, "") + len(2, len(1, "") + metrics + len(3, "url")));
}
std::string metric(char kind, int points) {
    std::string data;
    for (int i = 0; i < points; ++i) data += len(1, std::string("\x19\1\0\0\0\0\0\0\0", 9));
    return len(2, len(1, "name") + len(kind, data + std::string("\x10\2", 2)) + len(3, "unit"));
}

TEST(MetricCount, EveryKindInProtobuf) {
    const auto empty = count_metrics_protobuf("");
    ASSERT_TRUE(empty.ok());
    EXPECT_EQ(empty->metrics, 0U);
    const auto got = count_metrics_protobuf(request(metric(5, 1)) +
                                            request(metric(7, 2) + metric(9, 3) + metric(10, 1) + metric(11, 0)) +
                                            request(len(2, len(1, "no data"))));
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->metrics, 6U);
    EXPECT_EQ(got->data_points, 7U);
}

TEST(MetricCount, EveryKindInJson) {
    const auto got = count_metrics_json(R"({"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{},"metrics":[
        {"name":"a","gauge":{"dataPoints":[{"asInt":"1"}]}},
        {"name":"b","sum":{"dataPoints":[{},{}],"isMonotonic":true}},
        {"name":"c","histogram":{"data_points":[{},{},{}]}},
        {"name":"d","exponentialHistogram":{"dataPoints":[{}]}},
        {"name":"e","summary":{"dataPoints":[]}},
        {"name":"f"}]}]},{"scopeMetrics":null}]})");
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->metrics, 6U);
    EXPECT_EQ(got->data_points, 7U);
    EXPECT_EQ(count_metrics_json("{}")->metrics, 0U);
}

TEST(MetricCount, RefusalsNameThePlace) {
    const struct {
        base::Result<MetricCounts> got;
        std::string_view want;
    } cases[] = {
        {count_metrics_protobuf("\x0a\x05"),
         "cannot read OTLP metrics request: malformed protobuf: end of buffer exception"},
        {count_metrics_protobuf("\x08\x05"),
         "cannot read OTLP metrics request: field 1 of ExportMetricsServiceRequest is not a message"},
        {count_metrics_protobuf(request(len(2, "\x28\x05"))),
         "cannot read OTLP metrics request: field 5 of Metric is not a message"},
        {count_metrics_json("x"), "cannot read OTLP JSON metrics request: not JSON: "},
        {count_metrics_json(R"({"resourceMetrics":5})"),
         "cannot read OTLP JSON metrics request: resourceMetrics: got a number; want an array"},
        {count_metrics_json(R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{},1]}}]}]}]})"),
         "cannot read OTLP JSON metrics request: resourceMetrics[0].scopeMetrics[0].metrics[0].sum.dataPoints[1]: got "
         "a "
         "number; want an object"},
    };
    for (const auto& c : cases) {
        ASSERT_FALSE(c.got.ok()) << c.want;
        EXPECT_EQ(c.got.error().code, base::Code::kInvalidArgument);
        EXPECT_EQ(c.got.error().message.substr(0, c.want.size()), c.want);
    }
}

TEST(MetricCount, AnyCutIsReadWithoutHarm) {
    const std::string whole = request(metric(5, 2) + metric(9, 1));
    for (std::size_t i = 1; i < whole.size(); ++i) EXPECT_FALSE(count_metrics_protobuf(whole.substr(0, i)).ok()) << i;
    for (std::size_t i = 0; i < whole.size() * 8; ++i) {
        std::string flipped = whole;
        flipped[i / 8] = static_cast<char>(flipped[i / 8] ^ (1 << i % 8));
        const auto got = count_metrics_protobuf(flipped);
        EXPECT_LE(got.ok() ? got->data_points : 0, whole.size());
    }
}

}  // namespace
}  // namespace skua::ingest
