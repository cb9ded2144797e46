// SPDX-License-Identifier: Apache-2.0
// Numbers of types are those of pg_type.dat, which never change.
#include "values.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <limits>

#include <skua/orm/time.hpp>

namespace skua::orm::detail::postgres {
namespace {

enum : type_id {
    t_bool = 16,
    t_bytea = 17,
    t_char = 18,
    t_name = 19,
    t_int8 = 20,
    t_int2 = 21,
    t_int4 = 23,
    t_text = 25,
    t_oid = 26,
    t_json = 114,
    t_xml = 142,
    t_float4 = 700,
    t_float8 = 701,
    t_bpchar = 1042,
    t_varchar = 1043,
    t_date = 1082,
    t_timestamp = 1114,
    t_timestamptz = 1184,
    t_numeric = 1700,
    t_uuid = 2950,
    t_jsonb = 3802,
};

// Moments are counted from 2000-01-01.
constexpr std::int64_t epoch_s = 946'684'800;
constexpr std::int64_t epoch_day = 10'957;
constexpr std::int64_t least_us = (std::numeric_limits<std::int64_t>::min() / 1000) + 1;
constexpr std::int64_t most_us = (std::numeric_limits<std::int64_t>::max() / 1000) - 1;

template <class N>
N swapped(const char* from) noexcept {
    N n;
    std::memcpy(&n, from, sizeof n);
    if constexpr (std::endian::native == std::endian::little) {
        if constexpr (sizeof n == 2) n = static_cast<N>(__builtin_bswap16(static_cast<std::uint16_t>(n)));
        if constexpr (sizeof n == 4) n = static_cast<N>(__builtin_bswap32(static_cast<std::uint32_t>(n)));
        if constexpr (sizeof n == 8) n = static_cast<N>(__builtin_bswap64(static_cast<std::uint64_t>(n)));
    }
    return n;
}

bool is_words(type_id type) noexcept {
    return type == t_text || type == t_varchar || type == t_bpchar || type == t_name || type == t_json || type == t_xml;
}

status does_not_fit(int number, std::string_view type) {
    status s = fail(errc::invalid_value, "value " + std::to_string(number) + " does not fit into " + std::string(type));
    s.error().sqlstate = "22003";
    return s;
}

template <class N>
std::string number_text(N n) {
    char text[40];
    return {text, std::to_chars(text, text + sizeof text, n).ptr};
}

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
    return a / b - (a % b < 0 ? 1 : 0);
}

int hex_digit(char ch) noexcept {
    if (ch >= '0' && ch <= '9') return ch - '0';
    if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
    return ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

// 16 bytes of a UUID's text, with or without its dashes and braces.
bool uuid_bytes(std::string_view text, char (&into)[16]) noexcept {
    std::size_t digits = 0;
    for (const char ch : text) {
        if (ch == '-' || ch == '{' || ch == '}') continue;
        const int d = hex_digit(ch);
        if (d < 0 || digits == 32) return false;
        const auto byte = static_cast<unsigned char>(into[digits / 2]);
        into[digits / 2] = static_cast<char>(digits % 2 ? byte | d : d << 4);
        ++digits;
    }
    return digits == 32;
}

}  // namespace

bool reads_binary(type_id type) noexcept {
    switch (type) {
        case t_bool:
        case t_bytea:
        case t_char:
        case t_int2:
        case t_int4:
        case t_int8:
        case t_oid:
        case t_float4:
        case t_float8:
        case t_date:
        case t_timestamp:
        case t_timestamptz:
        case t_uuid:
        case t_jsonb:
            return true;
        default:
            return is_words(type);
    }
}

// ---- parameters

void parameters::reset(std::size_t count) {
    if (numbers_.size() < count) numbers_.resize(count);
    texts_used_ = 0;
    data_.clear();
    lengths_.clear();
    formats_.clear();
}

status parameters::binary(std::string_view bytes) {
    if (bytes.size() > std::size_t{std::numeric_limits<int>::max()}) return does_not_fit(count() + 1, "one message");
    data_.push_back(bytes.data());
    lengths_.push_back(static_cast<int>(bytes.size()));
    formats_.push_back(1);
    return ok;
}

status parameters::text(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        status s = fail(errc::invalid_value, "value " + std::to_string(count() + 1) + " has a zero byte in its text");
        s.error().sqlstate = "22021";
        return s;
    }
    if (texts_used_ == texts_.size()) texts_.emplace_back();
    std::string& kept = texts_[texts_used_++];
    kept = text;
    data_.push_back(kept.c_str());
    lengths_.push_back(static_cast<int>(kept.size()));
    formats_.push_back(0);
    return ok;
}

