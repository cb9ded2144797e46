// SPDX-License-Identifier: Apache-2.0
// INSERT, UPDATE and DELETE.
#include "engine.h"
#include "relation/run.h"
#include "render/render.h"

#include <algorithm>
#include <bitset>

namespace skua::orm::detail {
namespace {

constexpr std::size_t max_fields = 260;
constexpr std::size_t max_rows_of_insert = 1000;  // more gain nothing, and the text gets long
using field_mask = std::bitset<max_fields>;

// ---- create

struct insert_job {
    const model_info* model;
    field_mask mask;
    std::size_t rows;
    const ast::conflict* conflict;
    bool returning;
};

std::vector<const field_info*> returned_fields(const insert_job& job) {
    std::vector<const field_info*> out;
    for (std::size_t i = 0; i < job.model->fields.size(); ++i) {
        const field_info& f = job.model->fields[i];
        if (!job.mask[i] && (f.auto_increment || f.default_in_database) && f.desc->tags.readable) out.push_back(&f);
    }
    return out;
}

render_result render_insert_job(const void* self, const dialect& d) {
    const auto& job = *static_cast<const insert_job*>(self);
    insert_shape what;
    what.model = job.model;
    what.rows = job.rows;
    what.conflict = job.conflict;
    for (std::size_t i = 0; i < job.model->fields.size(); ++i)
        if (job.mask[i]) what.columns.push_back(&job.model->fields[i]);
    if (job.returning) what.returning = returned_fields(job);
    return render_insert(d, what);
}

void shape_of_insert(shape& s, const insert_job& job) {
    s.add(std::uint64_t{50});
    s.add(job.model);
    field_mask rest = job.mask;
    for (std::size_t at = 0; at < job.model->fields.size(); at += 64) {
        s.add((rest & field_mask(~std::uint64_t{0})).to_ullong());
        rest >>= 64;
    }
    s.add(job.rows << 1 | (job.returning ? 1U : 0U));
    if (job.conflict) {
        s.add(static_cast<std::uint64_t>(job.conflict->what) << 32 | job.conflict->columns.size());
        for (const column_ref* c : job.conflict->columns) s.add(c);
        for (const column_ref* c : job.conflict->update) s.add(c);
        for (const field_info* f : job.conflict->update_fields) s.add(f);
        for (const assignment& a : job.conflict->set) {
            s.add(a.column);
            add_shape_of(s, a.to);
        }
        add_shape_of(s, job.conflict->where);
        add_shape_of(s, job.conflict->target_where);
        s.add_text(job.conflict->constraint);
    }
    // Odd widths of a last chunk are not worth a place in the cache.
    s.cacheable = job.rows <= 8 || job.rows == 10 || job.rows % 100 == 0;
    s.self = &job;
    s.render = render_insert_job;
}

value_view time_value(tag_time unit, std::int64_t now) {
    const std::int64_t divisor = unit == tag_time::seconds ? 1'000'000'000 : unit == tag_time::milli ? 1'000'000 : 1;
    return unit == tag_time::moment ? value_view::time(now) : value_view::integer(now / divisor);
}
void set_time(const field_info& f, tag_time unit, void* object, std::int64_t now) {
    f.ops->read(f.in(object), time_value(unit, now));
}

// select(…) and omit(…) of a write.
bool listed(const statement& run, const field_info& f) {
    return !run.part_ || saves_column(*run.part_, *run.model, f);
}

// Fills in defaults and times; returns the columns to send.
field_mask prepare_object(const statement& run, void* object, std::int64_t now) {
    const model_info& m = *run.model;
    const bool chosen = run.part_ != nullptr;
    field_mask mask;
    for (std::size_t i = 0; i < m.fields.size(); ++i) {
        const field_info& f = m.fields[i];
        if (!f.desc->tags.creatable) continue;
        const bool timed = f.auto_create != tag_time::off || f.auto_update != tag_time::off;
        if (chosen && !listed(run, f) && !timed && !(f.primary && !f.auto_increment)) continue;
        void* member = f.in(object);
        const bool interesting = timed || f.auto_increment || f.default_in_database || f.has_literal_default;
        if (interesting && f.ops->is_zero(member)) {
            if (f.auto_create != tag_time::off)
                set_time(f, f.auto_create, object, now);
            else if (f.auto_update != tag_time::off)
                set_time(f, f.auto_update, object, now);
            else if (f.has_literal_default)
                f.ops->read(member, f.literal_default.view());
            else
                continue;
        }
        mask.set(i);
    }
    return mask;
}

// Takes what RETURNING gives, object by object.
class returning_sink final : public row_sink {
public:
    returning_sink(object_span objects, std::vector<const field_info*> fields)
        : objects_(objects), fields_(std::move(fields)) {}
    bool row(row_source& source) override {
        if (next_ == objects_.count) return false;
        void* object = objects_.at(next_++);
        for (std::size_t i = 0; i < fields_.size(); ++i)
            if (fields_[i]->ops->read(fields_[i]->in(object), source.column(static_cast<int>(i))) ==
                read_status::mismatch)
                failed = fail(errc::invalid_data,
                              "column " + fields_[i]->column + " does not fit its member's type or range");
        return true;
    }
    status failed;

private:
    object_span objects_;
    std::vector<const field_info*> fields_;
    std::size_t next_ = 0;
};

status insert_chunk(statement& run, object_span chunk, const field_mask& mask, bool returning,
                    const ast::conflict* conflict) {
    const model_info& m = *run.model;
    const insert_job job{&m, mask, chunk.count, conflict, returning};
    shape s;
    shape_of_insert(s, job);
    scratch keeper;
    value_list values;
    for (std::size_t row = 0; row < chunk.count; ++row)
        for (std::size_t i = 0; i < m.fields.size(); ++i)
            if (mask[i]) values.push_back(m.fields[i].ops->view(m.fields[i].in(chunk.at(row)), keeper));
    if (conflict) {
        const auto add = [&](const expr& e) {
            for (const value& v : e.values) values.push_back(v.view());
        };
        add(conflict->target_where);
        for (const assignment& a : conflict->set) add(a.to);
        add(conflict->where);
    }
    exec_info told;
    if (returning) {
        returning_sink sink(chunk, returned_fields(job));
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
        run.rows_affected += told.rows_affected;
        return std::move(sink.failed);
    }
    SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    run.rows_affected += told.rows_affected;
    if (m.prioritized_key < 0 || run.run_handle_->session.dry_run) return ok;
    const auto key = static_cast<std::size_t>(m.prioritized_key);
    const field_info& f = m.fields[key];
    if (!f.auto_increment || mask[key] || told.rows_affected != static_cast<std::int64_t>(chunk.count)) return ok;
    const bool last = run.run_handle_->core->drv->dialect().ids() == insert_ids::last_is_last;
    std::int64_t id = last ? told.last_id - told.rows_affected + 1 : told.last_id;
    for (std::size_t row = 0; row < chunk.count; ++row, id += told.id_step)
        f.ops->read(f.in(chunk.at(row)), value_view::integer(id));
    return ok;
}

// Whether ids and defaults must be asked for: last_id tells only the ids of rows that were all inserted.
bool needs_returning(const dialect& d, const model_info& m, const field_mask& mask, const ast::conflict* conflict) {
    const bool ids_by_returning = d.ids() == insert_ids::returning;
    for (std::size_t i = 0; i < m.fields.size(); ++i) {
        const field_info& f = m.fields[i];
        if (mask[i] || !f.desc->tags.readable) continue;
        if (f.default_in_database || (f.auto_increment && (conflict || ids_by_returning))) return true;
    }
    return false;
}

std::size_t rows_of_chunk(const statement& run, const field_mask& mask, bool returning_by_row) {
    if (returning_by_row) return 1;
    const std::size_t columns = std::max<std::size_t>(1, mask.count());
    const std::size_t limit = mask.none() ? 1 : run.run_handle_->core->pool->bind_limit() / columns;
    const handle& on = *run.run_handle_;
    const std::size_t said = on.session.batch_size ? on.session.batch_size : on.core->options.batch_size;
    return std::clamp<std::size_t>(limit, 1, said ? said : max_rows_of_insert);
}

// ---- update

expr value_of(const field_info& f, const void* object) {
    scratch keeper;
    expr e;
    e.push_value(value(f.ops->view(f.in(object), keeper)));
    return e;
}

bool key_is_zero(const model_info& m, const void* object) {
    return m.primary.empty() || std::any_of(m.primary.begin(), m.primary.end(), [&](std::uint32_t i) {
               return m.fields[i].ops->is_zero(m.fields[i].in(object));
           });
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

struct write_job {
    const ast::query* query;
    verb what;
};
status send_write(statement& run, verb what) {
    const write_job job{&run.query(), what};
    shape s;
    s.add(static_cast<std::uint64_t>(what));
    add_shape(s, *job.query);
    s.self = &job;
    s.render = [](const void* self, const dialect& d) {
        const auto& j = *static_cast<const write_job*>(self);
        return render_query(d, *j.query, j.what);
    };
    value_list values;
    collect_values(values, *job.query, what);
    exec_info told;
    if (run.target_) {  // RETURNING
        target_sink sink(*run.target_, false, run.run_handle_->core->options.null_as_zero);
        if (const auto& wanted = job.query->more->returning; !wanted.empty()) {
            std::vector<target_field> fields;
            for (const column_ref* c : wanted)
                for (const target_field& t : run.target_->fields)
                    if (const field_info* f = resolve_in(*run.model, c); f && f->column == t.column)
                        fields.push_back(t);
            sink.narrow(std::move(fields));
        }
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
        run.rows_affected = sink.rows;
        return std::move(sink.failed);
    }
    SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    run.rows_affected = told.rows_affected;
    return ok;
}

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

namespace {

// create of assignments: a row made of expressions; what the model fills in by itself is added.
status insert_assignments(statement& run) {
    const std::int64_t now = now_ns(*run.run_handle_);
    const model_info& m = *run.model;
    for (const field_info& f : m.fields) {
        auto& set = run.mutable_query().set;
        const bool said = std::any_of(set.begin(), set.end(), [&](const assignment& a) {
            return a.field == &f || (a.column && resolve_in(m, a.column) == &f);
        });
        const tag_time unit = f.auto_create != tag_time::off ? f.auto_create : f.auto_update;
        if (said || (unit == tag_time::off && !f.has_literal_default)) continue;
        expr e;
        e.push_value(unit == tag_time::off ? f.literal_default : value(time_value(unit, now)));
        set.push_back({nullptr, std::move(e), &f});
    }
    return send_write(run, verb::insert);
}

}  // namespace

status create_rows(statement& run) {
    const model_info& m = *run.model;
    if (run.inserts_) return insert_assignments(run);
    if (m.fields.size() > max_fields) return fail(errc::invalid_value, "the model has more than 260 columns");
    const std::int64_t now = now_ns(*run.run_handle_);
    field_mask mask = prepare_object(run, run.objects.at(0), now);
    for (std::size_t at = 0; at < run.objects.count;) {
        // As many of the following as have the same columns and fit into one statement.
        const bool returning = needs_returning(run.run_handle_->core->drv->dialect(), m, mask, run.conflict_);
        const std::size_t most = rows_of_chunk(run, mask, returning && run.conflict_);
        std::size_t end = at + 1;
        field_mask following = mask;
        while (end < run.objects.count) {
            following = prepare_object(run, run.objects.at(end), now);
            if (following != mask || end - at == most) break;
            ++end;
        }
        if (end < run.objects.count) SKUA_TRY(ensure_transaction(run));
        SKUA_TRY(insert_chunk(run, run.objects.part(at, end - at), mask, returning, run.conflict_));
        at = end;
        mask = following;
    }
    return ok;
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

namespace {
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

result<done> run_update(const handle_ptr& on, const ast::query& query, object_span objects, location at,
                        bool untracked) {
    statement run = write_run(on, processor_kind::update, "update", *query.model, objects, at);
    run.query_ = &query;
    run.untracked_ = untracked;
    run.skip_hooks = untracked;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

status run_returning(const handle_ptr& on, const ast::query& query, row_target& into, location at) {
    const bool updates = !query.set.empty();
    statement run = write_run(on, updates ? processor_kind::update : processor_kind::remove,
                              updates ? "update" : "remove", *query.model, {}, at);
    run.query_ = &query;
    run.target_ = &into;
    return run_statement(run);
}

result<done> run_insert(const handle_ptr& on, const ast::query& query, location at) {
    statement run = write_run(on, processor_kind::create, "create", *query.model, {}, at);
    run.query_ = &query;
    run.inserts_ = true;
    run.skip_hooks = true;  // there is no object they could be asked about
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

result<done> run_remove(const handle_ptr& on, const ast::query& query, object_span objects, location at) {
    statement run = write_run(on, processor_kind::remove, "remove", *query.model, objects, at);
    run.query_ = &query;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

}  // namespace skua::orm::detail
