// SPDX-License-Identifier: Apache-2.0
// Field numbers: opentelemetry-proto common.proto v1.10 (AnyValue, ArrayValue, KeyValueList, KeyValue).
#include "model/nested.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace skua::model {
namespace {

using protozero::pbf_wire_type;
constexpr auto kLen = pbf_wire_type::length_delimited;

std::string_view view_of(protozero::pbf_reader& reader) {
    const protozero::data_view view = reader.get_view();
    return {view.data(), view.size()};
}

std::string_view rest_of(const protozero::pbf_reader& reader) {
    return {reader.data().data(), reader.data().size()};
}

bool is_container(ValueType type) {
    return type == ValueType::kArray || type == ValueType::kMap;
}

// May throw protozero::exception.
Value parse_any_value(std::string_view body) {
    Value value;
    bool has_unknown = false;
    protozero::pbf_reader reader(body.data(), body.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case protozero::tag_and_type(1, kLen):
                value = Value::of_string(view_of(reader));
                break;
            case protozero::tag_and_type(2, pbf_wire_type::varint):
                value = Value::of_bool(reader.get_uint64() != 0);
                break;
            case protozero::tag_and_type(3, pbf_wire_type::varint):
                value = Value::of_int(reader.get_int64());
                break;
            case protozero::tag_and_type(4, pbf_wire_type::fixed64):
                value = Value::of_double(reader.get_double());
                break;
            case protozero::tag_and_type(5, kLen):
                value = Value::with_text(ValueType::kArray, view_of(reader));
                break;
            case protozero::tag_and_type(6, kLen):
                value = Value::with_text(ValueType::kMap, view_of(reader));
                break;
            case protozero::tag_and_type(7, kLen):
                value = Value::of_bytes(view_of(reader));
                break;
            default:
                has_unknown = true;
                reader.skip();
        }
    }
    if (has_unknown && value.type == ValueType::kEmpty) return Value::with_text(ValueType::kOpaque, body);
    return value;
}

// A short key and a short string, in the order of their fields: most attributes, read without a loop.
bool read_short_text(std::string_view body, Attribute& out) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(body[i]); };
    if (body.size() < 6 || byte(0) != 0x0a) return false;
    const std::size_t key_size = byte(1);
    if (key_size >= 0x80 || key_size + 6 > body.size()) return false;
    const std::size_t value = key_size + 4;  // behind the tag and length of the value
    const std::size_t value_size = body.size() - value;
    if (byte(value - 2) != 0x12 || value_size >= 0x80 || byte(value - 1) != value_size) return false;
    if (byte(value) != 0x0a || byte(value + 1) != value_size - 2) return false;
    out.key = body.substr(2, key_size);
    out.value = Value::of_string(body.substr(value + 2));
    return true;
}

// May throw protozero::exception.
Attribute parse_key_value(std::string_view body) {
    Attribute attribute;
    if (read_short_text(body, attribute)) return attribute;
    protozero::pbf_reader reader(body.data(), body.size());
    while (reader.next()) {
        switch (reader.tag_and_type()) {
            case protozero::tag_and_type(1, kLen):
                attribute.key = view_of(reader);
                break;
            case protozero::tag_and_type(2, kLen):
                attribute.value = parse_any_value(view_of(reader));
                break;
            default:
                reader.skip();
        }
    }
    return attribute;
}

NestedCheck check_at(const Value& value, int depth) {
    if (!is_container(value.type)) return NestedCheck::kOk;
    if (depth >= kNestingMax) return NestedCheck::kTooDeep;
    NestedReader reader(value);
    Attribute child;
    while (reader.next(child)) {
        const NestedCheck check = check_at(child.value, depth + 1);
        if (check != NestedCheck::kOk) return check;
    }
    return reader.malformed() ? NestedCheck::kMalformed : NestedCheck::kOk;
}

