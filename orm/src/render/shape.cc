// SPDX-License-Identifier: Apache-2.0
// What tells statements apart, and their values in the order of the placeholders.
#include "../relation/join.h"
#include "render.h"

namespace skua::orm::detail {

void add_shape_of(shape& to, const expr& e) {
    to.add(e.nodes.size());
    static_assert(sizeof(node) == 2 * sizeof(std::uint64_t));
    const auto* words = reinterpret_cast<const std::uint64_t*>(e.nodes.data());
    to.words.append(words, words + 2 * e.nodes.size());
    if (!e.owned) return;
    if (!e.owned->texts.empty()) to.cacheable = false;
    for (const auto& q : e.owned->queries) add_shape(to, *q);
}

namespace {

void add_list(shape& to, const std::vector<const column_ref*>& columns) {
    to.add(columns.size());
    for (const column_ref* c : columns) to.add(c);
}

void add_extras(shape& to, const ast::query_extras& more) {
    add_shape_of(to, more.having);
    add_shape_of(to, more.projection);
    add_shape_of(to, more.group);
    add_list(to, more.omit);
    add_list(to, more.returning);
    to.add(more.each_of.size() << 1 | (more.returns_rows ? 1U : 0U));
    for (const field_info* f : more.each_of) to.add(f);
    to.add_text(more.table);
    for (const ast::hint& h : more.hints) {
        to.add(static_cast<std::uint64_t>(h.where) + 1);
        to.add_text(h.text);
    }
    if (more.source) add_shape(to, *more.source);
}

}  // namespace

void add_shape(shape& to, const ast::query& q) {
    to.add(q.model);
    to.add(q.shape);
    std::uint64_t flags = static_cast<std::uint64_t>(q.what);
    for (const bool flag : {q.unscoped, q.distinct, q.limit >= 0, q.offset >= 0, q.key_order > 0, q.key_order < 0,
                            static_cast<bool>(q.more), !q.set.empty()})
        flags = flags << 1 | (flag ? 1U : 0U);
    flags = flags << 4 | static_cast<std::uint64_t>(q.lock.how) << 2 | static_cast<std::uint64_t>(q.lock.taken);
    to.add(flags << 24 | q.columns.size() << 16 | q.group.size() << 8 | q.order.size());
    for (const column_ref* c : q.columns) to.add(c);
    for (const column_ref* c : q.group) to.add(c);
    for (const order_term& t : q.order) {
        to.add(t.field ? static_cast<const void*>(t.field) : t.column);
        to.add(t.literal.data());
        to.add(t.literal.size() << 1 | (t.descending ? 1U : 0U));
        if (t.owned_literal) to.cacheable = false;
    }
    if (!q.set.empty()) to.add(q.set.size());
    for (const assignment& a : q.set) {
        to.add(a.field ? static_cast<const void*>(a.field) : a.column);
        add_shape_of(to, a.to);
    }
    add_shape_of(to, q.where);
    if (q.more) add_extras(to, *q.more);
    if (q.alias) to.add(q.alias);
    if (q.related) add_shape_of_joins(to, q.related->joins);
}

namespace {

void add_values(value_list& into, const expr& e) {
    for (const value& v : e.values) into.push_back(v.view());
}

}  // namespace

void collect_values(value_list& into, const ast::query& q, verb what) {
    if (what == verb::update || what == verb::insert)
        for (const assignment& a : q.set) add_values(into, a.to);
    const bool reads = what == verb::select || what == verb::count;
    if (q.more && reads) {
        if (what == verb::select || counts_columns(q)) add_values(into, q.more->projection);
        if (q.more->source) collect_values(into, *q.more->source, verb::select);
    }
    if (what == verb::insert) return;
    if (reads && q.related && !q.related->joins.empty()) values_of_joins(into, q);
    add_values(into, q.where);
    if (!reads) return;
    if (q.more) {
        add_values(into, q.more->group);
        add_values(into, q.more->having);
    }
    if (q.limit >= 0) into.push_back(value_view::integer(q.limit));
    if (q.offset >= 0) into.push_back(value_view::integer(q.offset));
}

}  // namespace skua::orm::detail
