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

template <class T>
class [[nodiscard]] result {
public:
    using value_type = T;

    result(T&& value) noexcept(std::is_nothrow_move_constructible_v<T>)  // NOLINT(google-explicit-constructor)
        : value_(std::move(value)), has_value_(true) {}
    result(const T& value) : value_(value), has_value_(true) {}  // NOLINT(google-explicit-constructor)
    // A default-constructed value, to be filled in place.
    explicit result(detail::in_place) : value_(), has_value_(true) {}
    result(orm::error failure) : empty_(), failure_(std::move(failure)) {}  // NOLINT(google-explicit-constructor)
    // REQUIRES: failed.
    result(status failed)  // NOLINT(google-explicit-constructor)
        : empty_(), failure_(failed ? detail::ok_is_no_failure() : std::move(failed)) {}
    result(const result& other) : has_value_(other.has_value_), failure_(other.failure_) {
        if (has_value_) new (&value_) T(other.value_);
    }
    result(result&& other) noexcept(std::is_nothrow_move_constructible_v<T>)
        : has_value_(other.has_value_), failure_(std::move(other.failure_)) {
        if (has_value_) new (&value_) T(std::move(other.value_));
    }
    result& operator=(result other) noexcept(std::is_nothrow_move_constructible_v<T>) {
        if (has_value_) value_.~T();
        has_value_ = other.has_value_;
        failure_ = std::move(other.failure_);
        if (has_value_) new (&value_) T(std::move(other.value_));
        return *this;
    }
    ~result() {
        if (has_value_) value_.~T();
    }

    [[nodiscard]] explicit operator bool() const noexcept { return has_value_; }
    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    // REQUIRES: not failed.
    [[nodiscard]] T& value() & { return check().value_; }
    [[nodiscard]] const T& value() const& {
        if (!has_value_) detail::wrong_access();
        return value_;
    }
    [[nodiscard]] T&& value() && { return std::move(check().value_); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }
    template <class U>
    [[nodiscard]] T value_or(U&& other) && {
        return has_value_ ? std::move(value_) : static_cast<T>(std::forward<U>(other));
    }
    // REQUIRES: failed.
    [[nodiscard]] const orm::error& error() const& { return failure_.error(); }
    [[nodiscard]] orm::error& error() & { return failure_.error(); }

    T or_throw() && {
        if (!has_value_) detail::raise(std::move(failure_.error()));
        return std::move(value_);
    }
    const T& or_throw() const& {
        if (!has_value_) detail::raise(orm::error(failure_.error()));
        return value_;
    }

    // Implicit for writes: a hook or transaction may end with `return tx.create(order);`.
    explicit(!std::is_same_v<T, done>) operator status() && { return std::move(failure_); }
    explicit(!std::is_same_v<T, done>) operator status() const& { return failure_; }

private:
    result& check() {
        if (!has_value_) detail::wrong_access();
        return *this;
    }

    union {
        T value_;
        char empty_;
    };
    bool has_value_ = false;
    status failure_;
};

}  // namespace skua::orm

// Returns the failure of `expr` (a status or result) from the enclosing function, or goes on.
#define SKUA_TRY(...)                                                                                        \
    do {                                                                                                     \
        if (auto skua_tried = (__VA_ARGS__); !skua_tried) return ::skua::orm::status(std::move(skua_tried)); \
    } while (false)
