// SPDX-License-Identifier: Apache-2.0
#include "model/ids.h"

#include <gtest/gtest.h>

namespace skua::model {
namespace {

TEST(TraceId, HexIsPaddedOnTheLeft) {
    struct Case {
        std::string_view text;
        TraceId want;
        std::string_view hex, short_hex;
    };
    const Case cases[] = {
        {"1", {0, 1}, "00000000000000000000000000000001", "0000000000000001"},
        {"ABCDEF0123456789", {0, 0xabcdef0123456789}, "0000000000000000abcdef0123456789", "abcdef0123456789"},
        {"0102030405060708090a0b0c0d0e0f10",
         {0x0102030405060708, 0x090a0b0c0d0e0f10},
         "0102030405060708090a0b0c0d0e0f10",
         "0102030405060708090a0b0c0d0e0f10"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        const auto id = TraceId::from_hex(c.text);
        ASSERT_TRUE(id.has_value());
        EXPECT_EQ(*id, c.want);
        EXPECT_EQ(id->to_hex(), c.hex);
        EXPECT_EQ(id->to_short_hex(), c.short_hex);
        EXPECT_EQ(TraceId::from_bytes(id->to_bytes()), id);
    }
}

TEST(Ids, WrongTextIsRefused) {
    for (const std::string_view text : {"", "xyz", "0102030405060708090a0b0c0d0e0f1011", "12 "}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(TraceId::from_hex(text), std::nullopt);
    }
    EXPECT_EQ(SpanId::from_hex("01020304050607080"), std::nullopt);
    EXPECT_EQ(SpanId::from_bytes("1234567"), std::nullopt);
    EXPECT_EQ(TraceId::from_bytes("12345678"), std::nullopt);
    EXPECT_EQ(SpanId::from_hex("a")->to_hex(), "000000000000000a");
}

}  // namespace
}  // namespace skua::model
