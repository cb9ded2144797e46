// SPDX-License-Identifier: Apache-2.0
// Numbers of a fixed width packed without gaps, least significant bit first.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace skua::store::embedded {

constexpr unsigned bit_width_of(std::uint64_t v) {
    return static_cast<unsigned>(std::bit_width(v));
}
constexpr std::uint64_t low_bits(unsigned width) {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

class BitWriter {
public:
    explicit BitWriter(std::string& out) : out_(out) {}
    // REQUIRES: value < 2^width.
    void put(std::uint64_t value, unsigned width) {
        if (width == 0) return;
        word_ |= value << used_;
        if (used_ + width >= 64) {
            flush_word();
            const unsigned taken = 64 - used_;
            word_ = taken < 64 ? value >> taken : 0;
            used_ = used_ + width - 64;
        } else {
            used_ += width;
        }
    }
    // Pads to a byte.
    void finish() {
        for (unsigned done = 0; done < used_; done += 8) out_.push_back(static_cast<char>(word_ >> done));
        word_ = 0;
        used_ = 0;
    }

private:
    void flush_word() { out_.append(reinterpret_cast<const char*>(&word_), sizeof word_); }
    std::string& out_;
    std::uint64_t word_ = 0;
    unsigned used_ = 0;
};

// `width` bits from bit `at`; zero bits beyond the end.
inline std::uint64_t get_bits(std::string_view in, std::uint64_t at, unsigned width) {
    if (width == 0) return 0;
    const std::size_t byte = static_cast<std::size_t>(at >> 3);
    const unsigned shift = static_cast<unsigned>(at & 7);
    if (byte >= in.size()) return 0;
    std::uint64_t word = 0;
    const std::size_t n = in.size() - byte;
    if (n > 8 && shift + width <= 64) {  // as a rule
        std::memcpy(&word, in.data() + byte, 8);
        return word >> shift & low_bits(width);
    }
    std::memcpy(&word, in.data() + byte, n < 8 ? n : 8);
    std::uint64_t value = word >> shift;
    if (shift + width > 64 && n > 8) {
        value |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(in[byte + 8])) << (64 - shift);
    }
    return value & low_bits(width);
}

}  // namespace skua::store::embedded
