// SPDX-License-Identifier: Apache-2.0
#include "api/ui/index_page.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <fstream>

#include <fmt/format.h>
#include <simdjson.h>

namespace skua::api {
namespace {

constexpr std::size_t kConfigBytesMax = std::size_t{4} << 20;

std::size_t skip_spaces(std::string_view text, std::size_t at, std::string_view spaces = " ") {
    return std::min(text.find_first_not_of(spaces, at), text.size());
}

// Replaces every "NAME = DEFAULT;" (any number of spaces around '=') by "NAME = value;".
void replace_assignment(std::string& html, std::string_view name, std::string_view fallback, std::string_view value) {
    std::size_t at = 0;
    while ((at = html.find(name, at)) != std::string::npos) {
        std::size_t end = skip_spaces(html, at + name.size());
        if (end >= html.size() || html[end] != '=') {
            at += name.size();
            continue;
        }
        end = skip_spaces(html, end + 1);
        if (html.compare(end, fallback.size(), fallback) != 0 || html.compare(end + fallback.size(), 1, ";") != 0) {
            at += name.size();
            continue;
        }
        const std::string text = fmt::format("{} = {};", name, value);
        html.replace(at, end + fallback.size() + 1 - at, text);
        at += text.size();
    }
}

// The line "// JAEGER_CONFIG_JS…" and the next one become the text.
void replace_script_lines(std::string& html, std::string_view text) {
    static constexpr std::string_view kMark = "jaeger_config_js";
    std::size_t line = 0;
    while (line < html.size()) {
        const std::size_t line_end = std::min(html.find('\n', line), html.size());
        std::size_t at = skip_spaces(html, line, " \t");
        if (html.compare(at, 2, "//") == 0) {
            at = skip_spaces(html, at + 2, " \t");
            std::string word = html.substr(at, kMark.size());
            std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) { return std::tolower(c); });
            if (word == kMark && line_end < html.size()) {
                const std::size_t next_end = std::min(html.find('\n', line_end + 1), html.size());
                html.replace(line, next_end - line, text);
                line += text.size();
                continue;
            }
        }
        line = line_end + 1;
    }
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

// JSON may stand inside a script element then: '<' and the separators occur only inside its strings.
std::string script_safe_json(std::string json) {
    json = replace_all(std::move(json), "<", "\\u003c");
    json = replace_all(std::move(json), "\xE2\x80\xA8", "\\u2028");
    return replace_all(std::move(json), "\xE2\x80\xA9", "\\u2029");
}

// "</script" in any case would end the element; "<\/script" is the same to JavaScript.
std::string script_safe_code(std::string code) {
    static constexpr std::string_view kEnd = "</script";
    for (std::size_t at = 0; at + kEnd.size() <= code.size(); ++at) {
        const bool is_end = std::equal(kEnd.begin(), kEnd.end(), code.begin() + static_cast<std::ptrdiff_t>(at),
                                       [](char want, unsigned char got) { return std::tolower(got) == want; });
        if (is_end) code.insert(at + 1, 1, '\\');
    }
    return code;
}

// Jaeger's condition: function\s+UIConfig(\s)?\(\s?\)(\s)?{
bool defines_ui_config(std::string_view code) {
    const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    for (std::size_t at = 0; (at = code.find("function", at)) != std::string_view::npos; ++at) {
        std::size_t i = at + 8;
        const std::size_t spaces = i;
        while (i < code.size() && is_space(code[i])) ++i;
        if (i == spaces || !code.substr(i).starts_with("UIConfig")) continue;
        i += 8;
        const auto eat = [&](char want) {
            if (i < code.size() && is_space(code[i])) ++i;
            return i < code.size() && code[i] == want ? (++i, true) : false;
        };
        if (eat('(') && eat(')') && eat('{')) return true;
    }
    return false;
}

base::Error bad_config(const std::string& path, std::string_view why) {
    return {base::Code::kInvalidArgument, fmt::format("cannot use UI config {}: {}", path, why)};
}

std::string capabilities_json(const UiCapabilities& c) {
    return fmt::format(R"({{"archiveStorage":{},"metricsStorage":{},"searchWithoutServiceName":{},"aiAssistant":{}}})",
                       c.archive_storage, c.metrics_storage, c.search_without_service_name, c.ai_assistant);
}

}  // namespace

std::string render_index(std::string_view html, const IndexSettings& settings) {
    std::string page(html);
    if (!settings.config_json.empty()) {
        replace_assignment(page, "JAEGER_CONFIG", "DEFAULT_CONFIG", script_safe_json(settings.config_json));
    }
    if (!settings.config_js.empty()) replace_script_lines(page, script_safe_code(settings.config_js));
    replace_assignment(page, "JAEGER_VERSION", "DEFAULT_VERSION", script_safe_json(settings.version_json));
    replace_assignment(page, "JAEGER_BACKEND_CAPABILITIES", "DEFAULT_BACKEND_CAPABILITIES",
                       capabilities_json(settings.capabilities));
    replace_assignment(page, "JAEGER_STORAGE_CAPABILITIES", "DEFAULT_STORAGE_CAPABILITIES",
                       fmt::format(R"({{"archiveStorage":{},"metricsStorage":{}}})",
                                   settings.capabilities.archive_storage, settings.capabilities.metrics_storage));
    if (settings.base_path != "/") {
        page = replace_all(std::move(page), "<base href=\"/\"", fmt::format("<base href=\"{}/\"", settings.base_path));
    }
    return page;
}

base::Status load_ui_config(const std::string& path, IndexSettings& settings) {
    const bool is_json = path.ends_with(".json");
    if (!is_json && !path.ends_with(".js")) {
        return bad_config(path, "unrecognized UI config file format, expecting .js or .json file");
    }
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::errno_error(fmt::format("cannot open UI config {}", path), errno);
    std::string text(kConfigBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad()) return base::errno_error(fmt::format("cannot read UI config {}", path), errno);
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kConfigBytesMax) return bad_config(path, "larger than 4 MiB");
    if (!is_json) {
        if (!defines_ui_config(text)) return bad_config(path, "it must define function UIConfig()");
        settings.config_js = std::move(text);
        settings.config_json.clear();
        return {};
    }
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (const auto error = parser.parse(text).get(root); error != simdjson::SUCCESS) {
        return bad_config(path, simdjson::error_message(error));
    }
    if (!root.is_object()) return bad_config(path, "not a JSON object");
    settings.config_json = simdjson::minify(root);
    settings.config_js.clear();
    return {};
}

}  // namespace skua::api
