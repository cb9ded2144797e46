// SPDX-License-Identifier: Apache-2.0
// Entries of a hash index as a seal collects them by the million: a hash cut to 40 bits and a number below 2^24 in one
// word. Half the memory of a HashEntry, which is what sorting them costs.
#pragma once

#include "store/embedded/index/pages.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace skua::store::embedded {

class PackedEntries {
public:
    static constexpr unsigned kHashBits = 40;
    static constexpr unsigned kNumberBits = 64 - kHashBits;
    static constexpr std::uint32_t kNumbersMax = 1U << kNumberBits;

    // Room without moving.
    void reserve(std::size_t count) { words_.reserve(count); }
    // REQUIRES: number < kNumbersMax, and not below that of the entry before.
    void add(std::uint64_t hash, std::uint32_t number) {
        words_.push_back(hash >> kNumberBits << kNumberBits | number);
    }
    void append(const PackedEntries& others) {
        words_.insert(words_.end(), others.words_.begin(), others.words_.end());
    }
    [[nodiscard]] std::size_t size() const { return words_.size(); }
    [[nodiscard]] bool empty() const { return words_.empty(); }

    // Drops the low bits of every number.
    void shift_numbers(unsigned shift);
    // Appends the pages to `out`, as build_hash_pages does. The entries are left sorted.
    HashPages build_pages(unsigned spare_bits, std::string& out);
    // In order of the hashes, for merging with others.
    static std::unique_ptr<HashStream> stream(PackedEntries entries);

private:
    // By the leading `bits` of the hashes, stable.
    void sort(unsigned bits);

    std::vector<std::uint64_t> words_;
};

}  // namespace skua::store::embedded
