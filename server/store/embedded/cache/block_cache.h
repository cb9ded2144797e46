// SPDX-License-Identifier: Apache-2.0
// What was read from files and checked, kept up to a number of bytes. The one cache of the store.
//
// Items are immutable; a holder keeps its item alive, the cache merely forgets it (such bytes are counted until then by
// nobody but the holder, who holds few). Least recently used first, roughly: a clock over each of the shards.
// Thread-safe.
#pragma once

#include "base/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

class CacheItem {
public:
    virtual ~CacheItem() = default;
    // Accounted; does not change.
    [[nodiscard]] virtual std::size_t bytes() const = 0;
    // How often it is passed by unused before it goes: what every query needs outlasts a walk over many columns.
    [[nodiscard]] virtual std::uint8_t patience() const { return 1; }
};

struct CacheKey {
    std::uint64_t file = 0;    // a number that no other open file has
    std::uint64_t offset = 0;  // of the item in it
    friend bool operator==(const CacheKey&, const CacheKey&) = default;
};

class BlockCache {
public:
    using Item = std::shared_ptr<const CacheItem>;

    explicit BlockCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // Null: not there.
    Item find(const CacheKey& key);
    // Returns the item that is kept under the key, perhaps another's who was faster. One larger than an eighth of the
    // budget is not kept.
    Item put(const CacheKey& key, Item item);
    [[nodiscard]] std::size_t bytes() const;
    // For CacheKey::file.
    std::uint64_t new_file();
    // The file is closed: nobody asks for its items any more.
    void forget(std::uint64_t file) noexcept;

private:
    struct Hash {
        std::size_t operator()(const CacheKey& k) const {
            const std::uint64_t h = (k.file * 0x9E3779B97F4A7C15ULL) ^ (k.offset * 0xD6E8FEB86659FD93ULL);
            return static_cast<std::size_t>(h ^ (h >> 29));
        }
    };
    struct Entry {
        CacheKey key;
        Item item;
        std::size_t bytes = 0;
        std::uint8_t patience = 0;  // left
    };
    struct Shard {
        mutable std::mutex mutex;
        // Guarded by mutex.
        std::unordered_map<CacheKey, std::size_t, Hash> places;
        std::vector<Entry> ring;
        std::size_t hand = 0;
        std::size_t bytes = 0;
    };
    static constexpr std::size_t kShards = 8;
    static constexpr std::size_t kEntryOverhead = 128;

    Shard& shard_of(const CacheKey& key) { return shards_[Hash{}(key) % kShards]; }
    void evict(Shard& shard, std::size_t need) const;
    static void drop(Shard& shard, std::size_t place) noexcept;

    const std::size_t bytes_max_;
    std::array<Shard, kShards> shards_;
    std::mutex files_mutex_;
    std::uint64_t files_ = 0;  // guarded by files_mutex_
};

}  // namespace skua::store::embedded
