// SPDX-License-Identifier: Apache-2.0
// A statement before it is text: plain data, owned, copyable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <skua/orm/context.hpp>
#include <skua/orm/expr.hpp>
#include <skua/orm/lock.hpp>
#include <skua/orm/schema.hpp>

namespace skua::orm::ast {

// What SELECT asks for.
enum class projection : std::uint8_t {
    shape,    // the columns of `shape`
    columns,  // `columns`
    count,
};

// Text of the user's in a place where databases take hints and comments. A clause of its own: a space is put before it.
struct hint {
    enum class place : std::uint8_t { front, after_verb, after_table, back };
    place where = place::back;
    std::string text;
};

struct query;

// What few queries have.
struct query_extras {
    expr having;
    expr projection;                      // select("name, count(*) AS n"): instead of columns
    expr group;                           // group("date(created_at)"), after the columns
    std::vector<const column_ref*> omit;  // these columns are left out, of reading or of writing
    std::string table;                    // instead of the model's; "schema.table" has two parts
    std::shared_ptr<const query> source;  // FROM (SELECT …)
    std::vector<hint> hints;
    std::vector<const column_ref*> returning;  // of update and remove
    bool returns_rows = false;                 // RETURNING, of every column when `returning` is empty
    std::vector<const field_info*> each_of;    // limit and offset count the rows of each value of these columns
};
struct relations;

// Rows of one table: of select, update and delete.
struct query {
    query() noexcept;
    query(const query& other);
    query(query&& other) noexcept;
    query& operator=(const query& other);
    query& operator=(query&& other) noexcept;
    ~query();

    const model_info* model = nullptr;
    const char* alias = nullptr;  // of its table
    expr where;                   // conditions joined by where_and, where_or
    detail::small<order_term, 1> order;
    std::int64_t limit = -1;  // -1: none
    std::int64_t offset = -1;
    projection what = projection::shape;
    std::int8_t key_order = 0;  // 1: by the key, -1: descending; after `order`
    bool unscoped = false;      // deleted rows too; remove deletes
    bool all = false;           // update and remove without conditions are meant
    bool distinct = false;
    row_lock lock;
    const model_info* shape = nullptr;       // null: the model
    std::vector<const column_ref*> columns;  // projection::columns, or a narrowed shape
    std::vector<const column_ref*> group;
    std::vector<assignment> set;  // update
    detail::rare<query_extras> more;
    std::shared_ptr<const relations> related;  // preloads, joins; null: none
    context marks;                             // what plugins hang on it with clauses()

    void add_where(expr&& condition, bool with_or);
};

// One step from a model to a related one, with what was said about the related rows.
struct relation_step {
    const relation_ref* relation = nullptr;
    std::shared_ptr<const query> how;  // where, order, limit, offset, columns, unscoped; null: all rows
    const char* alias = nullptr;       // orm::as<User>("boss").company: only where that is the table asked for
};
using relation_path = std::vector<relation_step>;

// One more table: along relations, under an alias, or in the user's own words.
struct join {
    bool inner = false;
    relation_path path;
    const model_info* model = nullptr;
    const char* alias = nullptr;  // of model
    expr on;                      // of model; without one, the whole text of the join
};

// Of a query. Never changed once made: queries share it.
struct relations {
    std::vector<join> joins;
    std::vector<relation_path> preloads;
    bool preload_all = false;  // every relation of the model, one level
    // remove(): rows of these relations go, too, before; of an empty path: of all relations.
    std::vector<std::vector<const relation_ref*>> removed;
};

// What select() and omit() said before create(), save() and changes(). Nothing said: everything.
struct saved_part {
    bool restricted = false;  // select() was said: only what it names, and times
    bool no_relations = false, all_relations = false;
    std::vector<const column_ref*> select, omit;
    std::vector<const relation_ref*> with, without;
    std::vector<const relation_ref*> links_only;  // many to many: the related objects are there already
};

// INSERT … ON CONFLICT (columns) DO …
struct conflict {
    enum class act : std::uint8_t { none, nothing, update_columns, update_all };
    act what = act::none;
    std::vector<const column_ref*> columns;  // empty: the primary key
    std::vector<const column_ref*> update;
    std::vector<const field_info*> update_fields;  // more of them, of the model
    std::vector<assignment> set;                   // further assignments of DO UPDATE, in the user's words
    expr where;                                    // DO UPDATE … WHERE
    expr target_where;                             // ON CONFLICT (columns) WHERE: of a partial index
    std::string constraint;                        // ON CONFLICT ON CONSTRAINT, instead of columns
};

}  // namespace skua::orm::ast
