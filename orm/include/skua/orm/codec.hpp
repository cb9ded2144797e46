// SPDX-License-Identifier: Apache-2.0
// How a C++ type is kept in a column. A type of yours:
//
//     template <> struct skua::orm::codec<Money> {
//         static constexpr sql_type type{value_kind::integer, 64};
//         static value_view view(const Money& m, scratch&) { return value_view::integer(m.cents); }
//         static bool read(Money& m, value_view v) { m.cents = v.as_integer(); return v.kind() == value_kind::integer;
//         }
//     };
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/time.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm {

// What text is, for databases that have a type of its own for it.
enum class sql_format : std::uint8_t { plain, uuid, json };

// Made into the dialect's own words by the dialect.
struct sql_type {
    value_kind kind = value_kind::null;
    std::uint8_t bits = 0;  // integers: 8, 16, 32, 64; reals: 32, 64
    bool is_unsigned = false;
    sql_format format = sql_format::plain;
};

// Keeps what a view looks at, when the value itself does not, until the statement has run.
class scratch {
public:
    scratch() noexcept = default;
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    ~scratch() {
        if (last_) drop();
    }
    std::string_view keep(std::string text);

private:
    struct kept;
    void drop() noexcept;
    kept* last_ = nullptr;
};

template <class T>
struct codec;

template <class T>
concept has_codec = requires {
    codec<T>::type;
};

namespace detail {
// What is no integer but may be read as one: 3.0 of an aggregate.
bool read_as_integer(value_view from, std::int64_t low, std::int64_t high, std::int64_t& into) noexcept;
// False: not an integer, or out of range (then `into` is untouched).
inline bool read_integer(value_view from, std::int64_t low, std::int64_t high, std::int64_t& into) noexcept {
    if (from.kind() != value_kind::integer) return read_as_integer(from, low, high, into);
    const std::int64_t v = from.as_integer();
    if (v < low || v > high) return false;
    into = v;
    return true;
}
bool read_real(value_view from, double& into) noexcept;
bool read_text(value_view from, std::string& into);
bool read_time(value_view from, std::int64_t& unix_ns) noexcept;

template <class T>
constexpr std::int64_t lowest() {
    return std::is_signed_v<T> ? static_cast<std::int64_t>(std::uint64_t{1} << 63) >> (64 - 8 * sizeof(T)) : 0;
}
template <class T>
constexpr std::int64_t highest() {
    constexpr unsigned bits = 8 * sizeof(T) - (std::is_signed_v<T> ? 1 : 0);
    return static_cast<std::int64_t>((~std::uint64_t{0} >> 1) >> (63 - (bits > 63 ? 63 : bits)));
}
}  // namespace detail

// std::uint64_t above 2^63 is kept as the negative number of the same bits: it comes back equal, but sorts wrongly.
template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct codec<T> {
    static constexpr sql_type type{value_kind::integer, 8 * sizeof(T), std::is_unsigned_v<T>};
    static value_view view(const T& v, scratch&) noexcept { return value_view::integer(static_cast<std::int64_t>(v)); }
    static bool read(T& into, value_view from) noexcept {
        std::int64_t v = 0;
        constexpr bool whole = sizeof(T) == 8;
        if (!detail::read_integer(from, whole ? detail::lowest<std::int64_t>() : detail::lowest<T>(),
                                  detail::highest<T>(), v))
            return false;
        into = static_cast<T>(v);
        return true;
    }
};
template <>
struct codec<bool> {
    static constexpr sql_type type{value_kind::boolean, 8};
    static value_view view(const bool& v, scratch&) noexcept { return value_view::boolean(v); }
    static bool read(bool& into, value_view from) noexcept {
        std::int64_t v = 0;
        if (!detail::read_integer(from, 0, 1, v)) return false;
        into = v != 0;
        return true;
    }
};
template <class T>
requires std::is_floating_point_v<T>
struct codec<T> {
    static constexpr sql_type type{value_kind::real, 8 * (sizeof(T) < 8 ? sizeof(T) : 8)};
    static value_view view(const T& v, scratch&) noexcept { return value_view::real(static_cast<double>(v)); }
    static bool read(T& into, value_view from) noexcept {
        double v = 0;
        if (!detail::read_real(from, v)) return false;
        into = static_cast<T>(v);
        return true;
    }
};
// Enumerations are integers.
template <class T>
requires std::is_enum_v<T>
struct codec<T> {
    using number = std::underlying_type_t<T>;
    static constexpr sql_type type = codec<number>::type;
    static value_view view(const T& v, scratch& s) noexcept { return codec<number>::view(static_cast<number>(v), s); }
    static bool read(T& into, value_view from) noexcept {
        number v{};
        if (!codec<number>::read(v, from)) return false;
        into = static_cast<T>(v);
        return true;
    }
};
template <>
struct codec<std::string> {
    static constexpr sql_type type{value_kind::text};
    static value_view view(const std::string& v, scratch&) noexcept { return value_view::text(v); }
    static bool read(std::string& into, value_view from) { return detail::read_text(from, into); }
};
template <class B>
requires(std::is_same_v<B, std::byte> || std::is_same_v<B, unsigned char>) struct codec<std::vector<B>> {
    static constexpr sql_type type{value_kind::blob};
    static value_view view(const std::vector<B>& v, scratch&) noexcept {
        return value_view::blob({reinterpret_cast<const char*>(v.data()), v.size()});
    }
    static bool read(std::vector<B>& into, value_view from) {
        if (from.kind() != value_kind::blob && from.kind() != value_kind::text) return false;
        const auto* bytes = reinterpret_cast<const B*>(from.as_bytes().data());
        into.assign(bytes, bytes + from.as_bytes().size());
        return true;
    }
};
template <class Duration>
struct codec<std::chrono::time_point<std::chrono::system_clock, Duration>> {
    using moment = std::chrono::time_point<std::chrono::system_clock, Duration>;
    static constexpr sql_type type{value_kind::moment};
    static value_view view(const moment& v, scratch&) noexcept { return value_view::time(to_unix_ns(v)); }
    static bool read(moment& into, value_view from) noexcept {
        std::int64_t ns = 0;
        if (!detail::read_time(from, ns)) return false;
        into = std::chrono::time_point_cast<Duration>(from_unix_ns(ns));
        return true;
    }
};

// A span of time is a number of nanoseconds, as gorm keeps one.
template <class Rep, class Period>
struct codec<std::chrono::duration<Rep, Period>> {
    using span_of_time = std::chrono::duration<Rep, Period>;
    static constexpr sql_type type{value_kind::integer, 64};
    static value_view view(const span_of_time& v, scratch&) noexcept {
        return value_view::integer(std::chrono::duration_cast<std::chrono::nanoseconds>(v).count());
    }
    static bool read(span_of_time& into, value_view from) noexcept {
        std::int64_t ns = 0;
        if (!detail::read_integer(from, detail::lowest<std::int64_t>(), detail::highest<std::int64_t>(), ns))
            return false;
        into = std::chrono::duration_cast<span_of_time>(std::chrono::nanoseconds(ns));
        return true;
    }
};

// Enumerations that are kept as words:
//     template <> struct skua::orm::codec<Mood> : skua::orm::words_codec<codec<Mood>, Mood> {
//         static constexpr std::pair<Mood, std::string_view> words[] = {{Mood::good, "good"}, {Mood::bad, "bad"}};
//     };
// A word that is not among them does not fit; a value that is not is kept as its number.
template <class Self, class E>
struct words_codec {
    static constexpr sql_type type{value_kind::text};
    static value_view view(const E& v, scratch& keeper) {
        for (const auto& [value, word] : Self::words)
            if (value == v) return value_view::text(word);
        return value_view::text(keeper.keep(std::to_string(static_cast<std::int64_t>(v))));
    }
    static bool read(E& into, value_view from) {
        if (from.kind() != value_kind::text) return false;
        for (const auto& [value, word] : Self::words)
            if (word == from.as_bytes()) {
                into = value;
                return true;
            }
        return false;
    }
};

enum class read_status : std::uint8_t { good, null, mismatch };

// What the ORM knows of a member's type: the erased codec.
struct field_ops {
    sql_type type;
    bool nullable;
    value_view (*view)(const void* member, scratch& keeper);
    read_status (*read)(void* member, value_view from);
    bool (*is_zero)(const void* member);
    void (*clear)(void* member);
};

namespace detail {
template <class T>
struct optional_of : std::false_type {
    using type = T;
};
template <class T>
struct optional_of<std::optional<T>> : std::true_type {
    using type = T;
};
template <class T>
using plain_t = typename optional_of<std::remove_cvref_t<T>>::type;

template <class T>
bool is_zero(const T& v) {
    if constexpr (optional_of<T>::value)
        return !v.has_value();
    else if constexpr (requires { v == T{}; })
        return v == T{};
    else
        return false;
}

template <class T>
struct ops {
    using plain = plain_t<T>;
    static_assert(has_codec<plain>, "orm: no codec for the type of this member; specialise skua::orm::codec for it");

    static value_view view(const void* member, scratch& keeper) {
        const T& v = *static_cast<const T*>(member);
        if constexpr (optional_of<T>::value)
            return v ? codec<plain>::view(*v, keeper) : value_view();
        else
            return codec<plain>::view(v, keeper);
    }
    static read_status read(void* member, value_view from) {
        T& v = *static_cast<T*>(member);
        if constexpr (optional_of<T>::value) {
            if (from.is_null()) {
                v.reset();
                return read_status::good;
            }
            return codec<plain>::read(v.emplace(), from) ? read_status::good : read_status::mismatch;
        } else {
            if (from.is_null()) return read_status::null;
            return codec<plain>::read(v, from) ? read_status::good : read_status::mismatch;
        }
    }
    static bool zero(const void* member) { return is_zero(*static_cast<const T*>(member)); }
    static void clear(void* member) { *static_cast<T*>(member) = T{}; }
};

// The types of most columns are compiled once, in the library.
// clang-format off
#define SKUA_ORM_COMMON_TYPES(X) \
    X(bool) X(float) X(double) X(std::string) X(std::vector<std::byte>) X(orm::time) \
    X(std::int8_t) X(std::int16_t) X(std::int32_t) X(std::int64_t) \
    X(std::uint8_t) X(std::uint16_t) X(std::uint32_t) X(std::uint64_t)
// clang-format on
#define SKUA_ORM_COMPILED_ONCE(T)  \
    extern template struct ops<T>; \
    extern template struct ops<std::optional<T>>;
SKUA_ORM_COMMON_TYPES(SKUA_ORM_COMPILED_ONCE)
#undef SKUA_ORM_COMPILED_ONCE
}  // namespace detail

namespace detail {
template <class T>
bool ops_zero(const void* member) {
    return is_zero(*static_cast<const T*>(member));
}
template <class T>
void ops_clear(void* member) {
    *static_cast<T*>(member) = T{};
}
// serializer:json; <skua/orm/json.hpp> says what it can do.
template <class T>
struct json_codec {
    static constexpr bool there = false;
};
// serializer:unixtime: seconds in the member, a time in the database.
template <class T>
struct unixtime_ops {
    static value_view view(const void* member, scratch&) {
        return value_view::time(static_cast<std::int64_t>(*static_cast<const T*>(member)) * 1'000'000'000);
    }
    static read_status read(void* member, value_view from) {
        std::int64_t ns = 0;
        if (from.is_null()) return read_status::null;
        if (!read_time(from, ns)) return read_status::mismatch;
        *static_cast<T*>(member) = static_cast<T>(ns / 1'000'000'000 - (ns % 1'000'000'000 < 0 ? 1 : 0));
        return read_status::good;
    }
};
template <class T>
inline constexpr field_ops unixtime_ops_of{{value_kind::moment},   false,        &unixtime_ops<T>::view,
                                           &unixtime_ops<T>::read, &ops_zero<T>, &ops_clear<T>};
}  // namespace detail

template <class T>
inline constexpr field_ops ops_of{codec<detail::plain_t<T>>::type, detail::optional_of<T>::value,
                                  &detail::ops<T>::view,           &detail::ops<T>::read,
                                  &detail::ops<T>::zero,           &detail::ops<T>::clear};

namespace detail {
template <class T>
inline constexpr bool is_text = std::is_convertible_v<const T&, std::string_view>;
template <class T>
concept list_like = !is_text<T> && !has_codec<T> && requires(const T& t) {
    t.begin();
    t.end();
    t.size();
};
template <class T>
concept value_like = is_text<T> || std::is_same_v<T, std::nullptr_t> || has_codec<plain_t<T>>;

// An argument, as long as it and `keeper` are there.
template <class T>
value_view to_view(const T& v, [[maybe_unused]] scratch& keeper) {
    if constexpr (std::is_same_v<T, std::nullptr_t> || std::is_same_v<T, std::nullopt_t>) {
        return value_view();
    } else if constexpr (optional_of<T>::value) {
        return v ? to_view(*v, keeper) : value_view();
    } else if constexpr (is_text<T>) {
        return value_view::text(std::string_view(v));
    } else {
        static_assert(has_codec<T>, "orm: no codec for the type of this argument; specialise skua::orm::codec for it");
        return codec<T>::view(v, keeper);
    }
}
// An owned value of it.
template <class T>
value to_value(const T& v) {
    scratch keeper;
    return value(to_view(v, keeper));
}
}  // namespace detail

}  // namespace skua::orm
