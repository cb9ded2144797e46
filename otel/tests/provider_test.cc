// SPDX-License-Identifier: Apache-2.0
// The provider against servers that are not there. Nothing is asserted about time: a test that hangs is ended by ctest.
#include "skua/otel/provider.hpp"

#include <cstdlib>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <opentelemetry/context/propagation/global_propagator.h>
#include <opentelemetry/metrics/meter.h>
#include <opentelemetry/metrics/provider.h>
#include <opentelemetry/trace/provider.h>
#include <opentelemetry/trace/tracer.h>
#include <sys/socket.h>
#include <unistd.h>

namespace skua::otel {
namespace {

namespace api = opentelemetry;
using namespace std::chrono_literals;

// A port where somebody listens and never answers, or (closed) nobody listens.
class silent_port {
public:
    silent_port() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        bound_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(socket_, 8) == 0 &&
                 ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        port_ = ntohs(address.sin_port);
    }
    ~silent_port() { close(); }
    void close() {
        if (socket_ >= 0) ::close(socket_);
        socket_ = -1;
    }
    [[nodiscard]] bool bound() const { return bound_; }
    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    int socket_;
    bool bound_ = false;
    int port_ = 0;
};

void make_spans(int count) {
    auto tracer = api::trace::Provider::GetTracerProvider()->GetTracer("test");
    for (int i = 0; i < count; ++i) tracer->StartSpan("lost")->End();
    auto counter = api::metrics::Provider::GetMeterProvider()->GetMeter("test")->CreateUInt64Counter("lost");
    counter->Add(1);
}

class Provider : public ::testing::TestWithParam<const char*> {};

TEST_P(Provider, EndsWhenNobodyListens) {
    silent_port port;
    ASSERT_TRUE(port.bound());
    port.close();
    auto telemetry = provider({.endpoint = port.url(), .protocol = GetParam(), .flush_timeout = 200ms});
    ASSERT_TRUE(telemetry);
    make_spans(2000);
}

TEST_P(Provider, EndsWhenNobodyAnswers) {
    const silent_port port;
    ASSERT_TRUE(port.bound());
    auto telemetry = provider({.endpoint = port.url(), .protocol = GetParam(), .flush_timeout = 200ms});
    ASSERT_TRUE(telemetry);
    make_spans(2000);
}

INSTANTIATE_TEST_SUITE_P(Protocols, Provider, ::testing::Values("grpc", "http/protobuf"),
                         [](const auto& p) { return std::string(p.param) == "grpc" ? "Grpc" : "Http"; });

TEST(ProviderGlobals, ArePutBack) {
    const auto traces = api::trace::Provider::GetTracerProvider();
    const auto metrics = api::metrics::Provider::GetMeterProvider();
    const auto propagator = api::context::propagation::GlobalTextMapPropagator::GetGlobalPropagator();
    {
        auto outer = provider({.endpoint = "http://127.0.0.1:1", .flush_timeout = 1ms});
        ASSERT_TRUE(outer);
        const auto ours = api::trace::Provider::GetTracerProvider();
        EXPECT_NE(ours, traces);
        EXPECT_NE(api::metrics::Provider::GetMeterProvider(), metrics);
        {
            auto inner = provider({.endpoint = "http://127.0.0.1:1", .metrics = false, .flush_timeout = 1ms});
            ASSERT_TRUE(inner);
            EXPECT_NE(api::trace::Provider::GetTracerProvider(), ours);
        }
        EXPECT_EQ(api::trace::Provider::GetTracerProvider(), ours);
    }
    EXPECT_EQ(api::trace::Provider::GetTracerProvider(), traces);
    EXPECT_EQ(api::metrics::Provider::GetMeterProvider(), metrics);
    EXPECT_EQ(api::context::propagation::GlobalTextMapPropagator::GetGlobalPropagator(), propagator);
}

TEST(ProviderGlobals, DisabledChangesNothing) {
    const auto traces = api::trace::Provider::GetTracerProvider();
    ::setenv("OTEL_SDK_DISABLED", "true", 1);
    auto telemetry = provider({.service_name = "x"});
    ::unsetenv("OTEL_SDK_DISABLED");
    ASSERT_TRUE(telemetry);
    EXPECT_FALSE(telemetry->enabled());
    EXPECT_TRUE(telemetry->flush(1ms));
    EXPECT_EQ(api::trace::Provider::GetTracerProvider(), traces);
}

TEST(ProviderGlobals, AWrongVariableIsAnError) {
    ::setenv("OTEL_TRACES_SAMPLER", "sometimes", 1);
    const auto telemetry = provider({.service_name = "x"});
    ::unsetenv("OTEL_TRACES_SAMPLER");
    ASSERT_FALSE(telemetry);
    EXPECT_NE(telemetry.error().message.find("OTEL_TRACES_SAMPLER"), std::string::npos);
}

}  // namespace
}  // namespace skua::otel
