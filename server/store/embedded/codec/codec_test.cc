// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/bits.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/int_column.h"
#include "store/embedded/codec/nibbles.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/codec/zstd.h"

#include <random>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

using Ints = std::vector<std::uint64_t>;

std::string encoded(const Ints& values, IntHint hint) {
    std::string out;
    encode_ints(values, hint, out);
    return out;
}
std::string encoded(const std::vector<std::string>& values) {
    const std::vector<std::string_view> views(values.begin(), values.end());
    std::string out;
    encode_texts(views, out);
    return out;
}

Ints random_ints(std::mt19937_64& random) {
    Ints values(random() % 5000);
    const unsigned width = static_cast<unsigned>(random() % 65);
    const std::uint64_t base = random() % 3 == 0 ? random() : 0;
    const bool repeated = random() % 2 == 0;
    for (auto& v : values) {
        v = base + (random() & low_bits(width));
        if (repeated && random() % 4 != 0) v = base;
    }
    return values;
}

TEST(Bytes, VarintsComeBackAndReadersStopAtTheEnd) {
    const std::uint64_t values[] = {0, 1, 127, 128, 300, 1ULL << 35, ~0ULL};
    std::string out;
    ByteWriter w(out);
    for (const auto v : values) w.varint(v);
    for (const std::int64_t v : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) w.signed_varint(v);
    ByteReader in(out);
    for (const auto v : values) EXPECT_EQ(in.varint(), v);
    for (const std::int64_t v : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN, INT64_MAX})
        EXPECT_EQ(in.signed_varint(), v);
    EXPECT_TRUE(in.ok());
    EXPECT_EQ(in.u32(), 0U);
    EXPECT_FALSE(in.ok());
    ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
    EXPECT_EQ(endless.varint(), 0U);
    EXPECT_FALSE(endless.ok());
}

TEST(Crc32c, HasTheKnownValues) {
    EXPECT_EQ(crc32c(""), 0U);
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
}

TEST(Crc32c, LanesAgreeWithPieces) {
    std::mt19937_64 random(3);
    std::string text(20'000, '\0');
    for (char& c : text) c = static_cast<char>(random());
    for (const std::size_t size : {3071U, 3072U, 3073U, 9999U, 20000U}) {
        std::uint32_t pieces = 0;
        for (std::size_t at = 0; at < size; at += 100)
            pieces = crc32c(std::string_view(text).substr(at, std::min<std::size_t>(100, size - at)), pieces);
        EXPECT_EQ(crc32c(std::string_view(text).substr(0, size)), pieces) << size;
    }
}

TEST(IntColumn, TableOfEncodings) {
    Ints skewed(4096, 7);
    for (std::size_t i = 0; i < skewed.size(); i += 50) skewed[i] = i;
    Ints dense(4096);
    std::mt19937_64 random(9);
    for (auto& v : dense) v = random() & 0xFF;
    const struct {
        Ints values;
        IntHint hint;
        IntEncoding want;
    } cases[] = {
        {{}, IntHint::kIds, IntEncoding::kConstant},      {{5, 5, 5}, IntHint::kIds, IntEncoding::kConstant},
        {{1, 2, 3}, IntHint::kIds, IntEncoding::kPacked}, {skewed, IntHint::kIds, IntEncoding::kPlanes},
        {dense, IntHint::kIds, IntEncoding::kPacked},     {dense, IntHint::kTimes, IntEncoding::kBuckets},
    };
    for (const auto& c : cases) EXPECT_EQ(encoded(c.values, c.hint)[0], static_cast<char>(c.want)) << c.values.size();
}

TEST(IntColumn, AnyNumbersComeBackByAnyRange) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 200; ++round) {
        const Ints values = random_ints(random);
        const std::string chunk = encoded(values, round % 2 == 0 ? IntHint::kIds : IntHint::kTimes);
        IntReader reader;
        ASSERT_TRUE(reader.open(chunk, values.size()));
        Ints all(values.size());
        reader.read(0, all);
        ASSERT_EQ(all, values);
        if (values.empty()) continue;
        const std::size_t first = random() % values.size();
        Ints some(random() % (values.size() - first) + 1);
        reader.read(first, some);
        EXPECT_TRUE(std::equal(some.begin(), some.end(), values.begin() + static_cast<std::ptrdiff_t>(first)));
    }
}

TEST(IntColumn, BrokenChunksAreRefusedOrReadInBounds) {
    std::mt19937_64 random(2);
    for (int round = 0; round < 300; ++round) {
        const Ints values = random_ints(random);
        std::string chunk = encoded(values, round % 2 == 0 ? IntHint::kIds : IntHint::kTimes);
        if (round % 3 == 0) chunk.resize(random() % (chunk.size() + 1));
        for (int flips = 0; flips < 3 && !chunk.empty(); ++flips)
            chunk[random() % chunk.size()] ^= static_cast<char>(1 << random() % 8);
        IntReader reader;
        if (!reader.open(chunk, values.size())) continue;
        Ints all(values.size());
        reader.read(0, all);
    }
}

