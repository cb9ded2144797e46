// SPDX-License-Identifier: Apache-2.0
#include "api/ui/ui_http.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::api {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The lines of Jaeger's bundles, old and new, that servers replace.
constexpr std::string_view kIndex = R"(<base href="/" data-inject-target="BASE_URL" />
<script>
      // JAEGER_CONFIG_JS
      // (replaced)
        const DEFAULT_CONFIG = null;
        const JAEGER_CONFIG = DEFAULT_CONFIG;
        const JAEGER_VERSION   =DEFAULT_VERSION;
        const JAEGER_BACKEND_CAPABILITIES = DEFAULT_BACKEND_CAPABILITIES;
        const JAEGER_STORAGE_CAPABILITIES = DEFAULT_STORAGE_CAPABILITIES;
</script>
)";

std::string dir_file(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("skua-ui-" + std::to_string(::getpid()) + "-" + name)).string();
}

TEST(IndexPage, ReplacesEveryPlaceholder) {
    IndexSettings settings;
    settings.config_json = R"({"title":"</script><b>","x":")"
                           "\xE2\x80\xA8"
                           R"("})";
    settings.version_json = R"({"gitVersion":"v1"})";
    settings.capabilities.metrics_storage = true;
    settings.base_path = "/jaeger";
    EXPECT_EQ(render_index(kIndex, settings), R"(<base href="/jaeger/" data-inject-target="BASE_URL" />
<script>
      // JAEGER_CONFIG_JS
      // (replaced)
        const DEFAULT_CONFIG = null;
        const JAEGER_CONFIG = {"title":"\u003c/script>\u003cb>","x":"\u2028"};
        const JAEGER_VERSION = {"gitVersion":"v1"};
        const JAEGER_BACKEND_CAPABILITIES = {"archiveStorage":false,"metricsStorage":true,"searchWithoutServiceName":true,"aiAssistant":false};
        const JAEGER_STORAGE_CAPABILITIES = {"archiveStorage":false,"metricsStorage":true};
</script>
)");
}

TEST(IndexPage, AScriptReplacesItsTwoLines) {
    IndexSettings settings;
    settings.config_js = "function UIConfig() { return {a: '</ScRipt>'}; }";
    settings.version_json = "{}";
    const std::string page = render_index(kIndex, settings);
    EXPECT_THAT(
        page, HasSubstr("<script>\nfunction UIConfig() { return {a: '<\\/ScRipt>'}; }\n        const DEFAULT_CONFIG"));
    EXPECT_THAT(page, HasSubstr("JAEGER_CONFIG = DEFAULT_CONFIG;"));
    EXPECT_THAT(page, HasSubstr("<base href=\"/\""));
}

TEST(UiConfig, FilesAreChecked) {
    struct Case {
        std::string name;
        std::string text;
        std::string error;
    };
    const Case cases[] = {
        {"a.json", R"({ "a" : 1 })", ""},
        {"a.js", "// mine\nfunction  UIConfig ( ) {\n return {}; }", ""},
        {"a.json", "[]", "not a JSON object"},
        {"a.json", "{", "cannot use UI config"},
        {"a.js", "const x = 1;", "must define function UIConfig()"},
        {"a.js", "function UIConfigs() {}", "must define function UIConfig()"},
        {"a.yaml", "a: 1", "expecting .js or .json"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.name + ": " + c.text);
        const std::string path = dir_file(c.name);
        std::ofstream(path) << c.text;
        IndexSettings settings;
        const base::Status status = load_ui_config(path, settings);
        std::filesystem::remove(path);
        EXPECT_EQ(status.ok(), c.error.empty());
        EXPECT_THAT(status.error().message, HasSubstr(c.error));
    }
    IndexSettings settings;
    EXPECT_THAT(load_ui_config("/none.json", settings).error().message, HasSubstr("/none.json: No such file"));
}

