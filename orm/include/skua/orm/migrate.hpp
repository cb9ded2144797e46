// SPDX-License-Identifier: Apache-2.0
// Tables from models. auto_migrate adds what is missing (tables, columns, indexes, constraints) and drops nothing;
// type, nullability and default of a column that is there change only when asked to.
#pragma once

#include <string>
#include <vector>

namespace skua::orm {

struct migration_step {
    std::string sql;
    std::string what;         // "create table users", "add column users.age"
    bool loses_data = false;  // values may be cut or converted
    bool alters = false;      // auto_migrate does it only with .alter = true
    bool rebuilds = false;    // part of making a table anew (SQLite): runs with foreign keys off
};
using migration_plan = std::vector<migration_step>;

struct migrate_options {
    bool alter = false;  // change columns that are there to what the model says
};

}  // namespace skua::orm
