// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <cstdlib>

#include <skua/orm/error.hpp>
#include <skua/orm/result.hpp>

namespace skua::orm {

std::string_view to_string(errc code) noexcept {
    switch (code) {
        case errc::record_not_found:
            return "record_not_found";
        case errc::invalid_transaction:
            return "invalid_transaction";
        case errc::missing_where:
            return "missing_where";
        case errc::primary_key_required:
            return "primary_key_required";
        case errc::invalid_field:
            return "invalid_field";
        case errc::invalid_value:
            return "invalid_value";
        case errc::empty_slice:
            return "empty_slice";
        case errc::null_value:
            return "null_value";
        case errc::invalid_data:
            return "invalid_data";
        case errc::duplicated_key:
            return "duplicated_key";
        case errc::foreign_key_violated:
            return "foreign_key_violated";
        case errc::check_violated:
            return "check_violated";
        case errc::not_null_violated:
            return "not_null_violated";
        case errc::unsupported_relation:
            return "unsupported_relation";
        case errc::already_registered:
            return "already_registered";
        case errc::conflicting_callbacks:
            return "conflicting_callbacks";
        case errc::unsupported:
            return "unsupported";
        case errc::pool_exhausted:
            return "pool_exhausted";
        case errc::timeout:
            return "timeout";
        case errc::cancelled:
            return "cancelled";
        case errc::busy:
            return "busy";
        case errc::connection_lost:
            return "connection_lost";
        case errc::cannot_open:
            return "cannot_open";
        case errc::sql_error:
            return "sql_error";
        case errc::hook_failed:
            return "hook_failed";
        case errc::internal:
            return "internal";
    }
    return "internal";
}

std::string error::to_string() const {
    std::string text;
    if (!operation.empty()) text += operation + ": ";
    text += message.empty() ? std::string(orm::to_string(code)) : message;
    if (!sqlstate.empty()) text += ", SQLSTATE " + sqlstate;
    return text;
}

exception::exception(orm::error error) : error_(std::move(error)), text_(error_.to_string()) {}

status::status(orm::error failure) : error_(new orm::error(std::move(failure))) {}

status fail(std::string_view message) {
    return fail(errc::hook_failed, message);
}
status fail(errc code, std::string_view message) {
    error e;
    e.code = code;
    e.message = message;
    return e;
}

namespace detail {
error* clone(const error& from) {
    return new error(from);
}
void destroy(error* which) noexcept {
    delete which;
}
void raise(error&& which) {
    throw exception(std::move(which));
}
void wrong_access() {
    std::fputs("orm: value() of a failed result, or error() of a good one\n", stderr);
    std::abort();
}
status ok_is_no_failure() {
    return fail(errc::internal, "a result without value was made from a status without error");
}
}  // namespace detail
}  // namespace skua::orm
