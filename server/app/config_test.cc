// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skua::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

base::Result<Config> configure(std::vector<std::string> arguments, Settings::Environment environment = {}) {
    auto settings = Settings::read(arguments, environment);
    if (!settings) return std::move(settings).error();
    return Config::from(*settings);
}

std::string where(const Config& config, Port port) {
    const auto& endpoint = config.endpoints[static_cast<std::size_t>(port)];
    return endpoint ? endpoint->host + ":" + std::to_string(endpoint->port) : "off";
}

TEST(Config, DefaultsAreTheSeedsPortsOnLocalhost) {
    const auto config = configure({});
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(where(*config, Port::kOtlpGrpc), "localhost:4317");
    EXPECT_EQ(where(*config, Port::kOtlpHttp), "localhost:4318");
    EXPECT_EQ(where(*config, Port::kJaegerCompact), "localhost:6831");
    EXPECT_EQ(where(*config, Port::kJaegerBinary), "localhost:6832");
    EXPECT_EQ(where(*config, Port::kJaegerHttp), "localhost:14268");
    EXPECT_EQ(where(*config, Port::kSampling), "localhost:5778");
    EXPECT_EQ(where(*config, Port::kQuery), "localhost:16686");
    EXPECT_EQ(where(*config, Port::kHealth), "localhost:13133");
    EXPECT_EQ(where(*config, Port::kAdmin), "localhost:14269");
    EXPECT_EQ(config->otlp_body_bytes, std::size_t{20} << 20);
    EXPECT_EQ(config->bytes_in_flight, std::size_t{64} << 20);
    EXPECT_EQ(config->sampling_default, 1);
}

TEST(Config, PortsHaveManySpellings) {
    struct Case {
        std::vector<std::string> arguments;
        Settings::Environment environment;
        std::string want;  // of OTLP/gRPC
    };
    const std::string flag = "--collector.otlp.grpc.host-port";
    const Case cases[] = {
        {{flag + "=0"}, {}, "localhost:0"},
        {{flag, "9000"}, {}, "localhost:9000"},
        {{flag + "=:9000"}, {}, ":9000"},
        {{flag + "=[::1]:9000"}, {}, "::1:9000"},
        {{flag + "=off"}, {}, "off"},
        {{"--listen=0.0.0.0"}, {}, "0.0.0.0:4317"},
        {{}, {{"JAEGER_LISTEN_HOST", "0.0.0.0"}}, "0.0.0.0:4317"},
        {{}, {{"JAEGER_LISTEN_HOST", "0.0.0.0"}, {"SKUA_LISTEN", "::1"}}, "::1:4317"},
        {{}, {{"COLLECTOR_OTLP_GRPC_HOST_PORT", ":1"}}, ":1"},
        {{}, {{"COLLECTOR_OTLP_GRPC_HOST_PORT", ":1"}, {"SKUA_COLLECTOR_OTLP_GRPC_HOST_PORT", ":2"}}, ":2"},
        {{flag + "=:3"}, {{"SKUA_COLLECTOR_OTLP_GRPC_HOST_PORT", ":2"}}, ":3"},
        {{flag + "=:3", flag + "=:4"}, {}, ":4"},
        {{}, {{"COLLECTOR_OTLP_ENABLED", "true"}}, "localhost:4317"},
        {{}, {{"COLLECTOR_OTLP_ENABLED", "false"}}, "off"},
        {{"--collector.otlp.enabled"}, {{"COLLECTOR_OTLP_ENABLED", "false"}}, "localhost:4317"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(::testing::PrintToString(c.arguments) + ::testing::PrintToString(c.environment));
        const auto config = configure(c.arguments, c.environment);
        ASSERT_TRUE(config.ok()) << config.error().message;
        EXPECT_EQ(where(*config, Port::kOtlpGrpc), c.want);
    }
}

TEST(Config, OtherValues) {
    const auto config =
        configure({"--query.base-path=/jaeger/", "--storage.memory=1GiB", "--storage.query-memory=32MiB",
                   "--shutdown-timeout=1m30s", "--collector.otlp.http.cors.allowed-origins=http://a, http://b"},
                  {{"MEMORY_MAX_TRACES", "1000"},
                   {"LOG_LEVEL", "warn"},
                   {"QUERY_BASE_PATH", "/x"},
                   {"SAMPLING_STRATEGIES_FILE", "/etc/s.json"},
                   {"SPAN_STORAGE_TYPE", "memory"}});
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->base_path, "/jaeger");
    EXPECT_EQ(config->storage.memory, std::size_t{1} << 30);
    EXPECT_EQ(config->storage.query_memory, std::size_t{32} << 20);
    EXPECT_EQ(config->shutdown_timeout, std::chrono::seconds(90));
    EXPECT_THAT(config->cors_origins, ElementsAre("http://a", "http://b"));
    EXPECT_EQ(config->storage.max_traces, 1000U);
    EXPECT_EQ(config->log_level, base::Level::kWarn);
    EXPECT_EQ(config->sampling_file, "/etc/s.json");
}

