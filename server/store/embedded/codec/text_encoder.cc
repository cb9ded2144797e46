// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/nibbles.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/codec/zstd.h"

#include <algorithm>
#include <array>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kDigitsMax = 18;  // of one number: fits 63 bits

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool put_uuids(std::span<const std::string_view> values, std::string& out) {
    const std::size_t begin = out.size();
    out.resize(begin + values.size() * 16);
    char* to = out.data() + begin;
    for (const std::string_view v : values) {
        if (!parse_uuid(v, to)) {
            out.resize(begin);
            return false;
        }
        to += 16;
    }
    return true;
}

bool put_hex(std::span<const std::string_view> values, std::string& out) {
    const std::size_t digits = values.front().size();
    const std::size_t begin = out.size();
    out.resize(begin + values.size() * (digits / 2));
    char* to = out.data() + begin;
    bool letters = false;
    for (const std::string_view v : values) {
        if (v.size() != digits || !parse_hex(v, to)) {
            out.resize(begin);
            return false;
        }
        letters = letters || !std::all_of(v.begin(), v.end(), is_digit);
        to += digits / 2;
    }
    if (!letters) out.resize(begin);  // numbers, which are shorter
    return letters;
}

// A text with a hole in place of each decimal number in it.
class Split {
public:
    std::array<std::uint64_t, kTextNumbersMax> numbers;
    std::size_t count = 0;

    // False when the text has no such form that is worth it.
    bool of(std::string_view v) {
        size_ = count = 0;
        if (v.size() > kPatternBytesMax) return false;
        const char* at = v.data();
        const char* const end = at + v.size();
        while (at != end) {
            if (!is_digit(*at)) {
                if (*at == kPatternHole) return false;
                pattern_[size_++] = *at++;
                continue;
            }
            const char* const first = at;
            std::uint64_t number = 0;
            while (at != end && is_digit(*at) && at - first < static_cast<std::ptrdiff_t>(kDigitsMax))
                number = number * 10 + static_cast<std::uint64_t>(*at++ - '0');
            if ((*first == '0' && at - first > 1) || (at != end && is_digit(*at)) || count == kTextNumbersMax)
                return false;  // would not print as it was
            numbers[count++] = number;
            pattern_[size_++] = kPatternHole;
        }
        return true;
    }
    [[nodiscard]] std::string_view pattern() const { return {pattern_.data(), size_}; }

private:
    std::array<char, kPatternBytesMax> pattern_;
    std::size_t size_ = 0;
};

class Patterns {
public:
    // False: the texts have too little in common.
    bool find(std::span<const std::string_view> values) {
        Split split;
        of_row_.reserve(values.size());
        for (std::size_t row = 0; row < values.size(); ++row) {
            if (!split.of(values[row])) return false;
            const std::size_t id = number_of(split.pattern());
            if (texts_.size() > kPatternsMax || texts_.size() > row / 8 + 8) return false;
            of_row_.push_back(id);
            for (std::size_t j = 0; j < split.count; ++j) {
                auto& column = numbers_[j];
                if (column.empty()) column.reserve(values.size());
                column.resize(row, 0);
                column.push_back(split.numbers[j]);
            }
            columns_ = std::max(columns_, split.count);
        }
        for (std::size_t j = 0; j < columns_; ++j) numbers_[j].resize(values.size(), 0);
        return true;
    }

    void encode(std::string& out) const {
        ByteWriter w(out);
        std::string scratch;
        const auto put = [&](std::span<const std::uint64_t> values) {
            scratch.clear();
            encode_ints(values, IntHint::kIds, scratch);
            w.string(scratch);
        };
        w.u8(static_cast<std::uint8_t>(TextEncoding::kPatterns));
        w.varint(texts_.size());
        for (const std::string& text : texts_) w.string(text);
        put(of_row_);
        w.varint(columns_);
        for (std::size_t j = 0; j < columns_; ++j) put(numbers_[j]);
    }

private:
    std::size_t number_of(std::string_view pattern) {
        std::uint64_t hash = pattern.size();
        const char* at = pattern.data();
        for (std::size_t left = pattern.size(); left > 0;) {
            std::uint64_t word = 0;
            const std::size_t n = std::min(left, sizeof word);
            std::memcpy(&word, at, n);
            hash = (hash ^ word) * 0x9E3779B97F4A7C15ULL;
            hash ^= hash >> 29;
            at += n;
            left -= n;
        }
        std::size_t slot = hash % slots_.size();
        for (; slots_[slot] != 0; slot = (slot + 1) % slots_.size()) {
            if (texts_[slots_[slot] - 1U] == pattern) return slots_[slot] - 1U;
        }
        texts_.emplace_back(pattern);
        slots_[slot] = static_cast<std::uint16_t>(texts_.size());
        return texts_.size() - 1;
    }

    std::vector<std::string> texts_;
    std::array<std::uint16_t, kPatternsMax * 4> slots_{};  // by hash: number plus one
    std::vector<std::uint64_t> of_row_;
    std::array<std::vector<std::uint64_t>, kTextNumbersMax> numbers_;
    std::size_t columns_ = 0;
};

void encode_plain(std::span<const std::string_view> values, std::string& out) {
    ByteWriter w(out);
    std::string scratch;
    std::vector<std::uint64_t> lengths;
    lengths.reserve(values.size());
    std::size_t total = 0;
    for (const std::string_view v : values) {
        lengths.push_back(v.size());
        total += v.size();
    }
    std::string all;
    all.reserve(total);
    for (const std::string_view v : values) all.append(v);
    w.u8(static_cast<std::uint8_t>(TextEncoding::kPlain));
    encode_ints(lengths, IntHint::kIds, scratch);
    w.string(scratch);
    w.varint(all.size());
    std::string frame;
    if (all.size() >= 64) zstd_append(all, frame);
    const bool framed = !frame.empty() && frame.size() + frame.size() / 16 < all.size();
    w.u8(framed ? 1 : 0);
    w.string(framed ? frame : all);
}

}  // namespace

void encode_texts(std::span<const std::string_view> values, std::string& out) {
    const std::size_t begin = out.size();
    ByteWriter w(out);
    if (!values.empty()) {
        const std::size_t digits = values.front().size();
        w.u8(static_cast<std::uint8_t>(TextEncoding::kUuid));
        if (digits == kUuidSize && put_uuids(values, out)) return;
        out.resize(begin);
        w.u8(static_cast<std::uint8_t>(TextEncoding::kHex));
        w.varint(digits);
        if (digits >= 8 && digits % 2 == 0 && put_hex(values, out)) return;
        out.resize(begin);
        Patterns patterns;
        if (patterns.find(values)) return patterns.encode(out);
    }
    encode_plain(values, out);
}

}  // namespace skua::store::embedded
