// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/index/value_hash.h"

#include "model/nested.h"

#include <array>
#include <charconv>
#include <string>

#include <xxhash.h>

namespace skua::store::embedded {

std::uint64_t value_seed(IndexLevel level, std::string_view key) {
    return XXH3_64bits_withSeed(key.data(), key.size(), static_cast<std::uint64_t>(level));
}

std::uint64_t key_hash(IndexLevel level, std::string_view key) {
    constexpr std::uint64_t kKeys = 64;  // apart from all levels
    return XXH3_64bits_withSeed(key.data(), key.size(), kKeys + static_cast<std::uint64_t>(level));
}

std::uint64_t value_hash(std::uint64_t seed, std::string_view text) {
    return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

std::uint64_t value_hash(std::uint64_t seed, const model::Value& value) {
    if (value.type == model::ValueType::kString) return value_hash(seed, value.text);
    if (value.type == model::ValueType::kInt) {  // often, and short
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value.integer).ptr;
        return value_hash(seed, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
    }
    thread_local std::string text;
    text.clear();
    model::append_string_form(text, value);
    return value_hash(seed, text);
}

}  // namespace skua::store::embedded
