// SPDX-License-Identifier: Apache-2.0
// A column of unsigned numbers: the smallest of four encodings, chosen per chunk.
//
// Format: docs/formats/segment.md, "Numbers". Reading any range of rows costs no more than unpacking the chunk once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace skua::store::embedded {

enum class IntEncoding : std::uint8_t {  // written to disk: never renumber
    kConstant = 0,                       // varint value
    kPacked = 1,                         // varint minimum, u8 width, packed differences to it
    kPlanes = 2,   // varint minimum, u8 bytes a value, frame size, frame of the byte planes of the differences
    kBuckets = 3,  // frame size, frame of one symbol a value, packed mantissas: for numbers of widely varying size
};

// What values look like: buckets suit times and durations, and cost more to try.
enum class IntHint : std::uint8_t { kIds, kTimes };

// Appends the chunk of `values` to `out`.
void encode_ints(std::span<const std::uint64_t> values, IntHint hint, std::string& out);

class IntReader {
public:
    // `chunk` outlives the reader. False: not a chunk of `count` numbers.
    bool open(std::string_view chunk, std::size_t count);
    // REQUIRES: first + out.size() <= count.
    void read(std::size_t first, std::span<std::uint64_t> out) const;
    [[nodiscard]] std::uint64_t at(std::size_t row) const {
        std::uint64_t value = 0;
        read(row, {&value, 1});
        return value;
    }
    [[nodiscard]] std::size_t count() const { return count_; }

private:
    void read_buckets(std::size_t first, std::span<std::uint64_t> out) const;

    IntEncoding encoding_ = IntEncoding::kConstant;
    std::size_t count_ = 0;
    std::uint64_t base_ = 0;
    unsigned width_ = 0;  // bits, or bytes of planes
    std::string planes_;  // unpacked frame
    std::string_view packed_;
};

}  // namespace skua::store::embedded
