// SPDX-License-Identifier: Apache-2.0
#include "api/json_writer.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::api {
namespace {

using namespace std::string_view_literals;

std::string text(std::string_view value, JsonWriter::Escape escape) {
    std::string out;
    JsonWriter(out, escape).string(value);
    return out;
}

TEST(JsonWriter, EscapesAsGoAndAsProto) {
    struct Case {
        std::string_view text;
        std::string_view go;
        std::string_view proto;
    };
    constexpr Case kCases[] = {
        {"", R"("")", R"("")"},
        {"a\"b\\c/d", R"("a\"b\\c/d")", R"("a\"b\\c/d")"},
        {"\n\r\t\b\f\x01\x1f\x7f", "\"\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\"", "\"\\n\\r\\t\\b\\f\\u0001\\u001f\x7f\""},
        {"<a>&", R"("\u003ca\u003e\u0026")", R"("<a>&")"},
        {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")", "\"\xe2\x80\xa8\xe2\x80\xa9\""},
        {"\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"a\xff\xed\xa0\x80z", R"("a\ufffd\ufffd\ufffd\ufffdz")", R"("a\ufffd\ufffd\ufffd\ufffdz")"},
        {"\0"sv, R"("\u0000")", R"("\u0000")"},
    };
    for (const Case& c : kCases) {
        EXPECT_EQ(text(c.text, JsonWriter::Escape::kGo), c.go);
        EXPECT_EQ(text(c.text, JsonWriter::Escape::kProto), c.proto);
    }
}

TEST(JsonWriter, Numbers) {
    std::string out;
    JsonWriter json(out, JsonWriter::Escape::kGo);
    json.begin_array();
    json.integer(std::numeric_limits<std::int64_t>::min());
    json.quoted(std::numeric_limits<std::uint64_t>::max());
    for (const double d : {0.1, 1e21, 1e-7, -0.0, 5.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()})
        json.number(d);
    json.end_array();
    EXPECT_EQ(out, R"([-9223372036854775808,"18446744073709551615",0.1,1e+21,1e-7,-0,5,"NaN","Infinity","-Infinity"])");
}

void write(JsonWriter& json) {
    json.begin_object();
    json.key("empty");
    json.begin_array();
    json.end_array();
    json.key("list");
    json.begin_array();
    json.null();
    json.begin_object();
    json.field("k", "v");
    json.field("l", "w");
    json.end_object();
    json.boolean(true);
    json.base64("\x01\x02");
    json.end_array();
    json.end_object();
}

TEST(JsonWriter, LaysOutPlainAndIndented) {
    std::string plain;
    JsonWriter one(plain, JsonWriter::Escape::kGo);
    write(one);
    EXPECT_EQ(plain, R"({"empty":[],"list":[null,{"k":"v","l":"w"},true,"AQI="]})");
    std::string pretty;
    JsonWriter two(pretty, JsonWriter::Escape::kGo, 4);
    write(two);
    EXPECT_EQ(pretty, R"({
    "empty": [],
    "list": [
        null,
        {
            "k": "v",
            "l": "w"
        },
        true,
        "AQI="
    ]
})");
}

}  // namespace
}  // namespace skua::api