status parameters::number(std::uint64_t bits, int size) {
    char* to = numbers_[data_.size()].at;
    for (int i = 0; i < size; ++i) to[i] = static_cast<char>(bits >> (8 * (size - 1 - i)));
    return binary({to, static_cast<std::size_t>(size)});
}

status parameters::integer(std::int64_t v, type_id type) {
    switch (type) {
        case t_int8:
            return number(static_cast<std::uint64_t>(v), 8);
        case t_int4:
            if (v < std::numeric_limits<std::int32_t>::min() || v > std::numeric_limits<std::int32_t>::max())
                return does_not_fit(count() + 1, "integer");
            return number(static_cast<std::uint64_t>(v), 4);
        case t_int2:
            if (v < std::numeric_limits<std::int16_t>::min() || v > std::numeric_limits<std::int16_t>::max())
                return does_not_fit(count() + 1, "smallint");
            return number(static_cast<std::uint64_t>(v), 2);
        case t_oid:
            if (v < 0 || v > std::int64_t{std::numeric_limits<std::uint32_t>::max()})
                return does_not_fit(count() + 1, "oid");
            return number(static_cast<std::uint64_t>(v), 4);
        case t_bool:
            if (v != 0 && v != 1) return does_not_fit(count() + 1, "boolean");
            return number(static_cast<std::uint64_t>(v), 1);
        case t_float4:
        case t_float8:
            return real(static_cast<double>(v), type);
        default:
            return text(number_text(v));
    }
}

status parameters::real(double v, type_id type) {
    if (type == t_float8) return number(std::bit_cast<std::uint64_t>(v), 8);
    if (type == t_float4) return number(std::bit_cast<std::uint32_t>(static_cast<float>(v)), 4);
    return text(number_text(v));
}

status parameters::moment(std::int64_t ns, type_id type) {
    if (type == t_timestamptz || type == t_timestamp) {
        const std::int64_t us = floor_div(ns, 1000) + (ns - floor_div(ns, 1000) * 1000 >= 500 ? 1 : 0);
        return number(static_cast<std::uint64_t>(us - epoch_s * 1'000'000), 8);
    }
    if (type == t_date) return number(static_cast<std::uint64_t>(floor_div(ns, 86'400'000'000'000) - epoch_day), 4);
    char written[time_text_max];
    return text({written, format_time(written, ns)});
}

status parameters::words(std::string_view v, type_id type) {
    if (is_words(type)) return binary(v);
    char bytes[16];
    if (type == t_uuid && uuid_bytes(v, bytes)) {
        if (texts_used_ == texts_.size()) texts_.emplace_back();
        std::string& kept = texts_[texts_used_++];
        kept.assign(bytes, 16);
        return binary(kept);
    }
    return text(v);
}

status parameters::add(value_view v, type_id type) {
    switch (v.kind()) {
        case value_kind::null:
            data_.push_back(nullptr);
            lengths_.push_back(0);
            formats_.push_back(0);
            return ok;
        case value_kind::boolean:
            if (type == t_text || type == t_varchar) return text(v.as_integer() ? "true" : "false");
            [[fallthrough]];
        case value_kind::integer:
            return integer(v.as_integer(), type);
        case value_kind::real:
            return real(v.as_real(), type);
        case value_kind::moment:
            return moment(v.as_integer(), type);
        case value_kind::text:
            return words(v.as_bytes(), type);
        case value_kind::blob:
            if (type == t_bytea || (type == t_uuid && v.as_bytes().size() == 16)) return binary(v.as_bytes());
            return words(v.as_bytes(), type);
    }
    return ok;
}

status parameters::add_untyped(value_view v) {
    if (v.kind() == value_kind::blob) return binary(v.as_bytes());
    if (v.kind() == value_kind::boolean) return text(v.as_integer() ? "true" : "false");
    return add(v, 0);
}

// ---- columns

