// SPDX-License-Identifier: Apache-2.0
// Fields of OTLP JSON by protobuf's JSON mapping with OTLP's exceptions (hex ids, enums as numbers too). Includes
// simdjson: only for the .cc files of this folder.
#pragma once

#include "model/ids.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

namespace skua::ingest::otlp {

// Where in the document we are: a chain on the stack, made text only for an error.
struct JsonPath {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    const JsonPath* parent = nullptr;
    std::string_view name;
    std::size_t index = kNone;

    [[nodiscard]] JsonPath at(std::string_view child, std::size_t i = kNone) const { return {this, child, i}; }
    [[nodiscard]] std::string text() const;
};

// How the readers report; caught in the decoder.
struct JsonRefused {
    std::string cause;  // with the path
};
[[noreturn]] void refuse(const JsonPath& path, std::string_view cause);
// "got <type of value>; want <want>"
[[noreturn]] void refuse_type(const JsonPath& path, simdjson::dom::element value, std::string_view want);

// lowerCamelCase as specified, or the field's snake_case name, which protobuf's parsers take too.
bool named(std::string_view key, std::string_view camel);

// Readers: null is the default of the type. All throw JsonRefused for the wrong type or value.
std::string_view read_text(simdjson::dom::element value, const JsonPath& path);
bool read_bool(simdjson::dom::element value, const JsonPath& path);
// Numbers may be text. Doubles without a fraction count as integers.
std::int64_t read_int64(simdjson::dom::element value, const JsonPath& path);
std::uint64_t read_uint64(simdjson::dom::element value, const JsonPath& path);
std::uint32_t read_uint32(simdjson::dom::element value, const JsonPath& path);
// Also "NaN", "Infinity", "-Infinity".
double read_double(simdjson::dom::element value, const JsonPath& path);
// Hex of either case; empty is the zero id.
model::TraceId read_trace_id(simdjson::dom::element value, const JsonPath& path);
model::SpanId read_span_id(simdjson::dom::element value, const JsonPath& path);
// Base64, standard or URL alphabet, padded or not.
std::string read_bytes(simdjson::dom::element value, const JsonPath& path);

// Calls fn(key, value) for each member of an object, in order; nothing for null.
template <class F>
void for_each_member(simdjson::dom::element value, const JsonPath& path, F&& fn) {
    if (value.is_null()) return;
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) refuse_type(path, value, "an object");
    for (const simdjson::dom::key_value_pair member : object) fn(member.key, member.value);
}

// Calls fn(element, path of it) for each element of the array `name`; nothing for null.
template <class F>
void for_each_element(simdjson::dom::element value, const JsonPath& parent, std::string_view name, F&& fn) {
    if (value.is_null()) return;
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) refuse_type(parent.at(name), value, "an array");
    std::size_t index = 0;
    for (const simdjson::dom::element element : array) {
        const JsonPath path = parent.at(name, index++);
        if (element.is_null()) refuse_type(path, element, "a value");
        fn(element, path);
    }
}

// The document's root, an object. The parser owns it.
simdjson::dom::element parse_json(simdjson::dom::parser& parser, std::string_view body);

}  // namespace skua::ingest::otlp
