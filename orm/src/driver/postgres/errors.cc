// SPDX-License-Identifier: Apache-2.0
// SQLSTATE numbers: appendix A of PostgreSQL's manual.
#include "errors.h"

#include <string>

namespace skua::orm::detail::postgres {
namespace {

struct kind_of_error {
    std::string_view state;  // whole, or a class of two characters
    errc code;
    bool retryable = false;
    poison poisons = poison::nothing;
};
constexpr kind_of_error kinds[] = {
    {"23505", errc::duplicated_key},
    {"23503", errc::foreign_key_violated},
    {"23502", errc::not_null_violated},
    {"23514", errc::check_violated},
    {"42703", errc::invalid_field},
    {"57014", errc::cancelled},
    {"40001", errc::busy, true},
    {"40P01", errc::busy, true},
    {"55P03", errc::busy, true},
    {"25P02", errc::invalid_transaction},
    {"0A", errc::unsupported},
    {"22", errc::invalid_value},
    {"08", errc::connection_lost, false, poison::connection},
    {"57P", errc::connection_lost, false, poison::connection},
    {"53300", errc::cannot_open, true},
    {"28", errc::cannot_open},
    {"3D", errc::cannot_open},
};

std::string_view field(const PGresult* result, int which) {
    const char* text = PQresultErrorField(result, which);
    return text ? std::string_view(text) : std::string_view();
}

void describe(error& e, std::string_view primary) {
    const auto in_table = [&] { return e.table.empty() ? std::string() : " (" + e.table + ")"; };
    switch (e.code) {
        case errc::duplicated_key:
            e.message = "unique constraint \"" + e.constraint + "\" violated";
            return;
        case errc::foreign_key_violated:
            e.message = "foreign key \"" + e.constraint + "\" violated" + in_table();
            return;
        case errc::check_violated:
            e.message = "check constraint \"" + e.constraint + "\" violated" + in_table();
            return;
        case errc::not_null_violated:
            e.message = "NOT NULL violated (" + e.table + "." + e.column + ")";
            return;
        case errc::invalid_value:  // invalid input syntax for type integer: "what was sent"
            e.message = primary.substr(0, primary.find(": "));
            if (const std::size_t quote = e.message.find('"'); quote != std::string::npos)
                e.message.resize(quote > 0 ? quote - 1 : 0);
            return;
        default:
            e.message = primary;
    }
}

// column "agee" does not exist; relation "userz" does not exist
std::string quoted_name(std::string_view message) {
    const std::size_t open = message.find('"');
    if (open == std::string_view::npos) return {};
    const std::size_t close = message.find('"', open + 1);
    return close == std::string_view::npos ? std::string() : std::string(message.substr(open + 1, close - open - 1));
}

}  // namespace

error error_of(const PGresult* result) {
    error e;
    e.code = errc::sql_error;
    e.sqlstate = field(result, PG_DIAG_SQLSTATE);
    e.constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    e.table = field(result, PG_DIAG_TABLE_NAME);
    e.column = field(result, PG_DIAG_COLUMN_NAME);
    const std::string_view primary = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (e.sqlstate.empty()) return lost(one_line(PQresultErrorMessage(result)));
    for (const kind_of_error& k : kinds)
        if (e.sqlstate.starts_with(k.state)) {
            e.code = k.code;
            e.retryable = k.retryable;
            e.poisons = k.poisons;
            break;
        }
    describe(e, primary);
    if (e.sqlstate == "42703" && e.column.empty()) e.column = quoted_name(primary);
    if (e.sqlstate == "42P01" && e.table.empty()) e.table = quoted_name(primary);
    return e;
}

error lost(std::string_view message) {
    error e;
    e.code = errc::connection_lost;
    e.message = message.empty() ? "the server has closed the connection" : message;
    e.poisons = poison::connection;
    return e;
}

std::string one_line(std::string_view message) {
    std::string out;
    for (const char ch : message) {
        if (ch != '\n' && ch != '\t')
            out += ch;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace skua::orm::detail::postgres
