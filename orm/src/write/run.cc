// SPDX-License-Identifier: Apache-2.0
// What the finishers of the typed surface call.
#include "../rows.h"
#include "write.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

statement write_run(const handle_ptr& on, processor_kind kind, std::string_view verb, const model_info& model,
                    object_span objects, location at) {
    statement run;
    run.kind = kind;
    run.operation.verb = verb;
    run.at = at;
    run.run_handle_ = on.get();
    run.model = &model;
    run.objects = objects;
    return run;
}

}  // namespace

result<done> run_create(const handle_ptr& on, const model_info& model, object_span objects,
                        const ast::conflict* conflict, const ast::saved_part* part, location at) {
    statement run = write_run(on, processor_kind::create, "create", model, objects, at);
    if (objects.count == 0) {
        error e = make_error(errc::empty_slice, "nothing to create: the list is empty");
        e.operation = "create " + model.name;
        e.at = at;
        return e;
    }
    run.conflict_ = conflict;
    run.part_ = part;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

namespace {

result<done> save_one(const handle_ptr& on, const model_info& model, object_span object, const ast::saved_part* part,
                      bool all, location at) {
    if (all && key_is_zero(model, object.first)) return run_create(on, model, object, nullptr, part, at);
    ast::query q;
    q.model = &model;
    statement run = write_run(on, processor_kind::update, all ? "save" : "changes", model, object, at);
    run.query_ = &q;
    run.save_all_ = true;
    run.part_ = part;
    SKUA_TRY(run_statement(run));
    if (run.rows_affected || (part && (part->restricted || !part->omit.empty())) || !all || on->session.dry_run)
        return done{run.rows_affected};
    // No such row: created, or brought back; the hooks have been called.
    handle quiet = *on;
    quiet.session.skip_hooks = true;
    ast::conflict everything;
    everything.what = ast::conflict::act::update_all;
    return run_create(std::make_shared<const handle>(std::move(quiet)), model, object, &everything, nullptr, at);
}

}  // namespace

result<done> run_changes(const handle_ptr& on, const model_info& model, object_span object, const ast::saved_part* part,
                         location at) {
    return save_one(on, model, object, part, false, at);
}

result<done> run_save(const handle_ptr& on, const model_info& model, object_span objects, const ast::saved_part* part,
                      location at) {
    if (objects.count == 1) return save_one(on, model, objects, part, true, at);
    // Several: created or brought up to date, whichever each needs.
    ast::conflict everything;
    everything.what = ast::conflict::act::update_all;
    return run_create(on, model, objects, &everything, part, at);
}

result<done> run_update(const handle_ptr& on, ast::query&& query, std::span<assignment> values, object_span objects,
                        location at, bool untracked) {
    statement run = write_run(on, processor_kind::update, "update", *query.model, objects, at);
    query.set.reserve(values.size() + 1);  // updated_at
    for (assignment& a : values) query.set.push_back(std::move(a));
    run.query_ = run.own_query_ = &query;
    run.untracked_ = untracked;
    run.skip_hooks = untracked;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

status find_changed(const handle_ptr& on, const ast::query& query, rows_wanted into, location at) {
    const bool updates = !query.set.empty();
    statement run = write_run(on, updates ? processor_kind::update : processor_kind::remove,
                              updates ? "update" : "remove", *query.model, {}, at);
    vector_target target(into, 0);
    run.query_ = &query;
    run.target_ = &target;
    SKUA_TRY(run_statement(run));
    target.finish();
    return ok;
}

result<done> run_insert(const handle_ptr& on, const ast::query& query, std::span<assignment> values, location at) {
    ast::query writing = query;
    for (assignment& a : values) writing.set.push_back(std::move(a));
    statement run = write_run(on, processor_kind::create, "create", *query.model, {}, at);
    run.query_ = &writing;
    run.inserts_ = true;
    run.skip_hooks = true;  // there is no object they could be asked about
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

result<done> run_remove(const handle_ptr& on, const ast::query& query, location at) {
    statement run = write_run(on, processor_kind::remove, "remove", *query.model, {}, at);
    run.query_ = &query;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

result<done> run_remove(const handle_ptr& on, ast::query&& query, object_span object, location at) {
    statement run = write_run(on, processor_kind::remove, "remove", *query.model, object, at);
    run.query_ = run.own_query_ = &query;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

}  // namespace skua::orm::detail
