// SPDX-License-Identifier: Apache-2.0
// How tables, columns and constraints get their names: gorm's rules (its schema/naming.go), so that its databases fit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skua/orm/location.hpp>
#include <skua/orm/result.hpp>

namespace skua::orm::naming {

// What gorm's NamingStrategy holds.
struct rules {
    std::string table_prefix{};   // of every table that is not named by SKUA_TABLE
    bool singular_table = false;  // "user", not "users"
    bool no_lower_case = false;   // names stay as they are written
    std::vector<std::pair<std::string, std::string>>
        replaced{};  // in what is written, before all else; the first that fits
};

// For the whole process: a model is described once, for all databases. Before the first use of a model, and once;
// afterwards an error, and nothing is changed. Any thread.
status use(rules to);

// By gorm's rules as they are.
std::string column(std::string_view member);  // "UserID" -> "user_id"
std::string table(std::string_view type);     // "UserProfile" -> "user_profiles"
// By others.
std::string column(std::string_view member, const rules& by);
std::string table(std::string_view type, const rules& by);
std::string plural(std::string_view word);
// prefix_table_column, dots to '_', as long as it gets
std::string constraint(std::string_view prefix, std::string_view table, std::string_view column);

// How long the names of a database's indexes and constraints get.
struct identifier_limit {
    std::size_t most = 64;
    bool in_bytes = false;     // else in characters
    bool of_given_too = true;  // also of those that the user gave; else only of those made by rule
};
// As gorm cuts it: what is longer becomes its first most - 8 bytes (no character is split) and 8 hex digits of its
// SHA-1.
std::string cut(std::string_view name, const identifier_limit& to);

}  // namespace skua::orm::naming
