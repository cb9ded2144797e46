// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/text_column.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/zstd.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kNumbersMax = 8;     // of one pattern
constexpr std::size_t kPatternsMax = 256;  // of one chunk
constexpr std::size_t kPatternBytesMax = 512;
constexpr std::size_t kDigitsMax = 18;  // of one number: fits 63 bits
constexpr char kHole = '\x01';          // in a pattern: a number stands here
constexpr std::size_t kUuidSize = 36;
constexpr std::uint64_t kBytesMax = std::uint64_t{1} << 30;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
bool is_dash(std::size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}
bool is_uuid(std::string_view v) {
    if (v.size() != kUuidSize) return false;
    for (std::size_t i = 0; i < v.size(); ++i) {
        if (is_dash(i) ? v[i] != '-' : hex_value(v[i]) < 0) return false;
    }
    return true;
}
bool is_hex(std::string_view v, std::size_t digits) {
    return v.size() == digits && std::all_of(v.begin(), v.end(), [](char c) { return hex_value(c) >= 0; });
}
void put_nibbles(std::string_view v, std::string& out) {
    int high = -1;
    for (const char c : v) {
        const int nibble = hex_value(c);
        if (nibble < 0) continue;  // a dash
        if (high < 0) {
            high = nibble;
        } else {
            out.push_back(static_cast<char>(high << 4 | nibble));
            high = -1;
        }
    }
}

struct Split {
    std::array<std::uint64_t, kNumbersMax> numbers{};
    std::size_t count = 0;
};

// The pattern of `v` into `pattern`; false when it has none that is worth it.
bool split(std::string_view v, std::string& pattern, Split& out) {
    pattern.clear();
    out.count = 0;
    if (v.size() > kPatternBytesMax) return false;
    for (std::size_t i = 0; i < v.size();) {
        if (v[i] == kHole) return false;
        if (!is_digit(v[i])) {
            pattern.push_back(v[i++]);
            continue;
        }
        std::size_t end = i;
        std::uint64_t number = 0;
        while (end < v.size() && is_digit(v[end]) && end - i < kDigitsMax)
            number = number * 10 + static_cast<std::uint64_t>(v[end++] - '0');
        if ((v[i] == '0' && end - i > 1) || (end < v.size() && is_digit(v[end])) || out.count == kNumbersMax) {
            return false;  // would not print as it was
        }
        out.numbers[out.count++] = number;
        pattern.push_back(kHole);
        i = end;
    }
    return true;
}

struct Patterns {
    std::unordered_map<std::string, std::uint64_t> ids;
    std::vector<const std::string*> in_order;
    std::vector<std::uint64_t> of_row;
    std::array<std::vector<std::uint64_t>, kNumbersMax> numbers;
    std::size_t columns = 0;
};

bool find_patterns(std::span<const std::string_view> values, Patterns& p) {
    std::string pattern;
    Split parts;
    p.of_row.reserve(values.size());
    std::uint64_t last = 0;
    for (std::size_t row = 0; row < values.size(); ++row) {
        if (!split(values[row], pattern, parts)) return false;
        if (row == 0 || pattern != *p.in_order[last]) {
            const auto [at, created] = p.ids.try_emplace(pattern, p.ids.size());
            if (created) {
                if (p.ids.size() > kPatternsMax || p.ids.size() > row / 8 + 8) return false;
                p.in_order.push_back(&at->first);
            }
            last = at->second;
        }
        p.of_row.push_back(last);
        for (std::size_t j = 0; j < parts.count; ++j) {
            auto& column = p.numbers[j];
            if (column.empty()) column.reserve(values.size());
            column.resize(row, 0);
            column.push_back(parts.numbers[j]);
        }
        p.columns = std::max(p.columns, parts.count);
    }
    for (std::size_t j = 0; j < p.columns; ++j) p.numbers[j].resize(values.size(), 0);
    return true;
}

void put_ints(std::span<const std::uint64_t> values, ByteWriter& w, std::string& scratch) {
    scratch.clear();
    encode_ints(values, IntHint::kIds, scratch);
    w.string(scratch);
}

void encode_patterns(const Patterns& p, std::string& out) {
    ByteWriter w(out);
    std::string scratch;
    w.u8(static_cast<std::uint8_t>(TextEncoding::kPatterns));
    w.varint(p.in_order.size());
    for (const std::string* pattern : p.in_order) w.string(*pattern);
    put_ints(p.of_row, w, scratch);
    w.varint(p.columns);
    for (std::size_t j = 0; j < p.columns; ++j) put_ints(p.numbers[j], w, scratch);
}

void encode_plain(std::span<const std::string_view> values, std::string& out) {
    ByteWriter w(out);
    std::string scratch;
    std::vector<std::uint64_t> lengths;
    lengths.reserve(values.size());
    std::string all;
    for (const std::string_view v : values) {
        lengths.push_back(v.size());
        all.append(v);
    }
    w.u8(static_cast<std::uint8_t>(TextEncoding::kPlain));
    put_ints(lengths, w, scratch);
    w.varint(all.size());
    std::string frame;
    if (all.size() >= 64) zstd_append(all, frame);
    const bool framed = !frame.empty() && frame.size() + frame.size() / 16 < all.size();
    w.u8(framed ? 1 : 0);
    w.string(framed ? frame : all);
}

}  // namespace

void encode_texts(std::span<const std::string_view> values, std::string& out) {
    const std::string_view first = values.empty() ? std::string_view{} : values.front();
    ByteWriter w(out);
    if (is_uuid(first) && std::all_of(values.begin(), values.end(), is_uuid)) {
        w.u8(static_cast<std::uint8_t>(TextEncoding::kUuid));
        for (const std::string_view v : values) put_nibbles(v, out);
        return;
    }
    if (first.size() >= 8 && first.size() % 2 == 0 &&
        std::all_of(values.begin(), values.end(), [&](std::string_view v) { return is_hex(v, first.size()); }) &&
        std::any_of(values.begin(), values.end(),
                    [](std::string_view v) { return !std::all_of(v.begin(), v.end(), is_digit); })) {
        w.u8(static_cast<std::uint8_t>(TextEncoding::kHex));
        w.varint(first.size());
        for (const std::string_view v : values) put_nibbles(v, out);
        return;
    }
    Patterns patterns;
    if (!values.empty() && find_patterns(values, patterns)) {
        encode_patterns(patterns, out);
    } else {
        encode_plain(values, out);
    }
}

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
        holes.push_back(static_cast<std::size_t>(std::count(patterns_.back().begin(), patterns_.back().end(), kHole)));
    }
    const std::string_view of_row = in.string();
    if (!in.ok() || !pattern_of_.open(of_row, count_)) return false;
    const std::uint64_t columns = in.bounded(kNumbersMax);
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
                if (c != kHole) {
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
