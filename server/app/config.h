// SPDX-License-Identifier: Apache-2.0
// The settings, checked and typed.
#pragma once

#include "app/settings.h"
#include "app/storage.h"
#include "base/log.h"
#include "net/listen_socket.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace skua::app {

// Every port the server can open.
enum class Port : std::uint8_t {
    kOtlpGrpc,
    kOtlpHttp,
    kJaegerCompact,
    kJaegerBinary,
    kJaegerHttp,
    kSampling,
    kQuery,
    kHealth,
    kAdmin,
};
inline constexpr std::size_t kPortCount = 9;

struct PortInfo {
    Port port;
    std::string_view name;     // in the ports file and the log
    std::string_view setting;  // its flag
    net::Protocol protocol;
};
const std::array<PortInfo, kPortCount>& all_ports();

struct Config {
    // By Port; nothing: off.
    std::array<std::optional<net::Endpoint>, kPortCount> endpoints;
    std::size_t otlp_body_bytes = 0;
    std::vector<std::string> cors_origins;
    std::vector<std::string> cors_headers;
    std::string base_path;  // "/" or "/prefix"
    std::string ui_config_file;
    std::string sampling_file;
    std::chrono::nanoseconds sampling_reload{0};
    double sampling_default = 1;
    StorageConfig storage;
    std::size_t bytes_in_flight = 0;
    std::size_t connections = 0;
    unsigned io_threads = 2;
    std::chrono::milliseconds shutdown_timeout{0};
    std::string ports_file;
    base::Level log_level = base::Level::kInfo;

    // kInvalidArgument names the setting, where its value came from, and what is wanted.
    static base::Result<Config> from(const Settings& settings);
};

// "64MiB", "1GiB", "100KB", "4096".
base::Result<std::size_t> parse_bytes(std::string_view text);
// As Go: "10s", "1m30s", "250ms", "1.5h", and "0".
base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace skua::app
