// SPDX-License-Identifier: Apache-2.0
#include "app/settings.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace skua::app {
namespace {

constexpr SettingInfo kSettings[] = {
    {"listen", "localhost", "host for every port that is given without one; localhost is 127.0.0.1 and ::1", false,
     "JAEGER_LISTEN_HOST"},
    {"collector.otlp.enabled", "true", "receive OTLP on its two ports", true},
    {"collector.otlp.grpc.host-port", "4317", "OTLP over gRPC", true},
    {"collector.otlp.http.host-port", "4318", "OTLP over HTTP", true},
    {"collector.http-server.host-port", "14268", "Jaeger Thrift over HTTP", true},
    {"processor.jaeger-compact.server-host-port", "6831", "Jaeger Thrift over UDP, compact protocol", true},
    {"processor.jaeger-binary.server-host-port", "6832", "Jaeger Thrift over UDP, binary protocol", true},
    {"http-server.host-port", "5778", "sampling strategies for clients", true},
    {"query.http-server.host-port", "16686", "web UI and query API", true},
    {"health.host-port", "13133", "health check (/status)"},
    {"admin.http.host-port", "14269", "health (/), /metrics, /version", true},
    {"query.base-path", "/", "path before everything on the query port, such as /jaeger", true},
    {"query.ui-config", "", "file (.json or .js) with the UI's configuration, read again every 10 s", true},
    {"collector.otlp.max-body-size", "20MiB", "largest OTLP request after decompression, at most 64MiB"},
    {"collector.otlp.http.cors.allowed-origins", "", "origins that may send from browsers, with commas between", true},
    {"collector.otlp.http.cors.allowed-headers", "", "headers that such requests may have, with commas between", true},
    {"sampling.strategies-file", "", "file with the sampling strategies (JSON)", true},
    {"sampling.strategies-reload-interval", "0s", "read that file again after this time; 0s: never", true},
    {"sampling.default-sampling-probability", "1", "for services the file does not name", true},
    {"storage.path", "",
     "folder that holds the spans; empty: in memory (default $STATE_DIRECTORY, $XDG_STATE_HOME/skua, "
     "$HOME/.local/state/skua, else /var/lib/skua)"},
    {"storage.durability", "durable",
     "when spans are acknowledged: durable (synced to the disk), interval (written, synced 5 times a second) or off "
     "(written)"},
    {"storage.retention", "72h", "spans go when they arrived that long ago; 0: never"},
    {"storage.max-bytes", "80%", "disk space for spans, as a size or a share of the disk; 0: no limit"},
    {"storage.min-free", "1GiB", "disk space left to others: below it the oldest spans go, then none are taken"},
    {"storage.memory", "256MiB", "memory of the store, at least 64MiB; without a folder all spans are in it"},
    {"storage.query-memory", "256MiB",
     "memory of one query, at least 16MiB; beyond it a search is cut, others refused"},
    {"span-storage.type", "embedded", "embedded, or memory: as an empty storage.path (badger is taken as embedded)",
     true},
    {"memory.max-traces", "0", "in memory, keep about so many traces, the newest; 0: as many as storage.memory holds",
     true},
    {"max-bytes-in-flight", "64MiB", "request bytes held by all ports together"},
    {"max-connections", "4096", "connections per HTTP port"},
    {"io-threads", "2", "threads that read and write HTTP and UDP sockets"},
    {"shutdown-timeout", "10s", "how long running requests may take to end"},
    {"ports-file", "", "write the ports as JSON to this file when everything is up"},
    {"log-level", "info", "debug, info, warn, error", true},
};

const SettingInfo* find_setting(std::string_view name) {
    const auto found = std::find_if(std::begin(kSettings), std::end(kSettings),
                                    [&](const SettingInfo& setting) { return setting.name == name; });
    return found == std::end(kSettings) ? nullptr : found;
}

std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

// Characters in words ("otlp", "port") that both names have.
std::size_t shared_words(std::string_view word, std::string_view candidate) {
    std::size_t shared = 0;
    while (!word.empty()) {
        const std::size_t end = word.find_first_of(".-_");
        const std::string_view part = word.substr(0, end);
        word = end == std::string_view::npos ? std::string_view() : word.substr(end + 1);
        if (part.size() > 2 && candidate.find(part) != std::string_view::npos) shared += part.size();
    }
    return shared;
}

base::Error unknown_flag(std::string_view name) {
    std::vector<std::string_view> names;
    for (const SettingInfo& setting : kSettings) names.push_back(setting.name);
    return {base::Code::kInvalidArgument,
            fmt::format("unknown flag --{}; did you mean --{}?", name, nearest(name, names))};
}

// What systemd made for the service, else the user's own.
std::string default_storage_path(const Settings::Environment& environment) {
    struct Place {
        const char* variable;
        std::string_view below;
    };
    for (const Place place :
         {Place{"STATE_DIRECTORY", ""}, {"XDG_STATE_HOME", "/skua"}, {"HOME", "/.local/state/skua"}}) {
        const auto found = environment.find(place.variable);
        // The XDG rules: a relative path is to be ignored.
        if (found == environment.end() || !found->second.starts_with('/')) continue;
        return found->second.substr(0, found->second.find(':')) + std::string(place.below);
    }
    return "/var/lib/skua";
}

bool is_switch(const SettingInfo& setting) {
    return setting.fallback == "true" || setting.fallback == "false";
}

}  // namespace

