// SPDX-License-Identifier: Apache-2.0
// Tables from models. auto_migrate adds what is missing and changes or drops nothing that is there.
#pragma once

#include <string>
#include <vector>

namespace skua::orm {

struct migration_step {
    std::string sql;
    std::string what;  // "create table users", "add column users.age"
    bool loses_data = false;
};
using migration_plan = std::vector<migration_step>;

}  // namespace skua::orm
