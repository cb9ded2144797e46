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
    if (!e.texts.empty()) to.cacheable = false;
}

void add_shape(shape& to, const ast::query& q) {
    to.add(q.model);
    to.add(q.shape);
    std::uint64_t flags = static_cast<std::uint64_t>(q.what);
    for (const bool flag : {q.unscoped, q.distinct, q.for_update, q.limit >= 0, q.offset >= 0, q.key_order > 0,
                            q.key_order < 0, static_cast<bool>(q.having)})
        flags = flags << 1 | (flag ? 1U : 0U);
    to.add(flags << 24 | q.columns.size() << 16 | q.group.size() << 8 | q.order.size());
    to.add(q.set.size());
    for (const column_ref* c : q.columns) to.add(c);
    for (const column_ref* c : q.group) to.add(c);
    for (const order_term& t : q.order) {
        to.add(t.column);
        to.add(t.literal.data());
        to.add(t.literal.size() << 1 | (t.descending ? 1U : 0U));
        if (t.owned_literal) to.cacheable = false;
    }
    for (const assignment& a : q.set) {
        to.add(a.field ? static_cast<const void*>(a.field) : a.column);
        add_shape_of(to, a.to);
    }
    add_shape_of(to, q.where);
    if (q.having) add_shape_of(to, *q.having);
    if (q.alias) to.add(q.alias);
    if (q.related) add_shape_of_joins(to, q.related->joins);
}

void collect_values(value_list& into, const ast::query& q, verb what) {
    if (what == verb::update)
        for (const assignment& a : q.set)
            for (const value& v : a.to.values) into.push_back(v.view());
    if (q.related && !q.related->joins.empty()) values_of_joins(into, q);
    for (const value& v : q.where.values) into.push_back(v.view());
    if (what != verb::select && what != verb::count) return;
    for (const value& v : q.having->values) into.push_back(v.view());
    if (q.limit >= 0) into.push_back(value_view::integer(q.limit));
    if (q.offset >= 0) into.push_back(value_view::integer(q.offset));
}

}  // namespace skua::orm::detail
