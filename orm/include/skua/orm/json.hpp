// SPDX-License-Identifier: Apache-2.0
// JSON in a column. orm::json keeps text as it is; the tag "serializer:json" keeps any member made of numbers, text,
// booleans, optionals, vectors, string maps and described structs. Include it before the models that use the tag.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <skua/orm/codec.hpp>
#include <skua/orm/model.hpp>

namespace skua::orm {

// JSON text, checked when it is written and when it is read.
struct json {
    std::string text = "null";
    friend bool operator==(const json&, const json&) = default;
};

namespace detail {
bool is_json(std::string_view text) noexcept;

// Walks through JSON text; once it fails it stays failed. Nesting is bounded.
class json_reader {
public:
    explicit json_reader(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}
    [[nodiscard]] bool good() const noexcept { return good_; }
    // Nothing but space is left.
    [[nodiscard]] bool at_end() noexcept;
    bool null() noexcept;  // true: there was one
    bool boolean(bool& into) noexcept;
    bool integer(std::int64_t low, std::uint64_t high, std::int64_t& into) noexcept;
    bool real(double& into) noexcept;
    bool text(std::string& into);
    // begin('['), then while (more(']', first)) a value.
    bool begin(char open) noexcept;
    bool more(char close, bool& first) noexcept;
    bool key(std::string& into);
    // Whatever value comes, as it stands there.
    bool raw(std::string_view& value) noexcept;
    // Null, boolean, number or text; text is kept in `keeper`. False: it is an array or an object.
    bool scalar(value_view& into, scratch& keeper);

private:
    void space() noexcept;
    bool expect(char ch) noexcept;
    bool fail() noexcept {
        good_ = false;
        return false;
    }
    bool word(std::string_view what) noexcept;
    bool escape(std::string* into);
    bool quoted(std::string* into);
    bool unicode(unsigned& into) noexcept;
    bool number(std::string_view& text) noexcept;
    bool skip() noexcept;

