// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/int_column.h"

#include "store/embedded/codec/bits.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/zstd.h"

#include <algorithm>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kCountMax = std::size_t{1} << 24;  // of one chunk: bounds what a broken size can allocate
constexpr std::size_t kTryZstdMin = 48;                  // bytes under which a frame's header cannot pay

// A number is its low bit and the width of the rest (the symbol), and the rest without its leading one (the mantissa).
// The low bit is in the symbol because times keep their "was whole microseconds" flag there.
std::uint8_t symbol_of(std::uint64_t v) {
    return static_cast<std::uint8_t>(bit_width_of(v >> 1) * 2 + (v & 1));
}
unsigned mantissa_bits(std::uint8_t symbol) {
    const unsigned width = symbol >> 1;
    return width < 2 ? 0 : width - 1;
}

void put_frame(ByteWriter& w, const std::string& frame) {
    w.varint(frame.size());
    w.bytes(frame);
}

// Empty when packing is as good.
void encode_planes(std::span<const std::uint64_t> values, std::uint64_t low, unsigned width, std::string& frame) {
    const unsigned bytes = width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : 8;
    thread_local std::string planes;
    planes.resize(values.size() * bytes);
    for (unsigned b = 0; b < bytes; ++b) {
        char* out = planes.data() + b * values.size();
        for (std::size_t i = 0; i < values.size(); ++i) out[i] = static_cast<char>((values[i] - low) >> (8 * b));
    }
    zstd_append(planes, frame);
}

void encode_buckets(std::span<const std::uint64_t> values, std::string& out) {
    thread_local std::string symbols;
    symbols.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) symbols[i] = static_cast<char>(symbol_of(values[i]));
    ByteWriter w(out);
    w.u8(static_cast<std::uint8_t>(IntEncoding::kBuckets));
    thread_local std::string frame;
    frame.clear();
    zstd_append(symbols, frame);
    put_frame(w, frame);
    BitWriter bits(out);
    for (const std::uint64_t v : values) {
        const unsigned n = mantissa_bits(symbol_of(v));
        bits.put(v >> 1 & low_bits(n), n);
    }
    bits.finish();
}

}  // namespace

void encode_ints(std::span<const std::uint64_t> values, IntHint hint, std::string& out) {
    ByteWriter w(out);
    if (values.empty()) {
        w.u8(static_cast<std::uint8_t>(IntEncoding::kConstant));
        w.varint(0);
        return;
    }
    std::uint64_t low = values[0];
    std::uint64_t high = values[0];
    for (const std::uint64_t v : values) {
        low = std::min(low, v);
        high = std::max(high, v);
    }
    if (low == high) {
        w.u8(static_cast<std::uint8_t>(IntEncoding::kConstant));
        w.varint(low);
        return;
    }
    const unsigned width = bit_width_of(high - low);
    const std::size_t packed = (values.size() * width + 7) / 8;
    if (packed >= kTryZstdMin && hint == IntHint::kTimes) {
        encode_buckets(values, out);
        return;
    }
    if (packed >= kTryZstdMin) {
        thread_local std::string frame;
        frame.clear();
        encode_planes(values, low, width, frame);
        // Packed numbers are read without unpacking: planes must save a tenth.
        if (frame.size() + frame.size() / 8 < packed) {
            w.u8(static_cast<std::uint8_t>(IntEncoding::kPlanes));
            w.varint(low);
            w.u8(static_cast<std::uint8_t>(width <= 8 ? 1 : width <= 16 ? 2 : width <= 32 ? 4 : 8));
            put_frame(w, frame);
            return;
        }
    }
    w.u8(static_cast<std::uint8_t>(IntEncoding::kPacked));
    w.varint(low);
    w.u8(static_cast<std::uint8_t>(width));
    BitWriter bits(out);
    for (const std::uint64_t v : values) bits.put(v - low, width);
    bits.finish();
}

bool IntReader::open(std::string_view chunk, std::size_t count) {
    if (count > kCountMax) return false;
    ByteReader in(chunk);
    const std::uint8_t encoding = in.u8();
    if (encoding > static_cast<std::uint8_t>(IntEncoding::kBuckets)) return false;
    encoding_ = static_cast<IntEncoding>(encoding);
    count_ = count;
    base_ = 0;
    width_ = 0;
    if (encoding_ != IntEncoding::kBuckets) base_ = in.varint();
    switch (encoding_) {
        case IntEncoding::kConstant:
            return in.ok();
        case IntEncoding::kPacked:
            width_ = in.u8();
            if (!in.ok() || width_ > 64) return false;
            packed_ = in.bytes((count * width_ + 7) / 8);
            return in.ok();
        case IntEncoding::kPlanes: {
            width_ = in.u8();
            const std::string_view frame = in.string();
            if (!in.ok() || (width_ != 1 && width_ != 2 && width_ != 4 && width_ != 8)) return false;
            planes_.resize(count * width_);
            return zstd_into(frame, planes_.data(), planes_.size());
        }
        case IntEncoding::kBuckets: {
            const std::string_view frame = in.string();
            if (!in.ok()) return false;
            planes_.resize(count);
            if (!zstd_into(frame, planes_.data(), planes_.size())) return false;
            std::uint64_t bits = 0;
            for (const char c : planes_) {
                const auto symbol = static_cast<std::uint8_t>(c);
                if (symbol > 127) return false;
                bits += mantissa_bits(symbol);
            }
            packed_ = in.bytes((bits + 7) / 8);
            return in.ok();
        }
    }
    return false;
}

void IntReader::read(std::size_t first, std::span<std::uint64_t> out) const {
    switch (encoding_) {
        case IntEncoding::kConstant:
            std::fill(out.begin(), out.end(), base_);
            return;
        case IntEncoding::kPacked:
            for (std::size_t i = 0; i < out.size(); ++i)
                out[i] = base_ + get_bits(packed_, (first + i) * width_, width_);
            return;
        case IntEncoding::kPlanes:
            std::fill(out.begin(), out.end(), base_);
            for (unsigned b = 0; b < width_; ++b) {
                const char* plane = planes_.data() + b * count_ + first;
                for (std::size_t i = 0; i < out.size(); ++i) {
                    out[i] += static_cast<std::uint64_t>(static_cast<std::uint8_t>(plane[i])) << (8 * b);
                }
            }
            return;
        case IntEncoding::kBuckets:
            read_buckets(first, out);
            return;
    }
}

void IntReader::read_buckets(std::size_t first, std::span<std::uint64_t> out) const {
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < first; ++i) at += mantissa_bits(static_cast<std::uint8_t>(planes_[i]));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto symbol = static_cast<std::uint8_t>(planes_[first + i]);
        const unsigned n = mantissa_bits(symbol);
        const std::uint64_t top = (symbol >> 1) == 0 ? 0 : std::uint64_t{1} << n;
        out[i] = (top | get_bits(packed_, at, n)) << 1 | (symbol & 1);
        at += n;
    }
}

}  // namespace skua::store::embedded
