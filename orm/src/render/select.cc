// SPDX-License-Identifier: Apache-2.0
// SELECT and count.
#include "renderer.h"

#include <algorithm>

namespace skua::orm::detail {

void renderer::hints(const ast::query& q, ast::hint::place where) {
    if (!q.more) return;
    for (const ast::hint& h : q.more->hints) {
        if (h.where != where) continue;
        if (where != ast::hint::place::front) out += ' ';
        out += h.text;
        if (where == ast::hint::place::front) out += ' ';
    }
}

void renderer::returning(const ast::query& q) {
    if (!q.more || !q.more->returns_rows) return;
    out += " RETURNING ";
    if (!q.more->returning.empty()) return list_columns(q.more->returning);
    bool first = true;
    for (const target_field& t : model_->targets) {
        if (!first) out += ", ";
        first = false;
        quoted(t.column);
    }
}

void renderer::list_columns(const std::vector<const column_ref*>& columns) {
    bool first = true;
    for (const column_ref* ref : columns) {
        if (!first) out += ", ";
        first = false;
        write_column(out, ref);
    }
}

void renderer::where(const ast::query& q) {
    const bool hides_deleted = model_->deleted_at >= 0 && !q.unscoped;
    if (q.where.empty() && !hides_deleted) return;
    out += " WHERE ";
    if (!q.where.empty()) {
        conditions(q.where, hides_deleted);
        if (hides_deleted) out += " AND ";
    }
    if (hides_deleted) {
        const field_info& f = model_->fields[static_cast<std::size_t>(model_->deleted_at)];
        write_field(out, f);
        out += f.soft_delete == soft_delete_kind::null   ? " IS NULL"
               : f.ops->type.kind == value_kind::boolean ? " = FALSE"
                                                         : " = 0";
    }
}

void renderer::order(const ast::query& q) {
    if (q.order.empty() && !q.key_order) return;
    out += " ORDER BY ";
    bool first = true;
    for (const order_term& term : q.order) {
        if (!first) out += ", ";
        first = false;
        if (term.field) {
            write_field(out, *term.field);
            if (term.descending) out += " DESC";
        } else if (term.column) {
            write_column(out, term.column);
            if (term.descending) out += " DESC";
        } else {
            out += term.owned_literal ? std::string_view(*term.owned_literal) : term.literal;
        }
    }
    if (!q.key_order) return;
    // gorm: the key, or without one the first field.
    const std::size_t key = model_->prioritized_key >= 0 ? static_cast<std::size_t>(model_->prioritized_key)
                            : model_->primary.empty()    ? 0U
                                                         : model_->primary[0];
    if (!first) out += ", ";
    if (!model_->fields.empty()) write_field(out, model_->fields[key]);
    if (q.key_order < 0) out += " DESC";
}

void renderer::columns_of(const ast::query& q) {
    if (q.distinct) out += "DISTINCT ";
    if (q.more && !q.more->projection.empty()) return expression(q.more->projection);
    if (q.what == ast::projection::columns) return list_columns(q.columns);
    if (outer_ && q.columns.empty() && model_->prioritized_key >= 0 && !q.shape)  // an operand is one column
        return write_field(out, model_->fields[static_cast<std::size_t>(model_->prioritized_key)]);
    const model_info& shape = q.shape ? *q.shape : *model_;
    bool first = true;
    for (const target_field& t : shape.targets) {
        if (!is_selected(q, t)) continue;
        if (!first) out += ", ";
        first = false;
        if (&shape != model_ && !model_->by_column(t.column)) {
            error e;
            e.code = errc::invalid_field;
            e.column = t.column;
            e.table = model_->table;
            e.message = "column " + std::string(t.column) + " of " + shape.name + " is not in " + model_->table;
            if (failed) failed = std::move(e);
        }
        const field_info* own = outer_ || !alias_.empty() ? model_->by_column(t.column) : nullptr;
        own ? write_field(out, *own) : quoted(t.column);
    }
    if (&shape == model_) joined_columns(q);
}

bool counts_inside(const ast::query& q) {
    return !q.group.empty() || (q.more && (!q.more->group.empty() || q.more->having.nodes.size() > 0)) ||
           q.limit >= 0 || q.offset >= 0 || counts_columns(q);
}
// Different rows are counted, so it must be known what of them; one column needs no SELECT inside.
bool counts_columns(const ast::query& q) {
    return q.distinct && (q.columns.size() != 1 || (q.more && !q.more->projection.empty()));
}

namespace {

void group_clause(renderer& r, const ast::query& q) {
    const bool text = q.more && !q.more->group.empty();
    if (q.group.empty() && !text) return;
    r.out += " GROUP BY ";
    r.list_columns(q.group);
    if (!text) return;
    if (!q.group.empty()) r.out += ", ";
    r.expression(q.more->group);
}

void select_body(renderer& r, const dialect& d, const ast::query& q, bool with_order) {
    r.out += " FROM ";
    if (q.more && q.more->source) {
        renderer inner(d, *q.more->source);
        write_select(inner, d, *q.more->source);
        r.out += in_parentheses(std::move(inner.out)) + " AS ";
        r.names.insert(r.names.end(), inner.names.begin(), inner.names.end());
        if (!inner.failed && r.failed) r.failed = std::move(inner.failed);
    }
    r.table();
    r.joins();
    r.hints(q, ast::hint::place::after_table);
    r.where(q);
    group_clause(r, q);
    if (q.more && !q.more->having.empty()) {
        r.out += " HAVING ";
        r.conditions(q.more->having, false);
    }
    if (with_order) r.order(q);
    if (q.limit >= 0 || q.offset >= 0) {
        d.limit(r.out, q.limit >= 0, q.offset >= 0, std::string_view(&mark, 1));
        for (int i = (q.limit >= 0) + (q.offset >= 0); i > 0; --i) r.names.emplace_back();
    }
    if (q.lock.how != row_lock::strength::none) d.lock(r.out, q.lock);
    r.hints(q, ast::hint::place::back);
}

}  // namespace

void write_count(renderer& r, const dialect& d, const ast::query& q) {
    r.names_table(q);
    r.hints(q, ast::hint::place::front);
    r.out += "SELECT";
    r.hints(q, ast::hint::place::after_verb);
    if (counts_inside(q)) {
        r.out += " count(*) FROM (SELECT ";
        if (q.distinct)
            r.columns_of(q);
        else
            r.out += "1";
        select_body(r, d, q, false);
        r.out += ") AS counted";
        return;
    }
    r.out += q.distinct ? " count(DISTINCT " : " count(*)";
    if (q.distinct) r.list_columns(q.columns);
    if (q.distinct) r.out += ")";
    select_body(r, d, q, false);
}

namespace {

// Limit and offset of each value of some columns: the rows are numbered inside,
// and chosen outside. What is not ordered is numbered by the key.
void write_numbered(renderer& r, const ast::query& q) {
    constexpr std::string_view number = "row__number";
    r.out += "SELECT ";
    r.columns_of(q);
    r.out += " FROM (SELECT ";
    r.columns_of(q);
    r.out += ", ROW_NUMBER() OVER (PARTITION BY ";
    for (std::size_t i = 0; i < q.more->each_of.size(); ++i) {
        if (i) r.out += ", ";
        r.write_field(r.out, *q.more->each_of[i]);
    }
    if (q.order.empty() && !q.key_order) {
        for (std::size_t i = 0; i < r.model().primary.size(); ++i) {
            r.out += i ? ", " : " ORDER BY ";
            r.write_field(r.out, r.model().fields[r.model().primary[i]]);
        }
    } else {
        r.order(q);
    }
    r.out += ") AS ";
    r.quoted(number);
    r.out += " FROM ";
    r.table();
    r.where(q);
    r.out += ") AS ";
    r.table();
    const auto bound = [&](std::string_view words, std::string_view op) {
        r.out += words;
        r.quoted(number);
        r.out += op;
        r.value_of({});
    };
    if (q.limit >= 0) bound(" WHERE ", " <= ");
    if (q.offset >= 0) bound(q.limit >= 0 ? " AND " : " WHERE ", " > ");
    r.out += " ORDER BY ";
    r.quoted(number);
}

}  // namespace

void write_select(renderer& r, const dialect& d, const ast::query& q) {
    if (q.more && !q.more->each_of.empty()) return write_numbered(r, q);
    r.names_table(q);
    r.hints(q, ast::hint::place::front);
    r.out += "SELECT";
    r.hints(q, ast::hint::place::after_verb);
    r.out += ' ';
    r.columns_of(q);
    select_body(r, d, q, true);
}

bool is_selected(const ast::query& q, const target_field& t) {
    const auto in = [&](const std::vector<const column_ref*>& list) {
        return std::any_of(list.begin(), list.end(), [&](const column_ref* ref) {
            const field_info* f = ref->is_own() ? ref->resolve(nullptr) : nullptr;
            return f && f->column == t.column;
        });
    };
    return (q.columns.empty() || in(q.columns)) && !(q.more && !q.more->omit.empty() && in(q.more->omit));
}

const field_info* resolve_in(const model_info& m, const column_ref* ref) noexcept {
    const model_info* of = nullptr;
    const field_info* f = ref->resolve(&of);
    return of == &m && ref->is_own() ? f : nullptr;
}
}  // namespace skua::orm::detail
