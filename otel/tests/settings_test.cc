// SPDX-License-Identifier: Apache-2.0
// The OTEL_* variables, one line each.
#include "otel/src/provider/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::otel {
namespace {

using variables = std::map<std::string, std::string>;

orm::result<settings> read(const variables& set, const provider_options& options = {}) {
    return read_settings(options, [&](const char* name) -> const char* {
        const auto found = set.find(name);
        return found == set.end() ? nullptr : found->second.c_str();
    });
}

std::string protocol(const signal_settings& s) {
    return s.protocol == otlp_protocol::grpc ? "grpc" : s.protocol == otlp_protocol::http_json ? "json" : "protobuf";
}

// Everything a case may look at, in one line.
std::string picture(const settings& s) {
    if (s.disabled) return "disabled";
    std::string out;
    for (const auto& [name, to] : {std::pair{"traces", &s.traces}, std::pair{"metrics", &s.metrics}}) {
        out += std::string(name) + "=" +
               (to->otlp      ? protocol(*to) + " " + to->endpoint
                : to->console ? "console"
                              : "none");
        if (to->otlp && to->console) out += " console";
        for (const auto& [key, value] : to->headers) out += " " + key + ":" + value;
        out += " " + std::to_string(to->timeout_ms) + "ms; ";
    }
    return out;
}

constexpr const char* default_traces = "traces=grpc http://localhost:4317 5000ms; ";
constexpr const char* default_metrics = "metrics=grpc http://localhost:4317 5000ms; ";

TEST(Settings, WhereSignalsGo) {
    const std::string t = default_traces;
    const std::string m = default_metrics;
    const struct {
        variables set;
        std::string want;
    } cases[] = {
        {{}, t + m},
        {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "  "}}, t + m},  // empty is not set
        {{{"OTEL_SDK_DISABLED", "TRUE"}}, "disabled"},
        {{{"OTEL_SDK_DISABLED", "1"}}, t + m},
        {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:1"}},
         "traces=grpc https://c:1 5000ms; metrics=grpc https://c:1 5000ms; "},
        {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"}},
         "traces=grpc http://collector:4317 5000ms; metrics=grpc http://collector:4317 5000ms; "},
        {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}},
         "traces=protobuf http://localhost:4318/v1/traces 5000ms; metrics=protobuf http://localhost:4318/v1/metrics "
         "5000ms; "},
        {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:2/base/"}},
         "traces=json http://c:2/base/v1/traces 5000ms; metrics=json http://c:2/base/v1/metrics 5000ms; "},
        {{{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"},
          {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:3/as/it/is"}},
         "traces=protobuf http://c:3/as/it/is 5000ms; " + m},
        {{{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://m:9"}}, t + "metrics=grpc http://m:9 5000ms; "},
        {{{"OTEL_TRACES_EXPORTER", "none"}, {"OTEL_METRICS_EXPORTER", "console"}},
         "traces=none 5000ms; metrics=console 5000ms; "},
        {{{"OTEL_TRACES_EXPORTER", "otlp, console"}}, "traces=grpc http://localhost:4317 console 5000ms; " + m},
        {{{"OTEL_EXPORTER_OTLP_TIMEOUT", "1500"}, {"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "20000"}},
         "traces=grpc http://localhost:4317 1500ms; metrics=grpc http://localhost:4317 20000ms; "},
        {{{"OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x = y"}, {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "API-KEY=c"}},
         "traces=grpc http://localhost:4317 x:y API-KEY:c 5000ms; "
         "metrics=grpc http://localhost:4317 api-key:a b x:y 5000ms; "},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.want);
        const auto got = read(c.set);
        ASSERT_TRUE(got) << got.error().message;
        EXPECT_EQ(picture(*got), c.want);
    }
}

TEST(Settings, OptionsAreDefaultsOfTheEnvironment) {
    const provider_options options{
        .service_name = "mine", .endpoint = "http://mine:1", .protocol = "http/protobuf", .metrics = false};
    EXPECT_EQ(picture(*read({}, options)), "traces=protobuf http://mine:1/v1/traces 5000ms; metrics=none 5000ms; ");
    EXPECT_EQ(read({}, options)->service_name, "mine");
    const auto theirs = read({{"OTEL_SERVICE_NAME", "theirs"},
                              {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://theirs:2"},
                              {"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                              {"OTEL_METRICS_EXPORTER", "otlp"}},
                             options);
    EXPECT_EQ(picture(*theirs), "traces=grpc http://theirs:2 5000ms; metrics=none 5000ms; ");
    EXPECT_EQ(theirs->service_name, "theirs");
    EXPECT_EQ(read({{"OTEL_RESOURCE_ATTRIBUTES", "a=b,service.name=resource%2Fname"}}, options)->service_name,
              "resource/name");
}

TEST(Settings, Samplers) {
    const struct {
        variables set;
        sampler_kind kind;
        bool parent_based;
        double ratio;
    } cases[] = {
        {{}, sampler_kind::always_on, true, 1},
        {{{"OTEL_TRACES_SAMPLER", "always_off"}}, sampler_kind::always_off, false, 1},
        {{{"OTEL_TRACES_SAMPLER", "parentbased_always_off"}}, sampler_kind::always_off, true, 1},
        {{{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.25"}},
         sampler_kind::ratio,
         false,
         0.25},
        {{{"OTEL_TRACES_SAMPLER", "parentbased_traceidratio"}}, sampler_kind::ratio, true, 1},
        {{{"OTEL_TRACES_SAMPLER_ARG", "nonsense"}}, sampler_kind::always_on, true, 1},  // nobody reads it
    };
    for (const auto& c : cases) {
        const auto got = read(c.set);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->sampler, c.kind);
        EXPECT_EQ(got->parent_based, c.parent_based);
        EXPECT_EQ(got->ratio, c.ratio);
    }
}

TEST(Settings, BatchesIntervalsAndPropagators) {
    const auto got = read({{"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                           {"OTEL_BSP_SCHEDULE_DELAY", "7"},
                           {"OTEL_BSP_EXPORT_TIMEOUT", "900"},
                           {"OTEL_METRIC_EXPORT_INTERVAL", "1000"},
                           {"OTEL_PROPAGATORS", "baggage"}});
    ASSERT_TRUE(got);
    EXPECT_EQ(got->queue_size, 100U);
    EXPECT_EQ(got->batch_size, 100U);  // the default would not fit
    EXPECT_EQ(got->schedule_delay_ms, 7);
    EXPECT_EQ(got->traces.timeout_ms, 900);
    EXPECT_EQ(got->metric_interval_ms, 1000);
    EXPECT_EQ(got->metric_timeout_ms, 500);
    EXPECT_TRUE(got->baggage);
    EXPECT_FALSE(got->trace_context);
    EXPECT_FALSE(read({{"OTEL_PROPAGATORS", "none"}})->baggage);
}

TEST(Settings, WrongValuesNameTheirVariable) {
    const struct {
        variables set;
        const char* want;
    } cases[] = {
        {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "thrift"}},
         "OTEL_EXPORTER_OTLP_PROTOCOL: got \"thrift\"; want grpc, http/protobuf or http/json"},
        {{{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "x"}},
         "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: got \"x\"; want grpc, http/protobuf or http/json"},
        {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://c"}},
         "OTEL_EXPORTER_OTLP_ENDPOINT: got \"ftp://c\"; want http://host:4317"},
        {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://"}},
         "OTEL_EXPORTER_OTLP_ENDPOINT: got \"http://\"; want http://host:4317"},
        {{{"OTEL_EXPORTER_OTLP_TIMEOUT", "5s"}},
         "OTEL_EXPORTER_OTLP_TIMEOUT: got \"5s\"; want a whole number from 1 to 86400000"},
        {{{"OTEL_TRACES_EXPORTER", "jaeger"}}, "OTEL_TRACES_EXPORTER: got \"jaeger\"; want otlp, console or none"},
        {{{"OTEL_TRACES_SAMPLER", "sometimes"}},
         "OTEL_TRACES_SAMPLER: got \"sometimes\"; want always_on, always_off or traceidratio, with parentbased_ before "
         "it or not"},
        {{{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "1.5"}},
         "OTEL_TRACES_SAMPLER_ARG: got \"1.5\"; want a number from 0 to 1"},
        {{{"OTEL_BSP_MAX_QUEUE_SIZE", "0"}},
         "OTEL_BSP_MAX_QUEUE_SIZE: got \"0\"; want a whole number from 1 to 1000000"},
        {{{"OTEL_BSP_MAX_QUEUE_SIZE", "10"}, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "11"}},
         "OTEL_BSP_MAX_EXPORT_BATCH_SIZE: got \"11\"; want at most the queue's size, 10"},
        {{{"OTEL_METRIC_EXPORT_INTERVAL", "-1"}},
         "OTEL_METRIC_EXPORT_INTERVAL: got \"-1\"; want a whole number from 1 to 86400000"},
        {{{"OTEL_METRIC_EXPORT_INTERVAL", "10"}, {"OTEL_METRIC_EXPORT_TIMEOUT", "10"}},
         "OTEL_METRIC_EXPORT_TIMEOUT: got \"10\"; want less than the interval, 10"},
        {{{"OTEL_PROPAGATORS", "b3"}}, "OTEL_PROPAGATORS: got \"b3\"; want tracecontext, baggage or none"},
        {{{"OTEL_RESOURCE_ATTRIBUTES", "novalue"}},
         "OTEL_RESOURCE_ATTRIBUTES: want key=value,key=value with percent-encoded values"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.want);
        const auto got = read(c.set);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, orm::errc::invalid_value);
        EXPECT_EQ(got.error().message, c.want);
    }
    const auto secret = read({{"OTEL_EXPORTER_OTLP_HEADERS", "key=top%secret"}});
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, ::testing::StartsWith("OTEL_EXPORTER_OTLP_HEADERS: want"));
    EXPECT_THAT(secret.error().message, ::testing::Not(::testing::HasSubstr("secret")));
    EXPECT_EQ(read({}, {.protocol = "x"}).error().message,
              "provider_options.protocol: got \"x\"; want grpc, http/protobuf or http/json");
}

}  // namespace
}  // namespace skua::otel
