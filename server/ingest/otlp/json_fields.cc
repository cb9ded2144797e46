// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/json_fields.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace skua::ingest::otlp {
namespace {

using simdjson::dom::element;

constexpr std::size_t kShownMax = 40;  // of a client's text in a message

std::string shown(std::string_view text) {
    return fmt::format("'{}{}'", text.substr(0, kShownMax), text.size() > kShownMax ? "…" : "");
}

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The double as a T when it is one exactly.
template <class T>
std::optional<T> whole(double number) {
    // 2^63 and 2^64 are doubles, the largest integers below them are not.
    const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
    const double lowest = std::is_signed_v<T> ? -limit : 0.0;
    if (!(number >= lowest && number < limit) || number != std::trunc(number)) return std::nullopt;
    return static_cast<T>(number);
}

template <class T>
T read_integer(element value, const JsonPath& path, std::string_view want) {
    if (value.is_null()) return 0;
    T integer = 0;
    if (value.get(integer) == simdjson::SUCCESS) return integer;
    double number = 0;
    std::string_view text;
    std::optional<T> parsed;
    if (value.get(number) == simdjson::SUCCESS) {  // also an integer out of T's range
        parsed = whole<T>(number);
        if (!parsed) refuse(path, fmt::format("got {}; want {}", number, want));
    } else if (value.get(text) == simdjson::SUCCESS) {
        parsed = parse_number<T>(text);
        if (!parsed) refuse(path, fmt::format("got {}; want {}", shown(text), want));
    } else {
        refuse_type(path, value, want);
    }
    return *parsed;
}

template <class Id>
Id read_id(element value, const JsonPath& path, std::size_t digits) {
    const std::string_view text = read_text(value, path);
    if (text.empty()) return Id{};
    if (text.size() != digits) {
        refuse(path, fmt::format("got {} characters; want {} hexadecimal digits", text.size(), digits));
    }
    const auto id = Id::from_hex(text);
    if (!id) refuse(path, fmt::format("got {}; want {} hexadecimal digits", shown(text), digits));
    return *id;
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    if (c == '/' || c == '_') return 63;
    return -1;
}

}  // namespace

std::string JsonPath::text() const {
    std::string out = parent == nullptr ? "" : parent->text();
    if (!out.empty() && !name.empty()) out += '.';
    out += name;
    if (index != kNone) out += fmt::format("[{}]", index);
    return out;
}

void refuse(const JsonPath& path, std::string_view cause) {
    const std::string where = path.text();
    throw JsonRefused{fmt::format("{}{}{}", where, where.empty() ? "" : ": ", cause)};
}

void refuse_type(const JsonPath& path, element value, std::string_view want) {
    std::string_view got = "null";
    switch (value.type()) {
        case simdjson::dom::element_type::ARRAY:
            got = "an array";
            break;
        case simdjson::dom::element_type::OBJECT:
            got = "an object";
            break;
        case simdjson::dom::element_type::INT64:
        case simdjson::dom::element_type::UINT64:
        case simdjson::dom::element_type::DOUBLE:
            got = "a number";
            break;
        case simdjson::dom::element_type::STRING:
            got = "a string";
            break;
        case simdjson::dom::element_type::BOOL:
            got = "a boolean";
            break;
        case simdjson::dom::element_type::NULL_VALUE:
            break;
    }
    refuse(path, fmt::format("got {}; want {}", got, want));
}

bool named(std::string_view key, std::string_view camel) {
    if (key == camel) return true;
    std::size_t k = 0;
    for (const char c : camel) {
        if (is_upper(c) && (k >= key.size() || key[k++] != '_')) return false;
        const char want = is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        if (k >= key.size() || key[k++] != want) return false;
    }
    return k == key.size();
}

std::string_view read_text(element value, const JsonPath& path) {
    if (value.is_null()) return {};
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) refuse_type(path, value, "a string");
    return text;
}

bool read_bool(element value, const JsonPath& path) {
    if (value.is_null()) return false;
    bool boolean = false;
    if (value.get(boolean) != simdjson::SUCCESS) refuse_type(path, value, "a boolean");
    return boolean;
}

std::int64_t read_int64(element value, const JsonPath& path) {
    return read_integer<std::int64_t>(value, path, "a 64-bit integer");
}

std::uint64_t read_uint64(element value, const JsonPath& path) {
    return read_integer<std::uint64_t>(value, path, "an unsigned 64-bit integer");
}

std::uint32_t read_uint32(element value, const JsonPath& path) {
    const std::uint64_t number = read_integer<std::uint64_t>(value, path, "an unsigned 32-bit integer");
    if (number > std::numeric_limits<std::uint32_t>::max()) {
        refuse(path, fmt::format("got {}; want an unsigned 32-bit integer", number));
    }
    return static_cast<std::uint32_t>(number);
}

double read_double(element value, const JsonPath& path) {
    if (value.is_null()) return 0;
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS) return number;
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) refuse_type(path, value, "a number");
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    const auto parsed = parse_number<double>(text);
    if (!parsed || !std::isfinite(*parsed)) refuse(path, fmt::format("got {}; want a number", shown(text)));
    return *parsed;
}

model::TraceId read_trace_id(element value, const JsonPath& path) {
    return read_id<model::TraceId>(value, path, 32);
}

model::SpanId read_span_id(element value, const JsonPath& path) {
    return read_id<model::SpanId>(value, path, 16);
}

std::string read_bytes(element value, const JsonPath& path) {
    std::string_view text = read_text(value, path);
    const std::string_view whole_text = text;
    while (!text.empty() && text.back() == '=' && whole_text.size() - text.size() < 2) text.remove_suffix(1);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int bits_count = 0;
    for (const char c : text) {
        const int digit = base64_digit(c);
        if (digit < 0) refuse(path, fmt::format("got {}; want base64", shown(whole_text)));
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        bits_count += 6;
        if (bits_count < 8) continue;
        bits_count -= 8;
        bytes += static_cast<char>(bits >> bits_count & 0xff);
    }
    if (text.size() % 4 == 1) refuse(path, fmt::format("got {} base64 digits; one is missing", text.size()));
    return bytes;
}

element parse_json(simdjson::dom::parser& parser, std::string_view body) {
    element root;
    const simdjson::error_code error = parser.parse(body.data(), body.size()).get(root);
    if (error != simdjson::SUCCESS) refuse({}, fmt::format("not JSON: {}", simdjson::error_message(error)));
    if (!root.is_object()) refuse_type({}, root, "an object");
    return root;
}

}  // namespace skua::ingest::otlp