    const char* at_;
    const char* end_;
    int depth_ = 0;
    bool good_ = true;
};

void json_text(std::string& out, std::string_view text);
void json_integer(std::string& out, std::int64_t v);
void json_unsigned(std::string& out, std::uint64_t v);
void json_real(std::string& out, double v);  // null when it is no number

template <class T>
inline constexpr bool is_string_map = false;
template <class V, class C, class A>
inline constexpr bool is_string_map<std::map<std::string, V, C, A>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class V, class A>
inline constexpr bool is_vector<std::vector<V, A>> = true;

template <class T>
void json_write(std::string& out, const T& v);
template <class T>
bool json_read(json_reader& from, T& into);

// A described struct: an object whose members are named by their columns and kept as their codecs keep them.
void json_write_fields(std::string& out, const model_info& info, const void* object);
bool json_read_fields(json_reader& from, const model_info& info, void* object);

template <class T>
void json_write(std::string& out, const T& v) {
    if constexpr (optional_of<T>::value) {
        v ? json_write(out, *v) : static_cast<void>(out += "null");
    } else if constexpr (std::is_same_v<T, bool>) {
        out += v ? "true" : "false";
    } else if constexpr (std::is_enum_v<T>) {
        json_integer(out, static_cast<std::int64_t>(v));
    } else if constexpr (std::is_unsigned_v<T>) {
        json_unsigned(out, v);
    } else if constexpr (std::is_integral_v<T>) {
        json_integer(out, v);
    } else if constexpr (std::is_floating_point_v<T>) {
        json_real(out, static_cast<double>(v));
    } else if constexpr (std::is_same_v<T, json>) {
        out += v.text;
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        json_text(out, v);
    } else if constexpr (is_string_map<T>) {
        out += '{';
        bool first = true;
        for (const auto& [name, value] : v) {
            if (!first) out += ',';
            first = false;
            json_text(out, name);
            out += ':';
            json_write(out, value);
        }
        out += '}';
    } else if constexpr (is_vector<T>) {
        out += '[';
        for (std::size_t i = 0; i < v.size(); ++i) {
            if (i) out += ',';
            json_write<typename T::value_type>(out, v[i]);
        }
        out += ']';
    } else {
        static_assert(described<T>,
                      "orm: serializer:json cannot write a member of this type: describe it (SKUA_COLUMNS)");
        json_write_fields(out, info_of<T>(), &v);
    }
}

template <class T>
bool json_read(json_reader& from, T& into) {
    if constexpr (optional_of<T>::value) {
        if (from.null()) {
            into.reset();
            return true;
        }
        return json_read(from, into.emplace());
    } else if constexpr (std::is_same_v<T, bool>) {
        return from.boolean(into);
    } else if constexpr (std::is_enum_v<T>) {
        std::underlying_type_t<T> number{};
        if (!json_read(from, number)) return false;
        into = static_cast<T>(number);
        return true;
    } else if constexpr (std::is_integral_v<T>) {
        std::int64_t n = 0;
        constexpr auto high = static_cast<std::uint64_t>(highest<T>());
        if (!from.integer(lowest<T>(), std::is_unsigned_v<T> && sizeof(T) == 8 ? ~std::uint64_t{0} : high, n))
            return false;
        into = static_cast<T>(n);
        return true;
    } else if constexpr (std::is_floating_point_v<T>) {
        double d = 0;
        if (!from.real(d)) return false;
        into = static_cast<T>(d);
        return true;
    } else if constexpr (std::is_same_v<T, std::string>) {
        return from.text(into);
    } else if constexpr (is_string_map<T>) {
        into.clear();
        if (!from.begin('{')) return false;
        bool first = true;
        std::string name;
        while (from.more('}', first))
            if (!from.key(name) || !json_read(from, into[name])) return false;
        return from.good();
    } else if constexpr (is_vector<T>) {
        into.clear();
        if (!from.begin('[')) return false;
        bool first = true;
        while (from.more(']', first)) {
            typename T::value_type one{};
            if (!json_read(from, one)) return false;
            into.push_back(std::move(one));
        }
        return from.good();
    } else {
        return json_read_fields(from, info_of<T>(), &into);
    }
}

template <class T>
struct json_ops {
    static value_view view(const void* member, scratch& keeper) {
        std::string out;
        json_write(out, *static_cast<const T*>(member));
        return value_view::text(keeper.keep(std::move(out)));
    }
    static read_status read(void* member, value_view from) {
        T& v = *static_cast<T*>(member);
        if (from.is_null() || (from.kind() == value_kind::text && from.as_bytes().empty())) {
            v = T{};  // as gorm: no JSON is the zero value
            return read_status::good;
        }
        if (from.kind() != value_kind::text && from.kind() != value_kind::blob) return read_status::mismatch;
        json_reader reader(from.as_bytes());
        return json_read(reader, v) && reader.at_end() ? read_status::good : read_status::mismatch;
    }
};
template <class T>
requires(!std::is_void_v<T>) struct json_codec<T> {
    static constexpr bool there = true;
    static constexpr field_ops ops{{value_kind::text, 0, false, sql_format::json},
                                   optional_of<T>::value,
                                   &json_ops<T>::view,
                                   &json_ops<T>::read,
                                   &orm::detail::ops_zero<T>,
                                   &orm::detail::ops_clear<T>};
};
}  // namespace detail

template <>
struct codec<json> {
    static constexpr sql_type type{value_kind::text, 0, false, sql_format::json};
    static value_view view(const json& v, scratch&) noexcept { return value_view::text(v.text); }
    static bool read(json& into, value_view from) {
        if (from.kind() != value_kind::text && from.kind() != value_kind::blob) return false;
        into.text = from.as_bytes();
        return detail::is_json(into.text);
    }
};

}  // namespace skua::orm
