// SPDX-License-Identifier: Apache-2.0
// The short way through what clients send, in front of the general decoder.
#pragma once

#include "ingest/otlp/wire.h"
#include "model/span.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace skua::ingest {

// Fields as practically everyone writes them, read without going through a general reader: short lengths, values of
// one kind. All else is left where it is for the general way; what is read here means the same there.
class PlainFields {
public:
    explicit PlainFields(std::string_view in) : at_(in.data()), end_(in.data() + in.size()) {}
    [[nodiscard]] const char* at() const { return at_; }
    [[nodiscard]] bool at_end() const { return at_ == end_; }
    [[nodiscard]] std::string_view rest() const { return {at_, left()}; }
    void skip_to(const char* at) { at_ = at; }

    [[nodiscard]] unsigned tag() const { return left() == 0 ? 0 : byte(0); }
    // Of the field at hand, its tag included; false: not so, or not all there.
    bool bytes(std::string_view& out) {
        if (left() < 2) return false;
        std::size_t size = byte(1);
        std::size_t head = 2;
        if (size >= 0x80) {
            if (left() < 3 || byte(2) >= 0x80) return false;
            size = (size & 0x7F) | std::size_t{byte(2)} << 7;
            head = 3;
        }
        if (size > left() - head) return false;
        out = {at_ + head, size};
        at_ += head + size;
        return true;
    }
    bool small_number(std::uint64_t& out) {
        if (left() < 2 || byte(1) >= 0x80) return false;
        out = byte(1);
        at_ += 2;
        return true;
    }
    bool number(std::uint64_t& out) {
        std::uint64_t value = 0;
        for (std::size_t i = 1; i < 10 && i < left(); ++i) {
            value |= std::uint64_t{byte(i) & 0x7FU} << (7 * (i - 1));
            if (byte(i) >= 0x80) continue;
            out = value;
            at_ += i + 1;
            return true;
        }
        return false;
    }
    bool fixed64(std::uint64_t& out) {
        static_assert(std::endian::native == std::endian::little);
        if (left() < 9) return false;
        std::memcpy(&out, at_ + 1, sizeof out);
        at_ += 9;
        return true;
    }

    // Of a field whose tag takes two bytes.
    bool flags(std::uint32_t& out) {
        if (left() < 6 || byte(1) != otlp::kSpanFlags >> 4) return false;
        std::memcpy(&out, at_ + 2, sizeof out);
        at_ += 6;
        return true;
    }

private:
    [[nodiscard]] std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
    [[nodiscard]] unsigned byte(std::size_t i) const { return static_cast<unsigned char>(at_[i]); }

    const char* at_;
    const char* end_;
};

inline std::uint64_t big_endian(const char* at) {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

// A KeyValue with a key and a string, integer, boolean or double, in the order of their fields.
inline bool read_plain_attribute(std::string_view body, model::Attribute& out) {
    PlainFields pair(body);
    std::string_view value;
    if (pair.tag() != 0x0a || !pair.bytes(out.key)) return false;
    if (pair.tag() != 0x12 || !pair.bytes(value) || !pair.at_end()) return false;
    PlainFields any(value);
    std::string_view text;
    std::uint64_t number = 0;
    switch (any.tag()) {
        case 0x0a:
            if (!any.bytes(text)) return false;
            out.value = model::Value::of_string(text);
            break;
        case 0x10:
            if (!any.small_number(number)) return false;
            out.value = model::Value::of_bool(number != 0);
            break;
        case 0x18:
            if (!any.number(number)) return false;
            out.value = model::Value::of_int(static_cast<std::int64_t>(number));
            break;
        case 0x21:
            if (!any.fixed64(number)) return false;
            out.value = model::Value::of_double(std::bit_cast<double>(number));
            break;
        default:
            return false;
    }
    return any.at_end();
}

}  // namespace skua::ingest
