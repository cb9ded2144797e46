// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/packed_keys.h"

#include <xxhash.h>

namespace skua::store::embedded {

PackedKeys::Bits PackedKeys::bits_of(std::string_view key) {
    const std::uint64_t hash = XXH3_64bits(key.data(), key.size());
    return {{hash % kWords, (hash >> 16) % kWords},
            {std::uint64_t{1} << (hash >> 32 & 63), std::uint64_t{1} << (hash >> 40 & 63)}};
}

void PackedKeys::add(std::string_view key) {
    const Bits bits = bits_of(key);
    for (int i = 0; i < 2; ++i) {
        std::atomic<std::uint64_t>& word = words_[bits.words[i]];
        const std::uint64_t before = word.load(std::memory_order_relaxed);
        if ((before & bits.masks[i]) == 0) word.store(before | bits.masks[i], std::memory_order_relaxed);
    }
}

bool PackedKeys::may_have(std::string_view key) const {
    const Bits bits = bits_of(key);
    return (words_[bits.words[0]].load(std::memory_order_relaxed) & bits.masks[0]) != 0 &&
           (words_[bits.words[1]].load(std::memory_order_relaxed) & bits.masks[1]) != 0;
}

}  // namespace skua::store::embedded
