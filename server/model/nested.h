// SPDX-License-Identifier: Apache-2.0
// Reads and builds the values that have values inside (kArray, kMap, kOpaque).
//
// A Value keeps such a value in OTLP's own encoding, the body of a serialized ArrayValue or KeyValueList: it is stored
// and sent back without being touched, and read only when someone looks inside. This is the one place in model that
// knows a wire format; everyone else sees Values.
//
// Any bytes may be given to the readers: malformed ones are reported, never crash, and no more than kNestingMax levels
// are entered. Views point into the bytes given.
#pragma once

#include "model/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace skua::model {

// Containers inside one another; an array of integers has one level.
inline constexpr int kNestingMax = 32;

// Walks the direct children of a kArray (keys are empty) or a kMap. Other types have none.
class NestedReader {
public:
    explicit NestedReader(const Value& container) : rest_(container.text), type_(container.type) {}

    // False at the end, and at the first malformed byte.
    bool next(Attribute& child);
    [[nodiscard]] bool malformed() const { return malformed_; }

private:
    std::string_view rest_;
    ValueType type_;
    bool malformed_ = false;
};

enum class NestedCheck : std::uint8_t { kOk, kMalformed, kTooDeep };
// Looks at every level. Decoders call it once per value, so that readers of stored values meet well-formed ones.
NestedCheck check_nested(const Value& value);

// The body of a serialized AnyValue. The last known field wins; when there is none but there are unknown ones, the
// whole body is kept as kOpaque. Nothing inside a container is checked. Nothing when the bytes are malformed.
std::optional<Value> read_any_value(std::string_view body);
// The body of a serialized KeyValue.
std::optional<Attribute> read_key_value(std::string_view body);

// Builders: each appends to a body, so that a container is made from the inside out and then used as the `text` of
// Value::with_text(kArray or kMap, body).
void append_element(std::string& array_body, const Value& value);
void append_entry(std::string& map_body, std::string_view key, const Value& value);
// The body of an AnyValue; empty for kEmpty.
void append_any_value(std::string& out, const Value& value);

// The text that a Value is searched by, Jaeger's rule (pdata's AsString): strings as they are, `true`, decimal
// integers, doubles as JavaScript writes them (shortest digits, exponent below 1e-6 and from 1e21; `json: unsupported
// value: NaN`, `+Inf`, `-Inf` for the others), bytes in base64, arrays and maps as JSON (keys sorted, the last of equal
// keys, no escaping of HTML, empty values null, doubles that JSON does not have as the strings "NaN", "Infinity",
// "-Infinity"). Nothing for kEmpty and kOpaque. What is malformed or nested too deep inside is written as null.
void append_string_form(std::string& out, const Value& value);

// Parts of the above for those who write JSON or text themselves.
void append_double(std::string& out, double finite);
void append_base64(std::string& out, std::string_view bytes);
// With the quotes; bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace skua::model
