// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

namespace skua::app {
namespace {

constexpr std::size_t kBodyBytesMax = std::size_t{64} << 20;

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

base::Error bad_value(const Settings& settings, std::string_view name, std::string_view why) {
    const Settings::Value& value = settings.get(name);
    return invalid(fmt::format("cannot use {}={} (from {}): {}", name, value.text, value.source, why));
}

// A parse function's result, its error dressed with the setting's name.
template <class T>
base::Result<T> named(const Settings& settings, std::string_view name, base::Result<T> parsed) {
    if (!parsed) return bad_value(settings, name, parsed.error().message);
    return parsed;
}

base::Result<std::size_t> parse_count(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return invalid("want a number");
    return value;
}

base::Result<bool> parse_bool(std::string_view text) {
    for (const std::string_view yes : {"true", "1", "t", "T", "TRUE", "True", "yes", "on"}) {
        if (text == yes) return true;
    }
    for (const std::string_view no : {"false", "0", "f", "F", "FALSE", "False", "no", "off"}) {
        if (text == no) return false;
    }
    return invalid("want true or false");
}

base::Result<double> parse_probability(const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !(value >= 0 && value <= 1)) return invalid("want a number from 0 to 1");
    return value;
}

base::Result<std::string> parse_base_path(std::string_view text) {
    while (text.size() > 1 && text.ends_with('/')) text.remove_suffix(1);
    if (text.empty()) return std::string("/");
    if (!text.starts_with('/')) return invalid("want a path that starts with /");
    if (text.find("//") != std::string_view::npos || text.find("/.") != std::string_view::npos) {
        return invalid("want a path without '//' and dot segments");
    }
    if (text.find_first_of("<>\"'&?# \t\r\n\\") != std::string_view::npos) {
        return invalid("want a path without quotes, spaces, '<', '>', '&', '?' and '#'");
    }
    return std::string(text);
}

base::Result<base::Level> parse_level(std::string_view text) {
    if (text == "debug") return base::Level::kDebug;
    if (text == "info") return base::Level::kInfo;
    if (text == "warn" || text == "warning") return base::Level::kWarn;
    if (text == "error" || text == "fatal" || text == "panic" || text == "dpanic") return base::Level::kError;
    return invalid("want debug, info, warn or error");
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::size_t end = text.find(',');
        std::string_view item = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        while (item.starts_with(' ')) item.remove_prefix(1);
        while (item.ends_with(' ')) item.remove_suffix(1);
        if (!item.empty()) items.emplace_back(item);
    }
    return items;
}

base::Status read_ports(const Settings& settings, Config& config) {
    SKUA_ASSIGN_OR_RETURN(const bool has_otlp, named(settings, "collector.otlp.enabled",
                                                     parse_bool(settings.get("collector.otlp.enabled").text)));
    const std::string& host = settings.get("listen").text;
    for (const PortInfo& info : all_ports()) {
        const std::string& text = settings.get(info.setting).text;
        const bool is_otlp = info.port == Port::kOtlpGrpc || info.port == Port::kOtlpHttp;
        if (text == "off" || (is_otlp && !has_otlp)) continue;
        SKUA_ASSIGN_OR_RETURN(net::Endpoint endpoint, named(settings, info.setting, net::parse_endpoint(text, host)));
        config.endpoints[static_cast<std::size_t>(info.port)] = std::move(endpoint);
    }
    return {};
}

base::Status read_limits(const Settings& settings, Config& config) {
    const auto bytes = [&](std::string_view name) {
        return named(settings, name, parse_bytes(settings.get(name).text));
    };
    const auto count = [&](std::string_view name) {
        return named(settings, name, parse_count(settings.get(name).text));
    };
    SKUA_ASSIGN_OR_RETURN(config.otlp_body_bytes, bytes("collector.otlp.max-body-size"));
    if (config.otlp_body_bytes == 0 || config.otlp_body_bytes > kBodyBytesMax) {
        return bad_value(settings, "collector.otlp.max-body-size", "want more than 0 and at most 64MiB");
    }
    SKUA_ASSIGN_OR_RETURN(config.bytes_in_flight, bytes("max-bytes-in-flight"));
    if (config.bytes_in_flight < config.otlp_body_bytes) {
        return bad_value(settings, "max-bytes-in-flight", "want at least collector.otlp.max-body-size");
    }
    SKUA_ASSIGN_OR_RETURN(config.connections, count("max-connections"));
    if (config.connections == 0) return bad_value(settings, "max-connections", "want more than 0");
    SKUA_ASSIGN_OR_RETURN(const std::size_t threads, count("io-threads"));
    if (threads == 0 || threads > 256) return bad_value(settings, "io-threads", "want 1 to 256");
    config.io_threads = static_cast<unsigned>(threads);
    return {};
}

