// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/text_column.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/zstd.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 30;

bool is_dash(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

}  // namespace

bool TextReader::open(std::string_view chunk, std::size_t count) {
    ByteReader in(chunk);
    const std::uint8_t encoding = in.u8();
    if (!in.ok() || encoding > static_cast<std::uint8_t>(TextEncoding::kPatterns)) return false;
    encoding_ = static_cast<TextEncoding>(encoding);
    count_ = count;
    switch (encoding_) {
        case TextEncoding::kPlain:
            return open_plain(chunk.substr(1));
        case TextEncoding::kUuid:
            bytes_ = in.bytes(count * 16);
            return in.ok();
        case TextEncoding::kHex:
            digits_ = static_cast<std::size_t>(in.bounded(kBytesMax));
            if (!in.ok() || digits_ % 2 != 0) return false;
            bytes_ = in.bytes(count * (digits_ / 2));
            return in.ok();
        case TextEncoding::kPatterns:
            return open_patterns(chunk.substr(1));
    }
    return false;
}

bool TextReader::open_plain(std::string_view rest) {
    ByteReader in(rest);
    IntReader lengths;
    const std::string_view lengths_chunk = in.string();
    if (!in.ok() || !lengths.open(lengths_chunk, count_)) return false;
    const std::uint64_t size = in.bounded(kBytesMax);
    const bool framed = in.u8() == 1;
    const std::string_view stored = in.string();
    if (!in.ok()) return false;
    std::vector<std::uint64_t> each(count_);
    lengths.read(0, each);
    offsets_.resize(count_ + 1);
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        if (each[i] > size - at) return false;
        at += each[i];
        offsets_[i + 1] = static_cast<std::uint32_t>(at);
    }
    if (at != size) return false;
    if (!framed) {
        bytes_ = stored;
        return stored.size() == size;
    }
    unpacked_.resize(static_cast<std::size_t>(size));
    if (!zstd_into(stored, unpacked_.data(), unpacked_.size())) return false;
    bytes_ = {};
    return true;
}

bool TextReader::open_patterns(std::string_view rest) {
    ByteReader in(rest);
    const std::uint64_t patterns = in.bounded(kPatternsMax);
    std::vector<std::size_t> holes;
    for (std::uint64_t i = 0; i < patterns && in.ok(); ++i) {
        patterns_.push_back(in.string());
        holes.push_back(
            static_cast<std::size_t>(std::count(patterns_.back().begin(), patterns_.back().end(), kPatternHole)));
    }
    const std::string_view of_row = in.string();
    if (!in.ok() || !pattern_of_.open(of_row, count_)) return false;
    const std::uint64_t columns = in.bounded(kTextNumbersMax);
    numbers_.resize(static_cast<std::size_t>(columns));
    for (IntReader& column : numbers_) {
        const std::string_view chunk = in.string();
        if (!in.ok() || !column.open(chunk, count_)) return false;
    }
    std::vector<std::uint64_t> ids(count_);
    pattern_of_.read(0, ids);
    for (const std::uint64_t id : ids) {
        if (id >= patterns_.size() || holes[static_cast<std::size_t>(id)] > numbers_.size()) return false;
    }
    return in.ok();
}

std::string_view TextReader::at(std::size_t row, std::string& scratch) const {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    switch (encoding_) {
        case TextEncoding::kPlain: {
            const std::string_view all = bytes_.data() != nullptr ? bytes_ : std::string_view(unpacked_);
            return all.substr(offsets_[row], offsets_[row + 1] - offsets_[row]);
        }
        case TextEncoding::kUuid:
        case TextEncoding::kHex: {
            const bool uuid = encoding_ == TextEncoding::kUuid;
            const std::size_t size = uuid ? 16 : digits_ / 2;
            scratch.clear();
            for (const char c : bytes_.substr(row * size, size)) {
                if (uuid && is_dash(scratch.size())) scratch.push_back('-');
                const auto byte = static_cast<std::uint8_t>(c);
                scratch.push_back(kDigits[byte >> 4]);
                scratch.push_back(kDigits[byte & 15]);
            }
            return scratch;
        }
        case TextEncoding::kPatterns: {
            scratch.clear();
            std::size_t column = 0;
            for (const char c : patterns_[static_cast<std::size_t>(pattern_of_.at(row))]) {
                if (c != kPatternHole) {
                    scratch.push_back(c);
                    continue;
                }
                std::array<char, 20> digits;
                const auto end =
                    std::to_chars(digits.data(), digits.data() + digits.size(), numbers_[column++].at(row)).ptr;
                scratch.append(digits.data(), end);
            }
            return scratch;
        }
    }
    return {};
}

bool texts_may_contain(std::string_view chunk, std::string_view needle) {
    ByteReader in(chunk);
    const std::uint8_t encoding = in.u8();
    if (!in.ok()) return true;
    const auto has_digit = [&] { return needle.find_first_of("0123456789") != std::string_view::npos; };
    switch (static_cast<TextEncoding>(encoding)) {
        case TextEncoding::kUuid:
        case TextEncoding::kHex:
            return needle.find_first_not_of("0123456789abcdef-") == std::string_view::npos;
        case TextEncoding::kPatterns: {
            // Without digits it lies between two numbers.
            if (has_digit()) return true;
            const std::uint64_t patterns = in.bounded(kPatternsMax);
            for (std::uint64_t i = 0; i < patterns; ++i) {
                if (in.string().find(needle) != std::string_view::npos) return true;
            }
            return !in.ok();
        }
        case TextEncoding::kPlain: {
            (void)in.string();  // lengths
            const std::uint64_t size = in.bounded(kBytesMax);
            const bool framed = in.u8() == 1;
            const std::string_view stored = in.string();
            if (!in.ok()) return true;
            if (!framed) return stored.find(needle) != std::string_view::npos;
            std::string raw(static_cast<std::size_t>(size), '\0');
            return !zstd_into(stored, raw.data(), raw.size()) || raw.find(needle) != std::string::npos;
        }
    }
    return true;
}

}  // namespace skua::store::embedded
