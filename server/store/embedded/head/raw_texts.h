// SPDX-License-Identifier: Apache-2.0
// Texts that are not worth interning, as bytes in blocks of the pool.
//
// Threads: one puts; others may read what was published to them. Nothing moves.
#pragma once

#include "store/embedded/head/arena_pool.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

// Slots of values are 32 bits: a word, half of a long, or a text: a dictionary id, or with the high bit set the place
// of its bytes among the raw texts in units of four.
inline constexpr std::uint32_t kRawText = 0x80000000;

class RawTexts {
public:
    static constexpr std::uint32_t kFull = 0xFFFFFFFF;

    explicit RawTexts(ArenaPool& pool) : pool_(pool) {}
    RawTexts(const RawTexts&) = delete;
    RawTexts& operator=(const RawTexts&) = delete;
    ~RawTexts();

    // Its slot; kFull: no room.
    std::uint32_t put(std::string_view text);
    [[nodiscard]] std::string_view operator[](std::uint32_t slot) const {
        const std::byte* at = place_of(slot);
        std::uint32_t length = 0;
        std::memcpy(&length, at, sizeof length);
        return {reinterpret_cast<const char*>(at + sizeof length), length};
    }
    void prefetch(std::uint32_t slot) const { __builtin_prefetch(place_of(slot)); }
    [[nodiscard]] std::size_t bytes() const { return small_.size() * kArenaBlockBytes + large_bytes_; }

private:
    static constexpr std::size_t kUnit = 4;
    static constexpr std::size_t kUnitsPerBlock = kArenaBlockBytes / kUnit;
    static constexpr std::size_t kBlocksMax = 2047;
    [[nodiscard]] const std::byte* place_of(std::uint32_t slot) const {
        const std::uint32_t place = slot & ~kRawText;
        return blocks_[place / kUnitsPerBlock].load(std::memory_order_acquire) + place % kUnitsPerBlock * kUnit;
    }
    std::uint32_t put_large(std::string_view text, std::size_t need);

    ArenaPool& pool_;
    // By number; a text larger than a block has a run of numbers for itself.
    std::array<std::atomic<std::byte*>, kBlocksMax> blocks_{};
    std::vector<ArenaPool::Block> small_;
    std::vector<std::unique_ptr<std::byte[]>> large_;
    std::size_t large_bytes_ = 0;
    std::size_t block_ = 0;                // the one being filled
    std::size_t next_ = 0;                 // number of the next block
    std::size_t used_ = kArenaBlockBytes;  // of the one being filled
};

}  // namespace skua::store::embedded
