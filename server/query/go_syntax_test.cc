// SPDX-License-Identifier: Apache-2.0
#include "query/go_syntax.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace skua::query {
namespace {

template <class T>
std::string shown(const base::Result<T>& result) {
    if (!result.ok()) return result.error().message;
    if constexpr (std::is_same_v<T, bool>)
        return *result ? "true" : "false";
    else
        return std::to_string(*result);
}

struct Case {
    std::string_view text;
    std::string_view want;
};

TEST(GoSyntax, Integers) {
    constexpr Case kCases[] = {
        {"0", "0"},
        {"-7", "-7"},
        {"+7", "7"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", R"(strconv.ParseInt: parsing "9223372036854775808": value out of range)"},
        {"99999999999999999999", R"(strconv.ParseInt: parsing "99999999999999999999": value out of range)"},
        {"", R"(strconv.ParseInt: parsing "": invalid syntax)"},
        {"x", R"(strconv.ParseInt: parsing "x": invalid syntax)"},
        {"1.5", R"(strconv.ParseInt: parsing "1.5": invalid syntax)"},
        {"-", R"(strconv.ParseInt: parsing "-": invalid syntax)"},
        {"1\n", R"(strconv.ParseInt: parsing "1\n": invalid syntax)"},
    };
    for (const Case& c : kCases) EXPECT_EQ(shown(parse_int(c.text)), c.want);
    EXPECT_EQ(shown(parse_int("2147483648", 32)), R"(strconv.ParseInt: parsing "2147483648": value out of range)");
    EXPECT_EQ(shown(parse_int("-2147483648", 32)), "-2147483648");
    EXPECT_EQ(shown(parse_uint("4294967295", 32)), "4294967295");
    EXPECT_EQ(shown(parse_uint("4294967296", 32)), R"(strconv.ParseUint: parsing "4294967296": value out of range)");
    EXPECT_EQ(shown(parse_uint("-1")), R"(strconv.ParseUint: parsing "-1": invalid syntax)");
}

TEST(GoSyntax, BooleansAndFloats) {
    EXPECT_EQ(shown(parse_bool("T")), "true");
    EXPECT_EQ(shown(parse_bool("false")), "false");
    EXPECT_EQ(shown(parse_bool("yes")), R"(strconv.ParseBool: parsing "yes": invalid syntax)");
    EXPECT_DOUBLE_EQ(*parse_float("+0.95"), 0.95);
    EXPECT_TRUE(std::isinf(*parse_float("inf")));
    EXPECT_EQ(shown(parse_float("0.9x")), R"(strconv.ParseFloat: parsing "0.9x": invalid syntax)");
    EXPECT_EQ(shown(parse_float("1e999")), R"(strconv.ParseFloat: parsing "1e999": value out of range)");
}

TEST(GoSyntax, Durations) {
    constexpr Case kCases[] = {
        {"0", "0"},
        {"1.2s", "1200000000"},
        {"500us", "500000"},
        {"500\xc2\xb5s", "500000"},
        {"500\xce\xbcs", "500000"},
        {"10ns", "10"},
        {"1h2m3.5s", "3723500000000"},
        {"-1.5ms", "-1500000"},
        {"+.5s", "500000000"},
        {"1.s", "1000000000"},
        {"9223372036854775807ns", "9223372036854775807"},
        {"-9223372036854775808ns", "-9223372036854775808"},
        {"9223372036854775808ns", R"(time: invalid duration "9223372036854775808ns")"},
        {"1", R"(time: missing unit in duration "1")"},
        {"1x", R"(time: unknown unit "x" in duration "1x")"},
        {"", R"(time: invalid duration "")"},
        {"-", R"(time: invalid duration "-")"},
        {".s", R"(time: invalid duration ".s")"},
        {"s", R"(time: invalid duration "s")"},
        {"3000000h", R"(time: invalid duration "3000000h")"},
        {"0.333333333333333333333s", "333333333"},
    };
    for (const Case& c : kCases) EXPECT_EQ(shown(parse_duration(c.text)), c.want) << c.text;
}

TEST(GoSyntax, DurationsAreWrittenAsGoDoes) {
    struct Written {
        std::int64_t ns;
        std::string_view want;
    };
    constexpr Written kCases[] = {{0, "0s"},
                                  {1, "1ns"},
                                  {1100, "1.1\xc2\xb5s"},
                                  {2'200'000, "2.2ms"},
                                  {3'300'000'000, "3.3s"},
                                  {245'000'000'000, "4m5s"},
                                  {18'367'001'000'000, "5h6m7.001s"},
                                  {-1'500'000'000, "-1.5s"},
                                  {3'600'000'000'000, "1h0m0s"},
                                  {std::numeric_limits<std::int64_t>::min(), "-2562047h47m16.854775808s"}};
    for (const Written& c : kCases) EXPECT_EQ(format_duration(c.ns), c.want);
}

TEST(GoSyntax, Times) {
    constexpr Case kCases[] = {
        {"1970-01-01T00:00:00Z", "0"},
        {"2026-01-01T00:00:00.000000001Z", "1767225600000000001"},
        {"2026-01-01T02:30:00.5+02:30", "1767225600500000000"},
        {"2024-02-29T00:00:00Z", "1709164800000000000"},
        {"1969-12-31T23:59:59Z", "0"},
        {"9999-01-01T00:00:00Z", "18446744073709551615"},
        {"", R"(parsing time "" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "" as "2006")"},
        {"NaN", R"(parsing time "NaN" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "NaN" as "2006")"},
        {"2026-01-01", R"(parsing time "2026-01-01" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "" as "T")"},
        {"2026-01-01T00:00:00",
         R"(parsing time "2026-01-01T00:00:00" as "2006-01-02T15:04:05.999999999Z07:00": cannot parse "" as "Z07:00")"},
        {"2026-13-01T00:00:00Z", R"(parsing time "2026-13-01T00:00:00Z": month out of range)"},
        {"2025-02-29T00:00:00Z", R"(parsing time "2025-02-29T00:00:00Z": day out of range)"},
        {"2026-01-01T24:00:00Z", R"(parsing time "2026-01-01T24:00:00Z": hour out of range)"},
        {"2026-01-01T00:00:00Zx", R"(parsing time "2026-01-01T00:00:00Zx": extra text: "x")"},
    };
    for (const Case& c : kCases) EXPECT_EQ(shown(parse_rfc3339(c.text)), c.want) << c.text;
    EXPECT_EQ(format_time(1767225600500000000), "2026-01-01 00:00:00.5 +0000 UTC");
    EXPECT_EQ(format_time(0), "1970-01-01 00:00:00 +0000 UTC");
    EXPECT_EQ(format_time(std::numeric_limits<std::uint64_t>::max()), "2554-07-21 23:34:33.709551615 +0000 UTC");
    EXPECT_EQ(format_rfc3339(1709164800000000000), "2024-02-29T00:00:00Z");
}

TEST(GoSyntax, Quotes) {
    EXPECT_EQ(quote("a\"b\\\n\x01\xff\xc3\xa9"), R"("a\"b\\\n\x01\xff)"
                                                 "\xc3\xa9\"");
}

}  // namespace
}  // namespace skua::query
