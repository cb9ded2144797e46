// SPDX-License-Identifier: Apache-2.0
// An OpenTelemetry SDK in one call: spans and metrics to OTLP, as the OTEL_* variables say.
//
//     auto telemetry = skua::otel::provider({.service_name = "shop"}).or_throw();
//
// The component skua::otel_provider, the only one that links the SDK and its exporters. Environment variables win over
// the options, so that a program can be pointed elsewhere where it runs; a value that makes no sense is an error that
// names the variable. docs/guides/otel.md lists the variables.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <skua/orm/result.hpp>
#include <skua/otel/options.hpp>

namespace skua::otel {

struct provider_options {
    std::string service_name = {};  // OTEL_SERVICE_NAME
    std::string service_version = {};
    std::vector<attribute> resource = {};  // OTEL_RESOURCE_ATTRIBUTES adds to it
    std::string endpoint = {};  // OTEL_EXPORTER_OTLP_ENDPOINT; empty: http://localhost:4317, or 4318 over HTTP
    std::string protocol = {};  // OTEL_EXPORTER_OTLP_PROTOCOL: grpc (the default), http/protobuf, http/json
    bool traces = true;
    bool metrics = true;
    // How long the destructor may go on exporting. An export that is under way then ends by its own timeout
    // (OTEL_EXPORTER_OTLP_TIMEOUT, ten seconds unless this is shorter).
    std::chrono::milliseconds flush_timeout{5000};
    // Buckets below a millisecond for durations, for databases in the process.
    bool fine_buckets = false;
};

// While it lives, its providers and propagators are OpenTelemetry's global ones; the destructor exports what is left,
// in bounded time, and puts the previous ones back. Movable; keep it until the last span has ended.
class telemetry {
public:
    struct state;
    explicit telemetry(std::unique_ptr<state> made) noexcept;
    telemetry(telemetry&&) noexcept;
    telemetry& operator=(telemetry&&) noexcept;
    ~telemetry();

    // Exports what has ended so far. False: not all within the time (per signal), or there is nobody to take it.
    bool flush(std::chrono::milliseconds timeout = std::chrono::milliseconds(5000));
    // False: switched off (OTEL_SDK_DISABLED), nothing was changed.
    [[nodiscard]] bool enabled() const noexcept { return state_ != nullptr; }

private:
    std::unique_ptr<state> state_;
};

orm::result<telemetry> provider(const provider_options& options = {});

}  // namespace skua::otel