base::Status read_storage_type(const Settings& settings, StorageConfig& storage) {
    const std::string& type = settings.get("span-storage.type").text;
    if (type == "embedded" || type == "badger") return {};
    if (type != "memory") return bad_value(settings, "span-storage.type", "want embedded or memory");
    const Settings::Value& path = settings.get("storage.path");
    if (path.source != kDefaultSource && !path.text.empty()) {
        return bad_value(
            settings, "span-storage.type",
            fmt::format("in memory there is no folder; got storage.path={} (from {})", path.text, path.source));
    }
    storage.path.clear();
    return {};
}

base::Result<DiskShare> parse_share(std::string_view text) {
    if (!text.ends_with('%')) {
        SKUA_ASSIGN_OR_RETURN(const std::size_t bytes, parse_bytes(text));
        return DiskShare{bytes, 0};
    }
    const auto percent = parse_count(text.substr(0, text.size() - 1));
    if (!percent || *percent == 0 || *percent > 100) return invalid("want a size such as 64MiB, or 1% to 100%");
    return DiskShare{0, static_cast<unsigned>(*percent)};
}

base::Result<store::embedded::Durability> parse_durability(std::string_view text) {
    using store::embedded::Durability;
    if (text == "durable") return Durability::kDurable;
    if (text == "interval") return Durability::kInterval;
    if (text == "off") return Durability::kOff;
    return invalid("want durable, interval or off");
}

base::Status read_storage(const Settings& settings, StorageConfig& storage) {
    const auto text = [&](std::string_view name) -> const std::string& { return settings.get(name).text; };
    const auto bytes = [&](std::string_view name) { return named(settings, name, parse_bytes(text(name))); };
    storage.path = text("storage.path");
    SKUA_RETURN_IF_ERROR(read_storage_type(settings, storage));
    SKUA_ASSIGN_OR_RETURN(storage.durability,
                          named(settings, "storage.durability", parse_durability(text("storage.durability"))));
    SKUA_ASSIGN_OR_RETURN(storage.retention,
                          named(settings, "storage.retention", parse_duration(text("storage.retention"))));
    SKUA_ASSIGN_OR_RETURN(storage.max_bytes,
                          named(settings, "storage.max-bytes", parse_share(text("storage.max-bytes"))));
    SKUA_ASSIGN_OR_RETURN(storage.min_free, bytes("storage.min-free"));
    SKUA_ASSIGN_OR_RETURN(storage.memory, bytes("storage.memory"));
    if (storage.memory < kStorageMemoryMin) return bad_value(settings, "storage.memory", "want at least 64MiB");
    SKUA_ASSIGN_OR_RETURN(storage.query_memory, bytes("storage.query-memory"));
    if (storage.query_memory < kQueryMemoryMin)
        return bad_value(settings, "storage.query-memory", "want at least 16MiB");
    SKUA_ASSIGN_OR_RETURN(storage.max_traces,
                          named(settings, "memory.max-traces", parse_count(text("memory.max-traces"))));
    return {};
}

}  // namespace

