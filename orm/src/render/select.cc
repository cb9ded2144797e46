// SPDX-License-Identifier: Apache-2.0
// SELECT and count.
#include "renderer.h"

#include <algorithm>

namespace skua::orm::detail {

void renderer::list_columns(const std::vector<const column_ref*>& columns) {
    bool first = true;
    for (const column_ref* ref : columns) {
        if (!first) out += ", ";
        first = false;
        qualified(out, ref);
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
        qualified(out, model_->fields[static_cast<std::size_t>(model_->deleted_at)]);
        out += " IS NULL";
    }
}

void renderer::order(const ast::query& q) {
    if (q.order.empty() && !q.key_order) return;
    out += " ORDER BY ";
    bool first = true;
    for (const order_term& term : q.order) {
        if (!first) out += ", ";
        first = false;
        if (term.column) {
            qualified(out, term.column);
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
    if (!model_->fields.empty()) qualified(out, model_->fields[key]);
    if (q.key_order < 0) out += " DESC";
}

void renderer::columns_of(const ast::query& q) {
    if (q.distinct) out += "DISTINCT ";
    if (q.what == ast::projection::columns) return list_columns(q.columns);
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
        if (!alias_.empty()) {
            quoted(alias_);
            out += '.';
        }
        quoted(t.column);
    }
    if (&shape == model_) joined_columns(q);
}

namespace {

bool counts_inside(const ast::query& q) {
    return !q.group.empty() || q.limit >= 0 || q.offset >= 0 || (q.distinct && q.columns.size() != 1);
}

void select_body(renderer& r, const dialect& d, const ast::query& q, bool with_order) {
    r.out += " FROM ";
    r.quoted(q.model->table);
    r.joins();
    r.where(q);
    if (!q.group.empty()) {
        r.out += " GROUP BY ";
        r.list_columns(q.group);
    }
    if (q.having) {
        r.out += " HAVING ";
        r.conditions(*q.having, false);
    }
    if (with_order) r.order(q);
    if (q.limit >= 0 || q.offset >= 0) {
        d.limit(r.out, q.limit >= 0, q.offset >= 0, std::string_view(&mark, 1));
        for (int i = (q.limit >= 0) + (q.offset >= 0); i > 0; --i) r.names.emplace_back();
    }
    if (q.for_update) d.for_update(r.out);
}

}  // namespace

void write_count(renderer& r, const dialect& d, const ast::query& q) {
    if (counts_inside(q)) {
        r.out += "SELECT count(*) FROM (SELECT ";
        if (q.distinct)
            r.columns_of(q);
        else
            r.out += "1";
        select_body(r, d, q, false);
        r.out += ") AS \"counted\"";
    } else {
        if (q.distinct) {
            r.out += "SELECT count(DISTINCT ";
            r.list_columns(q.columns);
            r.out += ")";
        } else {
            r.out += "SELECT count(*)";
        }
        select_body(r, d, q, false);
    }
}

void write_select(renderer& r, const dialect& d, const ast::query& q) {
    r.out += "SELECT ";
    r.columns_of(q);
    select_body(r, d, q, true);
}

bool is_selected(const ast::query& q, const target_field& t) {
    return q.columns.empty() || std::any_of(q.columns.begin(), q.columns.end(), [&](const column_ref* ref) {
               const field_info* f = ref->is_own() ? ref->resolve(nullptr) : nullptr;
               return f && f->column == t.column;
           });
}

const field_info* resolve_in(const model_info& m, const column_ref* ref) noexcept {
    const model_info* of = nullptr;
    const field_info* f = ref->resolve(&of);
    return of == &m && ref->is_own() ? f : nullptr;
}
}  // namespace skua::orm::detail
