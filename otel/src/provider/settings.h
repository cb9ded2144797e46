// SPDX-License-Identifier: Apache-2.0
// The OTEL_* variables and the program's options, read into plain values. No SDK here.
#pragma once

#include "skua/otel/provider.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace skua::otel {

enum class otlp_protocol : std::uint8_t { grpc, http_protobuf, http_json };
enum class sampler_kind : std::uint8_t { always_on, always_off, ratio };

// Where one signal goes.
struct signal_settings {
    bool otlp = true;
    bool console = false;
    otlp_protocol protocol = otlp_protocol::grpc;
    std::string endpoint;  // URL with scheme; over HTTP with the signal's path
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t timeout_ms = 10'000;
    [[nodiscard]] bool any() const { return otlp || console; }
};

struct settings {
    bool disabled = false;
    signal_settings traces;
    signal_settings metrics;
    std::string service_name;
    std::vector<std::pair<std::string, std::string>> resource;  // of OTEL_RESOURCE_ATTRIBUTES
    sampler_kind sampler = sampler_kind::always_on;
    bool parent_based = true;
    double ratio = 1.0;
    std::size_t queue_size = 2048;
    std::size_t batch_size = 512;
    std::int64_t schedule_delay_ms = 5000;
    std::int64_t metric_interval_ms = 60'000;
    std::int64_t metric_timeout_ms = 30'000;
    bool trace_context = true;
    bool baggage = true;
};

// Null: not set.
using environment = std::function<const char*(const char* name)>;

// invalid_value, naming the variable (or option) and what it wants. Values of headers are never in a message.
orm::result<settings> read_settings(const provider_options& options, const environment& env);

}  // namespace skua::otel
