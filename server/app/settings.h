// SPDX-License-Identifier: Apache-2.0
// Every setting of the server by name: what it is called on the command line and in the environment, its default, its
// meaning. Precedence: flag, SKUA_… in the environment, Jaeger's own name in the environment, default.
#pragma once

#include "base/result.h"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::app {

struct SettingInfo {
    std::string_view name;  // "query.base-path"; the flag is --query.base-path
    std::string_view fallback;
    std::string_view help;
    // Jaeger v1 has it too: its environment variable is the name in capitals, punctuation as '_'.
    bool is_jaeger = false;
    std::string_view other_variable = {};  // one more name in the environment
};
std::span<const SettingInfo> all_settings();

// Value::source of what nobody set.
inline constexpr std::string_view kDefaultSource = "the default";

// Values as text, with where they came from.
class Settings {
public:
    using Environment = std::map<std::string, std::string>;

    struct Value {
        std::string text;
        std::string source;  // "--listen", "SKUA_LISTEN", "the default"
    };

    // kInvalidArgument names an unknown flag and the nearest known one.
    static base::Result<Settings> read(std::span<const std::string> arguments, const Environment& environment);

    // REQUIRES: a name of all_settings().
    [[nodiscard]] const Value& get(std::string_view name) const;
    // Variables that look like ours and are none, with the nearest known one.
    [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

private:
    std::map<std::string, Value, std::less<>> values_;
    std::vector<std::string> warnings_;
};

// "COLLECTOR_OTLP_GRPC_HOST_PORT" of "collector.otlp.grpc.host-port".
std::string variable_name(std::string_view setting);
// The candidate with the fewest edits.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);
std::string help_text();
// One "name: value  # source" line per setting (YAML).
std::string print_settings(const Settings& settings);

}  // namespace skua::app
