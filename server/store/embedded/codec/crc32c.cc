// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/crc32c.h"

#include <array>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace skua::store::embedded {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // reflected

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
        table[i] = crc;
    }
    return table;
}
constexpr std::array<std::uint32_t, 256> kTable = make_table();

std::uint32_t portable(std::uint32_t crc, const char* at, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
        crc = (crc >> 8) ^ kTable[(crc ^ static_cast<std::uint8_t>(at[i])) & 0xFF];
    }
    return crc;
}

#if defined(__x86_64__)

constexpr std::size_t kLane = 1024;  // bytes of each of three streams that hide the instruction's latency

// Appending kLane zero bytes to a message is a linear map of its CRC: one table for each of the four bytes.
using Shift = std::array<std::array<std::uint32_t, 256>, 4>;
constexpr std::uint32_t zeros(std::uint32_t crc) {
    for (std::size_t i = 0; i < kLane; ++i) crc = (crc >> 8) ^ kTable[crc & 0xFF];
    return crc;
}
Shift make_shift() {
    std::array<std::uint32_t, 32> bits{};
    for (unsigned i = 0; i < 32; ++i) bits[i] = zeros(std::uint32_t{1} << i);
    Shift shift{};
    for (unsigned byte = 0; byte < 4; ++byte) {
        for (unsigned value = 0; value < 256; ++value) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                if ((value >> bit & 1) != 0) shift[byte][value] ^= bits[byte * 8 + bit];
            }
        }
    }
    return shift;
}
std::uint32_t shifted(const Shift& s, std::uint64_t crc) {
    return s[0][crc & 0xFF] ^ s[1][crc >> 8 & 0xFF] ^ s[2][crc >> 16 & 0xFF] ^ s[3][crc >> 24 & 0xFF];
}
std::uint64_t load(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

__attribute__((target("sse4.2"))) std::uint32_t hardware(std::uint32_t crc, const char* at, std::size_t size) {
    static const Shift shift = make_shift();
    while (size >= 3 * kLane) {
        std::uint64_t a = crc;
        std::uint64_t b = 0;
        std::uint64_t c = 0;
        for (std::size_t i = 0; i < kLane; i += 8) {
            a = _mm_crc32_u64(a, load(at + i));
            b = _mm_crc32_u64(b, load(at + kLane + i));
            c = _mm_crc32_u64(c, load(at + 2 * kLane + i));
        }
        crc = shifted(shift, shifted(shift, a) ^ b) ^ static_cast<std::uint32_t>(c);
        at += 3 * kLane;
        size -= 3 * kLane;
    }
    std::uint64_t wide = crc;
    for (; size >= 8; at += 8, size -= 8) wide = _mm_crc32_u64(wide, load(at));
    crc = static_cast<std::uint32_t>(wide);
    for (; size > 0; ++at, --size) crc = _mm_crc32_u8(crc, static_cast<std::uint8_t>(*at));
    return crc;
}

#endif

}  // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
    static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
    if (has_instruction) return ~hardware(~seed, bytes.data(), bytes.size());
#endif
    return ~portable(~seed, bytes.data(), bytes.size());
}

}  // namespace skua::store::embedded