// Length of the well-formed UTF-8 sequence at `text`, 0 when there is none (Unicode 15, table 3-7).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    std::size_t length = 0;
    unsigned low = 0x80;
    unsigned high = 0xBF;
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) length = 2;
    if (first >= 0xE0 && first <= 0xEF) length = 3;
    if (first >= 0xF0 && first <= 0xF4) length = 4;
    if (length == 0 || text.size() < length) return 0;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (byte(1) < low || byte(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
    }
    return length;
}

void append_json(std::string& out, const Value& value, int depth);

void append_json_array(std::string& out, const Value& value, int depth) {
    NestedReader reader(value);
    Attribute child;
    out += '[';
    bool is_first = true;
    while (reader.next(child)) {
        if (!is_first) out += ',';
        is_first = false;
        append_json(out, child.value, depth + 1);
    }
    out += ']';
}

void append_json_map(std::string& out, const Value& value, int depth) {
    std::vector<Attribute> entries;
    NestedReader reader(value);
    Attribute child;
    while (reader.next(child)) entries.push_back(child);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Attribute& a, const Attribute& b) { return a.key < b.key; });
    out += '{';
    bool is_first = true;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        if (i + 1 < entries.size() && entries[i].key == entries[i + 1].key) continue;
        if (!is_first) out += ',';
        is_first = false;
        append_json_string(out, entries[i].key);
        out += ':';
        append_json(out, entries[i].value, depth + 1);
    }
    out += '}';
}

void append_json(std::string& out, const Value& value, int depth) {
    switch (value.type) {
        case ValueType::kString:
            return append_json_string(out, value.text);
        case ValueType::kDouble:
            if (std::isfinite(value.number)) return append_double(out, value.number);
            out += std::isnan(value.number) ? "\"NaN\"" : value.number > 0 ? "\"Infinity\"" : "\"-Infinity\"";
            return;
        case ValueType::kBytes:
            out += '"';
            append_base64(out, value.text);
            out += '"';
            return;
        case ValueType::kArray:
        case ValueType::kMap:
            if (depth >= kNestingMax) break;
            return value.type == ValueType::kArray ? append_json_array(out, value, depth)
                                                   : append_json_map(out, value, depth);
        case ValueType::kBool:
        case ValueType::kInt:
            return append_string_form(out, value);
        case ValueType::kEmpty:
        case ValueType::kOpaque:
            break;
    }
    out += "null";
}

void append_any_value_fields(protozero::pbf_writer& writer, const Value& value) {
    switch (value.type) {
        case ValueType::kEmpty:
            break;
        case ValueType::kString:
            writer.add_bytes(1, value.text.data(), value.text.size());
            break;
        case ValueType::kBool:
            writer.add_bool(2, value.boolean);
            break;
        case ValueType::kInt:
            writer.add_int64(3, value.integer);
            break;
        case ValueType::kDouble:
            writer.add_double(4, value.number);
            break;
        case ValueType::kArray:
            writer.add_bytes(5, value.text.data(), value.text.size());
            break;
        case ValueType::kMap:
            writer.add_bytes(6, value.text.data(), value.text.size());
            break;
        case ValueType::kBytes:
            writer.add_bytes(7, value.text.data(), value.text.size());
            break;
        case ValueType::kOpaque:
            break;  // written by the caller: it is a whole AnyValue already
    }
}

}  // namespace

bool NestedReader::next(Attribute& child) {
    if (!is_container(type_)) return false;
    try {
        protozero::pbf_reader reader(rest_.data(), rest_.size());
        while (reader.next()) {
            if (reader.tag_and_type() != protozero::tag_and_type(1, kLen)) {
                reader.skip();
                continue;
            }
            const std::string_view body = view_of(reader);
            child = type_ == ValueType::kMap ? parse_key_value(body) : Attribute{{}, parse_any_value(body)};
            rest_ = rest_of(reader);
            return true;
        }
    } catch (const protozero::exception&) {
        malformed_ = true;
    }
    rest_ = {};
    return false;
}

NestedCheck check_nested(const Value& value) {
    return check_at(value, 0);
}

std::optional<Value> read_any_value(std::string_view body) {
    try {
        return parse_any_value(body);
    } catch (const protozero::exception&) {
        return std::nullopt;
    }
}

