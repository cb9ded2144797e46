// SPDX-License-Identifier: Apache-2.0
// A value on its way to or from a database: null, boolean, integer, real, time, text or bytes. Everything else a model
// can hold is made of these by its codec.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace skua::orm {

enum class value_kind : std::uint8_t { null, boolean, integer, real, moment, text, blob };

// Looks at a value owned by somebody else. Cheap to copy; text and bytes must outlive it.
class value_view {
public:
    constexpr value_view() noexcept : integer_(0) {}
    static constexpr value_view boolean(bool v) noexcept { return value_view(value_kind::boolean, v ? 1 : 0); }
    static constexpr value_view integer(std::int64_t v) noexcept { return value_view(value_kind::integer, v); }
    // Nanoseconds since the Unix epoch, UTC. The driver writes them as its database likes.
    static constexpr value_view time(std::int64_t ns) noexcept { return value_view(value_kind::moment, ns); }
    static constexpr value_view real(double v) noexcept { return value_view(v); }
    static constexpr value_view text(std::string_view v) noexcept { return value_view(value_kind::text, v); }
    // A number in decimal digits, exactly as the database has it: text that number members read, too.
    static constexpr value_view decimal(std::string_view v) noexcept {
        value_view made(value_kind::text, v);
        made.decimal_ = true;
        return made;
    }
    static constexpr value_view blob(std::string_view v) noexcept { return value_view(value_kind::blob, v); }

    [[nodiscard]] constexpr value_kind kind() const noexcept { return kind_; }
    [[nodiscard]] constexpr bool is_decimal() const noexcept { return decimal_; }
    [[nodiscard]] constexpr bool is_null() const noexcept { return kind_ == value_kind::null; }
    // REQUIRES: the kind asked for (integer also for boolean and time, bytes for text and blob).
    [[nodiscard]] constexpr std::int64_t as_integer() const noexcept { return integer_; }
    [[nodiscard]] constexpr double as_real() const noexcept { return real_; }
    [[nodiscard]] constexpr std::string_view as_bytes() const noexcept { return {bytes_, size_}; }

private:
    constexpr value_view(value_kind kind, std::int64_t v) noexcept : integer_(v), kind_(kind) {}
    constexpr explicit value_view(double v) noexcept : real_(v), kind_(value_kind::real) {}
    constexpr value_view(value_kind kind, std::string_view v) noexcept
        : bytes_(v.data() ? v.data() : ""), size_(v.size()), kind_(kind) {}

    union {
        std::int64_t integer_;
        double real_;
        const char* bytes_;
    };
    std::size_t size_ = 0;
    value_kind kind_ = value_kind::null;
    bool decimal_ = false;
};

// 3, 1.5, true, NULL, 'it''s', x'00ff'. For people (to_sql, logs with values switched on), never sent to a database.
void append_literal(std::string& out, value_view value);

// Owns its text and bytes.
class value {
public:
    value() noexcept = default;
    value(value_view from);
    value(const value& other);
    value(value&& other) noexcept;
    value& operator=(const value& other);
    value& operator=(value&& other) noexcept;
    ~value();
    static value text(std::string v);
    static value blob(std::string v);

    [[nodiscard]] value_view view() const noexcept {
        if (view_.kind() == value_kind::text) return value_view::text(text_);
        return view_.kind() == value_kind::blob ? value_view::blob(text_) : view_;
    }

private:
    value(value_kind kind, std::string&& v);

    value_view view_;
    std::string text_;
};

}  // namespace skua::orm
