// SPDX-License-Identifier: Apache-2.0
// Walking through a table by key, and objects made from what conditions say.
#include "core.h"
#include "render/render.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

// (a > x) OR (a = x AND b > y): behind the row with the key x, y.
expr behind(const model_info& m, const std::vector<value>& keys) {
    expr any;
    for (std::size_t last = 0; last < keys.size(); ++last) {
        expr all;
        for (std::size_t i = 0; i <= last; ++i) {
            all.push_field(&m.fields[m.primary[i]]);
            all.push_value(keys[i]);
            all.push(i == last ? node_kind::gt : node_kind::eq);
            if (i) all.push(node_kind::and_);
        }
        any.append(std::move(all));
        if (last) any.push(node_kind::or_);
    }
    return any;
}

bool asks_for(const ast::query& q, const field_info& f) {
    return std::any_of(q.model->targets.begin(), q.model->targets.end(),
                       [&](const target_field& t) { return t.column == f.column && is_selected(q, t); });
}

}  // namespace

status next_batch(const ast::query& base, const batch_cursor& cursor, std::size_t size, ast::query& next) {
    const model_info& m = *base.model;
    if (size == 0) return fail(errc::invalid_value, "a batch has at least one row; got 0");
    if (m.primary.empty()) return fail(errc::primary_key_required, m.name + " has no primary key to go by");
    for (const std::uint32_t i : m.primary)
        if (!asks_for(base, m.fields[i]))
            return fail(errc::primary_key_required, "batches go by key: column " + m.fields[i].column + " is left out");
    if (!base.order.empty()) return fail(errc::invalid_value, "batches go by key: they cannot have another order");
    next = base;
    if (cursor.started) {
        // What the user said stays together: and_ puts it in parentheses, where_and would not.
        expr both = std::move(next.where);
        const bool first = both.empty();
        both.append(behind(m, cursor.after));
        if (!first) both.push(node_kind::and_);
        next.where = std::move(both);
        next.offset = -1;
    }
    const auto rows = static_cast<std::int64_t>(size);
    const std::int64_t left = cursor.started ? cursor.left : base.limit;
    next.limit = left >= 0 ? std::min(left, rows) : rows;
    for (const std::uint32_t i : m.primary) next.order.push_back({nullptr, false, {}, {}, &m.fields[i]});
    return ok;
}

void advance(batch_cursor& cursor, const ast::query& base, const void* last, std::size_t count) {
    if (!cursor.started) cursor.left = base.limit;
    if (cursor.left >= 0) cursor.left -= std::min(cursor.left, static_cast<std::int64_t>(count));
    cursor.started = true;
    cursor.after.clear();
    scratch keeper;
    for (const std::uint32_t i : base.model->primary) {
        const field_info& f = base.model->fields[i];
        cursor.after.emplace_back(f.ops->view(f.in(last), keeper));
    }
}

status apply_values(const model_info& model, void* object, std::span<const assignment> values) {
    for (const assignment& a : values) {
        const field_info* f = a.field ? a.field : resolve_in(model, a.column);
        if (!f) return fail(errc::invalid_field, "an assigned column is not of " + model.name);
        if (a.to.nodes.size() != 1 || a.to.values.size() != 1)
            return fail(errc::invalid_value, "column " + f->column + " is assigned an expression; want a value");
        const value_view v = a.to.values[0].view();
        if (v.is_null())
            f->ops->clear(f->in(object));
        else if (f->ops->read(f->in(object), v) != read_status::good)
            return fail(errc::invalid_value, "the value for column " + f->column + " does not fit");
    }
    return ok;
}

namespace {

// What stands on the stack while conditions are walked through.
struct operand {
    const field_info* field = nullptr;
    const value* what = nullptr;
};

}  // namespace

void apply_conditions(const model_info& model, void* object, const expr& where) {
    std::vector<operand> stack, found;
    std::size_t next = 0;
    const auto pop = [&] {
        operand o;
        if (!stack.empty()) {
            o = stack.back();
            stack.pop_back();
        }
        return o;
    };
    for (const node& n : where.nodes) {
        operand made;
        switch (n.kind) {
            case node_kind::column:
                made.field = resolve_in(model, static_cast<const column_ref*>(n.what));
                break;
            case node_kind::field:
                made.field = static_cast<const field_info*>(n.what);
                break;
            case node_kind::value:
                made.what = &where.values[next++];
                break;
            case node_kind::list:
                next += n.size;
                break;
            case node_kind::subquery:
                next += n.args;
                break;
            case node_kind::text:
            case node_kind::owned_text:
                for (std::uint16_t i = 0; i < n.args; ++i) pop();
                break;
            case node_kind::eq: {
                const operand right = pop(), left = pop();
                if (left.field && right.what) found.push_back({left.field, right.what});
                break;
            }
            case node_kind::is_null:
            case node_kind::is_not_null:
            case node_kind::exists:
                pop();
                break;
            case node_kind::not_:
            case node_kind::or_:
            case node_kind::where_or:
                return;  // nothing is certain of such a row
            default:
                pop();
                pop();
        }
        stack.push_back(made);
    }
    for (const operand& o : found)
        if (o.field->ops->read(o.field->in(object), o.what->view()) == read_status::null)
            o.field->ops->clear(o.field->in(object));
}

}  // namespace skua::orm::detail