class UiHttpTest : public ::testing::Test {
protected:
    HttpResponse ask(std::string path, std::string method = "GET", std::string etag = {}) {
        HttpRequest request;
        request.method = std::move(method);
        request.path = std::move(path);
        if (!etag.empty()) request.headers.emplace_back("if-none-match", etag);
        HttpResponse got;
        handler_(request, [&](HttpResponse response) { got = std::move(response); });
        return got;
    }
    void open(UiOptions options) {
        auto handler = ui_handler(std::move(options), assets_, clock_);
        ASSERT_TRUE(handler.ok()) << handler.error().message;
        handler_ = std::move(handler).value();
    }
    static std::string header(const HttpResponse& response, std::string_view name) {
        for (const auto& [key, value] : response.headers) {
            if (key == name) return value;
        }
        return {};
    }

    const Asset assets_[3] = {{"index.html", "text/html; charset=utf-8", "\"i\"", kIndex, false},
                              {"static/a-1.js", "text/javascript; charset=utf-8", "\"abc\"", "zipped", true},
                              {"favicon.ico", "image/x-icon", "\"f\"", "icon", false}};
    base::ManualClock clock_{1};
    HttpHandler handler_;
};

TEST_F(UiHttpTest, FilesAreCachedAndPagesAreNot) {
    open({});
    const HttpResponse file = ask("/static/a-1.js");
    EXPECT_EQ(file.status, 200);
    EXPECT_EQ(*file.shared_body, "zipped");
    EXPECT_EQ(header(file, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(file, "Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(header(file, "ETag"), "\"abc\"");
    EXPECT_EQ(ask("/static/a-1.js", "GET", "\"abc\"").status, 304);
    EXPECT_EQ(ask("/static/a-1.js", "GET", "\"x\", W/\"abc\"").status, 304);
    EXPECT_EQ(ask("/static/none.js").status, 404);
    EXPECT_EQ(header(ask("/favicon.ico"), "Cache-Control"), "no-cache");
    for (const char* path : {"/", "/search", "/trace/abc", "/static", "/index.html"}) {
        SCOPED_TRACE(path);
        const HttpResponse page = ask(path, "HEAD");
        EXPECT_EQ(page.status, 200);
        EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
        EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
        EXPECT_THAT(*page.shared_body, HasSubstr("JAEGER_BACKEND_CAPABILITIES = {"));
    }
    EXPECT_EQ(ask("/search", "POST").status, 405);
}

TEST_F(UiHttpTest, TheConfigIsReadAgain) {
    const std::string path = dir_file("live.json");
    std::ofstream(path) << R"({"round":1})";
    open({path, "{}", {}, "/"});
    EXPECT_THAT(*ask("/").shared_body, HasSubstr(R"(JAEGER_CONFIG = {"round":1};)"));
    std::ofstream(path) << R"({"round":2})";
    EXPECT_THAT(*ask("/").shared_body, HasSubstr(R"({"round":1})"));
    clock_.advance(10'000'000'000);
    EXPECT_THAT(*ask("/").shared_body, HasSubstr(R"({"round":2})"));
    std::ofstream(path) << "{";
    clock_.advance(10'000'000'000);
    EXPECT_THAT(*ask("/").shared_body, HasSubstr(R"({"round":2})"));
    std::filesystem::remove(path);
    EXPECT_FALSE(ui_handler({path, "{}", {}, "/"}, assets_, clock_).ok());
}

TEST_F(UiHttpTest, EverythingStandsBelowTheBasePath) {
    open({"", "{}", {}, "/jaeger"});
    EXPECT_EQ(*ask("/jaeger/static/a-1.js").shared_body, "zipped");
    EXPECT_EQ(ask("/jaeger/static/none.js").status, 404);
    EXPECT_THAT(*ask("/jaeger/search").shared_body, HasSubstr("<base href=\"/jaeger/\""));
    EXPECT_EQ(ask("/jaeger").status, 200);
}

TEST_F(UiHttpTest, WithoutTheUiAPageSaysSo) {
    auto handler = ui_handler({}, {}, clock_);
    ASSERT_TRUE(handler.ok());
    handler_ = std::move(handler).value();
    EXPECT_EQ(ask("/search").status, 200);
    EXPECT_THAT(*ask("/search").shared_body, HasSubstr("built without its web UI"));
}

}  // namespace
}  // namespace skua::api
