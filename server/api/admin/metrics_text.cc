// SPDX-License-Identifier: Apache-2.0
#include "api/admin/metrics_text.h"

#include <fmt/format.h>

namespace skua::api {
namespace {

void append_escaped(std::string& out, std::string_view value) {
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n') {
            out += "\\n";
        } else {
            out += c;
        }
    }
}

}  // namespace

void MetricsText::family(std::string_view name, std::string_view help, std::string_view type) {
    name_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void MetricsText::begin_sample(const Labels& labels) {
    out_ += name_;
    char separator = '{';
    for (const auto& [key, value] : labels) {
        out_ += separator;
        out_ += key;
        out_ += "=\"";
        append_escaped(out_, value);
        out_ += '"';
        separator = ',';
    }
    out_ += labels.empty() ? " " : "} ";
}

void MetricsText::sample(const Labels& labels, double value) {
    begin_sample(labels);
    out_ += fmt::format("{}\n", value);
}

void MetricsText::sample(const Labels& labels, std::uint64_t value) {
    begin_sample(labels);
    out_ += fmt::format("{}\n", value);
}

}  // namespace skua::api
