// SPDX-License-Identifier: Apache-2.0
// Little-endian numbers and LEB128 varints in byte strings. The reader never reads past its end: a read that does not
// fit returns zero and makes ok() false for good, so that a decoder may check once at its end (and must check before it
// uses a number as a size or an index).
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace skua::store::embedded {

constexpr std::uint64_t zigzag(std::int64_t v) {
    return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t v) {
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

class ByteWriter {
public:
    explicit ByteWriter(std::string& out) : out_(out) {}
    void u8(std::uint8_t v) { out_.push_back(static_cast<char>(v)); }
    void u32(std::uint32_t v) { raw(&v, sizeof v); }
    void u64(std::uint64_t v) { raw(&v, sizeof v); }
    void varint(std::uint64_t v) {
        while (v >= 0x80) {
            out_.push_back(static_cast<char>(v | 0x80));
            v >>= 7;
        }
        out_.push_back(static_cast<char>(v));
    }
    void signed_varint(std::int64_t v) { varint(zigzag(v)); }
    void bytes(std::string_view v) { out_.append(v); }
    // Length first.
    void string(std::string_view v) {
        varint(v.size());
        out_.append(v);
    }
    [[nodiscard]] std::size_t size() const { return out_.size(); }

private:
    void raw(const void* p, std::size_t n) { out_.append(static_cast<const char*>(p), n); }
    std::string& out_;
};

class ByteReader {
public:
    ByteReader() = default;
    explicit ByteReader(std::string_view in) : at_(in.data()), end_(in.data() + in.size()) {}

    std::uint8_t u8() { return number<std::uint8_t>(); }
    std::uint32_t u32() { return number<std::uint32_t>(); }
    std::uint64_t u64() { return number<std::uint64_t>(); }
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && at_ != end_; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(*at_++);
            value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
            if (byte < 0x80) return value;
        }
        return fail();
    }
    std::int64_t signed_varint() { return unzigzag(varint()); }
    // Of a number that must not exceed `max`.
    std::uint64_t bounded(std::uint64_t max) {
        const std::uint64_t value = varint();
        return value <= max ? value : fail();
    }
    std::string_view bytes(std::uint64_t n) {
        if (n > remaining()) {
            fail();
            return {};
        }
        const std::string_view out(at_, static_cast<std::size_t>(n));
        at_ += n;
        return out;
    }
    std::string_view string() { return bytes(varint()); }
    // What is still to be read.
    [[nodiscard]] std::string_view rest() const { return {at_, remaining()}; }
    [[nodiscard]] std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] bool ok() const { return ok_; }
    // For decoders that find a value impossible.
    std::uint64_t fail() {
        ok_ = false;
        at_ = end_;
        return 0;
    }

private:
    template <class T>
    T number() {
        T value = 0;
        if (remaining() < sizeof value) return static_cast<T>(fail());
        std::memcpy(&value, at_, sizeof value);
        at_ += sizeof value;
        return value;
    }

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    bool ok_ = true;
};

}  // namespace skua::store::embedded
