// SPDX-License-Identifier: Apache-2.0
// SELECT and raw SQL.
#include "chain.h"
#include "engine.h"
#include "relation/join.h"
#include "render/render.h"
#include "rows.h"

namespace skua::orm::detail {
namespace {

struct query_job {
    const ast::query* query;
    verb what;
};
render_result render_job(const void* self, const dialect& d) {
    const auto& job = *static_cast<const query_job*>(self);
    return render_query(d, *job.query, job.what);
}
render_result render_raw(const void* self, const dialect& d) {
    return render_text(d, *static_cast<const expr*>(self));
}

statement make_run(const handle_ptr& on, processor_kind kind, std::string_view verb, location at) {
    statement run;
    run.kind = kind;
    run.operation.verb = verb;
    run.at = at;
    run.run_handle_ = on.get();
    return run;
}

status run_text(statement& run, const expr& text, row_target& into) {
    run.model = into.model;
    run.raw_ = &text;
    run.target_ = &into;
    return run_statement(run);
}

void shape_of_query(shape& s, const query_job& job) {
    s.add(static_cast<std::uint64_t>(job.what));
    add_shape(s, *job.query);
    s.self = &job;
    s.render = render_job;
}

void shape_of_text(shape& s, const expr& text) {
    s.add(std::uint64_t{99});
    add_shape_of(s, text);
    s.self = &text;
    s.render = render_raw;
}

const ast::query by_key_only;

ast::query key_query(const model_info& model, value key) {
    ast::query q;
    q.model = &model;
    q.limit = 1;
    q.where.push_field(&model.fields[static_cast<std::size_t>(model.prioritized_key)]);
    q.where.push_value(std::move(key));
    q.where.push(node_kind::eq);
    return q;
}

sql_text text_of(const rendered_ptr& statement, const value_list& values) {
    sql_text out;
    out.sql = statement->sql;
    for (const value_view& v : values) out.values.emplace_back(v);
    return out;
}

}  // namespace

status query_rows(statement& run) {
    exec_info told;
    const bool zero = run.run_handle_->core->options.null_as_zero;
    shape s;
    value_list values;
    if (run.raw_) {
        shape_of_text(s, *run.raw_);
        for (const value& v : run.raw_->values) values.push_back(v.view());
        target_sink sink(*run.target_, run.target_->by_name, zero);
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
        run.rows_affected = sink.rows;
        return std::move(sink.failed);
    }
    if (run.key_) {
        s.add(std::uint64_t{98});
        s.add(run.model);
        s.self = run.model;
        s.render = [](const void* model, const dialect& d) {
            return render_query(d, key_query(*static_cast<const model_info*>(model), value_view::integer(0)),
                                verb::select);
        };
        const value_view sent[] = {*run.key_, value_view::integer(1)};
        target_sink sink(*run.target_, false, zero);
        SKUA_TRY(send(run, s, sent, &sink, told));
        run.rows_affected = sink.rows;
        return std::move(sink.failed);
    }
    const ast::query& q = run.query();
    if (run.kind == processor_kind::row && q.related && (q.related->preload_all || !q.related->preloads.empty()))
        return fail(errc::unsupported_relation,
                    "preload() needs the objects together; rows() hands them out one by one: use each()");
    const query_job job{&q, run.operation.verb == "count" ? verb::count : verb::select};
    shape_of_query(s, job);
    collect_values(values, q, job.what);
    const bool by_name = run.target_->by_name && q.more && !q.more->projection.empty();
    target_sink sink(*run.target_, by_name, zero);
    const bool narrowed = !q.columns.empty() || (q.more && !q.more->omit.empty());
    if (!by_name && narrowed && q.what == ast::projection::shape && job.what == verb::select) {
        std::vector<target_field> wanted;
        for (const target_field& t : run.target_->fields)
            if (is_selected(q, t)) wanted.push_back(t);
        sink.narrow(std::move(wanted));
    }
    if (q.related && !q.related->joins.empty() && run.target_->model == q.model) {
        join_reader joined(q);
        if (!joined.empty()) sink.then(joined);
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
    } else {
        SKUA_TRY(send(run, s, {values.data(), values.size()}, &sink, told));
    }
    run.rows_affected = sink.rows;
    return std::move(sink.failed);
}

status raw_rows(statement& run) {
    exec_info told;
    shape s;
    value_list values;
    shape_of_text(s, *run.raw_);
    for (const value& v : run.raw_->values) values.push_back(v.view());
    SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    run.rows_affected = told.rows_affected;
    return ok;
}

namespace {

error not_found(const model_info* model, std::string_view verb, location at) {
    error e = make_error(errc::record_not_found, "record not found");
    e.operation = verb;
    if (model) {
        e.operation.append(" ").append(model->name);
        e.table = model->table;
    }
    e.at = at;
    return e;
}

status run_query(const handle_ptr& on, const ast::query& query, row_target& into, std::string_view verb, location at) {
    statement run = make_run(on, processor_kind::query, verb, at);
    run.model = query.model;
    run.query_ = &query;
    run.target_ = &into;
    return run_statement(run);
}

// The columns of another type than the query's model.
bool needs_shape(const ast::query& q, const row_kind& kind) {
    if (kind.model) return &kind.model() != q.model;
    return kind.fields && q.what == ast::projection::shape;
}
void set_shape(ast::query& q, const row_kind& kind) {
    if (kind.model)
        q.shape = &kind.model();
    else
        q.what = ast::projection::columns;
}

}  // namespace

status find_rows(const handle_ptr& on, const ast::query& query, rows_wanted into, std::string_view verb, location at) {
    vector_target target(into, query.limit > 0 ? static_cast<std::size_t>(query.limit) : 0);
    if (needs_shape(query, into.kind)) {
        ast::query shaped = query;
        set_shape(shaped, into.kind);
        SKUA_TRY(run_query(on, shaped, target, verb, at));
    } else {
        SKUA_TRY(run_query(on, query, target, verb, at));
    }
    target.finish();
    return ok;
}

status demand_row(const handle_ptr& on, ast::query& narrowed, std::int8_t key_order, row_wanted into,
                  std::string_view verb, location at) {
    object_target target(into);
    narrowed.limit = 1;
    narrowed.key_order = key_order;
    SKUA_TRY(run_query(on, narrowed, target, verb, at));
    if (target.there || on->session.dry_run) return ok;
    return not_found(narrowed.model, verb, at);
}

status find_row(const handle_ptr& on, ast::query& narrowed, row_wanted into, bool& there, location at) {
    object_target target(into);
    narrowed.limit = 1;
    SKUA_TRY(run_query(on, narrowed, target, "find_one", at));
    there = target.there;
    return ok;
}

result<std::int64_t> run_count(const handle_ptr& on, const ast::query& query, location at) {
    std::int64_t rows = 0;
    object_target target(row_wanted{row_kind_of<std::int64_t>, &rows});
    SKUA_TRY(run_query(on, query, target, "count", at));
    return rows;
}

status run_rows(const handle_ptr& on, const ast::query& query, const row_kind& kind, row_target& into, location at) {
    statement run = make_run(on, processor_kind::row, "rows", at);
    ast::query shaped;
    run.model = query.model;
    run.query_ = &query;
    run.target_ = &into;
    if (needs_shape(query, kind)) {
        shaped = query;
        set_shape(shaped, kind);
        run.query_ = &shaped;
    }
    return run_statement(run);
}

status run_raw_rows(const handle_ptr& on, const expr& text, row_target& into, location at) {
    statement run = make_run(on, processor_kind::row, "rows", at);
    return run_text(run, text, into);
}

status find_raw(const handle_ptr& on, const expr& text, rows_wanted into, location at) {
    statement run = make_run(on, processor_kind::query, "raw", at);
    vector_target target(into, 0);
    SKUA_TRY(run_text(run, text, target));
    target.finish();
    return ok;
}

status demand_raw(const handle_ptr& on, const expr& text, row_wanted into, location at) {
    bool there = false;
    SKUA_TRY(find_raw_row(on, text, into, there, at));
    if (there) return ok;
    const model_info* model = into.kind.model ? &into.kind.model() : nullptr;
    return not_found(model && !model->desc->is_shape ? model : nullptr, "raw", at);
}

status find_raw_row(const handle_ptr& on, const expr& text, row_wanted into, bool& there, location at) {
    statement run = make_run(on, processor_kind::query, "raw", at);
    object_target target(into);
    SKUA_TRY(run_text(run, text, target));
    there = target.there;
    return ok;
}

result<done> run_exec(const handle_ptr& on, const expr& text, location at) {
    statement run = make_run(on, processor_kind::raw, "exec", at);
    run.raw_ = &text;
    SKUA_TRY(run_statement(run));
    return done{run.rows_affected};
}

result<sql_text> query_text(const handle_ptr& on, const ast::query& query) {
    const query_job job{&query, verb::select};
    shape s;
    shape_of_query(s, job);
    value_list values;
    collect_values(values, query, verb::select);
    auto text = on->core->shapes.find_or_render(s, on->core->drv->dialect());
    if (!text) return std::move(text.error());
    return text_of(*text, values);
}

result<sql_text> raw_text(const handle_ptr& on, const expr& text) {
    shape s;
    shape_of_text(s, text);
    value_list values;
    for (const value& v : text.values) values.push_back(v.view());
    auto rendered = on->core->shapes.find_or_render(s, on->core->drv->dialect());
    if (!rendered) return std::move(rendered.error());
    return text_of(*rendered, values);
}

status find_keys(const handle_ptr& on, const model_info& model, std::vector<value>&& keys, rows_wanted into,
                 location at) {
    if (model.prioritized_key < 0)
        return fail(errc::primary_key_required, "cannot find " + model.name + " by keys: it has no single primary key");
    ast::query q;
    q.model = &model;
    q.key_order = 1;
    q.where.push_field(&model.fields[static_cast<std::size_t>(model.prioritized_key)]);
    const std::size_t count = keys.size();
    for (value& k : keys) q.where.add_to_list(std::move(k));
    q.where.push_list(count);
    q.where.push(node_kind::in);
    return find_rows(on, q, into, "find", at);
}

status demand_by_keys(const handle_ptr& on, const model_info& model, std::vector<value>&& key, void* object,
                      location at) {
    if (model.primary.size() != key.size())
        return fail(errc::primary_key_required, "cannot find " + model.name + " by key: got " +
                                                    std::to_string(key.size()) + " values; want " +
                                                    std::to_string(model.primary.size()));
    ast::query q;
    q.model = &model;
    q.limit = 1;
    for (std::size_t i = 0; i < key.size(); ++i) {
        q.where.push_field(&model.fields[model.primary[i]]);
        q.where.push_value(std::move(key[i]));
        q.where.push(node_kind::eq);
        if (i) q.where.push(node_kind::and_);
    }
    object_target target(model, object);
    SKUA_TRY(run_query(on, q, target, "find", at));
    if (target.there || on->session.dry_run) return ok;
    return not_found(&model, "find", at);
}

status demand_by_key(const handle_ptr& on, const model_info& model, const value_view& key, void* object, location at) {
    if (model.prioritized_key < 0)
        return fail(errc::primary_key_required, "cannot find " + model.name + " by key: it has no single primary key");
    object_target target(model, object);
    // The most frequent question of all: no tree is built as long as nobody wants to see it.
    if (chain_of(*on->core, processor_kind::query).user || on->session.dry_run) {
        SKUA_TRY(run_query(on, key_query(model, key), target, "find", at));
    } else {
        statement run = make_run(on, processor_kind::query, "find", at);
        run.model = &model;
        run.target_ = &target;
        run.query_ = &by_key_only;
        run.key_ = &key;
        SKUA_TRY(run_statement(run));
    }
    if (target.there || on->session.dry_run) return ok;
    return not_found(&model, "find", at);
}

}  // namespace skua::orm::detail
