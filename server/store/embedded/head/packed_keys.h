// SPDX-License-Identifier: Apache-2.0
// Which keys occur in attributes that are kept as bytes (of events and links, or all of a span's), so that a search for
// another one need not look into them. A Bloom filter: it may say yes to a key that was never added.
//
// Threads: one adds; others may ask for what was published to them.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace skua::store::embedded {

class PackedKeys {
public:
    void add(std::string_view key);
    [[nodiscard]] bool may_have(std::string_view key) const;

private:
    // Two bits of 8,192 for each key: one of 300 others is taken for one of 200 that are there.
    static constexpr std::size_t kWords = 128;
    struct Bits {
        std::size_t words[2];
        std::uint64_t masks[2];
    };
    static Bits bits_of(std::string_view key);

    std::array<std::atomic<std::uint64_t>, kWords> words_{};
};

}  // namespace skua::store::embedded
