// SPDX-License-Identifier: Apache-2.0
#include "query/trace_id.h"

#include <gtest/gtest.h>

namespace skua::query {
namespace {

TEST(TraceIdText, AllSpellings) {
    struct Case {
        std::string_view text;
        std::string_view want;
    };
    constexpr Case kCases[] = {
        {"1", "00000000000000000000000000000001"},
        {"ABCdef", "00000000000000000000000000abcdef"},
        {"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"},
        {"ASNFZ4mrze8=", "00000000000000000123456789abcdef"},
        {"ASNFZ4mrze8", "00000000000000000123456789abcdef"},
        {"/////////////////////w==", "ffffffffffffffffffffffffffffffff"},
        {"_____________________w", "ffffffffffffffffffffffffffffffff"},
        {"", R"(strconv.ParseUint: parsing "": invalid syntax)"},
        {"xyz", R"(strconv.ParseUint: parsing "xyz": invalid syntax)"},
        {"zz0123456789abcdef", R"(strconv.ParseUint: parsing "zz": invalid syntax)"},
        {"0123456789abcdef0123456789abcdef0",
         "TraceID cannot be longer than 32 hex characters: 0123456789abcdef0123456789abcdef0"},
    };
    for (const Case& c : kCases) {
        const auto id = parse_trace_id(c.text);
        EXPECT_EQ(id.ok() ? id->to_hex() : id.error().message, c.want) << c.text;
    }
}

}  // namespace
}  // namespace skua::query
