// SPDX-License-Identifier: Apache-2.0
// From the tree to text, once for each shape. Values are never written in.
#pragma once

#include "../rendered.h"

#include <memory>
#include <span>
#include <string>

#include <skua/orm/ast.hpp>
#include <skua/orm/dialect.hpp>
#include <skua/orm/driver_hooks.hpp>

namespace skua::orm::detail {

using render_result = result<std::unique_ptr<statement_info>>;

enum class verb : std::uint8_t { select, count, update, remove, insert };

// The words of a query's shape, after those that say what is done with it.
void add_shape(shape& to, const ast::query& q);
void add_shape_of(shape& to, const expr& e);
render_result render_query(const dialect& d, const ast::query& q, verb what);
// INSERT of the assignments of `q`.
render_result render_insert_of(const dialect& d, const ast::query& q);
render_result render_text(const dialect& d, const expr& text);

struct insert_shape {
    const model_info* model = nullptr;
    std::vector<const field_info*> columns;
    std::size_t rows = 1;
    const ast::conflict* conflict = nullptr;
    std::vector<const field_info*> returning;
};
render_result render_insert(const dialect& d, const insert_shape& what);

// The columns that on_conflict(...).update_all() updates.
std::vector<const field_info*> updatable_on_conflict(const model_info& m);
// Whether select(…) asks for this column of the shape.
bool is_selected(const ast::query& q, const target_field& t);
// Column and model of a reference; another model than `m`: null.
const field_info* resolve_in(const model_info& m, const column_ref* ref) noexcept;

// After what is quoted or a comment, when it begins at `at`; else `at`.
std::size_t skip_quoted(std::string_view text, std::size_t at) noexcept;
// "name" of "@name" at `at`, or empty.
std::string_view name_at(std::string_view text, std::size_t at) noexcept;
// Whether count() asks a SELECT inside, and for its columns.
bool counts_inside(const ast::query& q);
bool counts_columns(const ast::query& q);

// Values in the order of the placeholders render_query makes.
using value_list = small<value_view, 24>;
void collect_values(value_list& into, const ast::query& q, verb what);

}  // namespace skua::orm::detail