const std::array<PortInfo, kPortCount>& all_ports() {
    static constexpr std::array<PortInfo, kPortCount> kPorts = {{
        {Port::kOtlpGrpc, "otlp-grpc", "collector.otlp.grpc.host-port", net::Protocol::kTcp},
        {Port::kOtlpHttp, "otlp-http", "collector.otlp.http.host-port", net::Protocol::kTcp},
        {Port::kJaegerCompact, "jaeger-compact", "processor.jaeger-compact.server-host-port", net::Protocol::kUdp},
        {Port::kJaegerBinary, "jaeger-binary", "processor.jaeger-binary.server-host-port", net::Protocol::kUdp},
        {Port::kJaegerHttp, "jaeger-http", "collector.http-server.host-port", net::Protocol::kTcp},
        {Port::kSampling, "sampling", "http-server.host-port", net::Protocol::kTcp},
        {Port::kQuery, "query", "query.http-server.host-port", net::Protocol::kTcp},
        {Port::kHealth, "health", "health.host-port", net::Protocol::kTcp},
        {Port::kAdmin, "admin", "admin.http.host-port", net::Protocol::kTcp},
    }};
    return kPorts;
}

base::Result<std::size_t> parse_bytes(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::size_t bytes;
    };
    static constexpr Unit kUnits[] = {{"GiB", std::size_t{1} << 30},
                                      {"MiB", std::size_t{1} << 20},
                                      {"KiB", 1024},
                                      {"GB", 1'000'000'000},
                                      {"MB", 1'000'000},
                                      {"KB", 1000},
                                      {"B", 1},
                                      {"", 1}};
    for (const Unit& unit : kUnits) {
        if (!text.ends_with(unit.name)) continue;
        const auto number = parse_count(text.substr(0, text.size() - unit.name.size()));
        if (!number || *number > std::numeric_limits<std::size_t>::max() / unit.bytes) break;
        return *number * unit.bytes;
    }
    return invalid("want a size such as 64MiB");
}

base::Result<std::chrono::nanoseconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::nanoseconds(0);
    struct Unit {
        std::string_view name;
        double ns;
    };
    static constexpr Unit kUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
    const auto bad = [] { return invalid("want a duration such as 1m30s"); };
    double total = 0;
    if (text.empty()) return bad();
    while (!text.empty()) {
        const std::size_t digits = text.find_first_not_of("0123456789.");
        if (digits == 0 || digits == std::string_view::npos || text.substr(0, digits) == ".") return bad();
        const std::size_t end = std::min(text.find_first_of("0123456789.", digits), text.size());
        const std::string_view name = text.substr(digits, end - digits);
        const Unit* unit = nullptr;
        for (const Unit& candidate : kUnits) {
            if (candidate.name == name) unit = &candidate;
        }
        if (unit == nullptr) return bad();
        total += std::strtod(std::string(text.substr(0, digits)).c_str(), nullptr) * unit->ns;
        text.remove_prefix(end);
    }
    if (total > 9e18) return bad();
    return std::chrono::nanoseconds(static_cast<std::int64_t>(std::llround(total)));
}

base::Result<Config> Config::from(const Settings& settings) {
    Config config;
    const auto text = [&](std::string_view name) -> const std::string& { return settings.get(name).text; };
    SKUA_RETURN_IF_ERROR(read_ports(settings, config));
    SKUA_RETURN_IF_ERROR(read_limits(settings, config));
    SKUA_RETURN_IF_ERROR(read_storage(settings, config.storage));
    config.cors_origins = split_list(text("collector.otlp.http.cors.allowed-origins"));
    config.cors_headers = split_list(text("collector.otlp.http.cors.allowed-headers"));
    config.ui_config_file = text("query.ui-config");
    config.sampling_file = text("sampling.strategies-file");
    config.ports_file = text("ports-file");
    SKUA_ASSIGN_OR_RETURN(config.base_path,
                          named(settings, "query.base-path", parse_base_path(text("query.base-path"))));
    SKUA_ASSIGN_OR_RETURN(config.sampling_reload, named(settings, "sampling.strategies-reload-interval",
                                                        parse_duration(text("sampling.strategies-reload-interval"))));
    SKUA_ASSIGN_OR_RETURN(config.sampling_default,
                          named(settings, "sampling.default-sampling-probability",
                                parse_probability(text("sampling.default-sampling-probability"))));
    SKUA_ASSIGN_OR_RETURN(const std::chrono::nanoseconds timeout,
                          named(settings, "shutdown-timeout", parse_duration(text("shutdown-timeout"))));
    config.shutdown_timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout);
    SKUA_ASSIGN_OR_RETURN(config.log_level, named(settings, "log-level", parse_level(text("log-level"))));
    return config;
}

}  // namespace skua::app