std::span<const SettingInfo> all_settings() {
    return kSettings;
}

std::string variable_name(std::string_view setting) {
    std::string name(setting);
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
        if (c == '.' || c == '-') c = '_';
    }
    return name;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
    word = word.substr(0, 256);
    std::string_view best;
    std::size_t best_edits = std::numeric_limits<std::size_t>::max();
    for (const std::string_view candidate : candidates) {
        // A name that has the same words is nearer than one of the same length.
        const std::size_t shared = shared_words(word, candidate);
        const std::size_t cost = edits(word, candidate) + 4 * (word.size() - std::min(shared, word.size()));
        if (cost < best_edits) {
            best = candidate;
            best_edits = cost;
        }
    }
    return best;
}

base::Result<Settings> Settings::read(std::span<const std::string> arguments, const Environment& environment) {
    Settings settings;
    std::map<std::string, bool> known_variables;
    for (const SettingInfo& setting : kSettings) {
        Value& value = settings.values_[std::string(setting.name)];
        value = {std::string(setting.fallback), std::string(kDefaultSource)};
        if (setting.name == "storage.path") value.text = default_storage_path(environment);
        std::vector<std::string> variables = {"SKUA_" + variable_name(setting.name)};
        if (setting.is_jaeger) variables.push_back(variable_name(setting.name));
        if (!setting.other_variable.empty()) variables.emplace_back(setting.other_variable);
        bool is_set = false;
        for (const std::string& variable : variables) {
            known_variables[variable] = true;
            const auto found = environment.find(variable);
            if (found == environment.end() || is_set) continue;
            value = {found->second, variable};
            is_set = true;
        }
    }
    for (const auto& [variable, text] : environment) {
        if (!variable.starts_with("SKUA_") || known_variables.contains(variable)) continue;
        std::vector<std::string_view> names;
        names.reserve(known_variables.size());
        for (const auto& [name, unused] : known_variables) names.push_back(name);
        settings.warnings_.push_back(
            fmt::format("environment variable {} is not known; did you mean {}?", variable, nearest(variable, names)));
    }
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        if (!argument.starts_with("--")) {
            return base::Error{base::Code::kInvalidArgument,
                               fmt::format("unexpected argument '{}'; flags begin with --", argument)};
        }
        const std::size_t equals = argument.find('=');
        const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
        const SettingInfo* setting = find_setting(name);
        if (setting == nullptr) return unknown_flag(name);
        std::string text;
        if (equals != std::string::npos) {
            text = argument.substr(equals + 1);
        } else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--")) {
            text = arguments[++i];
        } else if (is_switch(*setting)) {
            text = "true";
        } else {
            return base::Error{base::Code::kInvalidArgument, fmt::format("flag --{} needs a value", name)};
        }
        settings.values_[name] = {text, "--" + name};
    }
    return settings;
}

const Settings::Value& Settings::get(std::string_view name) const {
    return values_.find(name)->second;
}

std::string help_text() {
    std::string out =
        "skua: a tracing server with the ports of the Jaeger all-in-one, and its own web UI.\n\n"
        "Usage: skua [flags]            run the server\n"
        "       skua version            print the version\n"
        "       skua print-config       print every setting, its value and where it comes from\n"
        "       skua inspect FILE...    print what a file of the store holds: log, segment or manifest\n"
        "       skua verify DIR [--rebuild]\n"
        "                               compare every checksum in a store that no server uses; --rebuild makes a\n"
        "                               manifest the server starts with, without what is damaged (that moves to "
        "lost/)\n\n"
        "Flags are --name=value or --name value. Each is also an environment variable: SKUA_ and the name in capitals\n"
        "with _ for punctuation; those marked * also without SKUA_, as in Jaeger. A port is 'port', 'host:port', "
        "':port'\n"
        "(every interface), '0' (a free one) or 'off'.\n\n";
    for (const SettingInfo& setting : kSettings) {
        out += fmt::format("  --{}{}\n        {}", setting.name, setting.is_jaeger ? " *" : "", setting.help);
        if (!setting.fallback.empty()) out += fmt::format(" (default {})", setting.fallback);
        out += '\n';
    }
    return out;
}

std::string print_settings(const Settings& settings) {
    std::string out;
    for (const SettingInfo& setting : kSettings) {
        const Settings::Value& value = settings.get(setting.name);
        out += fmt::format("{}: \"{}\"  # {}\n", setting.name, value.text, value.source);
    }
    return out;
}

}  // namespace skua::app
