// SPDX-License-Identifier: Apache-2.0
#include "model/nested.h"

#include "base/hex.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::model {
namespace {

std::string string_form(const Value& value) {
    std::string out = "prefix:";  // appends, never overwrites
    append_string_form(out, value);
    return out.substr(7);
}

std::string bytes(std::string_view hex) {
    return base::from_hex(hex).value();
}

Value array_of(const std::string& body) {
    return Value::with_text(ValueType::kArray, body);
}
Value map_of(const std::string& body) {
    return Value::with_text(ValueType::kMap, body);
}

TEST(Nested, StringFormOfScalars) {
    const double infinity = std::numeric_limits<double>::infinity();
    const struct {
        Value value;
        std::string_view want;
    } cases[] = {
        {Value{}, ""},
        {Value::of_string("a<b>&\"\xff"), "a<b>&\"\xff"},
        {Value::of_bool(true), "true"},
        {Value::of_bool(false), "false"},
        {Value::of_int(0), "0"},
        {Value::of_int(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808"},
        {Value::of_double(0), "0"},
        {Value::of_double(-0.0), "-0"},
        {Value::of_double(1), "1"},
        {Value::of_double(-1.5), "-1.5"},
        {Value::of_double(0.1), "0.1"},
        {Value::of_double(123.456), "123.456"},
        {Value::of_double(1e-6), "0.000001"},
        {Value::of_double(9.99e-7), "9.99e-7"},
        {Value::of_double(1e-10), "1e-10"},
        {Value::of_double(1e20), "100000000000000000000"},
        {Value::of_double(1.2345678901234567e20), "123456789012345670000"},
        {Value::of_double(1e21), "1e+21"},
        {Value::of_double(1.25e100), "1.25e+100"},
        {Value::of_double(5e-324), "5e-324"},
        {Value::of_double(1.7976931348623157e308), "1.7976931348623157e+308"},
        {Value::of_double(infinity), "json: unsupported value: +Inf"},
        {Value::of_double(-infinity), "json: unsupported value: -Inf"},
        {Value::of_double(std::nan("")), "json: unsupported value: NaN"},
        {Value::of_bytes(""), ""},
        {Value::of_bytes("f"), "Zg=="},
        {Value::of_bytes("fo"), "Zm8="},
        {Value::of_bytes("foo"), "Zm9v"},
        {Value::of_bytes("\xfb\xff"), "+/8="},
        {Value::with_text(ValueType::kOpaque, "\x4a\x00"), ""},
    };
    for (const auto& c : cases) EXPECT_EQ(string_form(c.value), c.want);
}

TEST(Nested, StringFormOfContainersIsJson) {
    std::string inner;
    append_entry(inner, "b", Value::of_int(1));
    append_entry(inner, "a", Value::of_string("x\"\n\x01<\xff\u2028é"));
    append_entry(inner, "b", Value::of_double(2.5));
    std::string outer;
    append_element(outer, map_of(inner));
    append_element(outer, Value{});
    append_element(outer, Value::of_bool(true));
    append_element(outer, Value::of_bytes("f"));
    append_element(outer, Value::of_double(std::nan("")));
    append_element(outer, Value::with_text(ValueType::kOpaque, bytes("4a00")));
    EXPECT_EQ(string_form(array_of(outer)),
              R"([{"a":"x\"\n\u0001<\ufffd\u2028é","b":2.5},null,true,"Zg==","NaN",null])");
    EXPECT_EQ(string_form(array_of("")), "[]");
    EXPECT_EQ(string_form(map_of("")), "{}");
}

TEST(Nested, BuildersWriteKnownBytes) {
    const struct {
        Value value;
        std::string_view element_hex;
    } cases[] = {
        {Value{}, "0a00"},
        {Value::of_string("hi"), "0a040a026869"},
        {Value::of_string(""), "0a020a00"},
        {Value::of_bool(false), "0a021000"},
        {Value::of_int(-1), "0a0b18ffffffffffffffffff01"},
        {Value::of_double(1), "0a0921000000000000f03f"},
        {Value::with_text(ValueType::kArray, ""), "0a022a00"},
        {Value::with_text(ValueType::kMap, ""), "0a023200"},
        {Value::of_bytes("z"), "0a033a017a"},
    };
    for (const auto& c : cases) {
        std::string body;
        append_element(body, c.value);
        EXPECT_EQ(base::to_hex(body), c.element_hex);
        NestedReader reader(array_of(body));
        Attribute child;
        ASSERT_TRUE(reader.next(child));
        EXPECT_EQ(child.value.type, c.value.type);
        EXPECT_EQ(string_form(child.value), string_form(c.value));
        EXPECT_FALSE(reader.next(child));
        EXPECT_FALSE(reader.malformed());
    }
    std::string map;
    append_entry(map, "k", Value::of_int(7));
    EXPECT_EQ(base::to_hex(map), "0a070a016b12021807");
}

TEST(Nested, AnyValueKeepsTheLastKnownFieldAndWholeUnknownOnes) {
    EXPECT_EQ(read_any_value("")->type, ValueType::kEmpty);
    EXPECT_EQ(string_form(*read_any_value(bytes("0a01611807"))), "7");
    const std::string unknown = bytes("4005");  // field 8
    EXPECT_EQ(read_any_value(unknown)->type, ValueType::kOpaque);
    EXPECT_EQ(read_any_value(unknown)->text, unknown);
    EXPECT_EQ(string_form(*read_any_value(bytes("40051001"))), "true");
    std::string again;
    append_any_value(again, *read_any_value(unknown));
    EXPECT_EQ(again, unknown);
    for (const std::string_view bad :
         {"0a", "0a05", "0aff", "18", "21000000", "07", "0b", "00", "18ffffffffffffffffffff01"}) {
        EXPECT_FALSE(read_any_value(bytes(bad))) << bad;
    }
}

TEST(Nested, KeyValuesInAnyShape) {
    const struct {
        std::string_view bytes;
        std::string_view want;
    } cases[] = {
        {"0a016b 1203 0a0176", "k=v"},
        {"0a00 1202 0a00", "="},
        {"1203 0a0176 0a016b", "k=v"},
        {"0a016b 1205 0a0176 1001", "k=true"},
        {"0a016b 1205 1001 0a0176", "k=v"},
        {"0a016b 1203 0a0176 0a016c", "l=v"},
        {"0a016b 1203 0a0176 1802", "k=v"},
        {"0a016b 1203 0a0176 1200", "k="},
        {"0a016b 1204 0a820076", "malformed"},
        {"0a016b 1204 0a810076", "k=v"},
        {"0a8100 6b 1203 0a0176", "k=v"},
        {"0a016b 1203 0a0276", "malformed"},
        {"0a016b 1204 0a0176", "malformed"},
        {"0a096b 1203 0a0176", "malformed"},
        {"", "="},
    };
    for (const auto& c : cases) {
        std::string digits(c.bytes);
        std::erase(digits, ' ');
        const std::string body = bytes(digits);
        const auto got = read_key_value(body);
        EXPECT_EQ(got ? std::string(got->key) + "=" + string_form(got->value) : "malformed", c.want) << c.bytes;
    }
    std::string long_text;
    append_entry(long_text, std::string(200, 'k'), Value::of_string(std::string(200, 'v')));
    NestedReader reader(map_of(long_text));
    Attribute child;
    ASSERT_TRUE(reader.next(child));
    EXPECT_EQ(child.key, std::string(200, 'k'));
    EXPECT_EQ(child.value.text, std::string(200, 'v'));
}

TEST(Nested, ChecksEveryLevelUpToTheBound) {
    std::string body;
    append_element(body, Value::of_int(1));
    for (int levels = 1; levels < kNestingMax; ++levels) {
        std::string outer;
        append_element(outer, array_of(body));
        body = outer;
    }
    EXPECT_EQ(check_nested(array_of(body)), NestedCheck::kOk);
    EXPECT_EQ(string_form(array_of(body)), std::string(kNestingMax, '[') + "1" + std::string(kNestingMax, ']'));
    std::string deeper;
    append_entry(deeper, "", array_of(body));
    EXPECT_EQ(check_nested(map_of(deeper)), NestedCheck::kTooDeep);
    EXPECT_NE(string_form(map_of(deeper)).find("null"), std::string::npos);
    EXPECT_EQ(check_nested(array_of(bytes("0a052a030a0118"))), NestedCheck::kMalformed);
    EXPECT_EQ(check_nested(Value::of_bytes("\xff")), NestedCheck::kOk);
}

TEST(Nested, AnyBytesAreReadWithoutHarm) {
    std::string map;
    std::string inner;
    append_element(inner, Value::of_string("text"));
    append_element(inner, Value::of_double(1.5));
    append_entry(map, "key", array_of(inner));
    append_entry(map, "other", Value::of_int(300));
    for (std::size_t i = 0; i < map.size(); ++i) {
        const std::string cut = map.substr(0, i);
        check_nested(map_of(cut));
        string_form(map_of(cut));
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = map;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            check_nested(map_of(flipped));
            string_form(map_of(flipped));
            string_form(array_of(flipped));
        }
    }
    EXPECT_EQ(check_nested(map_of(map)), NestedCheck::kOk);
}

}  // namespace
}  // namespace skua::model
