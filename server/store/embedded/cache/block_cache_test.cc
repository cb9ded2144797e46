// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/cache/block_cache.h"

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

struct Sized final : CacheItem {
    explicit Sized(std::size_t n) : size(n) {}
    [[nodiscard]] std::size_t bytes() const override { return size; }
    std::size_t size;
};

TEST(BlockCache, StaysBelowItsBudget) {
    BlockCache cache(1 << 20);
    for (std::uint64_t i = 0; i < 5000; ++i) {
        cache.put({1, i}, std::make_shared<Sized>(1000 + i % 700));
        ASSERT_LE(cache.bytes(), std::size_t{1} << 20);
    }
    EXPECT_GT(cache.bytes(), std::size_t{1} << 19);
}

TEST(BlockCache, KeepsWhatIsUsed) {
    BlockCache cache(1 << 20);
    cache.put({1, 0}, std::make_shared<Sized>(1000));
    for (std::uint64_t i = 1; i < 3000; ++i) {
        cache.put({2, i}, std::make_shared<Sized>(1000));
        ASSERT_NE(cache.find({1, 0}), nullptr) << i;
    }
    EXPECT_EQ(cache.find({2, 1}), nullptr);
}

TEST(BlockCache, FirstItemOfAKeyWinsAndHugeOnesPassThrough) {
    BlockCache cache(1 << 20);
    const auto first = cache.put({1, 7}, std::make_shared<Sized>(10));
    EXPECT_EQ(cache.put({1, 7}, std::make_shared<Sized>(20)), first);
    EXPECT_NE(cache.put({1, 8}, std::make_shared<Sized>(1 << 20)), nullptr);
    EXPECT_EQ(cache.find({1, 8}), nullptr);
    EXPECT_NE(cache.new_file(), cache.new_file());
}

TEST(BlockCache, ForgetsAFile) {
    BlockCache cache(1 << 20);
    for (std::uint64_t i = 0; i < 300; ++i) cache.put({1 + i % 3, i}, std::make_shared<Sized>(1000));
    const std::size_t all = cache.bytes();
    cache.forget(2);
    EXPECT_EQ(cache.bytes(), all / 3 * 2);
    for (std::uint64_t i = 0; i < 300; ++i) EXPECT_EQ(cache.find({1 + i % 3, i}) == nullptr, i % 3 == 1) << i;
    cache.forget(1);
    cache.forget(3);
    EXPECT_EQ(cache.bytes(), 0);
    EXPECT_NE(cache.put({1, 0}, std::make_shared<Sized>(1000)), nullptr);
    EXPECT_NE(cache.find({1, 0}), nullptr);
}

}  // namespace
}  // namespace skua::store::embedded
