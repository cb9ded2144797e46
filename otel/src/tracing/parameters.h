// SPDX-License-Identifier: Apache-2.0
// Parameters of a statement, for those who asked for them.
#pragma once

#include "skua/orm/value.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace skua::otel {

inline constexpr std::size_t max_parameter_text = 256;  // bytes shown of one value

std::string parameter_text(orm::value_view value);

// SipHash-2-4 of bytes.
struct sip_key {
    std::uint64_t k0 = 0;
    std::uint64_t k1 = 0;
};
std::uint64_t siphash(sip_key key, std::string_view bytes) noexcept;

// `text` of any length; empty: random.
sip_key make_key(std::string_view text);
// 16 hexadecimal digits; equal for equal lists of kinds and values.
std::array<char, 16> parameter_hash(sip_key key, const orm::value_view* values, std::size_t count);

}  // namespace skua::otel
