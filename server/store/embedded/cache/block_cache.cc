// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/cache/block_cache.h"

#include <utility>

namespace skua::store::embedded {

BlockCache::Item BlockCache::find(const CacheKey& key) {
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const auto at = shard.places.find(key);
    if (at == shard.places.end()) return nullptr;
    Entry& entry = shard.ring[at->second];
    entry.patience = entry.item->patience();
    return entry.item;
}

BlockCache::Item BlockCache::put(const CacheKey& key, Item item) {
    const std::size_t bytes = item->bytes() + kEntryOverhead;
    if (bytes > bytes_max_ / kShards) return item;
    Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    if (const auto at = shard.places.find(key); at != shard.places.end()) return shard.ring[at->second].item;
    evict(shard, bytes);
    shard.places.emplace(key, shard.ring.size());
    shard.bytes += bytes;
    shard.ring.push_back({key, item, bytes, 0});
    return item;
}

void BlockCache::evict(Shard& shard, std::size_t need) const {
    while (!shard.ring.empty() && shard.bytes + need > bytes_max_ / kShards) {
        shard.hand %= shard.ring.size();
        Entry& entry = shard.ring[shard.hand];
        if (entry.patience > 0) {
            --entry.patience;
            ++shard.hand;
            continue;
        }
        drop(shard, shard.hand);
    }
}

// The last of the ring takes its place.
void BlockCache::drop(Shard& shard, std::size_t place) noexcept {
    Entry& entry = shard.ring[place];
    shard.bytes -= entry.bytes;
    shard.places.erase(entry.key);
    if (place + 1 != shard.ring.size()) {
        entry = std::move(shard.ring.back());
        shard.places.find(entry.key)->second = place;
    }
    shard.ring.pop_back();
}

void BlockCache::forget(std::uint64_t file) noexcept {
    for (Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        for (std::size_t place = shard.ring.size(); place-- > 0;) {
            if (shard.ring[place].key.file == file) drop(shard, place);
        }
    }
}

std::size_t BlockCache::bytes() const {
    std::size_t total = 0;
    for (const Shard& shard : shards_) {
        const std::lock_guard lock(shard.mutex);
        total += shard.bytes;
    }
    return total;
}

std::uint64_t BlockCache::new_file() {
    const std::lock_guard lock(files_mutex_);
    return ++files_;
}

}  // namespace skua::store::embedded