TEST(Config, SpansAreKeptInTheStateFolder) {
    struct Case {
        std::vector<std::string> arguments;
        Settings::Environment environment;
        std::string want;
    };
    const Case cases[] = {
        {{}, {}, "/var/lib/skua"},
        {{}, {{"HOME", "/home/u"}}, "/home/u/.local/state/skua"},
        {{}, {{"HOME", "/home/u"}, {"XDG_STATE_HOME", "/state"}}, "/state/skua"},
        {{}, {{"HOME", "/home/u"}, {"XDG_STATE_HOME", "relative"}}, "/home/u/.local/state/skua"},
        {{}, {{"HOME", "/home/u"}, {"STATE_DIRECTORY", "/var/lib/one:/var/lib/two"}}, "/var/lib/one"},
        {{}, {{"HOME", "/home/u"}, {"SKUA_STORAGE_PATH", "/data"}}, "/data"},
        {{"--storage.path=here"}, {{"SKUA_STORAGE_PATH", "/data"}}, "here"},
        {{"--storage.path="}, {{"HOME", "/home/u"}}, ""},
        {{}, {{"HOME", "/home/u"}, {"SPAN_STORAGE_TYPE", "memory"}}, ""},
        {{}, {{"HOME", "/home/u"}, {"SPAN_STORAGE_TYPE", "badger"}}, "/home/u/.local/state/skua"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(::testing::PrintToString(c.arguments) + ::testing::PrintToString(c.environment));
        const auto config = configure(c.arguments, c.environment);
        ASSERT_TRUE(config.ok()) << config.error().message;
        EXPECT_EQ(config->storage.path, c.want);
    }
}

TEST(Config, StorageLimits) {
    using store::embedded::Durability;
    const auto defaults = configure({});
    ASSERT_TRUE(defaults.ok());
    EXPECT_EQ(defaults->storage.durability, Durability::kDurable);
    EXPECT_EQ(defaults->storage.retention, std::chrono::hours(72));
    EXPECT_EQ(defaults->storage.max_bytes.percent, 80U);
    EXPECT_EQ(defaults->storage.min_free, std::uint64_t{1} << 30);
    EXPECT_EQ(defaults->storage.memory, std::size_t{256} << 20);
    EXPECT_EQ(defaults->storage.query_memory, std::size_t{256} << 20);
    EXPECT_EQ(defaults->storage.max_traces, 0U);
    const auto config = configure({"--storage.durability=off", "--storage.max-bytes=10GiB", "--storage.retention=0"},
                                  {{"SKUA_STORAGE_MIN_FREE", "5MiB"}});
    ASSERT_TRUE(config.ok()) << config.error().message;
    EXPECT_EQ(config->storage.durability, Durability::kOff);
    EXPECT_EQ(config->storage.max_bytes.bytes, std::uint64_t{10} << 30);
    EXPECT_EQ(config->storage.max_bytes.percent, 0U);
    EXPECT_EQ(config->storage.retention.count(), 0);
    EXPECT_EQ(config->storage.min_free, std::uint64_t{5} << 20);
    EXPECT_EQ(configure({"--storage.durability=interval"})->storage.durability, Durability::kInterval);
}

TEST(Config, BadInputNamesTheSettingAndItsSource) {
    struct Case {
        std::vector<std::string> arguments;
        Settings::Environment environment;
        std::string_view error;
    };
    const Case cases[] = {
        {{"--colector.otlp.grpc.host-port=1"},
         {},
         "unknown flag --colector.otlp.grpc.host-port; did you mean --collector.otlp.grpc.host-port?"},
        {{"--otlp.grpc.host-port=1"}, {}, "did you mean --collector.otlp.grpc.host-port?"},
        {{"--lisen=x"}, {}, "did you mean --listen?"},
        {{"--query.port=1"}, {}, "did you mean --query.http-server.host-port?"},
        {{"run"}, {}, "unexpected argument 'run'"},
        {{"-v"}, {}, "unexpected argument '-v'"},
        {{"--listen"}, {}, "flag --listen needs a value"},
        {{"--listen", "--io-threads=1"}, {}, "flag --listen needs a value"},
        {{"--query.http-server.host-port=web"},
         {},
         "cannot use query.http-server.host-port=web (from --query.http-server.host-port): "},
        {{}, {{"COLLECTOR_OTLP_HTTP_HOST_PORT", "x:99999"}}, "(from COLLECTOR_OTLP_HTTP_HOST_PORT)"},
        {{}, {{"COLLECTOR_OTLP_ENABLED", "maybe"}}, "want true or false"},
        {{"--query.base-path=jaeger"}, {}, "want a path that starts with /"},
        {{"--query.base-path=/a//b"}, {}, "without '//'"},
        {{"--query.base-path=/\"><script>"}, {}, "without quotes"},
        {{"--storage.memory=lots"}, {}, "want a size such as 64MiB"},
        {{"--storage.memory=99999999999999999999GiB"}, {}, "want a size such as 64MiB"},
        {{"--collector.otlp.max-body-size=65MiB"}, {}, "at most 64MiB"},
        {{"--max-bytes-in-flight=1MiB"}, {}, "want at least"},
        {{"--shutdown-timeout=soon"}, {}, "want a duration"},
        {{"--io-threads=0"}, {}, "want 1 to 256"},
        {{"--log-level=loud"}, {}, "want debug, info, warn or error"},
        {{"--sampling.default-sampling-probability=2"}, {}, "from 0 to 1"},
        {{}, {{"SPAN_STORAGE_TYPE", "cassandra"}}, "cannot use span-storage.type=cassandra (from SPAN_STORAGE_TYPE): "},
        {{"--storage.path=/x"},
         {{"SPAN_STORAGE_TYPE", "memory"}},
         "in memory there is no folder; got storage.path=/x (from --storage.path)"},
        {{"--storage.memory=63MiB"}, {}, "want at least 64MiB"},
        {{"--storage.query-memory=1MiB"}, {}, "want at least 16MiB"},
        {{"--storage.durability=maybe"}, {}, "want durable, interval or off"},
        {{"--storage.max-bytes=0%"}, {}, "or 1% to 100%"},
        {{"--storage.max-bytes=101%"}, {}, "or 1% to 100%"},
        {{"--storage.max-bytes=much"}, {}, "want a size such as 64MiB"},
        {{"--storage.retention=3d"}, {}, "want a duration"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.error);
        const auto config = configure(c.arguments, c.environment);
        ASSERT_FALSE(config.ok());
        EXPECT_THAT(config.error().message, HasSubstr(std::string(c.error)));
    }
}

TEST(Config, VariablesThatLookLikeOursAreTold) {
    const auto settings = Settings::read({}, {{"SKUA_LISTN", "x"}, {"PATH", "/bin"}});
    ASSERT_TRUE(settings.ok());
    EXPECT_THAT(settings->warnings(),
                ElementsAre("environment variable SKUA_LISTN is not known; did you mean SKUA_LISTEN?"));
}

TEST(Config, HelpAndPrintNameEverySetting) {
    const auto settings = Settings::read({}, {{"QUERY_BASE_PATH", "/x"}});
    ASSERT_TRUE(settings.ok());
    const std::string help = help_text();
    const std::string printed = print_settings(*settings);
    for (const SettingInfo& setting : all_settings()) {
        EXPECT_THAT(help, HasSubstr("--" + std::string(setting.name)));
        EXPECT_THAT(printed, HasSubstr(std::string(setting.name) + ": "));
    }
    EXPECT_THAT(printed, HasSubstr("query.base-path: \"/x\"  # QUERY_BASE_PATH\n"));
}

TEST(Durations, AreReadAsGoDoes) {
    using std::chrono::nanoseconds;
    EXPECT_EQ(*parse_duration("1m30s"), nanoseconds(90'000'000'000));
    EXPECT_EQ(*parse_duration("1.5h"), nanoseconds(5'400'000'000'000));
    EXPECT_EQ(*parse_duration("250ms"), nanoseconds(250'000'000));
    EXPECT_EQ(*parse_duration("0"), nanoseconds(0));
    for (const std::string_view text : {"", "5", "s", "-1s", "1d", ".s", "1s2", "1e9h", "99999999999h"}) {
        EXPECT_FALSE(parse_duration(text).ok()) << text;
    }
}

}  // namespace
}  // namespace skua::app
