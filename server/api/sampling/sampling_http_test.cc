// SPDX-License-Identifier: Apache-2.0
#include "api/sampling/sampling_http.h"

#include "api/json_text.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace skua::api {
namespace {

std::string read(const std::string& name) {
    std::ifstream file(std::string(SKUA_SOURCE_DIR) + "/server/api/sampling/testdata/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class SamplingHttpTest : public ::testing::Test {
protected:
    SamplingHttpTest() {
        auto opened = sampling::StrategySource::open(
            {std::string(SKUA_SOURCE_DIR) + "/server/api/sampling/testdata/strategies.json", {}, 1},
            base::system_clock());
        if (!opened) throw std::runtime_error(opened.error().message);
        source_ = std::move(opened).value();
    }
    HttpResponse ask(std::string path, std::vector<std::string> services) {
        HttpRequest request;
        request.method = "GET";
        request.path = std::move(path);
        for (std::string& service : services) request.query.emplace_back("service", std::move(service));
        HttpResponse got;
        sampling_handler (*source_)(request, [&](HttpResponse response) { got = std::move(response); });
        return got;
    }

    std::unique_ptr<sampling::StrategySource> source_;
};

// Golden lines: path, service, the answer's JSON.
TEST_F(SamplingHttpTest, AnswersAsRecorded) {
    std::istringstream golden(read("answers.golden"));
    std::string line;
    int cases = 0;
    while (std::getline(golden, line)) {
        SCOPED_TRACE(line);
        const std::size_t first = line.find(' ');
        const std::size_t second = line.find(' ', first + 1);
        const HttpResponse got = ask(line.substr(0, first), {line.substr(first + 1, second - first - 1)});
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.content_type, "application/json");
        EXPECT_EQ(got.body, line.substr(second + 1));
        ++cases;
    }
    EXPECT_EQ(cases, 8);
}

TEST_F(SamplingHttpTest, TheServiceMustBeGivenOnce) {
    for (const std::vector<std::string>& services : {std::vector<std::string>{}, {"a", "b"}, {""}}) {
        const HttpResponse got = ask("/sampling", services);
        EXPECT_EQ(got.status, 400);
        EXPECT_EQ(got.content_type, "text/plain; charset=utf-8");
        EXPECT_EQ(got.body, "'service' parameter must be provided once\n");
    }
}

TEST_F(SamplingHttpTest, BaggageIsNotImplemented) {
    const HttpResponse got = ask("/baggageRestrictions", {"a"});
    EXPECT_EQ(got.status, 500);
    EXPECT_EQ(got.body, "collector error: baggage not implemented\n");
}

TEST(JsonText, EscapesAndReplaces) {
    struct Case {
        std::string_view text;
        std::string_view json;
    };
    const Case cases[] = {{"", R"("")"},
                          {"a\"b\\c\n\t\r", R"("a\"b\\c\n\t\r")"},
                          {std::string_view("\0\x1f", 2), R"("\u0000\u001f")"},
                          {"</script>", R"("\u003c/script\u003e")"},
                          {"\xE2\x80\xA8\xE2\x80\xA9", R"("\u2028\u2029")"},
                          {"h\xC3\xA9 \xF0\x9F\x98\x80", "\"h\xC3\xA9 \xF0\x9F\x98\x80\""},
                          {"\xff\xC3", R"("\ufffd\ufffd")"},
                          {"\xED\xA0\x80", R"("\ufffd\ufffd\ufffd")"}};
    for (const Case& c : cases) {
        std::string out;
        append_json_text(out, c.text);
        EXPECT_EQ(out, c.json);
    }
}

TEST(JsonText, NumbersAreWrittenAsGoDoes) {
    struct Case {
        double value;
        std::string_view json;
    };
    const Case cases[] = {{0, "0"},
                          {1, "1"},
                          {0.8, "0.8"},
                          {0.001, "0.001"},
                          {0.00001, "0.00001"},
                          {1.5e-7, "1.5e-7"},
                          {1e21, "1e+21"},
                          {123456789, "123456789"},
                          {1e20, "100000000000000000000"},
                          {-2.5, "-2.5"},
                          {0.1 + 0.2, "0.30000000000000004"},
                          {1e-6, "0.000001"}};
    for (const Case& c : cases) {
        std::string out;
        append_json_number(out, c.value);
        EXPECT_EQ(out, c.json);
    }
}

}  // namespace
}  // namespace skua::api
