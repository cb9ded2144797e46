// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/value_indexer.h"

#include <set>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

// Every number is found again, whichever came before it: what the index leaves out no search looks at.
TEST(ValueIndexer, EveryNumberIsEntered) {
    constexpr std::uint64_t kMost = ~std::uint64_t{0};
    const std::vector<std::vector<std::uint64_t>> cases = {
        {0}, {1}, {kMost}, {0, kMost}, {kMost, 0}, {1, 0}, {0, 1}, {1, kMost - 1}, {7, ~std::uint64_t{7}, 7}};
    const FieldKey key{Special::kNone, model::ValueType::kInt, "n"};
    const std::uint64_t seed = value_seed(IndexLevel::kSpan, key.key);
    for (const auto& values : cases) {
        ValueIndexer indexer;
        indexer.add_numbers(key, seed, values);
        const auto entered = PackedEntries::stream(std::move(indexer.entries()));
        std::set<std::uint64_t> hashes;
        for (HashEntry e; *entered->next(e);) hashes.insert(e.hash);
        for (const std::uint64_t v : values) {
            const std::uint64_t hash = value_hash(seed, model::Value::of_int(static_cast<std::int64_t>(v)));
            EXPECT_TRUE(hashes.contains(hash >> PackedEntries::kNumberBits << PackedEntries::kNumberBits))
                << v << " after " << values.front();
        }
    }
}

}  // namespace
}  // namespace skua::store::embedded
