// SPDX-License-Identifier: Apache-2.0
// Lower-case hexadecimal digits to bytes, eight at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace skua::store::embedded {

inline constexpr std::size_t kUuidSize = 36;

// Eight digits, the first in the lowest byte, to four bytes; false: others than 0-9 and a-f.
inline bool eight_digits(std::uint64_t text, std::uint32_t& out) {
    static_assert(std::endian::native == std::endian::little);
    constexpr std::uint64_t kOnes = 0x0101010101010101;
    const std::uint64_t letters = text >> 6 & kOnes;                              // bit 6 tells 'a' from '0'
    const std::uint64_t values = (text & kOnes * 0x0F) + letters * 9;             // 24 at most
    const std::uint64_t above_nine = ((values + kOnes * 6) & kOnes * 0x10) >> 4;  // or above 25, which cannot be
    const bool ok = (values & kOnes * 0xF0) == 0 && values + kOnes * '0' + above_nine * ('a' - '0' - 10) == text;
    std::uint64_t pairs = (values << 4 | values >> 8) & 0x00FF00FF00FF00FF;
    pairs = (pairs | pairs >> 8) & 0x0000FFFF0000FFFF;
    out = static_cast<std::uint32_t>(pairs | pairs >> 16);
    return ok;
}

// Halves `digits`, an even number of them, into `to`.
inline bool parse_hex(std::string_view digits, char* to) {
    const char* at = digits.data();
    std::size_t left = digits.size();
    std::uint32_t bytes = 0;
    for (; left >= 8; left -= 8, at += 8, to += 4) {
        std::uint64_t text = 0;
        std::memcpy(&text, at, 8);
        if (!eight_digits(text, bytes)) return false;
        std::memcpy(to, &bytes, 4);
    }
    if (left == 0) return true;
    std::uint64_t text = 0x3030303030303030;
    std::memcpy(&text, at, left);
    if (!eight_digits(text, bytes)) return false;
    std::memcpy(to, &bytes, left / 2);
    return true;
}

// 16 bytes to `to`.
inline bool parse_uuid(std::string_view v, char* to) {
    if (v.size() != kUuidSize || v[8] != '-' || v[13] != '-' || v[18] != '-' || v[23] != '-') return false;
    const auto eight = [&](std::size_t first, std::size_t second, std::size_t place) {
        std::uint64_t text = 0;
        std::uint32_t bytes = 0;
        std::memcpy(&text, v.data() + first, 4);
        std::memcpy(reinterpret_cast<char*>(&text) + 4, v.data() + second, 4);
        const bool ok = eight_digits(text, bytes);
        std::memcpy(to + place, &bytes, 4);
        return ok;
    };
    return eight(0, 4, 0) && eight(9, 14, 4) && eight(19, 24, 8) && eight(28, 32, 12);
}

}  // namespace skua::store::embedded
