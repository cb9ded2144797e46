// SPDX-License-Identifier: Apache-2.0
// Numbers: MariaDB's error code reference, and errmsg.h of Connector/C for those above 2000.
#include "errors.h"

#include <string>

namespace skua::orm::detail::mariadb {
namespace {

struct kind_of_error {
    unsigned number;
    errc code;
    std::string_view sqlstate;  // where the server's own says nothing
    bool retryable = false;
    poison poisons = poison::nothing;
};
constexpr kind_of_error kinds[] = {
    {1062, errc::duplicated_key, "23505"},
    {1169, errc::duplicated_key, "23505"},
    {1586, errc::duplicated_key, "23505"},
    {1216, errc::foreign_key_violated, "23503"},
    {1217, errc::foreign_key_violated, "23503"},
    {1451, errc::foreign_key_violated, "23503"},
    {1452, errc::foreign_key_violated, "23503"},
    {1048, errc::not_null_violated, "23502"},
    {1364, errc::not_null_violated, "23502"},
    {3819, errc::check_violated, "23514"},
    {4025, errc::check_violated, "23514"},
    {1054, errc::invalid_field, "42703"},
    {1146, errc::sql_error, "42P01"},
    {1064, errc::sql_error, "42601"},
    {1213, errc::busy, "40P01", true, poison::transaction},
    {1205, errc::busy, "55P03", true},
    {1020, errc::busy, "40001", true},
    {1317, errc::cancelled, "57014"},
    {1969, errc::timeout, "57014"},
    {1264, errc::invalid_value, "22003"},
    {1265, errc::invalid_value, "22000"},
    {1292, errc::invalid_value, "22007"},
    {1366, errc::invalid_value, "22000"},
    {1406, errc::invalid_value, "22001"},
    {1690, errc::invalid_value, "22003"},
    {1267, errc::invalid_value, "22021"},
    {1300, errc::invalid_value, "22021"},
    {1040, errc::cannot_open, "53300", true},
    {1044, errc::cannot_open, "28000"},
    {1045, errc::cannot_open, "28000"},
    {1049, errc::cannot_open, "3D000"},
    {1053, errc::connection_lost, "57P01", false, poison::connection},
    {1927, errc::connection_lost, "57P01", false, poison::connection},
    {2002, errc::connection_lost, "08001", false, poison::connection},
    {2003, errc::connection_lost, "08001", false, poison::connection},
    {2006, errc::connection_lost, "08006", false, poison::connection},
    {2013, errc::connection_lost, "08006", false, poison::connection},
    {2014, errc::internal, "08P01", false, poison::connection},
    {2027, errc::connection_lost, "08P01", false, poison::connection},
    {2055, errc::connection_lost, "08006", false, poison::connection},
    {4031, errc::connection_lost, "08006", false, poison::connection},
};

// What stands between the n-th pair of these quotes.
std::string quoted(std::string_view message, char quote, int n = 1) {
    std::size_t at = 0;
    for (;; --n) {
        const std::size_t open = message.find(quote, at);
        if (open == std::string_view::npos) return {};
        const std::size_t close = message.find(quote, open + 1);
        if (close == std::string_view::npos) return {};
        if (n == 1) return std::string(message.substr(open + 1, close - open - 1));
        at = close + 1;
    }
}

// "Duplicate entry 'any''thing' for key 'users.idx_users_email'": the last quoted word.
std::string last_quoted(std::string_view message) {
    const std::size_t close = message.rfind('\'');
    if (close == std::string_view::npos || close == 0) return {};
    const std::size_t open = message.rfind('\'', close - 1);
    return open == std::string_view::npos ? std::string() : std::string(message.substr(open + 1, close - open - 1));
}

std::string behind(std::string_view message, std::string_view word, char quote) {
    const std::size_t at = message.find(word);
    return at == std::string_view::npos ? std::string() : quoted(message.substr(at), quote);
}

void describe(error& e, std::string_view message) {
    switch (e.code) {
        case errc::duplicated_key: {
            e.constraint = last_quoted(message);
            if (const std::size_t dot = e.constraint.find('.'); dot != std::string::npos) {
                e.table = e.constraint.substr(0, dot);
                e.constraint.erase(0, dot + 1);
            }
            e.message = e.constraint == "PRIMARY" ? "primary key violated"
                                                  : "unique constraint \"" + e.constraint + "\" violated";
            return;
        }
        case errc::foreign_key_violated:
            e.constraint = behind(message, "CONSTRAINT", '`');
            e.table = quoted(message, '`', 2);
            e.message = "foreign key \"" + e.constraint + "\" violated (" + e.table + ")";
            return;
        case errc::check_violated: {
            e.constraint = quoted(message, '`');
            e.table = quoted(message, '`', 3);
            // A column's own check is named "table.column".
            e.message = "check constraint \"" + e.constraint + "\" violated (" + e.table + ")";
            return;
        }
        case errc::not_null_violated:
            e.column = quoted(message, '\'');
            e.message = "NOT NULL violated (" + e.column + ")";
            return;
        case errc::invalid_field:
            e.column = quoted(message, '\'');
            e.message = message;
            return;
        case errc::invalid_value: {  // "Incorrect integer value: 'what was sent' for column `d`.`t`.`age` at row 1"
            e.column = behind(message, "column '", '\'');
            if (e.column.empty() && message.find("column `") != std::string_view::npos)
                e.column = quoted(message, '`', 3);
            e.message = message.substr(0, message.find(": '"));
            if (const std::size_t value = e.message.find(" value '"); value != std::string::npos)
                e.message.resize(value + 6);
            if (!e.column.empty() && e.message.find(e.column) == std::string::npos)
                e.message += " for column '" + e.column + "'";
            return;
        }
        default:
            e.message = message;
    }
    if (e.native_code == 1146) e.table = quoted(message, '\'');
}

}  // namespace

error error_of(unsigned number, std::string_view sqlstate, std::string_view message) {
    error e;
    e.code = errc::sql_error;
    e.native_code = static_cast<int>(number);
    e.sqlstate = sqlstate == "HY000" || sqlstate == "00000" ? std::string_view() : sqlstate;
    for (const kind_of_error& k : kinds)
        if (k.number == number) {
            e.code = k.code;
            e.sqlstate = k.sqlstate;
            e.retryable = k.retryable;
            e.poisons = k.poisons;
            break;
        }
    describe(e, message);
    return e;
}

}  // namespace skua::orm::detail::mariadb
