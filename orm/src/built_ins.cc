// SPDX-License-Identifier: Apache-2.0
// The callbacks each processor starts with, under gorm's names and in its order.
#include "chain.h"
#include "engine.h"
#include "relation/run.h"

#include <skua/orm/event.hpp>

namespace skua::orm {

database event::db() const {
    return run_.db();
}

namespace detail {
namespace {

status before_create(statement& run) {
    SKUA_TRY(call_hooks(run, hook_point::before_save));
    return call_hooks(run, hook_point::before_create);
}
status after_create(statement& run) {
    SKUA_TRY(call_hooks(run, hook_point::after_create));
    return call_hooks(run, hook_point::after_save);
}
status before_update(statement& run) {
    SKUA_TRY(call_hooks(run, hook_point::before_save));
    return call_hooks(run, hook_point::before_update);
}
status after_update(statement& run) {
    SKUA_TRY(call_hooks(run, hook_point::after_update));
    return call_hooks(run, hook_point::after_save);
}
status before_delete(statement& run) {
    return call_hooks(run, hook_point::before_delete);
}
status after_delete(statement& run) {
    return call_hooks(run, hook_point::after_delete);
}

status after_query(statement& run) {
    if (run.rows_affected == 0 || !run.target_ || !run.target_->model ||
        !run.target_->model->hook(hook_point::after_find))
        return ok;
    run.objects.first = run.target_->objects(run.target_->self, run.objects.count);
    run.objects.stride = run.target_->model->desc->size;
    return call_hooks(run, hook_point::after_find);
}

constexpr built_in on_create[] = {{"orm:begin_transaction", begin_transaction},
                                  {"orm:before_create", before_create},
                                  {"orm:save_before_associations", save_before_relations},
                                  {"orm:create", create_rows},
                                  {"orm:save_after_associations", save_after_relations},
                                  {"orm:after_create", after_create},
                                  {"orm:commit_or_rollback_transaction", commit_or_rollback, true}};
constexpr built_in on_query[] = {
    {"orm:query", query_rows}, {"orm:preload", preload_related}, {"orm:after_query", after_query}};
constexpr built_in on_update[] = {{"orm:begin_transaction", begin_transaction},
                                  {"orm:setup_reflect_value", nullptr},
                                  {"orm:before_update", before_update},
                                  {"orm:save_before_associations", save_before_relations},
                                  {"orm:update", update_rows},
                                  {"orm:save_after_associations", save_after_relations},
                                  {"orm:after_update", after_update},
                                  {"orm:commit_or_rollback_transaction", commit_or_rollback, true}};
constexpr built_in on_remove[] = {{"orm:begin_transaction", begin_transaction},
                                  {"orm:before_delete", before_delete},
                                  {"orm:delete_before_associations", remove_before_relations},
                                  {"orm:delete", remove_rows},
                                  {"orm:after_delete", after_delete},
                                  {"orm:commit_or_rollback_transaction", commit_or_rollback, true}};
constexpr built_in on_row[] = {{"orm:row", query_rows}};
constexpr built_in on_raw[] = {{"orm:raw", raw_rows}};

struct hook_call {
    statement& run;
    model_hook hook;
    status outcome;
};

status checked(status s, hook_point point) {
    if (!s && s.error().code == errc::hook_failed && s.error().operation.empty())
        s.error().message = std::string(to_string(point)) + ": " + s.error().message;
    return s;
}

}  // namespace

std::span<const built_in> built_ins(processor_kind kind) {
    switch (kind) {
        case processor_kind::create:
            return on_create;
        case processor_kind::query:
            return on_query;
        case processor_kind::update:
            return on_update;
        case processor_kind::remove:
            return on_remove;
        case processor_kind::row:
            return on_row;
        case processor_kind::raw:
            return on_raw;
    }
    return {};
}

status call_hooks(statement& run, hook_point point) {
    if (run.skip_hooks || !run.model) return ok;
    const model_hook hook = run.model->hook(point);
    if (!hook) return ok;
    if (run.objects.count == 0 &&
        point != hook_point::after_find) {  // a write by condition: gorm, too, asks a zero object
        hook_call call{run, hook, ok};
        run.model->desc->temporary(&call, [](void* arg, void* object) {
            auto& c = *static_cast<hook_call*>(arg);
            event e(c.run, object);
            c.outcome = c.hook(object, e);
        });
        return checked(std::move(call.outcome), point);
    }
    for (std::size_t i = 0; i < run.objects.count; ++i) {
        event e(run, run.objects.at(i));
        if (status s = hook(run.objects.at(i), e); !s) return checked(std::move(s), point);
    }
    return ok;
}

status begin_transaction(statement& run) {
    const handle& on = *run.run_handle_;
    if (on.tx || on.session.dry_run || on.session.skip_default_transaction || on.core->options.skip_default_transaction)
        return ok;
    const bool hooks = !run.skip_hooks && run.model &&
                       (run.kind == processor_kind::create   ? run.model->hooks_on_create
                        : run.kind == processor_kind::update ? run.model->hooks_on_update
                                                             : run.model->hooks_on_delete);
    // One statement is its own transaction.
    return hooks || run.user_callbacks_ || touches_relations(run) ? ensure_transaction(run) : status();
}

status ensure_transaction(statement& run) {
    const handle& on = *run.run_handle_;
    if (on.tx || on.session.dry_run || on.session.skip_default_transaction || on.core->options.skip_default_transaction)
        return ok;
    handle here = on;
    if (!run.context_.empty()) here.context = run.context_;
    auto scope = begin_scope(here, run.at, &run.operation);
    if (!scope) return std::move(scope.error());
    run.tx_handle_ = with_scope(here, std::move(*scope));
    run.run_handle_ = run.tx_handle_.get();
    return ok;
}

status commit_or_rollback(statement& run) {
    if (!run.tx_handle_) return ok;
    tx_scope& scope = *run.tx_handle_->tx;
    if (scope.ended) return ok;
    if (run.outcome_) return commit_scope(*run.tx_handle_, scope, run.at, &run.operation);
    if (scope.state->open)
        static_cast<void>(rollback_scope(*run.tx_handle_, scope, run.at, &run.operation));  // the first error counts
    else
        scope.ended = true;
    return ok;
}

}  // namespace detail

status event::set_value(assignment what) {
    const model_info* model = nullptr;
    const field_info* f = what.column->resolve(&model);
    if (!f || model != run_.model) return fail(errc::invalid_field, "event.set: the column is of another model");
    if (object_ && what.to.nodes.size() == 1 && what.to.values.size() == 1) {
        const value_view v = what.to.values[0].view();
        if (v.is_null())
            f->ops->clear(f->in(object_));
        else if (f->ops->read(f->in(object_), v) != read_status::good)
            return fail(errc::invalid_value, "event.set: the value does not fit");
    }
    if (run_.kind != processor_kind::update || run_.save_all_) return ok;
    auto& set = run_.mutable_query().set;
    for (assignment& a : set)
        if (a.column == what.column) {
            a = std::move(what);
            return ok;
        }
    set.push_back(std::move(what));
    return ok;
}

bool event::is_changed(const column_ref* column) const {
    if (run_.kind != processor_kind::update) return false;
    if (run_.save_all_) {
        const model_info* model = nullptr;
        const field_info* f = column->resolve(&model);
        return f && model == run_.model && (!run_.part_ || detail::saves_column(*run_.part_, *model, *f));
    }
    for (const assignment& a : run_.query().set)
        if (a.column == column) return true;
    return false;
}

}  // namespace skua::orm
