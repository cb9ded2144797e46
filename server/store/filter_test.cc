// SPDX-License-Identifier: Apache-2.0
#include "store/filter.h"

#include "store/contract/filter_text.h"
#include "store/predicate.h"

#include <gtest/gtest.h>

namespace skua::store {
namespace {

std::string refused(const Filter& filter, const FilterLimits& limits = {}) {
    const auto status = validate(filter, limits);
    return status.ok() ? "" : status.error().message;
}

TEST(Filter, NamesGoBothWays) {
    for (const Op op : {Op::kAnd, Op::kOr, Op::kNot, Op::kSome, Op::kExists, Op::kEq, Op::kNe, Op::kGt, Op::kLt,
                        Op::kGte, Op::kLte, Op::kRegex, Op::kIn, Op::kNotIn}) {
        ASSERT_NE(op_from(to_string(op)), nullptr) << to_string(op);
        EXPECT_EQ(*op_from(to_string(op)), op);
    }
    EXPECT_EQ(op_from("contains"), nullptr);
    EXPECT_EQ(level_from("trace"), nullptr);
    EXPECT_EQ(level_from("everywhere"), nullptr);
    EXPECT_EQ(field_from(Level::kEvent, "timeSinceStart").value(), Field::kTimeSinceStart);
    EXPECT_EQ(field_from(Level::kSpan, "service").error().message,
              "filter names an unknown field; got 'service' at level 'span'");
}

TEST(Filter, WrongShapesAreNamed) {
    struct Case {
        const char* text;
        const char* want;
    };
    constexpr Case kCases[] = {
        {"(eq :k v)", ""},
        {"(eq :k)", "filter call 'eq' takes a reference and one value"},
        {"(eq :k a b)", "filter call 'eq' takes a reference and one value"},
        {"(exists :k v)", "filter call 'exists' takes a reference only"},
        {"(in :k)", ""},
        {"(not)", "filter call 'not' takes one predicate"},
        {"(some span (exists :k))", "filter call 'some' takes the collection event or link"},
        {"(some event (or (some event (exists event:k))))",
         "filter call 'some' over event stands inside another over the same collection"},
        {"(some event (some link (exists event:k)))", ""},
        {"(eq : v)", "filter call 'eq' names an attribute with an empty key"},
        {"(regex :k int:5)", "filter call 'regex' takes a string"},
        {"(regex span.duration x)", "field 'duration' holds no text for 'regex'"},
        {"(gt :k bool:true)", "filter call 'gt' cannot order booleans"},
        {"(gt span.status ok)", "field 'status' has no order"},
        {"(eq span.duration 5)", "field 'duration' is compared with a time or a duration"},
        {"(eq span.name int:5)", "field 'name' is compared with a string"},
    };
    for (const Case& c : kCases) {
        SCOPED_TRACE(c.text);
        const auto filter = testing::read_filter(c.text);
        ASSERT_TRUE(filter.ok()) << filter.error().message;
        EXPECT_EQ(refused(*filter), c.want);
    }
}

TEST(Filter, EveryBoundHolds) {
    Filter deep = Filter::exists(attribute(Level::kSpan, "k"));
    for (int i = 0; i < 31; ++i) deep = Filter::negation(std::move(deep));
    EXPECT_EQ(refused(deep), "");
    EXPECT_EQ(refused(Filter::negation(deep)), "filter is nested too deep; want at most 32 levels");

    Filter wide = Filter::all_of(std::vector<Filter>(1023, Filter::exists(attribute(Level::kSpan, "k"))));
    EXPECT_EQ(refused(wide), "");
    wide.children.push_back(wide.children.front());
    EXPECT_EQ(refused(wide), "filter has too many calls; want at most 1024");

    Filter many = Filter::compare(Op::kIn, attribute(Level::kSpan, "k"), untyped("v"));
    many.literals.resize(4096, untyped("v"));
    EXPECT_EQ(refused(many), "");
    many.literals.push_back(untyped("v"));
    EXPECT_EQ(refused(many), "filter has too many values; want at most 4096");

    const auto key = attribute(Level::kSpan, "k");
    EXPECT_EQ(refused(Filter::compare(Op::kRegex, key, untyped(std::string(1024, 'a')))), "");
    EXPECT_EQ(refused(Filter::compare(Op::kRegex, key, untyped(std::string(1025, 'a')))),
              "filter call 'regex' has a pattern of 1025 bytes; want at most 1024");
    EXPECT_EQ(refused(Filter::compare(Op::kEq, key, untyped(std::string(70000, 'a')))),
              "filter is too large; want at most 65536 bytes");
}

TEST(Predicate, SaysWhatItCannotCompile) {
    const auto message = [](const char* text) {
        return Predicate::compile(testing::read_filter(text).value()).error().message;
    };
    EXPECT_EQ(message("(regex :k \"a(\")"), "filter call 'regex' has a pattern RE2 cannot read: missing ): a(");
    EXPECT_EQ(message("(eq span.traceID xyz)"), "field 'traceID' is compared with a trace id; got 'xyz'");
    EXPECT_EQ(message("(eq link.spanID 11112222333344445)"),
              "field 'spanID' is compared with a span id; got '11112222333344445'");
    // A pattern that would need more memory than allowed is refused, not tried.
    EXPECT_NE(message("(regex :k \"((a{1,100}){1,100}){1,100}\")").find("RE2 cannot read"), std::string::npos);
}

}  // namespace
}  // namespace skua::store
