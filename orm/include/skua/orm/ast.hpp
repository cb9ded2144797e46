// SPDX-License-Identifier: Apache-2.0
// A statement before it is text: plain data, owned, copyable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <skua/orm/expr.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm::ast {

// What SELECT asks for.
enum class projection : std::uint8_t {
    shape,    // the columns of `shape`
    columns,  // `columns`
    count,
};

// Rows of one table: of select, update and delete.
struct query {
    const model_info* model = nullptr;
    expr where;  // conditions joined by where_and, where_or
    detail::small<order_term, 1> order;
    std::int64_t limit = -1;  // -1: none
    std::int64_t offset = -1;
    projection what = projection::shape;
    std::int8_t key_order = 0;  // 1: by the key, -1: descending; after `order`
    bool unscoped = false;      // deleted rows too; remove deletes
    bool all = false;           // update and remove without conditions are meant
    bool distinct = false;
    bool for_update = false;
    const model_info* shape = nullptr;       // null: the model
    std::vector<const column_ref*> columns;  // projection::columns, or a narrowed shape
    std::vector<const column_ref*> group;
    detail::rare<expr> having;
    std::vector<assignment> set;  // update

    void add_where(expr&& condition, bool with_or);
};

// INSERT … ON CONFLICT (columns) DO …
struct conflict {
    enum class act : std::uint8_t { none, nothing, update_columns, update_all };
    act what = act::none;
    std::vector<const column_ref*> columns;  // empty: the primary key
    std::vector<const column_ref*> update;
};

}  // namespace skua::orm::ast