std::vector<std::string> texts_of(int kind, std::mt19937_64& random, std::size_t count) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < count; ++i) {
        const auto n = random();
        char text[64];
        switch (kind) {
            case 0:
                std::snprintf(text, sizeof text, "%08x-%04x-4%03x-a%03x-%012llx", static_cast<unsigned>(n >> 32),
                              static_cast<unsigned>(n & 0xFFFF), static_cast<unsigned>(n >> 7 & 0xFFF),
                              static_cast<unsigned>(n >> 3 & 0xFFF),
                              static_cast<unsigned long long>(n & 0xFFFFFFFFFFFF));
                break;
            case 1:
                std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(n));
                break;
            case 2:
                std::snprintf(text, sizeof text, "/api/v1/%s/%llu", n % 2 == 0 ? "orders" : "items",
                              static_cast<unsigned long long>(n % 1000000));
                break;
            case 3:
                std::snprintf(text, sizeof text, "203.0.%llu.%llu", static_cast<unsigned long long>(n % 32),
                              static_cast<unsigned long long>(n / 32 % 256));
                break;
            case 4:
                std::snprintf(text, sizeof text, "0%llu", static_cast<unsigned long long>(n % 100));
                break;
            case 5:
                out.emplace_back(n % 40, static_cast<char>(n >> 40));
                continue;
            default:
                out.emplace_back();
                continue;
        }
        out.emplace_back(text);
    }
    return out;
}

TEST(TextColumn, TableOfEncodings) {
    std::mt19937_64 random(4);
    const TextEncoding want[] = {TextEncoding::kUuid,     TextEncoding::kHex,   TextEncoding::kPatterns,
                                 TextEncoding::kPatterns, TextEncoding::kPlain, TextEncoding::kPlain,
                                 TextEncoding::kPatterns};
    for (int kind = 0; kind < 7; ++kind)
        EXPECT_EQ(encoded(texts_of(kind, random, 300))[0], static_cast<char>(want[kind])) << kind;
}

TEST(Nibbles, LowerCaseDigitsAndNothingElse) {
    const std::string good = "0123456789abcdef0123456789abcdef01";
    std::string out(17, '\0');
    ASSERT_TRUE(parse_hex(good, out.data()));
    EXPECT_EQ(out, std::string("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef\x01"));
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string text = good;
            text[at] = static_cast<char>(c);
            const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
            EXPECT_EQ(parse_hex(text, out.data()), digit) << at << " " << c;
        }
    }
    const std::string uuid = "01234567-89ab-cdef-0123-456789abcdef";
    ASSERT_TRUE(parse_uuid(uuid, out.data()));
    EXPECT_EQ(out.substr(0, 16), std::string("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef"));
    for (std::size_t at = 0; at < uuid.size(); ++at) {
        std::string text = uuid;
        text[at] = 'g';
        EXPECT_FALSE(parse_uuid(text, out.data())) << at;
    }
    EXPECT_FALSE(parse_uuid(uuid.substr(1), out.data()));
}

TEST(TextColumn, AnyTextsComeBack) {
    std::mt19937_64 random(5);
    for (int round = 0; round < 150; ++round) {
        auto values = texts_of(round % 7, random, random() % 500);
        if (round % 4 == 3 && !values.empty())
            values[random() % values.size()] = std::string("odd\x01 one\0 18446744073709551615", 30);
        const std::string chunk = encoded(values);
        TextReader reader;
        ASSERT_TRUE(reader.open(chunk, values.size())) << round;
        std::string scratch;
        for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(reader.at(i, scratch), values[i]);
    }
}

TEST(TextColumn, BrokenChunksAreRefusedOrReadInBounds) {
    std::mt19937_64 random(6);
    for (int round = 0; round < 500; ++round) {
        const auto values = texts_of(round % 7, random, random() % 200 + 1);
        std::string chunk = encoded(values);
        if (round % 3 == 0) chunk.resize(random() % chunk.size());
        for (int flips = 0; flips < 3 && !chunk.empty(); ++flips)
            chunk[random() % chunk.size()] ^= static_cast<char>(1 << random() % 8);
        TextReader reader;
        if (!reader.open(chunk, values.size())) continue;
        std::string scratch;
        std::size_t total = 0;
        for (std::size_t i = 0; i < values.size(); ++i) total += reader.at(i, scratch).size();
        EXPECT_LT(total, std::size_t{1} << 30);
    }
}

}  // namespace
}  // namespace skua::store::embedded
