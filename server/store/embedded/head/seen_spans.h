// SPDX-License-Identifier: Apache-2.0
// Which spans a head has, by trace id and span id: to find the ones that come again. Four bytes a slot, five
// eighths of the slots used at most.
//
// Threads: one adds and looks, bytes() from any. Of a head that is closed any number may look.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace skua::store::embedded {

class SeenSpans {
public:
    // Row `row` of a shard (there are two).
    struct Place {
        std::uint32_t shard = 0;
        std::uint32_t row = 0;
    };

    // Fetches what find() and add() of this hash will look at.
    void prefetch(std::uint64_t hash) const {
        if (!slots_.empty()) __builtin_prefetch(&slots_[index(hash)]);
    }

    // Calls is_it(place) for each place that was added with the hash, and perhaps for others, until one says yes.
    template <class F>
    bool find(std::uint64_t hash, F&& is_it) const {
        if (slots_.empty()) return false;
        std::size_t at = index(hash);
        for (std::size_t probes = 0; probes < kProbesMax && slots_[at] != kFree; ++probes, at = (at + 1) & mask_) {
            if ((slots_[at] ^ tag(hash)) >> place_bits_ == 0 && is_it(place(slots_[at]))) return true;
        }
        return false;
    }

    // `hash_of(place)` gives the hash a place was added with: what the table keeps of it is not enough to grow.
    template <class F>
    void add(std::uint64_t hash, Place place, F&& hash_of) {
        const bool is_large = std::uint64_t{place.row} * 2 + 2 >= std::uint64_t{1} << place_bits_;
        if (slots_.empty() || used_ * 8 >= slots_.size() * 5 || is_large) grow(place.row, hash_of);
        if (put(hash, place)) ++used_;
    }

    [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    static constexpr std::uint32_t kFree = 0xFFFFFFFF;
    // So many slots in a row are used only where someone sends one id again and again with other contents: what lies
    // behind them is not found here (reading finds it), and the table stays as fast as it is.
    static constexpr std::size_t kProbesMax = 64;
    static constexpr unsigned kPlaceBitsMax = 30;  // rows of a shard have 28

    [[nodiscard]] std::size_t index(std::uint64_t hash) const { return static_cast<std::size_t>(hash) & mask_; }
    [[nodiscard]] std::uint32_t tag(std::uint64_t hash) const {
        return static_cast<std::uint32_t>(hash >> 32) >> place_bits_ << place_bits_;
    }
    [[nodiscard]] Place place(std::uint32_t slot) const {
        const std::uint32_t bits = slot & ((std::uint32_t{1} << place_bits_) - 1);
        return {bits & 1, bits >> 1};
    }

    // False: too many of the kind are there.
    bool put(std::uint64_t hash, Place place) {
        std::size_t at = index(hash);
        for (std::size_t probes = 0; probes < kProbesMax; ++probes, at = (at + 1) & mask_) {
            if (slots_[at] != kFree) continue;
            slots_[at] = tag(hash) | place.row << 1 | place.shard;
            return true;
        }
        return false;
    }

    template <class F>
    void grow(std::uint32_t row, F&& hash_of) {
        const std::vector<std::uint32_t> old = std::move(slots_);
        std::vector<Place> places;
        places.reserve(used_);
        for (const std::uint32_t slot : old) {
            if (slot != kFree) places.push_back(place(slot));
        }
        const std::size_t size = old.empty() ? kSlotsFirst : used_ * 8 >= old.size() * 5 ? old.size() * 2 : old.size();
        slots_.assign(size, kFree);
        mask_ = size - 1;
        // One bit for the shard, one to spare; a slot of all ones is a free one and no row's.
        place_bits_ = std::min(kPlaceBitsMax, std::max(static_cast<unsigned>(std::bit_width(std::uint64_t{row})) + 2,
                                                       static_cast<unsigned>(std::bit_width(size)) + 1));
        used_ = 0;
        for (const Place& one : places) used_ += put(hash_of(one), one) ? 1 : 0;
        bytes_.store(size * sizeof(std::uint32_t), std::memory_order_relaxed);
    }

    static constexpr std::size_t kSlotsFirst = 1024;

    std::vector<std::uint32_t> slots_;  // above place_bits_ some bits of the hash
    std::size_t mask_ = 0;
    std::size_t used_ = 0;
    unsigned place_bits_ = 0;
    std::atomic<std::size_t> bytes_{0};
};

}  // namespace skua::store::embedded
