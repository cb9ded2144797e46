// SPDX-License-Identifier: Apache-2.0
// FOREIGN KEYs of tables, and the order in which tables can be made.
#pragma once

#include "relation.h"

#include <span>
#include <string>
#include <vector>

namespace skua::orm {
class dialect;
}

namespace skua::orm::detail {

struct foreign_key {
    std::string name;                   // as the database keeps it
    const model_info* table = nullptr;  // that has the columns
    field_list columns;
    const model_info* referenced = nullptr;
    field_list keys;
    std::string on_delete, on_update;  // empty: not said
};

// The models, the ones their foreign keys refer to, and link tables; a table after those it refers to, where there is
// no circle.
std::vector<const model_info*> migration_order(std::span<const model_info* const> models);
// Of one table, as its own relations and those of `models` say. Relations that are broken: unsupported_relation.
status add_foreign_keys(const model_info& table, std::span<const model_info* const> models,
                        std::vector<foreign_key>& into, const dialect& d);
// CONSTRAINT "name" FOREIGN KEY ("a") REFERENCES "t" ("b") ON DELETE …
std::string foreign_key_clause(const foreign_key& key, const dialect& d);

}  // namespace skua::orm::detail
