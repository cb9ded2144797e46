// SPDX-License-Identifier: Apache-2.0
// UPDATE and DELETE.
#include "write.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

expr value_of(const field_info& f, const void* object) {
    scratch keeper;
    expr e;
    e.push_value(value(f.ops->view(f.in(object), keeper)));
    return e;
}

expr key_equals(const model_info& m, const void* object) {
    expr all;
    for (const std::uint32_t i : m.primary) {
        const bool first = all.empty();
        all.push_field(&m.fields[i]);
        all.append(value_of(m.fields[i], object));
        all.push(node_kind::eq);
        if (!first) all.push(node_kind::and_);
    }
    return all;
}

status add_object_conditions(statement& run) {
    const model_info& m = *run.model;
    if (run.objects.count == 0) return ok;
    expr any;
    for (std::size_t i = 0; i < run.objects.count; ++i) {
        if (key_is_zero(m, run.objects.at(i)))
            return fail(errc::primary_key_required, "the object has no primary key; got zero; want the key of a row");
        const bool first = any.empty();
        any.append(key_equals(m, run.objects.at(i)));
        if (!first) any.push(node_kind::or_);
    }
    run.mutable_query().add_where(std::move(any), false);
    return ok;
}

status refuse_everything(const statement& run) {
    const ast::query& q = run.query();
    if (!q.where.empty() || q.all || run.run_handle_->session.allow_global_update) return ok;
    return fail(errc::missing_where, "no condition: say .all() to mean every row of " + run.model->table);
}

// "<-:create" and the like.
status refuse_columns(const statement& run) {
    for (const assignment& a : run.query().set) {
        const field_info* f = a.field ? a.field : resolve_in(*run.model, a.column);
        if (!f || f->desc->tags.updatable) continue;
        error e = make_error(errc::invalid_field, "column " + f->column + " is tagged not to be updated");
        e.column = f->column;
        return e;
    }
    return ok;
}

void assign_object_columns(statement& run, std::int64_t now) {
    const model_info& m = *run.model;
    void* object = run.objects.first;
    auto& set = run.mutable_query().set;
    for (const field_info& f : m.fields) {
        if (f.primary || !f.desc->tags.updatable) continue;
        if (f.auto_update != tag_time::off)
            set_time(f, f.auto_update, object, now);
        else if (!listed(run, f))
            continue;
        set.push_back({nullptr, value_of(f, object), &f});
    }
}

void assign_update_times(statement& run, std::int64_t now) {
    const model_info& m = *run.model;
    for (const field_info& f : m.fields) {
        if (f.auto_update == tag_time::off) continue;
        auto& set = run.mutable_query().set;
        const bool said = std::any_of(set.begin(), set.end(),
                                      [&](const assignment& a) { return a.column && resolve_in(m, a.column) == &f; });
        if (said) continue;
        expr e;
        e.push_value(value(time_value(f.auto_update, now)));
        set.push_back({nullptr, std::move(e), &f});
    }
}

// Plain values go into the members of the object, too.
void assign_to_objects(const statement& run) {
    if (run.objects.count == 0) return;
    for (const assignment& a : run.query().set) {
        const field_info* f = a.field ? a.field : resolve_in(*run.model, a.column);
        if (!f || a.to.nodes.size() != 1 || a.to.values.size() != 1) continue;
        for (std::size_t i = 0; i < run.objects.count; ++i) {
            void* member = f->in(run.objects.at(i));
            const value_view v = a.to.values[0].view();
            if (f->ops->read(member, v) == read_status::null) f->ops->clear(member);
        }
    }
}

// What a row that is soft-deleted has in that column.
value_view deleted_mark(const field_info& f, std::int64_t now) {
    switch (f.soft_delete_unit) {
        case tag_time::moment:
            return value_view::time(now);
        case tag_time::seconds:
            return value_view::integer(now / 1'000'000'000);
        case tag_time::milli:
            return value_view::integer(now / 1'000'000);
        case tag_time::nano:
            return value_view::integer(now);
        default:
            return f.ops->type.kind == value_kind::boolean ? value_view::boolean(true) : value_view::integer(1);
    }
}

}  // namespace

bool key_is_zero(const model_info& m, const void* object) {
    return m.primary.empty() || std::any_of(m.primary.begin(), m.primary.end(), [&](std::uint32_t i) {
               return m.fields[i].ops->is_zero(m.fields[i].in(object));
           });
}

status update_rows(statement& run) {
    const std::int64_t now = now_ns(*run.run_handle_);
    SKUA_TRY(add_object_conditions(run));
    if (run.save_all_) {
        assign_object_columns(run, now);
    } else {
        SKUA_TRY(refuse_everything(run));
        SKUA_TRY(refuse_columns(run));
        assign_to_objects(run);
        if (!run.untracked_) assign_update_times(run, now);
    }
    if (run.query().set.empty()) return ok;
    SKUA_TRY(send_write(run, verb::update));
    if (!run.save_all_) assign_to_objects(run);
    return ok;
}

status remove_rows(statement& run) {
    SKUA_TRY(add_object_conditions(run));
    SKUA_TRY(refuse_everything(run));
    const model_info& m = *run.model;
    if (m.deleted_at < 0 || run.query().unscoped) return send_write(run, verb::remove);
    const field_info& f = m.fields[static_cast<std::size_t>(m.deleted_at)];
    expr mark;
    mark.push_value(value(deleted_mark(f, now_ns(*run.run_handle_))));
    run.mutable_query().set.assign(1, assignment{nullptr, std::move(mark), &f});
    SKUA_TRY(send_write(run, verb::update));
    assign_to_objects(run);
    return ok;
}

}  // namespace skua::orm::detail
