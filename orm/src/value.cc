// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cmath>

#include <skua/orm/codec.hpp>

namespace skua::orm {
namespace {

template <class N>
void append_number(std::string& out, N number) {
    char text[32];
    out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

}  // namespace

void append_literal(std::string& out, value_view v) {
    switch (v.kind()) {
        case value_kind::null:
            out += "NULL";
            return;
        case value_kind::boolean:
            out += v.as_integer() ? "true" : "false";
            return;
        case value_kind::integer:
            return append_number(out, v.as_integer());
        case value_kind::real:
            return append_number(out, v.as_real());
        case value_kind::moment: {
            char text[time_text_max];
            out += '\'';
            out.append(text, format_time(text, v.as_integer()));
            out += '\'';
            return;
        }
        case value_kind::text:
            out += '\'';
            for (const char ch : v.as_bytes()) {
                if (ch == '\'') out += '\'';
                out += ch;
            }
            out += '\'';
            return;
        case value_kind::blob: {
            static constexpr char digits[] = "0123456789abcdef";
            out += "x'";
            for (const char ch : v.as_bytes()) {
                const auto byte = static_cast<unsigned char>(ch);
                out += digits[byte >> 4];
                out += digits[byte & 15];
            }
            out += '\'';
            return;
        }
    }
}

namespace detail {

namespace {

bool read_decimal(value_view from, double& into) noexcept {
    if (!from.is_decimal()) return false;
    const std::string_view text = from.as_bytes();
    return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc();
}

// 42 or 42.000, exactly.
bool read_whole_decimal(value_view from, std::int64_t& into) noexcept {
    if (!from.is_decimal()) return false;
    const std::string_view text = from.as_bytes();
    const auto [stop, bad] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (bad != std::errc()) return false;
    const std::string_view rest = text.substr(static_cast<std::size_t>(stop - text.data()));
    return rest.empty() || (rest[0] == '.' && rest.find_first_not_of('0', 1) == std::string_view::npos);
}

}  // namespace

bool read_as_integer(value_view from, std::int64_t low, std::int64_t high, std::int64_t& into) noexcept {
    std::int64_t v = 0;
    if (from.kind() == value_kind::integer || from.kind() == value_kind::boolean) {
        v = from.as_integer();
    } else if (from.kind() == value_kind::real) {  // 3.0 of an aggregate
        const double d = from.as_real();
        if (!(d >= -9.2e18 && d <= 9.2e18) || d != std::floor(d)) return false;
        v = static_cast<std::int64_t>(d);
    } else if (!read_whole_decimal(from, v)) {
        return false;
    }
    if (v < low || v > high) return false;
    into = v;
    return true;
}

bool read_real(value_view from, double& into) noexcept {
    if (from.kind() == value_kind::real)
        into = from.as_real();
    else if (from.kind() == value_kind::integer)
        into = static_cast<double>(from.as_integer());
    else
        return read_decimal(from, into);
    return true;
}

bool read_text(value_view from, std::string& into) {
    switch (from.kind()) {
        case value_kind::text:
        case value_kind::blob:
            into.assign(from.as_bytes());
            return true;
        case value_kind::integer:
        case value_kind::boolean:
            into.clear();
            append_number(into, from.as_integer());
            return true;
        case value_kind::real:
            into.clear();
            append_number(into, from.as_real());
            return true;
        case value_kind::moment: {
            char text[time_text_max];
            into.assign(text, format_time(text, from.as_integer()));
            return true;
        }
        default:
            return false;
    }
}

bool read_time(value_view from, std::int64_t& unix_ns) noexcept {
    if (from.kind() == value_kind::moment) {
        unix_ns = from.as_integer();
        return true;
    }
    return from.kind() == value_kind::text && parse_time(from.as_bytes(), unix_ns);
}

}  // namespace detail
}  // namespace skua::orm
