// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/index/pages.h"

#include "store/embedded/codec/crc32c.h"
#include "store/embedded/index/packed_entries.h"
#include "store/embedded/index/value_hash.h"

#include <map>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

std::vector<std::uint32_t> find(const HashPages& p, const std::string& all, std::uint64_t hash) {
    const HashPage& page = p.pages.at(p.page_of(hash));
    std::vector<std::uint32_t> out;
    EXPECT_TRUE(find_in_page(p, std::string_view(all).substr(page.offset, page.bytes), hash, out));
    return out;
}

TEST(HashPages, EverythingAddedIsFoundAndLittleElse) {
    std::mt19937_64 random(1);
    for (const std::size_t n : {0U, 1U, 7U, 1000U, 1024U, 5000U, 200'000U}) {
        std::vector<HashEntry> entries;
        std::map<std::uint64_t, std::set<std::uint32_t>> want;
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t hash = i % 3 == 2 ? entries[i / 2].hash : random();
            entries.push_back({hash, static_cast<std::uint32_t>(i * 75 / n)});
            want[hash].insert(entries.back().number);
        }
        std::string bytes;
        const HashPages built = build_hash_pages(entries, 8, bytes);
        std::string directory;
        built.encode(directory);
        HashPages p;
        ASSERT_TRUE(HashPages::decode(directory, p));
        for (const auto& [hash, numbers] : want) {
            const auto got = find(p, bytes, hash);
            const std::set<std::uint32_t> found(got.begin(), got.end());
            ASSERT_TRUE(std::includes(found.begin(), found.end(), numbers.begin(), numbers.end())) << n;
        }
        std::size_t wrong = 0;
        for (int i = 0; i < 2000; ++i) wrong += find(p, bytes, random()).empty() ? 0 : 1;
        EXPECT_LT(wrong, 40U) << n;
        for (const HashPage& page : p.pages)
            EXPECT_EQ(crc32c(std::string_view(bytes).substr(page.offset, page.bytes)), page.crc);
    }
}

TEST(HashPages, PackedEntriesMakeTheSamePages) {
    std::mt19937_64 random(3);
    for (const std::size_t n : {0U, 1U, 2000U, 150'000U}) {
        std::vector<HashEntry> entries;
        PackedEntries packed;
        PackedEntries other;
        for (std::size_t i = 0; i < n; ++i) {
            const std::uint64_t hash = i % 3 == 2 ? entries[i / 2].hash : random();
            entries.push_back({hash, static_cast<std::uint32_t>(i * 75 / n)});
            (i < n / 2 ? packed : other).add(hash, entries.back().number * 4 + 3);
        }
        packed.append(other);
        packed.shift_numbers(2);
        const auto stream = PackedEntries::stream(packed);
        std::string want;
        std::string got;
        std::string want_directory;
        std::string got_directory;
        build_hash_pages(entries, 8, want).encode(want_directory);
        packed.build_pages(8, got).encode(got_directory);
        EXPECT_EQ(want, got) << n;
        EXPECT_EQ(want_directory, got_directory) << n;
        HashEntry entry;
        std::uint64_t before = 0;
        std::size_t count = 0;
        for (; *stream->next(entry); ++count) {
            EXPECT_GE(entry.hash, before);
            before = entry.hash;
        }
        EXPECT_EQ(count, n);
    }
}

TEST(HashPages, BrokenBytesAreRefusedOrReadInBounds) {
    std::mt19937_64 random(2);
    std::vector<HashEntry> entries(3000);
    for (auto& e : entries) e = {random(), static_cast<std::uint32_t>(random() % 75)};
    std::string bytes;
    const HashPages p = build_hash_pages(entries, 8, bytes);
    std::string directory;
    p.encode(directory);
    for (int round = 0; round < 2000; ++round) {
        std::string page = bytes.substr(0, p.pages[0].bytes);
        page[random() % page.size()] ^= static_cast<char>(1 << random() % 8);
        if (round % 4 == 0) page.resize(random() % page.size());
        std::vector<std::uint32_t> out;
        find_in_page(p, page, random() >> p.page_bits, out);
        std::string broken = directory.substr(0, random() % (directory.size() + 1));
        if (!broken.empty()) broken[random() % broken.size()] ^= static_cast<char>(1 << random() % 8);
        HashPages q;
        HashPages::decode(broken, q);
    }
}

TEST(ValueHash, NumbersAndTheirTextsAreOne) {
    const std::uint64_t seed = value_seed(IndexLevel::kSpan, "key");
    EXPECT_EQ(value_hash(seed, model::Value::of_int(-42)), value_hash(seed, "-42"));
    EXPECT_EQ(value_hash(seed, model::Value::of_bool(true)), value_hash(seed, "true"));
    EXPECT_EQ(value_hash(seed, model::Value::of_double(1.5)), value_hash(seed, "1.5"));
    EXPECT_NE(value_hash(seed, "a"), value_hash(value_seed(IndexLevel::kEvent, "key"), "a"));
    EXPECT_NE(value_hash(seed, "a"), value_hash(value_seed(IndexLevel::kSpan, "kez"), "a"));
}

}  // namespace
}  // namespace skua::store::embedded
