// SPDX-License-Identifier: Apache-2.0
#include "query/json_input.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::query {
namespace {

std::string map_text(std::string_view json) {
    const auto map = parse_string_map(json);
    if (!map.ok()) return map.error().message;
    std::string out;
    for (const auto& [key, value] : *map) out += key + "=" + value + ";";
    return out;
}

TEST(StringMap, ReadsObjectsOfStrings) {
    EXPECT_EQ(map_text(R"({"a":"1","b":"\u00e9","c":null})"), "a=1;b=\xc3\xa9;c=;");
    EXPECT_EQ(map_text("{}"), "");
    EXPECT_EQ(map_text(R"({"a":5})"), "json: cannot unmarshal number into Go value of type string");
    EXPECT_EQ(map_text(R"({"a":{"b":1}})"), "json: cannot unmarshal object into Go value of type string");
    EXPECT_EQ(map_text(R"(["a"])"), "json: cannot unmarshal array into Go value of type map[string]string");
    EXPECT_EQ(map_text("x"), "invalid character 'x' looking for beginning of value");
    EXPECT_EQ(map_text(" "), "unexpected end of JSON input");
    EXPECT_EQ(map_text(R"({"a":"1")"), "unexpected end of JSON input");
    EXPECT_EQ(map_text(std::string(300'000, ' ')), "JSON of 300000 bytes; want at most 262144");
}

// The tree in one line: op(level.field|level:key=literal/type, …).
std::string tree(const store::Filter& f) {
    std::string out = std::string(store::to_string(f.op)) + "(";
    if (f.children.empty() || f.op == store::Op::kSome) out += store::to_string(f.reference.level);
    if (f.children.empty())
        out += f.reference.field == store::Field::kAttribute ? ":" + f.reference.key
                                                             : "." + std::string(store::to_string(f.reference.field));
    for (const auto& l : f.literals) {
        switch (l.type) {
            case store::LiteralType::kUntyped:
                out += " " + l.text;
                break;
            case store::LiteralType::kString:
                out += " str:" + l.text;
                break;
            case store::LiteralType::kInt:
                out += fmt::format(" int:{}", l.integer);
                break;
            case store::LiteralType::kDouble:
                out += fmt::format(" double:{}", l.number);
                break;
            case store::LiteralType::kBool:
                out += fmt::format(" bool:{}", l.boolean);
                break;
            case store::LiteralType::kNanos:
                out += fmt::format(" ns:{}", l.integer);
                break;
        }
    }
    for (const auto& c : f.children) out += " " + tree(c);
    return out + ")";
}

std::string filter_text(std::string_view json) {
    const auto filter = parse_filter(json);
    return filter.ok() ? tree(*filter) : filter.error().message;
}

TEST(FilterJson, ReadsEveryShape) {
    struct Case {
        std::string_view json;
        std::string_view want;
    };
    constexpr Case kCases[] = {
        {R"({"op":"eq","args":[{"attr":{"key":"http.status_code"}},{"scalar":{"value":"500"}}]})",
         "eq(:http.status_code 500)"},
        {R"({"op":"ne","args":[{"attr":{"key":"k","level":"scope"}},{"scalar":{"value":"5","type":"int"}}]})",
         "ne(scope:k int:5)"},
        {R"({"op":"gte","args":[{"field":{"name":"duration","level":"span"}},{"scalar":{"value":"2s"}}]})",
         "gte(span.duration ns:2000000000)"},
        {R"({"op":"gt","args":[{"scalar":{"value":"2s"}},{"field":{"name":"duration","level":"span"}}]})",
         "lt(span.duration ns:2000000000)"},
        {R"({"op":"lt","args":[{"field":{"name":"startTime","level":"span"}},{"scalar":{"value":"1970-01-01T00:00:01Z"}}]})",
         "lt(span.startTime ns:1000000000)"},
        {R"({"op":"and","args":[{"call":{"op":"exists","args":[{"attr":{"key":"a"}}]}},{"call":{"op":"not","args":[{"call":{"op":"regex","args":[{"attr":{"key":"b"}},{"scalar":{"value":"^x"}}]}}]}}]})",
         "and( exists(:a) not( regex(:b ^x)))"},
        {R"({"op":"not_in","args":[{"attr":{"key":"a"}},{"list":{"values":["1","2.5"],"type":"double"}}]})",
         "not_in(:a double:1 double:2.5)"},
        {R"({"op":"in","args":[{"attr":{"key":"a"}},{"list":{"values":["x"],"type":"string"}}]})", "in(:a str:x)"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}},{"scalar":{"value":"true","type":"bool"}}]})", "eq(:a bool:true)"},
        {R"({"op":"some","args":[{"nested":{"level":"event"}},{"call":{"op":"eq","args":[{"field":{"name":"name","level":"event"}},{"scalar":{"value":"x"}}]}}]})",
         "some(event eq(event.name x))"},
    };
    for (const Case& c : kCases) EXPECT_EQ(filter_text(c.json), c.want) << c.json;
}

