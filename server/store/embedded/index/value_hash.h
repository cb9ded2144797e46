// SPDX-License-Identifier: Apache-2.0
// What the value index is keyed by: level, key and the canonical text of a value (model::append_string_form), so that a
// number and the same number as text are found alike. Rows are always looked at again.
#pragma once

#include "model/value.h"

#include <cstdint>
#include <string_view>

namespace skua::store::embedded {

// Part of the hash: never renumber.
enum class IndexLevel : std::uint8_t { kSpan = 1, kResource = 2, kScope = 3, kEvent = 4, kLink = 5 };

std::uint64_t value_seed(IndexLevel level, std::string_view key);
// `text` is the canonical text.
std::uint64_t value_hash(std::uint64_t seed, std::string_view text);
std::uint64_t value_hash(std::uint64_t seed, const model::Value& value);

// Of a key alone: entered for every granule in which it occurs.
std::uint64_t key_hash(IndexLevel level, std::string_view key);

}  // namespace skua::store::embedded
