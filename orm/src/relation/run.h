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

// A statement that is part of `outer`: its transaction, context and settings, no operation event of its own.
statement inner_statement(const statement& outer, processor_kind kind, std::string_view verb, const model_info& model);

// Reads rows of `q` into `into`, which hold objects of q.model.
status find_related(const statement& outer, const ast::query& q, const related_ops& ops, many_state& into);

// Sends SELECT `q` without callbacks: of link tables.
status send_select(statement& run, const ast::query& q, row_sink& sink);

// `condition` AND what is there.
void add_condition_before(ast::query& q, expr condition);

}  // namespace skua::orm::detail