TEST(FilterJson, NamesWhatIsWrong) {
    struct Case {
        std::string_view json;
        std::string_view want;
    };
    constexpr Case kCases[] = {
        {"", "unexpected end of JSON input"},
        {"[]", "filter call is no object; got array"},
        {R"({"op":"like","args":[]})", "filter has an unknown op; got 'like'"},
        {R"({"op":"eq","argz":[]})", "filter call has an unknown field; got 'argz'"},
        {R"({"op":"eq","args":{}})", "filter call 'eq' has args that are no list"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}}]})", "filter call 'eq' takes a reference and one value"},
        {R"({"op":"eq","args":[{"attr":{"key":"a","lvel":"span"}},{"scalar":{"value":"1"}}]})",
         "filter operand 'attr' has an unknown field; got 'lvel'"},
        {R"({"op":"eq","args":[{"attr":{"key":"a","level":"trace"}},{"scalar":{"value":"1"}}]})",
         "filter names an unknown level; got 'trace'"},
        {R"({"op":"eq","args":[{"field":{"name":"service","level":"span"}},{"scalar":{"value":"1"}}]})",
         "filter names an unknown field; got 'service' at level 'span'"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}},{"attr":{"key":"b"}}]})",
         "filter call 'eq' compares a reference with a scalar; got 'attr' and 'attr'"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"},"field":{}},{"scalar":{"value":"1"}}]})",
         "filter has an operand that is both 'attr' and 'field'"},
        {R"({"op":"eq","args":[{},{"scalar":{"value":"1"}}]})", "filter has an empty operand"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}},{"scalar":{"value":1}}]})",
         "filter field 'value' is no string; got number"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}},{"scalar":{"value":"x","type":"int"}}]})",
         R"(strconv.ParseInt: parsing "x": invalid syntax)"},
        {R"({"op":"eq","args":[{"attr":{"key":"a"}},{"scalar":{"value":"x","type":"date"}}]})",
         "filter has a scalar of unknown type; got 'date'"},
        {R"({"op":"gt","args":[{"field":{"name":"duration","level":"span"}},{"scalar":{"value":"x"}}]})",
         R"(time: invalid duration "x")"},
        {R"({"op":"gt","args":[{"field":{"name":"duration","level":"span"}},{"scalar":{"value":"5","type":"int"}}]})",
         "filter compares field 'duration' with a scalar of type 'int'"},
        {R"({"op":"and","args":[]})", "filter call 'and' has no predicates"},
        {R"({"op":"not","args":[{"attr":{"key":"a"}}]})", "filter wants a predicate; got 'attr'"},
        {R"({"op":"some","args":[{"nested":{"level":"span"}},{"call":{"op":"exists","args":[{"attr":{"key":"a"}}]}}]})",
         "filter call 'some' takes the collection event or link"},
    };
    for (const Case& c : kCases) EXPECT_EQ(filter_text(c.json), c.want) << c.json;
    std::string deep = R"({"op":"exists","args":[{"attr":{"key":"a"}}]})";
    for (int i = 0; i < 40; ++i) deep = R"({"op":"not","args":[{"call":)" + deep + "}]}";
    EXPECT_EQ(filter_text(deep), "filter is nested too deep; want at most 32 levels");
}

}  // namespace
}  // namespace skua::query
