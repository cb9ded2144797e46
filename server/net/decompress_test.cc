// SPDX-License-Identifier: Apache-2.0
#include "net/decompress.h"

#include "net/testing.h"

#include <gtest/gtest.h>

namespace skua::net {
namespace {

std::string sample() {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "span number " + std::to_string(i) + "\n";
    return text;
}

struct Format {
    const char* name;
    ContentCoding coding;
    std::string packed;
};

std::vector<Format> pack(std::string_view plain) {
    return {{"gzip", ContentCoding::kGzip, testing::gzip(plain)},
            {"two gzip members", ContentCoding::kGzip,
             testing::gzip(plain.substr(0, plain.size() / 2)) + testing::gzip(plain.substr(plain.size() / 2))},
            {"zlib", ContentCoding::kZlib, testing::zlib(plain)},
            {"raw deflate", ContentCoding::kZlib, testing::zlib(plain, true)},
            {"zstd", ContentCoding::kZstd, testing::zstd(plain)},
            {"two zstd frames", ContentCoding::kZstd,
             testing::zstd(plain.substr(0, plain.size() / 2)) + testing::zstd(plain.substr(plain.size() / 2))}};
}

base::Result<std::string> unpack(const Format& format, std::size_t bytes_max, std::size_t budget_bytes = 64 << 20) {
    ByteBudget budget(budget_bytes);
    ByteLease lease(budget);
    return decompress(format.coding, format.packed, bytes_max, lease);
}

TEST(Decompress, RoundTripsUpToTheBoundExactly) {
    const std::string plain = sample();
    for (const Format& format : pack(plain)) {
        SCOPED_TRACE(format.name);
        for (const std::size_t bytes_max : {plain.size(), plain.size() + 1, plain.size() * 10}) {
            const auto got = unpack(format, bytes_max);
            ASSERT_TRUE(got.ok()) << got.error().message;
            EXPECT_EQ(*got, plain);
        }
        const auto over = unpack(format, plain.size() - 1);
        ASSERT_FALSE(over.ok());
        EXPECT_EQ(over.error().code, base::Code::kTooLarge);
    }
}

TEST(Decompress, EmptyContentIsFine) {
    for (const Format& format : pack("")) {
        SCOPED_TRACE(format.name);
        const auto got = unpack(format, 10);
        ASSERT_TRUE(got.ok()) << got.error().message;
        EXPECT_EQ(*got, "");
    }
}

TEST(Decompress, BombsStopAtTheBoundAndAtTheBudget) {
    const std::string zeros(std::size_t{50} << 20, '\0');
    for (const Format& format : pack(zeros)) {
        SCOPED_TRACE(format.name);
        const auto over_bound = unpack(format, std::size_t{1} << 20);
        ASSERT_FALSE(over_bound.ok());
        EXPECT_EQ(over_bound.error().code, base::Code::kTooLarge);
        const auto over_budget = unpack(format, std::size_t{20} << 20, std::size_t{1} << 20);
        ASSERT_FALSE(over_budget.ok());
        EXPECT_EQ(over_budget.error().code, base::Code::kResourceExhausted);
    }
}

TEST(Decompress, CutOffAndBrokenDataAreRefused) {
    const std::string plain = sample();
    for (const Format& whole : pack(plain)) {
        SCOPED_TRACE(whole.name);
        for (std::size_t length = 0; length < whole.packed.size(); length += 97) {
            Format cut = whole;
            cut.packed.resize(length);
            const auto got = unpack(cut, plain.size() * 2);
            // Two frames cut at the seam are one good frame.
            if (got.ok()) {
                EXPECT_EQ(*got, plain.substr(0, plain.size() / 2));
                continue;
            }
            EXPECT_EQ(got.error().code, base::Code::kInvalidArgument) << length;
        }
        Format garbage = whole;
        garbage.packed = "\x01\x02\x03 this is no such thing";
        EXPECT_FALSE(unpack(garbage, 1000).ok());
    }
}

TEST(Decompress, TheLeaseHoldsWhatTheOutputTakes) {
    const std::string plain = sample();
    ByteBudget budget(64 << 20);
    {
        ByteLease lease(budget);
        ASSERT_TRUE(decompress(ContentCoding::kGzip, testing::gzip(plain), 1 << 20, lease).ok());
        EXPECT_GE(budget.used(), plain.size());
    }
    EXPECT_EQ(budget.used(), 0U);
}

TEST(ContentCoding, KnowsTheNames) {
    EXPECT_EQ(parse_content_coding(""), ContentCoding::kIdentity);
    EXPECT_EQ(parse_content_coding("GZIP"), ContentCoding::kGzip);
    EXPECT_EQ(parse_content_coding("deflate"), ContentCoding::kZlib);
    EXPECT_EQ(parse_content_coding("zlib"), ContentCoding::kZlib);
    EXPECT_EQ(parse_content_coding("zstd"), ContentCoding::kZstd);
    EXPECT_EQ(parse_content_coding("br"), std::nullopt);
    EXPECT_EQ(parse_content_coding("gzip, gzip"), std::nullopt);
}

}  // namespace
}  // namespace skua::net