namespace {

value_view moment_of(std::int64_t us, std::string& keeper) {
    const std::int64_t unix_us = us + epoch_s * 1'000'000;
    if (us == std::numeric_limits<std::int64_t>::max() || us == std::numeric_limits<std::int64_t>::min()) {
        keeper = us < 0 ? "-infinity" : "infinity";
        return value_view::text(keeper);
    }
    if (unix_us < least_us || unix_us > most_us) {
        keeper = "a time beyond 1677 to 2262";
        return value_view::text(keeper);
    }
    return value_view::time(unix_us * 1000);
}

value_view date_of(std::int32_t days, std::string& keeper) {
    const std::int64_t unix_days = days + epoch_day;
    if (unix_days < -106'000 || unix_days > 106'000) {
        keeper = "a date beyond 1677 to 2262";
        return value_view::text(keeper);
    }
    char text[time_text_max];
    format_time(text, unix_days * 86'400'000'000'000);
    keeper.assign(text, 10);
    return value_view::text(keeper);
}

value_view uuid_of(std::string_view bytes, std::string& keeper) {
    static constexpr char digits[] = "0123456789abcdef";
    keeper.clear();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) keeper += '-';
        const auto byte = static_cast<unsigned char>(bytes[i]);
        keeper += digits[byte >> 4];
        keeper += digits[byte & 15];
    }
    return value_view::text(keeper);
}

std::size_t width_of(type_id type) noexcept {
    switch (type) {
        case t_bool:
        case t_char:
            return 1;
        case t_int2:
            return 2;
        case t_int4:
        case t_oid:
        case t_float4:
        case t_date:
            return 4;
        case t_int8:
        case t_float8:
        case t_timestamp:
        case t_timestamptz:
            return 8;
        case t_uuid:
            return 16;
        default:
            return 0;
    }
}

}  // namespace

value_view read_binary(std::string_view bytes, type_id type, std::string& keeper) {
    if (const std::size_t want = width_of(type); want && want != bytes.size()) return value_view::blob(bytes);
    switch (type) {
        case t_bool:
            return value_view::boolean(bytes[0] != 0);
        case t_int2:
            return value_view::integer(swapped<std::int16_t>(bytes.data()));
        case t_int4:
            return value_view::integer(swapped<std::int32_t>(bytes.data()));
        case t_oid:
            return value_view::integer(swapped<std::uint32_t>(bytes.data()));
        case t_int8:
            return value_view::integer(swapped<std::int64_t>(bytes.data()));
        case t_float4:
            return value_view::real(std::bit_cast<float>(swapped<std::uint32_t>(bytes.data())));
        case t_float8:
            return value_view::real(std::bit_cast<double>(swapped<std::uint64_t>(bytes.data())));
        case t_timestamp:
        case t_timestamptz:
            return moment_of(swapped<std::int64_t>(bytes.data()), keeper);
        case t_date:
            return date_of(swapped<std::int32_t>(bytes.data()), keeper);
        case t_uuid:
            return uuid_of(bytes, keeper);
        case t_jsonb:  // a byte for its version stands before the text
            return value_view::text(bytes.empty() ? bytes : bytes.substr(1));
        case t_bytea:
            return value_view::blob(bytes);
        default:
            return value_view::text(bytes);
    }
}

value_view read_text(std::string_view text, type_id type, std::string& keeper) {
    const char* end = text.data() + text.size();
    switch (type) {
        case t_bool:
            return value_view::boolean(text == "t");
        case t_int2:
        case t_int4:
        case t_int8:
        case t_oid: {
            std::int64_t v = 0;
            const auto [stop, bad] = std::from_chars(text.data(), end, v);
            return bad == std::errc() && stop == end ? value_view::integer(v) : value_view::text(text);
        }
        case t_float4:
        case t_float8: {
            double v = 0;
            const auto [stop, bad] = std::from_chars(text.data(), end, v);
            if (bad == std::errc() && stop == end) return value_view::real(v);
            if (text == "NaN") return value_view::real(std::numeric_limits<double>::quiet_NaN());
            const double infinite = std::numeric_limits<double>::infinity();
            return value_view::real(text.starts_with('-') ? -infinite : infinite);
        }
        case t_timestamp:
        case t_timestamptz: {
            std::int64_t ns = 0;
            return parse_time(text, ns) ? value_view::time(ns) : value_view::text(text);
        }
        case t_numeric:
            return value_view::decimal(text);
        case t_bytea: {
            if (!text.starts_with("\\x")) return value_view::blob(text);
            keeper.clear();
            for (std::size_t i = 2; i + 1 < text.size(); i += 2)
                keeper += static_cast<char>(hex_digit(text[i]) << 4 | hex_digit(text[i + 1]));
            return value_view::blob(keeper);
        }
        default:
            return value_view::text(text);
    }
}

}  // namespace skua::orm::detail::postgres
