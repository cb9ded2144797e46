// SPDX-License-Identifier: Apache-2.0
// What went wrong, as far as it is known: what a driver cannot tell stays empty and the message leaves it out.
// An error never carries bound values, so it may be logged and sent away.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include <skua/orm/location.hpp>

namespace skua::orm {

enum class errc : std::uint8_t {
    record_not_found,      // one row was demanded and there is none
    invalid_transaction,   // used after its end, or of another database
    missing_where,         // update or remove of everything without .all()
    primary_key_required,  // the model, or this value of it, has no key
    invalid_field,         // a column that the statement does not have
    invalid_value,         // an argument that makes no sense
    empty_slice,           // create of nothing
    null_value,            // NULL for a member that cannot hold it
    invalid_data,          // stored bytes that are not what the member's type is
    duplicated_key,        // unique or primary key constraint
    foreign_key_violated,
    check_violated,
    not_null_violated,
    unsupported_relation,   // there is no such relation, or it cannot be used like this
    already_registered,     // a plugin, hook or callback of that name is there
    conflicting_callbacks,  // before/after rules that contradict one another
    unsupported,            // the database cannot do this
    pool_exhausted,         // no connection within the time allowed
    timeout,                // the context's deadline passed
    cancelled,              // the context's stop token was triggered
    busy,                   // locked by another; try again
    connection_lost,
    cannot_open,
    sql_error,    // the database refused the statement
    hook_failed,  // a hook or callback said no (orm::fail)
    internal,     // a bug of ours
};
std::string_view to_string(errc code) noexcept;

// What may not be used after the error.
enum class poison : std::uint8_t { nothing, transaction, connection };

struct error {
    errc code = errc::internal;
    int native_code = 0;     // the database's own number; 0: none
    std::string sqlstate;    // five characters, mapped on SQLite
    std::string constraint;  // name
    std::string table;
    std::string column;
    std::string sql;        // with placeholders, never with values
    std::string operation;  // "create User", "find User"
    std::string message;    // the cause, without the parts above
    poison poisons = poison::nothing;
    bool retryable = false;
    location at;  // the finisher's caller

    // create User: unique constraint "idx_users_email" violated (users.email), SQLSTATE 23505
    [[nodiscard]] std::string to_string() const;
};

// What or_throw() throws.
class exception final : public std::exception {
public:
    explicit exception(orm::error error);
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }
    [[nodiscard]] const orm::error& error() const noexcept { return error_; }

private:
    orm::error error_;
    std::string text_;
};

}  // namespace skua::orm
