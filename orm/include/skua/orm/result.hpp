// SPDX-License-Identifier: Apache-2.0
// status: done, or an error. result<T>: a value, or an error. Both are one pointer wide when all is well.
#pragma once

#include <cstdint>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include <skua/orm/error.hpp>

namespace skua::orm {
class status;
namespace detail {
error* clone(const error& from);
void destroy(error* which) noexcept;
[[noreturn]] void raise(error&& which);
struct in_place {};
struct later {};
[[noreturn]] void wrong_access();  // value() of a failure, error() of a success: a bug of the caller
status ok_is_no_failure();
}  // namespace detail

class [[nodiscard]] status {
public:
    constexpr status() noexcept = default;
    status(orm::error failure);  // NOLINT(google-explicit-constructor): returns read plainly
    constexpr status(const status& other) : error_(other.error_ ? detail::clone(*other.error_) : nullptr) {}
    constexpr status(status&& other) noexcept : error_(std::exchange(other.error_, nullptr)) {}
    constexpr status& operator=(status other) noexcept {
        std::swap(error_, other.error_);
        return *this;
    }
    constexpr ~status() {
        if (error_) detail::destroy(error_);
    }

    [[nodiscard]] constexpr explicit operator bool() const noexcept { return !error_; }
    [[nodiscard]] constexpr bool has_error() const noexcept { return error_; }
    // REQUIRES: failed.
    [[nodiscard]] const orm::error& error() const& {
        if (!error_) detail::wrong_access();
        return *error_;
    }
    [[nodiscard]] orm::error& error() & {
        if (!error_) detail::wrong_access();
        return *error_;
    }
    void or_throw() const {
        if (error_) detail::raise(orm::error(*error_));
    }

private:
    orm::error* error_ = nullptr;
};

inline constexpr status ok{};
// The word a hook or callback says no with.
status fail(std::string_view message);
status fail(errc code, std::string_view message);

// What a write did.
struct done {
    std::int64_t rows_affected = 0;
};

namespace detail {
// What of a result does not depend on its type.
class result_state {
public:
    [[nodiscard]] explicit operator bool() const noexcept { return has_value_; }
    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    // REQUIRES: failed.
    [[nodiscard]] const orm::error& error() const& { return failure_.error(); }
    [[nodiscard]] orm::error& error() & { return failure_.error(); }

protected:
    constexpr explicit result_state(bool has_value) noexcept : has_value_(has_value) {}
    explicit result_state(orm::error&& failure) : failure_(std::move(failure)) {}
    // REQUIRES: failed.
    explicit result_state(status&& failed) : failure_(failed ? ok_is_no_failure() : std::move(failed)) {}
    void require_value() const {
        if (!has_value_) wrong_access();
    }
    void raise_failure() const {
        if (!has_value_) raise(orm::error(failure_.error()));
    }

    status failure_;
    bool has_value_ = false;
};
}  // namespace detail

template <class T>
class [[nodiscard]] result : public detail::result_state {
public:
    using value_type = T;

    result(T&& value) noexcept(std::is_nothrow_move_constructible_v<T>)  // NOLINT(google-explicit-constructor)
        : result_state(true), value_(static_cast<T&&>(value)) {}
    result(const T& value) : result_state(true), value_(value) {}  // NOLINT(google-explicit-constructor)
    // A default-constructed value, to be filled in place.
    explicit result(detail::in_place) : result_state(true), value_() {}
    // Room for a value: whoever makes one there says keep().
    explicit result(detail::later) noexcept : result_state(false), empty_() {}
    result(orm::error failure) : result_state(std::move(failure)), empty_() {}  // NOLINT(google-explicit-constructor)
    // REQUIRES: failed.
    result(status failed) : result_state(std::move(failed)), empty_() {}  // NOLINT(google-explicit-constructor)
    result(const result& other) : result_state(other) {
        if (has_value_) new (&value_) T(other.value_);
    }
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : result_state(static_cast<result_state&&>(other)) {
        if (has_value_) new (&value_) T(static_cast<T&&>(other.value_));
    }
    result& operator=(result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
        if (has_value_) value_.~T();
        result_state::operator=(static_cast<result_state&&>(other));
        if (has_value_) new (&value_) T(static_cast<T&&>(other.value_));
        return *this;
    }
    ~result() {
        if (has_value_) value_.~T();
    }

    // REQUIRES: not failed.
    [[nodiscard]] T& value() & {
        require_value();
        return value_;
    }
    [[nodiscard]] const T& value() const& {
        require_value();
        return value_;
    }
    [[nodiscard]] T&& value() && {
        require_value();
        return static_cast<T&&>(value_);
    }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T&& operator*() && { return static_cast<T&&>(value()); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }
    template <class U>
    [[nodiscard]] T value_or(U&& other) && {
        return has_value_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }

    T or_throw() && {
        raise_failure();
        return static_cast<T&&>(value_);
    }
    const T& or_throw() const& {
        raise_failure();
        return value_;
    }

    // Implicit for writes: a hook or transaction may end with `return tx.create(order);`.
    explicit(!std::is_same_v<T, done>) operator status() && { return std::move(failure_); }
    explicit(!std::is_same_v<T, done>) operator status() const& { return failure_; }

    // The ORM's part. Where the value is, or will be.
    [[nodiscard]] T* room() noexcept { return &value_; }
    // in_place: the value stays, or makes way for the failure.
    void outcome(status s) noexcept {
        if (s) return;
        value_.~T();
        has_value_ = false;
        failure_ = static_cast<status&&>(s);
    }
    // later: there is a value now, or a failure.
    void came(status s) noexcept {
        has_value_ = !s.has_error();
        failure_ = static_cast<status&&>(s);
    }

private:
    union {
        T value_;
        char empty_;
    };
};

}  // namespace skua::orm

// Returns the failure of `expr` (a status or result) from the enclosing function, or goes on.
#define SKUA_TRY(...)                                                                                        \
    do {                                                                                                     \
        if (auto skua_tried = (__VA_ARGS__); !skua_tried) return ::skua::orm::status(std::move(skua_tried)); \
    } while (false)
