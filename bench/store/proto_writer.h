// SPDX-License-Identifier: Apache-2.0
// The few protobuf wire forms that OTLP bodies need, appended to a string.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace skua::bench {

class ProtoWriter {
public:
    explicit ProtoWriter(std::string& out) : out_(out) {}

    void varint(std::uint64_t value) {
        while (value >= 0x80) {
            out_.push_back(static_cast<char>(value | 0x80));
            value >>= 7;
        }
        out_.push_back(static_cast<char>(value));
    }
    void tag(std::uint32_t field, std::uint32_t wire) { varint(field << 3 | wire); }
    void bytes(std::uint32_t field, std::string_view value) {
        tag(field, 2);
        varint(value.size());
        out_.append(value);
    }
    void uint(std::uint32_t field, std::uint64_t value) {
        tag(field, 0);
        varint(value);
    }
    void fixed64(std::uint32_t field, std::uint64_t value) {
        tag(field, 1);
        for (int i = 0; i < 8; ++i) out_.push_back(static_cast<char>(value >> (8 * i)));
    }
    void fixed32(std::uint32_t field, std::uint32_t value) {
        tag(field, 5);
        for (int i = 0; i < 4; ++i) out_.push_back(static_cast<char>(value >> (8 * i)));
    }
    // KeyValue messages.
    void attribute(std::uint32_t field, std::string_view key, std::string_view value) {
        scratch_.clear();
        ProtoWriter(scratch_).bytes(1, value);
        key_value(field, key);
    }
    void attribute(std::uint32_t field, std::string_view key, std::int64_t value) {
        scratch_.clear();
        ProtoWriter(scratch_).uint(3, static_cast<std::uint64_t>(value));
        key_value(field, key);
    }
    void attribute(std::uint32_t field, std::string_view key, double value) {
        scratch_.clear();
        ProtoWriter(scratch_).fixed64(4, std::bit_cast<std::uint64_t>(value));
        key_value(field, key);
    }

private:
    void key_value(std::uint32_t field, std::string_view key) {
        std::string message;
        ProtoWriter writer(message);
        writer.bytes(1, key);
        writer.bytes(2, scratch_);
        bytes(field, message);
    }

    std::string& out_;
    std::string scratch_;
};

}  // namespace skua::bench
