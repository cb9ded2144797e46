// SPDX-License-Identifier: Apache-2.0
// Byte strings numbered in order of first appearance; equal strings have one number.
//
// One thread interns; others may read the strings whose numbers were published to them. Nothing ever moves.
#pragma once

#include "store/embedded/head/stable_array.h"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

class StringTable {
public:
    static constexpr std::uint32_t kNone = 0xFFFFFFFF;

    StringTable();
    // The number of `text`; `created` tells whether it is new. kNone: full (4 M strings).
    std::uint32_t intern(std::string_view text, bool& created);
    std::uint32_t intern(std::string_view text) {
        bool created = false;
        return intern(text, created);
    }
    // The interning thread only. kNone: not there.
    [[nodiscard]] std::uint32_t find(std::string_view text) const;
    [[nodiscard]] std::string_view operator[](std::uint32_t id) const { return strings_[id]; }
    [[nodiscard]] std::size_t size() const { return strings_.size(); }
    // Of the texts and of all.
    [[nodiscard]] std::size_t text_bytes() const { return text_bytes_; }
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t id = kNone;
    };
    std::size_t slot_of(std::string_view text, std::uint64_t hash) const;
    std::string_view keep(std::string_view text);
    void grow();

    StableArray<std::string_view, 4096, 1024> strings_;
    std::vector<Slot> slots_;
    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t block_bytes_ = 0;
    char* free_ = nullptr;
    std::size_t free_bytes_ = 0;
    std::size_t text_bytes_ = 0;
};

std::uint64_t hash_bytes(std::string_view bytes);

}  // namespace skua::store::embedded
