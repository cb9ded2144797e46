// SPDX-License-Identifier: Apache-2.0
// Attribute values as OTLP knows them (AnyValue), without owning their bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace skua::model {

enum class ValueType : std::uint8_t {
    kEmpty,   // AnyValue without a value
    kString,  // text: the characters (not checked for UTF-8)
    kBool,
    kInt,
    kDouble,
    kArray,   // text: the body of a serialized ArrayValue message (nested values are read on demand: model/nested.h)
    kMap,     // text: the body of a serialized KeyValueList message
    kBytes,   // text: the bytes
    kOpaque,  // text: a serialized AnyValue of a kind this version does not know; kept as it came
};

// A borrowed value: whoever hands it out says how long `text` lives.
struct Value {
    ValueType type = ValueType::kEmpty;
    union {
        bool boolean;
        std::int64_t integer = 0;
        double number;
    };
    std::string_view text;

    static Value of_string(std::string_view s) { return with_text(ValueType::kString, s); }
    static Value of_bytes(std::string_view s) { return with_text(ValueType::kBytes, s); }
    static Value of_bool(bool b) {
        Value v;
        v.type = ValueType::kBool;
        v.boolean = b;
        return v;
    }
    static Value of_int(std::int64_t i) {
        Value v;
        v.type = ValueType::kInt;
        v.integer = i;
        return v;
    }
    static Value of_double(double d) {
        Value v;
        v.type = ValueType::kDouble;
        v.number = d;
        return v;
    }
    static Value with_text(ValueType type, std::string_view s) {
        Value v;
        v.type = type;
        v.text = s;
        return v;
    }
};

struct Attribute {
    std::string_view key;
    Value value;
};
// In the order sent; keys may repeat.
using Attributes = std::span<const Attribute>;

}  // namespace skua::model
