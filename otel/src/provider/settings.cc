// SPDX-License-Identifier: Apache-2.0
#include "otel/src/provider/settings.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace skua::otel {
namespace {

constexpr std::int64_t max_ms = 24LL * 3600 * 1000;  // of any interval or timeout
constexpr std::int64_t max_queue = 1'000'000;        // spans

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto comma = text.find(',');
        if (const auto item = trim(text.substr(0, comma)); !item.empty()) out.push_back(item);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

// http://host:4317/path, with somebody to talk to.
bool is_url(std::string_view text) {
    const auto scheme = text.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string name = lower(text.substr(0, scheme));
    if (name != "http" && name != "https") return false;
    const std::string_view rest = text.substr(scheme + 3);
    return !rest.empty() && rest[0] != '/' && rest[0] != ':' && rest.find_first_of(" \t\r\n") == std::string_view::npos;
}

// Reads variables one after the other; the first that makes no sense is what is kept.
class reader {
public:
    explicit reader(const environment& env) : env_(env) {}

    // An empty variable is not set, says the specification.
    std::optional<std::string> text(const std::string& name) const {
        const char* value = env_(name.c_str());
        const std::string_view trimmed = value ? trim(value) : std::string_view();
        if (trimmed.empty()) return std::nullopt;
        return std::string(trimmed);
    }
    void refuse(const std::string& name, std::string_view got, std::string_view want) {
        if (!problem_.empty()) return;
        problem_ = name + ": ";
        if (!got.empty()) problem_ += "got \"" + std::string(got.substr(0, 100)) + "\"; ";
        problem_ += "want " + std::string(want);
    }
    std::optional<std::int64_t> number(const std::string& name, std::int64_t low, std::int64_t high) {
        const auto value = text(name);
        if (!value) return std::nullopt;
        std::int64_t out = 0;
        const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), out);
        if (error == std::errc() && end == value->data() + value->size() && out >= low && out <= high) return out;
        refuse(name, *value, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
        return std::nullopt;
    }
    std::vector<std::pair<std::string, std::string>> pairs(const std::string& name) {
        std::vector<std::pair<std::string, std::string>> out;
        const auto value = text(name);
        for (const std::string_view item : split(value ? std::string_view(*value) : std::string_view())) {
            const auto equals = item.find('=');
            const auto key = trim(item.substr(0, equals));
            const auto decoded =
                equals == std::string_view::npos ? std::nullopt : percent_decoded(trim(item.substr(equals + 1)));
            if (key.empty() || !decoded) {
                refuse(name, {}, "key=value,key=value with percent-encoded values");
                return {};
            }
            out.emplace_back(key, *decoded);
        }
        return out;
    }
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    const environment& env_;
    std::string problem_;
};

std::optional<otlp_protocol> protocol_of(std::string_view text) {
    if (text == "grpc") return otlp_protocol::grpc;
    if (text == "http/protobuf") return otlp_protocol::http_protobuf;
    if (text == "http/json") return otlp_protocol::http_json;
    return std::nullopt;
}

void read_protocol(reader& from, const std::string& signal, const provider_options& options, signal_settings& out) {
    constexpr std::string_view want = "grpc, http/protobuf or http/json";
    std::string name = "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL";
    auto text = from.text(name);
    if (!text) text = from.text(name = "OTEL_EXPORTER_OTLP_PROTOCOL");
    if (!text && !options.protocol.empty()) {
        name = "provider_options.protocol";
        text = options.protocol;
    }
    if (!text) return;
    const auto known = protocol_of(*text);
    if (!known) return from.refuse(name, *text, want);
    out.protocol = *known;
}

void read_endpoint(reader& from, const std::string& signal, std::string_view path, const provider_options& options,
                   signal_settings& out) {
    const bool grpc = out.protocol == otlp_protocol::grpc;
    std::string name = "OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT";
    auto text = from.text(name);
    const bool own = text.has_value();  // of this signal: taken as it is
    if (!text) text = from.text(name = "OTEL_EXPORTER_OTLP_ENDPOINT");
    if (!text && !options.endpoint.empty()) {
        name = "provider_options.endpoint";
        text = options.endpoint;
    }
    std::string url = text.value_or(grpc ? "http://localhost:4317" : "http://localhost:4318");
    if (grpc && url.find("://") == std::string::npos) url = "http://" + url;  // host:port, as gRPC writes it
    if (!is_url(url)) return from.refuse(name, url, grpc ? "http://host:4317" : "http://host:4318");
    if (!grpc && !own) {
        while (url.ends_with('/')) url.pop_back();
        url += path;
    }
    out.endpoint = std::move(url);
}

void read_exporters(reader& from, const std::string& signal, bool wanted, signal_settings& out) {
    const std::string name = "OTEL_" + signal + "_EXPORTER";
    out.otlp = wanted;
    const auto text = from.text(name);
    if (!wanted || !text) return;
    out.otlp = out.console = false;
    bool none = false;
    for (const std::string_view item : split(*text)) {
        if (item == "otlp") {
            out.otlp = true;
        } else if (item == "console") {
            out.console = true;
        } else if (item == "none") {
            none = true;
        } else {
            from.refuse(name, item, "otlp, console or none");
        }
    }
    if (none) out.otlp = out.console = false;
}

