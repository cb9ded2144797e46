// SPDX-License-Identifier: Apache-2.0
// How the server reports failure: values, not exceptions. (The ORM is a published library and has its own.)
//
// Message grammar: "cannot <verb> <object>: <cause>; got X; want Y", no trailing dot. Logged once, where it is handled.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace skua::base {

// Few and actionable. api/ and net/ map them to HTTP and gRPC in one table each.
enum class Code : std::uint8_t {
    kInvalidArgument,    // the caller's input is wrong and will stay wrong
    kNotFound,           //
    kResourceExhausted,  // over a budget now; try again later
    kTooLarge,           // over a limit for good; trying again will not help
    kUnavailable,        // not now (starting, stopping, dependency away)
    kUnimplemented,
    kCancelled,
    kDeadlineExceeded,
    kIo,          // the operating system said no; the message has errno's text
    kCorruption,  // bytes we wrote are not what we wrote
    kInternal,    // a bug of ours
};
std::string_view to_string(Code code);

struct Error {
    Code code = Code::kInternal;
    std::string message;
};

// Wraps errno's text: "cannot open /x: Permission denied".
Error errno_error(std::string_view what, int errno_value);

template <class T>
class [[nodiscard]] Result {
public:
    // Both implicit, so that returns read plainly.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }
    // REQUIRES: ok().
    T& value() & { return *std::get_if<0>(&state_); }
    const T& value() const& { return *std::get_if<0>(&state_); }
    // By value, so that `for (x : f().value())` does not dangle.
    T value() && { return std::move(*std::get_if<0>(&state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T operator*() && { return std::move(*this).value(); }
    T* operator->() { return std::get_if<0>(&state_); }
    const T* operator->() const { return std::get_if<0>(&state_); }
    // REQUIRES: !ok().
    [[nodiscard]] const Error& error() const& { return *std::get_if<1>(&state_); }
    Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    // NOLINTNEXTLINE(google-explicit-constructor)
    Result(Error error) : error_(std::move(error)), ok_(false) {}

    [[nodiscard]] bool ok() const { return ok_; }
    explicit operator bool() const { return ok_; }
    [[nodiscard]] const Error& error() const& { return error_; }
    Error&& error() && { return std::move(error_); }

private:
    Error error_;
    bool ok_ = true;
};
using Status = Result<void>;

}  // namespace skua::base

#define SKUA_CONCAT_INNER(a, b) a##b
#define SKUA_CONCAT(a, b) SKUA_CONCAT_INNER(a, b)
// Returns the error of `expr` (a Result) from the enclosing function, or goes on.
#define SKUA_RETURN_IF_ERROR(expr)                                                               \
    do {                                                                                         \
        if (auto skua_status = (expr); !skua_status.ok()) return std::move(skua_status).error(); \
    } while (false)
// SKUA_ASSIGN_OR_RETURN(auto x, parse(text));
#define SKUA_ASSIGN_OR_RETURN(lhs, expr) SKUA_ASSIGN_OR_RETURN_INNER(SKUA_CONCAT(skua_result_, __COUNTER__), lhs, expr)
#define SKUA_ASSIGN_OR_RETURN_INNER(name, lhs, expr) \
    auto name = (expr);                              \
    if (!name.ok()) return std::move(name).error();  \
    lhs = std::move(name).value()
