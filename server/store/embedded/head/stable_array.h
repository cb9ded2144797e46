// SPDX-License-Identifier: Apache-2.0
// Arrays that grow without moving: one thread appends, others may read the elements that were published to them (by a
// release store of a count or an index, after the element was written).
#pragma once

#include "store/embedded/head/arena_pool.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace skua::store::embedded {

// Plain elements in blocks of the pool. T is implicit-lifetime; elements start out unspecified.
template <class T, std::size_t kBlocksMax>
class ArenaArray {
public:
    static constexpr std::size_t kPerBlock = kArenaBlockBytes / sizeof(T);
    static_assert(std::is_trivially_destructible_v<T>);
    static_assert((kPerBlock & (kPerBlock - 1)) == 0, "a power of two: indexing is shift and mask");

    explicit ArenaArray(ArenaPool& pool) : pool_(pool) {}
    ArenaArray(const ArenaArray&) = delete;
    ArenaArray& operator=(const ArenaArray&) = delete;
    ~ArenaArray() {
        for (std::size_t i = 0; i < blocks_count_; ++i) {
            pool_.give_back(ArenaPool::Block(reinterpret_cast<std::byte*>(blocks_[i].load(std::memory_order_relaxed))));
        }
    }

    // False: full.
    bool reserve(std::size_t count) {
        while (blocks_count_ * kPerBlock < count) {
            if (blocks_count_ == kBlocksMax) return false;
            blocks_[blocks_count_++].store(reinterpret_cast<T*>(pool_.take().release()), std::memory_order_release);
        }
        return true;
    }
    T& operator[](std::size_t i) { return blocks_[i / kPerBlock].load(std::memory_order_relaxed)[i % kPerBlock]; }
    const T& operator[](std::size_t i) const {
        return blocks_[i / kPerBlock].load(std::memory_order_acquire)[i % kPerBlock];
    }
    [[nodiscard]] std::size_t bytes() const { return blocks_count_ * kArenaBlockBytes; }

private:
    ArenaPool& pool_;
    std::array<std::atomic<T*>, kBlocksMax> blocks_{};
    std::size_t blocks_count_ = 0;  // the appender's
};

// Objects in small blocks of their own.
template <class T, std::size_t kPerBlock, std::size_t kBlocksMax>
class StableArray {
public:
    StableArray() = default;
    StableArray(const StableArray&) = delete;
    StableArray& operator=(const StableArray&) = delete;
    ~StableArray() {
        for (auto& block : blocks_) delete[] block.load(std::memory_order_relaxed);
    }

    [[nodiscard]] bool full() const { return size_ == kPerBlock * kBlocksMax; }
    // REQUIRES: !full().
    template <class... Args>
    std::uint32_t emplace_back(Args&&... args) {
        const std::size_t block = size_ / kPerBlock;
        if (size_ % kPerBlock == 0) blocks_[block].store(new T[kPerBlock], std::memory_order_release);
        T& to = blocks_[block].load(std::memory_order_relaxed)[size_ % kPerBlock];
        to = T{std::forward<Args>(args)...};
        return static_cast<std::uint32_t>(size_++);
    }
    T& operator[](std::size_t i) { return blocks_[i / kPerBlock].load(std::memory_order_relaxed)[i % kPerBlock]; }
    const T& operator[](std::size_t i) const {
        return blocks_[i / kPerBlock].load(std::memory_order_acquire)[i % kPerBlock];
    }
    // The appender's; others are told how many there are.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t bytes() const { return (size_ + kPerBlock - 1) / kPerBlock * kPerBlock * sizeof(T); }

private:
    std::array<std::atomic<T*>, kBlocksMax> blocks_{};
    std::size_t size_ = 0;
};

}  // namespace skua::store::embedded