void read_signal(reader& from, const std::string& signal, std::string_view path, const provider_options& options,
                 bool wanted, signal_settings& out) {
    read_exporters(from, signal, wanted, out);
    read_protocol(from, signal, options, out);
    read_endpoint(from, signal, path, options, out);
    const std::string prefix = "OTEL_EXPORTER_OTLP_";
    out.headers = from.pairs(prefix + "HEADERS");
    for (auto& own : from.pairs(prefix + signal + "_HEADERS")) {
        std::erase_if(out.headers, [&](const auto& h) { return lower(h.first) == lower(own.first); });
        out.headers.push_back(std::move(own));
    }
    out.timeout_ms = std::clamp<std::int64_t>(options.flush_timeout.count(), 1, 10'000);
    if (const auto ms = from.number(prefix + "TIMEOUT", 1, max_ms)) out.timeout_ms = *ms;
    if (const auto ms = from.number(prefix + signal + "_TIMEOUT", 1, max_ms)) out.timeout_ms = *ms;
}

void read_sampler(reader& from, settings& out) {
    const std::string name = "OTEL_TRACES_SAMPLER";
    const auto text = from.text(name);
    if (!text) return;
    std::string_view kind = *text;
    constexpr std::string_view parent = "parentbased_";
    out.parent_based = kind.starts_with(parent);
    if (out.parent_based) kind.remove_prefix(parent.size());
    if (kind == "always_on") {
        out.sampler = sampler_kind::always_on;
    } else if (kind == "always_off") {
        out.sampler = sampler_kind::always_off;
    } else if (kind == "traceidratio") {
        out.sampler = sampler_kind::ratio;
    } else {
        return from.refuse(name, *text, "always_on, always_off or traceidratio, with parentbased_ before it or not");
    }
    if (out.sampler != sampler_kind::ratio) return;
    const auto ratio = from.text("OTEL_TRACES_SAMPLER_ARG");
    if (!ratio) return;
    const auto [end, error] = std::from_chars(ratio->data(), ratio->data() + ratio->size(), out.ratio);
    if (error != std::errc() || end != ratio->data() + ratio->size() || !(out.ratio >= 0 && out.ratio <= 1)) {
        from.refuse("OTEL_TRACES_SAMPLER_ARG", *ratio, "a number from 0 to 1");
    }
}

void read_batching(reader& from, settings& out) {
    if (const auto n = from.number("OTEL_BSP_MAX_QUEUE_SIZE", 1, max_queue))
        out.queue_size = static_cast<std::size_t>(*n);
    out.batch_size = std::min(out.batch_size, out.queue_size);
    if (const auto n = from.number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 1, max_queue)) {
        out.batch_size = static_cast<std::size_t>(*n);
        if (out.batch_size > out.queue_size) {
            from.refuse("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", std::to_string(*n),
                        "at most the queue's size, " + std::to_string(out.queue_size));
        }
    }
    if (const auto ms = from.number("OTEL_BSP_SCHEDULE_DELAY", 1, max_ms)) out.schedule_delay_ms = *ms;
    // The SDK has no timeout per batch: the exporter's is it.
    if (const auto ms = from.number("OTEL_BSP_EXPORT_TIMEOUT", 1, max_ms)) {
        out.traces.timeout_ms = std::min(out.traces.timeout_ms, *ms);
    }
    if (const auto ms = from.number("OTEL_METRIC_EXPORT_INTERVAL", 1, max_ms)) out.metric_interval_ms = *ms;
    // The SDK wants less than the interval.
    out.metric_timeout_ms = std::max<std::int64_t>(1, std::min(out.metric_timeout_ms, out.metric_interval_ms / 2));
    if (const auto ms = from.number("OTEL_METRIC_EXPORT_TIMEOUT", 1, max_ms)) {
        out.metric_timeout_ms = *ms;
        if (*ms >= out.metric_interval_ms) {
            from.refuse("OTEL_METRIC_EXPORT_TIMEOUT", std::to_string(*ms),
                        "less than the interval, " + std::to_string(out.metric_interval_ms));
        }
    }
}

void read_propagators(reader& from, settings& out) {
    const std::string name = "OTEL_PROPAGATORS";
    const auto text = from.text(name);
    if (!text) return;
    out.trace_context = out.baggage = false;
    for (const std::string_view item : split(*text)) {
        if (item == "tracecontext") {
            out.trace_context = true;
        } else if (item == "baggage") {
            out.baggage = true;
        } else if (item != "none") {
            from.refuse(name, item, "tracecontext, baggage or none");
        }
    }
}

}  // namespace

orm::result<settings> read_settings(const provider_options& options, const environment& env) {
    reader from(env);
    settings out;
    // As the specification says: anything else is false.
    if (const auto text = from.text("OTEL_SDK_DISABLED")) out.disabled = lower(*text) == "true";
    if (out.disabled) return out;
    read_signal(from, "TRACES", "/v1/traces", options, options.traces, out.traces);
    read_signal(from, "METRICS", "/v1/metrics", options, options.metrics, out.metrics);
    out.resource = from.pairs("OTEL_RESOURCE_ATTRIBUTES");
    out.service_name = from.text("OTEL_SERVICE_NAME").value_or("");
    for (const auto& [key, value] : out.resource) {
        if (out.service_name.empty() && key == "service.name") out.service_name = value;
    }
    if (out.service_name.empty()) out.service_name = options.service_name;
    read_sampler(from, out);
    read_batching(from, out);
    read_propagators(from, out);
    if (!from.problem().empty()) {
        orm::error error;
        error.code = orm::errc::invalid_value;
        error.operation = "set up telemetry";
        error.message = from.problem();
        return error;
    }
    return out;
}

}  // namespace skua::otel
