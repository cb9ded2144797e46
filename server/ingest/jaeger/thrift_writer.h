// SPDX-License-Identifier: Apache-2.0
// For tests: writes Thrift's two protocols, so that one description of a batch is read in both.
#pragma once

#include "ingest/jaeger/thrift_reader.h"

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::ingest::jaeger {

class ThriftWriter {
public:
    explicit ThriftWriter(ThriftProtocol protocol) : is_binary_(protocol == ThriftProtocol::kBinary) {}

    std::string out;

    ThriftWriter& message(std::string_view name, int type) {
        if (is_binary_) {
            fixed(0x80010000U | static_cast<std::uint32_t>(type), 4);
            raw_string(name);
            fixed(7, 4);
        } else {
            out += '\x82';
            out += static_cast<char>(type << 5 | 1);
            varint(7);
            raw_string(name);
        }
        return *this;
    }
    ThriftWriter& begin() {
        last_ids_.push_back(0);
        return *this;
    }
    ThriftWriter& end() {
        out += '\0';
        last_ids_.pop_back();
        return *this;
    }
    ThriftWriter& i32(int id, std::int32_t v) {
        field(ThriftType::kI32, id);
        is_binary_ ? fixed(static_cast<std::uint32_t>(v), 4) : zigzag(v);
        return *this;
    }
    ThriftWriter& i64(int id, std::int64_t v) {
        field(ThriftType::kI64, id);
        is_binary_ ? fixed(static_cast<std::uint64_t>(v), 8) : zigzag(v);
        return *this;
    }
    ThriftWriter& text(int id, std::string_view v) {
        field(ThriftType::kString, id);
        raw_string(v);
        return *this;
    }
    ThriftWriter& number(int id, double v) {
        field(ThriftType::kDouble, id);
        std::uint64_t bits = std::bit_cast<std::uint64_t>(v);
        fixed(is_binary_ ? bits : __builtin_bswap64(bits), 8);
        return *this;
    }
    ThriftWriter& boolean(int id, bool v) {
        field(ThriftType::kBool, id, v ? 1 : 2);
        if (is_binary_) out += v ? '\1' : '\0';
        return *this;
    }
    ThriftWriter& structure(int id) {
        field(ThriftType::kStruct, id);
        return begin();
    }
    // Elements of structs follow, each between begin() and end().
    ThriftWriter& list(int id, std::size_t size, ThriftType element = ThriftType::kStruct) {
        field(ThriftType::kList, id);
        if (is_binary_) {
            out += static_cast<char>(element);
            fixed(size, 4);
        } else if (size < 15) {
            out += static_cast<char>(size << 4 | compact_type(element));
        } else {
            out += static_cast<char>(0xf0 | compact_type(element));
            varint(size);
        }
        return *this;
    }

private:
    static unsigned compact_type(ThriftType type) {
        switch (type) {
            case ThriftType::kBool:
                return 1;
            case ThriftType::kI32:
                return 5;
            case ThriftType::kI64:
                return 6;
            case ThriftType::kDouble:
                return 7;
            case ThriftType::kString:
                return 8;
            case ThriftType::kList:
                return 9;
            default:
                return 12;
        }
    }
    void field(ThriftType type, int id, unsigned bool_type = 0) {
        if (is_binary_) {
            out += static_cast<char>(type);
            fixed(static_cast<std::uint64_t>(id), 2);
            return;
        }
        const unsigned number = bool_type != 0 ? bool_type : compact_type(type);
        const int delta = id - last_ids_.back();
        if (delta > 0 && delta < 16) {
            out += static_cast<char>(static_cast<unsigned>(delta) << 4 | number);
        } else {
            out += static_cast<char>(number);
            zigzag(id);
        }
        last_ids_.back() = id;
    }
    void fixed(std::uint64_t value, int size) {
        for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
        out += static_cast<char>(value);
    }
    void zigzag(std::int64_t value) {
        varint(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
    }
    void raw_string(std::string_view text) {
        is_binary_ ? fixed(text.size(), 4) : varint(text.size());
        out += text;
    }

    bool is_binary_;
    std::vector<int> last_ids_;
};

}  // namespace skua::ingest::jaeger
