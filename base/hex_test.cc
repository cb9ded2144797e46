// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <gtest/gtest.h>

namespace skua::base {
namespace {

TEST(Hex, RoundTrips) {
    struct Case {
        std::string bytes;
        std::string_view text;
    };
    const Case cases[] = {{"", ""}, {std::string("\0\x01", 2), "0001"}, {"\xff\xa5", "ffa5"}};
    for (const Case& c : cases) {
        SCOPED_TRACE(c.text);
        EXPECT_EQ(to_hex(c.bytes), c.text);
        EXPECT_EQ(from_hex(c.text), c.bytes);
    }
    EXPECT_EQ(from_hex("FFa5"), "\xff\xa5");
}

TEST(Hex, RefusesWhatIsNotHex) {
    for (const std::string_view text : {"0", "0g", "  ", "-1", "0x"}) {
        SCOPED_TRACE(text);
        EXPECT_EQ(from_hex(text), std::nullopt);
    }
    unsigned char two[2];
    EXPECT_FALSE(from_hex("00", two));
}

}  // namespace
}  // namespace skua::base
