// SPDX-License-Identifier: Apache-2.0
#include "store/keys.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::store {
namespace {

using namespace std::string_view_literals;

TEST(Keys, Utf8) {
    struct Case {
        std::string_view text;
        bool valid;
    };
    constexpr Case kCases[] = {
        {"", true},
        {"abc", true},
        {"\xc3\xa9", true},
        {"\xe2\x82\xac", true},
        {"\xf0\x9f\x98\x80", true},
        {"\0"sv, true},
        {"\x80", false},
        {"\xc3", false},
        {"\xc0\xaf", false},
        {"\xe0\x9f\xbf", false},
        {"\xed\xa0\x80", false},
        {"\xf4\x90\x80\x80", false},
        {"\xf0\x8f\xbf\xbf", false},
        {"a\xff", false},
        {"\xe2\x82", false},
        {"\xf5\x80\x80\x80", false},
    };
    for (const Case& c : kCases) EXPECT_EQ(is_valid_utf8(c.text), c.valid) << c.text;
}

TEST(Keys, DurationIsAtLeastOneNanosecond) {
    struct Case {
        std::uint64_t start, end, want_end, want_duration;
    };
    constexpr auto kMax = std::numeric_limits<std::uint64_t>::max();
    constexpr Case kCases[] = {{5, 9, 9, 4}, {5, 5, 6, 1}, {5, 3, 6, 1}, {0, 0, 1, 1}, {kMax, 0, kMax, 1}};
    for (const Case& c : kCases) {
        model::Span span;
        span.start_ns = c.start;
        span.end_ns = c.end;
        EXPECT_EQ(end_key(span), c.want_end);
        EXPECT_EQ(duration_key(span), c.want_duration);
    }
}

TEST(Keys, FirstServiceNameCounts) {
    const model::Attribute attributes[] = {{"service.name", model::Value::of_string("a")},
                                           {"service.name", model::Value::of_string("b")}};
    model::Resource resource;
    resource.attributes = attributes;
    EXPECT_EQ(service_key(resource), "a");
    EXPECT_EQ(service_key(model::Resource{}), "missing-service-name");
}

TEST(Keys, UnknownKindsAreUnspecified) {
    EXPECT_EQ(kind_word(static_cast<model::SpanKind>(77)), "unspecified");
    EXPECT_EQ(operation_kind(static_cast<model::SpanKind>(77)), "");
}

}  // namespace
}  // namespace skua::store
