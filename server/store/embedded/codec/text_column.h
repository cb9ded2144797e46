// SPDX-License-Identifier: Apache-2.0
// A column of byte strings, for values that are mostly different (repeated ones are dictionary ids instead).
//
// Format: docs/formats/segment.md, "Texts".
#pragma once

#include "store/embedded/codec/int_column.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

enum class TextEncoding : std::uint8_t {  // written to disk: never renumber
    kPlain = 0,                           // lengths, u8 framed, bytes or their frame
    kUuid = 1,                            // 16 bytes each
    kHex = 2,                             // varint digits of each, half as many bytes each
    kPatterns = 3,  // values that differ in decimal numbers only: patterns, pattern of each row, columns of numbers
};

inline constexpr std::size_t kTextNumbersMax = 8;  // of one pattern
inline constexpr std::size_t kPatternsMax = 256;   // of one chunk
inline constexpr std::size_t kPatternBytesMax = 512;
inline constexpr char kPatternHole = '\x01';  // in a pattern: a number stands here

void encode_texts(std::span<const std::string_view> values, std::string& out);

class TextReader {
public:
    // `chunk` outlives the reader. False: not a chunk of `count` texts.
    bool open(std::string_view chunk, std::size_t count);
    // The text of a row: a view into the reader, or into `scratch` when it has to be built.
    // REQUIRES: row < count.
    std::string_view at(std::size_t row, std::string& scratch) const;

private:
    bool open_plain(std::string_view rest);
    bool open_patterns(std::string_view rest);

    TextEncoding encoding_ = TextEncoding::kPlain;
    std::size_t count_ = 0;
    std::size_t digits_ = 0;
    std::string_view bytes_;
    std::string unpacked_;
    std::vector<std::uint32_t> offsets_;  // kPlain: count + 1
    IntReader pattern_of_;
    std::vector<std::string_view> patterns_;
    std::vector<IntReader> numbers_;
};

// False: no text of the chunk has `needle` in it. Cheaper than reading it; true also for what is no chunk.
bool texts_may_contain(std::string_view chunk, std::string_view needle);

}  // namespace skua::store::embedded
