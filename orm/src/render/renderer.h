// SPDX-License-Identifier: Apache-2.0
// Writes a statement's text piece by piece. The files beside it are by kind of statement; expression.cc writes
// conditions and values.
#pragma once

#include "render.h"

#include <string>
#include <string_view>
#include <vector>

namespace skua::orm::detail {

// Stands for a placeholder until the text is complete and they can be numbered.
constexpr char mark = '\x01';

enum precedence { p_or = 1, p_and, p_not, p_compare, p_add, p_multiply, p_atom };

struct fragment {
    std::string text;
    int binds = p_atom;
    bool joined = false;             // conditions of a chain, side by side
    std::string column;              // what it is, if it is a column
    std::vector<std::string> names;  // of its placeholders
    std::uint32_t list = 0;
    bool is_list = false, is_query = false;
};

class renderer {
public:
    renderer(const dialect& d, const model_info* model) : d_(d), model_(model) {}
    // A SELECT inside of another statement, whose columns it may use: then every column is written with its table.
    renderer(const renderer& outer, const ast::query& q) : d_(outer.d_), model_(q.model), outer_(&outer) {
        names_table(q);
    }

    std::string out;
    std::vector<std::string> names;
    status failed;

    void quoted(std::string_view identifier) { d_.quote(out, identifier); }
    void value_of(std::string name) {
        out += mark;
        names.push_back(std::move(name));
    }
    // Null, and failed is set: not of this statement.
    const field_info* column(const column_ref* ref);
    // As it is written in a condition: with its table, where there are several.
    void write_column(std::string& to, const column_ref* ref);
    void write_field(std::string& to, const field_info& f) const;
    // FROM, UPDATE, INSERT INTO: the model's table, or another of the user's; "schema.table" has two parts.
    void table();
    // Before anything is written: the table may have another name than the model's.
    void names_table(const ast::query& q) {
        if (q.more && !q.more->table.empty()) table_ = &q.more->table;
    }
    void hints(const ast::query& q, ast::hint::place where);
    void returning(const ast::query& q);
    [[nodiscard]] const std::string& table_name() const { return table_ ? *table_ : model_->table; }
    [[nodiscard]] const model_info& model() const { return *model_; }
    [[nodiscard]] const dialect& of() const { return d_; }
    void expression(const expr& e);
    // Conditions of a chain, in parentheses when more is to follow and they hold an OR.
    void conditions(const expr& e, bool more_follows);
    void order(const ast::query& q);
    void where(const ast::query& q);
    void columns_of(const ast::query& q);
    void list_columns(const std::vector<const column_ref*>& columns);
    render_result finish(std::string operation, std::string collection);

private:
    fragment fold(const expr& e);
    void binary(std::vector<fragment>& stack, node_kind kind);
    void join(std::vector<fragment>& stack, node_kind kind);
    void words(std::vector<fragment>& stack, const node& n, std::string_view text);
    void select_inside(std::vector<fragment>& stack, const ast::query& q);
    void one_operand(fragment& f, node_kind kind);
    const field_info* find(const column_ref* ref, const renderer** of) const;
    void membership(std::vector<fragment>& stack, bool inside);

    const dialect& d_;
    const model_info* model_;
    const renderer* outer_ = nullptr;
    const std::string* table_ = nullptr;
};

inline std::string in_parentheses(std::string text) {
    return "(" + std::move(text) + ")";
}

void write_select(renderer& r, const dialect& d, const ast::query& q);
void write_count(renderer& r, const dialect& d, const ast::query& q);
void write_update(renderer& r, const ast::query& q);
void write_remove(renderer& r, const ast::query& q);

}  // namespace skua::orm::detail
