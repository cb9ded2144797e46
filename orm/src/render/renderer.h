// SPDX-License-Identifier: Apache-2.0
// Writes a statement's text piece by piece. The files beside it are by kind of statement; expression.cc writes
// conditions and values.
#pragma once

#include "../relation/join.h"
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
    renderer(const dialect& d, const ast::query& q);
    // A SELECT inside of another statement, whose columns it may use: then every column is written with its table.
    renderer(const renderer& outer, const ast::query& q);

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
    void joins();
    void joined_columns(const ast::query& q);
    // Whether the query joins tables.
    [[nodiscard]] bool joined() const noexcept { return !plan_.tables.empty(); }
    [[nodiscard]] const join_plan& plan() const noexcept { return plan_; }
    // As it is written in a condition: with its table, where there are several.
    const field_info* write_column(std::string& to, const column_ref* ref);
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
    void plan(const ast::query& q);
    void write_table(std::string& to, std::string_view name) const;
    const field_info* find(const column_ref* ref, const renderer** of, const std::string** table) const;
    void membership(std::vector<fragment>& stack, bool inside);

    const std::string* table_of(const model_info* of, const column_ref& ref) const;
    void refuse(const model_info* of, const field_info* f, const column_ref& ref);
    void join_condition(const joined_table& t);
    void equal_columns(const std::string& a, const field_list& left, const std::string& b, const field_list& right);

    const dialect& d_;
    const model_info* model_;  // whose columns are meant without a table
    std::string alias_;        // of it; empty: columns are written alone
    join_plan plan_;
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
