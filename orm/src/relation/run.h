// SPDX-License-Identifier: Apache-2.0
// What the engine calls of relations: parts of the built-in callbacks, and statements inside of a finisher.
#pragma once

#include "../engine.h"
#include "relation.h"

namespace skua::orm::detail {

// Relations of relations, when objects are saved. What is nested deeper was not meant: unsupported_relation.
inline constexpr int max_relation_depth = 64;

// orm:preload.
status preload_related(statement& run);

// orm:save_before_associations: what the objects belong to, and its keys into them.
status save_before_relations(statement& run);
// orm:save_after_associations: what they have, with their keys in it, and links.
status save_after_relations(statement& run);
// orm:delete_before_associations: what select() named before remove().
status remove_before_relations(statement& run);
bool removes_relations(const statement& run) noexcept;
// Whether one of these has anything to do: then all of it is one transaction.
bool touches_relations(const statement& run);
// What select() and omit() say of a column of create and save.
bool saves_column(const ast::saved_part& part, const model_info& model, const field_info& column);

// A statement that is part of `outer`: its transaction, context and settings, no operation event of its own.
statement inner_statement(const statement& outer, processor_kind kind, std::string_view verb, const model_info& model);

// Reads rows of `q` into `into`, which hold objects of q.model.
status find_related(const statement& outer, const ast::query& q, const related_ops& ops, many_state& into);

// Creates objects without a key, and those whose row is not there; where it is, the columns `linked` are updated, or
// all of them (full_save_associations).
status save_related(const statement& outer, const relation_info& r, std::vector<void*> objects,
                    const field_list& linked);

// Sends SELECT `q` without callbacks: of link tables.
status send_select(statement& run, const ast::query& q, row_sink& sink);
// With a shape that lives no longer than the call: not kept in caches.
status send_select_once(statement& run, const ast::query& q, row_sink& sink);

// Values of `fields` of the rows of `query`, row after row, as `as` hold them.
// Rows where one is NULL are left out.
status find_values(const statement& outer, ast::query query, const field_list& fields, const field_list& as,
                   std::vector<value>& into);

// `condition` AND what is there.
void add_condition_before(ast::query& q, expr condition);

}  // namespace skua::orm::detail
