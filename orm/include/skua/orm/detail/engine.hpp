// SPDX-License-Identifier: Apache-2.0
// What the templates of the public headers call. Compiled once.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include <skua/orm/ast.hpp>
#include <skua/orm/detail/rows.hpp>
#include <skua/orm/migrate.hpp>
#include <skua/orm/statement.hpp>

namespace skua::orm {
struct sql_text;
class tx;

namespace detail {
using handle_ptr = std::shared_ptr<const handle>;

// Rows of `kind`. `vector`: room for a vector of them, which is there when all went well.
struct rows_wanted {
    const row_kind& kind;
    void* vector;
};
// One object of `kind`, which is there already.
struct row_wanted {
    const row_kind& kind;
    void* object;
};

// Where the kind is another type than the query's model, its columns are asked for.
status find_rows(const handle_ptr& on, const ast::query& query, rows_wanted into, std::string_view verb, location at);
status find_raw(const handle_ptr& on, const expr& text, rows_wanted into, location at);
status find_keys(const handle_ptr& on, const model_info& model, std::vector<value>&& keys, rows_wanted into,
                 location at);
// UPDATE (with assignments) or DELETE … RETURNING.
status find_changed(const handle_ptr& on, const ast::query& query, rows_wanted into, location at);
// One row is demanded: none is record_not_found. `narrowed` is changed.
status demand_row(const handle_ptr& on, ast::query& narrowed, std::int8_t key_order, row_wanted into,
                  std::string_view verb, location at);
status demand_by_key(const handle_ptr& on, const model_info& model, const value_view& key, void* object, location at);
status demand_by_keys(const handle_ptr& on, const model_info& model, std::vector<value>&& key, void* object,
                      location at);
status demand_raw(const handle_ptr& on, const expr& text, row_wanted into, location at);
// One or none: `there` tells.
status find_row(const handle_ptr& on, ast::query& narrowed, row_wanted into, bool& there, location at);
status find_raw_row(const handle_ptr& on, const expr& text, row_wanted into, bool& there, location at);

result<std::int64_t> run_count(const handle_ptr& on, const ast::query& query, location at);
result<done> run_create(const handle_ptr& on, const model_info& model, object_span objects,
                        const ast::conflict* conflict, const ast::saved_part* part, location at);
result<done> run_save(const handle_ptr& on, const model_info& model, object_span objects, const ast::saved_part* part,
                      location at);
// The named columns and relations of an object that is there.
result<done> run_changes(const handle_ptr& on, const model_info& model, object_span object, const ast::saved_part* part,
                         location at);
// Query and values are moved from. `untracked`: no hooks, no updated_at.
result<done> run_update(const handle_ptr& on, ast::query&& query, std::span<assignment> values, object_span objects,
                        location at, bool untracked = false);
// INSERT of assignments, moved from.
result<done> run_insert(const handle_ptr& on, const ast::query& query, std::span<assignment> values, location at);
// Row by row.
status run_rows(const handle_ptr& on, const ast::query& query, const row_kind& kind, row_target& into, location at);
status run_raw_rows(const handle_ptr& on, const expr& text, row_target& into, location at);

// Values of assignments go into the members of an object; others are invalid_value.
status apply_values(const model_info& model, void* object, std::span<const assignment> values);
// What the conditions say of a row that is to be made: columns that must equal a value, joined by AND.
void apply_conditions(const model_info& model, void* object, const expr& where);

// Where a walk in batches stands: behind the row with these keys.
struct batch_cursor {
    std::vector<value> after;
    std::int64_t left = -1;  // of the query's limit; -1: no limit
    bool started = false;
};
// The query of the next batch. primary_key_required: no key, or the key is not among the columns.
status next_batch(const ast::query& base, const batch_cursor& cursor, std::size_t size, ast::query& next);
// REQUIRES: count > 0 rows were read, `last` is the last.
void advance(batch_cursor& cursor, const ast::query& base, const void* last, std::size_t count);
result<done> run_remove(const handle_ptr& on, const ast::query& query, location at);
// The row of one object; the query is moved from.
result<done> run_remove(const handle_ptr& on, ast::query&& query, object_span object, location at);
result<done> run_exec(const handle_ptr& on, const expr& text, location at);
result<sql_text> query_text(const handle_ptr& on, const ast::query& query);
result<sql_text> raw_text(const handle_ptr& on, const expr& text);
status run_transaction(const handle_ptr& on, void* fn, status (*call)(void* fn, tx& transaction), location at);
result<migration_plan> plan_migration(const handle_ptr& on, std::span<const model_info* const> models, location at);
status auto_migrate(const handle_ptr& on, std::span<const model_info* const> models, migrate_options options,
                    location at);

}  // namespace detail
}  // namespace skua::orm