std::optional<Attribute> read_key_value(std::string_view body) {
    try {
        return parse_key_value(body);
    } catch (const protozero::exception&) {
        return std::nullopt;
    }
}

void append_any_value(std::string& out, const Value& value) {
    if (value.type == ValueType::kOpaque) {
        out += value.text;
        return;
    }
    protozero::pbf_writer writer(out);
    append_any_value_fields(writer, value);
}

void append_element(std::string& array_body, const Value& value) {
    std::string element;
    append_any_value(element, value);
    protozero::pbf_writer(array_body).add_bytes(1, element);
}

void append_entry(std::string& map_body, std::string_view key, const Value& value) {
    std::string body;
    append_any_value(body, value);
    std::string entry;
    protozero::pbf_writer writer(entry);
    writer.add_bytes(1, key.data(), key.size());
    writer.add_bytes(2, body);
    protozero::pbf_writer(map_body).add_bytes(1, entry);
}

void append_double(std::string& out, double finite) {
    // Digits from the scientific form: to_chars' fixed form writes digits beyond the shortest for large numbers.
    std::array<char, 32> text{};
    const auto end =
        std::to_chars(text.data(), text.data() + text.size(), std::abs(finite), std::chars_format::scientific);
    const std::string_view scientific(text.data(), static_cast<std::size_t>(end.ptr - text.data()));
    const std::size_t e = scientific.find('e');
    std::string digits(scientific.substr(0, e));
    std::erase(digits, '.');
    int exponent = 0;
    const std::size_t sign = e + 1;
    std::from_chars(scientific.data() + sign + 1, scientific.data() + scientific.size(), exponent);
    if (scientific[sign] == '-') exponent = -exponent;

    if (std::signbit(finite)) out += '-';
    const int count = static_cast<int>(digits.size());
    if (exponent < -6 || exponent >= 21) {
        out += digits[0];
        if (count > 1) out.append(".").append(digits, 1);
        out += exponent < 0 ? "e-" : "e+";
        out += std::to_string(std::abs(exponent));
    } else if (exponent < 0) {
        out.append("0.").append(static_cast<std::size_t>(-exponent) - 1, '0').append(digits);
    } else if (count <= exponent + 1) {
        out.append(digits).append(static_cast<std::size_t>(exponent) + 1 - digits.size(), '0');
    } else {
        out.append(digits, 0, static_cast<std::size_t>(exponent) + 1).append(".");
        out.append(digits, static_cast<std::size_t>(exponent) + 1);
    }
}

void append_base64(std::string& out, std::string_view bytes) {
    static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[group >> (18 - 6 * k) & 63U] : '=';
    }
}

void append_json_string(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out += '"';
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
        const unsigned char c = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            out += "\\ufffd";
        } else if (c == '"' || c == '\\') {
            out.append("\\").append(sequence);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
        } else if (c < 0x20) {
            out.append("\\u00").append(1, kHex[c >> 4]).append(1, kHex[c & 15]);
        } else if (sequence == "\u2028" || sequence == "\u2029") {  // line ends in old JavaScript
            out += sequence == "\u2028" ? "\\u2028" : "\\u2029";
        } else {
            out += sequence;
        }
        text.remove_prefix(sequence.size());
    }
    out += '"';
}

void append_string_form(std::string& out, const Value& value) {
    switch (value.type) {
        case ValueType::kEmpty:
        case ValueType::kOpaque:
            return;
        case ValueType::kString:
            out += value.text;
            return;
        case ValueType::kBool:
            out += value.boolean ? "true" : "false";
            return;
        case ValueType::kInt:
            out += std::to_string(value.integer);
            return;
        case ValueType::kDouble:
            if (std::isfinite(value.number)) return append_double(out, value.number);
            out += "json: unsupported value: ";
            out += std::isnan(value.number) ? "NaN" : value.number > 0 ? "+Inf" : "-Inf";
            return;
        case ValueType::kBytes:
            return append_base64(out, value.text);
        case ValueType::kArray:
        case ValueType::kMap:
            return append_json(out, value, 0);
    }
}

}  // namespace skua::model
