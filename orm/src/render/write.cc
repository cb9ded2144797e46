// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE and DELETE.
#include "renderer.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

void assignments(renderer& r, const std::vector<assignment>& set, bool first) {
    for (const assignment& a : set) {
        const field_info* f = a.field ? a.field : r.column(a.column);
        if (!f) continue;
        if (!first) r.out += ", ";
        first = false;
        r.quoted(f->column);
        r.out += " = ";
        const std::size_t names_before = r.names.size();
        r.expression(a.to);
        std::fill(r.names.begin() + static_cast<std::ptrdiff_t>(names_before), r.names.end(), f->column);
    }
}

// The columns of ON CONFLICT (…), quoted, and a first one that may be assigned to itself.
struct conflict_columns {
    std::string all, first;
};

conflict_columns columns_of(renderer& r, const dialect& d, const model_info& m, const ast::conflict& rule) {
    conflict_columns out;
    const auto add = [&](const field_info& f) {
        if (!out.all.empty()) out.all += ", ";
        d.quote(out.all, f.column);
        if (out.first.empty()) out.first = out.all;
    };
    if (rule.columns.empty())
        for (const std::uint32_t i : m.primary) add(m.fields[i]);
    for (const column_ref* ref : rule.columns)
        if (const field_info* f = r.column(ref)) add(*f);
    return out;
}

void conflict_clause(renderer& r, const dialect& d, const model_info& m, const ast::conflict& rule) {
    const conflict_columns columns = columns_of(r, d, m, rule);
    if (rule.constraint.empty()) {
        d.on_conflict(r.out, columns.all);
    } else {
        r.out += " ON CONFLICT ON CONSTRAINT ";
        r.quoted(rule.constraint);
    }
    if (rule.constraint.empty() && !rule.target_where.empty()) {
        r.out += " WHERE ";
        r.conditions(rule.target_where, false);
    }
    std::vector<const field_info*> update;
    if (rule.what == ast::conflict::act::update_all) update = updatable_on_conflict(m);
    for (const column_ref* ref : rule.update)
        if (const field_info* f = r.column(ref)) update.push_back(f);
    update.insert(update.end(), rule.update_fields.begin(), rule.update_fields.end());
    if (update.empty() && rule.set.empty()) return d.do_nothing(r.out, columns.first);
    d.do_update(r.out);
    for (std::size_t i = 0; i < update.size(); ++i) {
        if (i) r.out += ", ";
        std::string quoted;
        d.quote(quoted, update[i]->column);
        r.out.append(quoted).append(" = ");
        d.excluded(r.out, quoted);
    }
    assignments(r, rule.set, update.empty());
    if (rule.where.empty()) return;
    r.out += " WHERE ";
    r.conditions(rule.where, false);
}

}  // namespace

void write_update(renderer& r, const ast::query& q) {
    r.names_table(q);
    r.hints(q, ast::hint::place::front);
    r.out += "UPDATE";
    r.hints(q, ast::hint::place::after_verb);
    r.out += ' ';
    r.table();
    r.hints(q, ast::hint::place::after_table);
    r.out += " SET ";
    assignments(r, q.set, true);
    r.where(q);
    if (q.more && q.more->returns_rows && !r.of().update_returns() && r.failed)
        r.failed = fail(errc::unsupported, std::string(r.of().name()) + " has no UPDATE … RETURNING");
    r.returning(q);
    r.hints(q, ast::hint::place::back);
}

void write_remove(renderer& r, const ast::query& q) {
    r.names_table(q);
    r.hints(q, ast::hint::place::front);
    r.out += "DELETE";
    r.hints(q, ast::hint::place::after_verb);
    r.out += " FROM ";
    r.table();
    r.hints(q, ast::hint::place::after_table);
    r.where(q);
    r.returning(q);
    r.hints(q, ast::hint::place::back);
}

// One row of values in the user's words.
render_result render_insert_of(const dialect& d, const ast::query& q) {
    renderer r(d, q.model);
    r.names_table(q);
    r.out += "INSERT INTO ";
    r.table();
    r.out += " (";
    bool first = true;
    for (const assignment& a : q.set) {
        const field_info* f = a.field ? a.field : r.column(a.column);
        if (!first) r.out += ", ";
        first = false;
        if (f) r.quoted(f->column);
    }
    r.out += ") VALUES (";
    first = true;
    for (const assignment& a : q.set) {
        if (!first) r.out += ", ";
        first = false;
        r.expression(a.to);
    }
    r.out += ")";
    r.returning(q);
    return r.finish("INSERT", q.model->table);
}

std::vector<const field_info*> updatable_on_conflict(const model_info& m) {
    std::vector<const field_info*> out;
    for (const field_info& f : m.fields)
        if (!f.primary && f.auto_create == tag_time::off && f.desc->tags.updatable && !f.default_in_database)
            out.push_back(&f);
    return out;
}

render_result render_insert(const dialect& d, const insert_shape& what) {
    const model_info& m = *what.model;
    renderer r(d, &m);
    r.out = "INSERT INTO ";
    r.quoted(m.table);
    if (what.columns.empty()) {
        d.default_values(r.out);
    } else {
        r.out += " (";
        for (std::size_t i = 0; i < what.columns.size(); ++i) {
            if (i) r.out += ", ";
            r.quoted(what.columns[i]->column);
        }
        r.out += ") VALUES ";
        for (std::size_t row = 0; row < what.rows; ++row) {
            r.out += row ? ", (" : "(";
            for (std::size_t i = 0; i < what.columns.size(); ++i) {
                if (i) r.out += ", ";
                r.value_of(what.columns[i]->column);
            }
            r.out += ")";
        }
    }
    if (what.conflict) conflict_clause(r, d, m, *what.conflict);
    for (std::size_t i = 0; i < what.returning.size(); ++i) {
        r.out += i ? ", " : " RETURNING ";
        r.quoted(what.returning[i]->column);
    }
    return r.finish("INSERT", m.table);
}
}  // namespace skua::orm::detail
