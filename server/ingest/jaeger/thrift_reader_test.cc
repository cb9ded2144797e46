// SPDX-License-Identifier: Apache-2.0
#include "ingest/jaeger/thrift_reader.h"

#include "base/hex.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::ingest::jaeger {
namespace {

constexpr auto kBinary = ThriftProtocol::kBinary;
constexpr auto kCompact = ThriftProtocol::kCompact;

std::string hex(std::string_view digits) {
    std::string packed;
    for (const char c : digits) {
        if (c != ' ') packed += c;
    }
    return base::from_hex(packed).value();
}

TEST(ThriftReader, Messages) {
    const struct {
        ThriftProtocol protocol;
        std::string_view bytes;
        int type;
    } cases[] = {
        {kBinary, "80010004 00000002 6869 00000007", 4}, {kBinary, "80010001 00000002 6869 00000007", 1},
        {kBinary, "00000002 6869 01 00000007", 1},       {kCompact, "82 81 07 02 6869", 4},
        {kCompact, "82 21 ffffffff0f 02 6869", 1},
    };
    for (const auto& c : cases) {
        const std::string bytes = hex(c.bytes);
        ThriftReader reader(c.protocol, bytes);
        const ThriftMessage message = reader.read_message();
        EXPECT_TRUE(reader.ok()) << c.bytes;
        EXPECT_EQ(message.name, "hi");
        EXPECT_EQ(message.type, c.type);
    }
}

TEST(ThriftReader, WrongMessagesAreNamed) {
    const struct {
        ThriftProtocol protocol;
        std::string_view bytes;
        std::string_view want;
    } cases[] = {
        {kBinary, "82 81 07 02 6869",
         "this is Thrift's compact protocol, which goes to port 6831; want the binary one at byte 0"},
        {kCompact, "80010004 00000002 6869 00000007",
         "this is Thrift's binary protocol, which goes to port 6832; want the compact one at byte 0"},
        {kCompact, "00000002 6869 01 00000007",
         "this is Thrift's binary protocol, which goes to port 6832; want the compact one at byte 0"},
        {kCompact, "7b7d", "not a message of Thrift's compact protocol at byte 1"},
        {kCompact, "8282", "unknown version of Thrift's compact protocol at byte 2"},
        {kBinary, "80020004", "unknown version of Thrift's binary protocol at byte 4"},
        {kBinary, "7b7d", "cut short at byte 0"},
        {kBinary, "", "cut short at byte 0"},
        {kCompact, "", "cut short at byte 0"},
        {kBinary, "7fffffff61", "claimed size is larger than what is left at byte 4"},
        {kCompact, "8281 07 ffffffff7f 61", "claimed size is larger than what is left at byte 8"},
        {kCompact, "8281 ffffffffff", "varint too long at byte 7"},
    };
    for (const auto& c : cases) {
        const std::string bytes = hex(c.bytes);
        ThriftReader reader(c.protocol, bytes);
        reader.read_message();
        ASSERT_FALSE(reader.ok()) << c.bytes;
        EXPECT_EQ(reader.error(), c.want);
        EXPECT_EQ(reader.read_i64(), 0);
        ThriftField field;
        EXPECT_FALSE(reader.next_field(field));
    }
}

TEST(ThriftReader, ValuesOfBothProtocols) {
    const auto i32 = [](ThriftProtocol p, std::string_view digits) {
        const std::string bytes = hex(digits);
        return ThriftReader(p, bytes).read_i32();
    };
    const auto i64 = [](ThriftProtocol p, std::string_view digits) {
        const std::string bytes = hex(digits);
        return ThriftReader(p, bytes).read_i64();
    };
    EXPECT_EQ(i32(kBinary, "fffffffe"), -2);
    EXPECT_EQ(i32(kCompact, "03"), -2);
    EXPECT_EQ(i32(kCompact, "ffffffff0f"), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(i64(kBinary, "8000000000000000"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(i64(kCompact, "ffffffffffffffffff01"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(i64(kCompact, "feffffffffffffffff01"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(ThriftReader(kBinary, hex("3ff8000000000000")).read_double(), 1.5);
    EXPECT_EQ(ThriftReader(kCompact, hex("000000000000f83f")).read_double(), 1.5);
    EXPECT_FALSE(ThriftReader(kCompact, hex("02")).read_bool());
    EXPECT_FALSE(ThriftReader(kCompact, hex("00")).read_bool());
    EXPECT_TRUE(ThriftReader(kCompact, hex("01")).read_bool());
    EXPECT_TRUE(ThriftReader(kBinary, hex("01")).read_bool());
}

TEST(ThriftReader, CompactFieldIdsAreDeltasAndBooleansLiveInHeaders) {
    const std::string bytes = hex("11 22 05 c801 04 00");  // 1 true, 3 false, 100 with its id written out
    ThriftReader reader(kCompact, bytes);
    ThriftField field;
    ASSERT_TRUE(reader.next_field(field));
    EXPECT_EQ(field.id, 1);
    EXPECT_TRUE(reader.read_bool());
    ASSERT_TRUE(reader.next_field(field));
    EXPECT_EQ(field.id, 3);
    EXPECT_FALSE(reader.read_bool());
    ASSERT_TRUE(reader.next_field(field));
    EXPECT_EQ(field.id, 100);
    EXPECT_EQ(field.type, ThriftType::kI32);
    EXPECT_EQ(reader.read_i32(), 2);
    EXPECT_FALSE(reader.next_field(field));
    EXPECT_TRUE(reader.ok());
}

TEST(ThriftReader, EveryTypeIsSkipped) {
    const struct {
        ThriftProtocol protocol;
        std::string_view fields;
    } cases[] = {
        {kBinary,
         "02 0001 01  03 0002 7f  04 0003 3ff8000000000000  06 0004 0001  08 0005 00000001  0a 0006 "
         "0000000000000001  0b 0007 00000001 61  0c 0008 02 0001 00 00  0d 0009 08 0b 00000001 00000001 00000001 "
         "61  0d 0009 00 00 00000000  0e 000a 02 00000002 01 00  0f 000b 0c 00000002 00 00  0f 000c 00 00000000 "
         "10 000d 000102030405060708090a0b0c0d0e0f  00"},
        {kCompact,
         "11 13 7f 17 3ff8000000000000 14 02 15 02 16 02 18 01 61 1c 11 00 1b 01 58 02 01 61 1b 00 1a 21 01 02 "
         "19 2c 00 00 19 00 1d 000102030405060708090a0b0c0d0e0f 00"},
    };
    for (const auto& c : cases) {
        const std::string bytes = hex(c.fields) + "rest";
        ThriftReader reader(c.protocol, bytes);
        reader.skip(ThriftType::kStruct);
        ASSERT_TRUE(reader.ok()) << reader.error();
        for (std::size_t cut = 0; cut + 4 < bytes.size(); ++cut) {
            ThriftReader shorter(c.protocol, std::string_view(bytes).substr(0, cut));
            shorter.skip(ThriftType::kStruct);
            EXPECT_FALSE(shorter.ok()) << cut;
        }
    }
}

TEST(ThriftReader, BoundsHold) {
    const struct {
        ThriftProtocol protocol;
        std::string bytes;
        std::string_view want;
    } cases[] = {
        {kBinary, hex("0f 0001 0c 7fffffff 00"), "claimed size is larger than what is left at byte 8"},
        {kBinary, hex("0f 0001 0c ffffffff 00"), "claimed size is larger than what is left at byte 8"},
        {kCompact, hex("19 fc ffffffff0f 00"), "claimed size is larger than what is left at byte 7"},
        {kCompact, hex("19 ec 00"), "claimed size is larger than what is left at byte 2"},
        {kBinary, hex("0d 0001 0b 0b 10000000 00"), "claimed size is larger than what is left at byte 9"},
        {kBinary, hex("0f 0001 05 00000001 00"), "unknown type at byte 8"},
        {kCompact, hex("1e"), "unknown type at byte 1"},
        {kBinary, hex("0b 0001 80000000"), "claimed size is larger than what is left at byte 7"},
        {kCompact, std::string(200, '\x1c'), "nested too deep at byte 33"},
        {kCompact, hex("1b 01 88 7f"), "claimed size is larger than what is left at byte 4"},
    };
    for (const auto& c : cases) {
        ThriftReader reader(c.protocol, c.bytes);
        reader.skip(ThriftType::kStruct);
        ASSERT_FALSE(reader.ok());
        EXPECT_EQ(reader.error().substr(0, c.want.size()), c.want);
    }
}

}  // namespace
}  // namespace skua::ingest::jaeger
