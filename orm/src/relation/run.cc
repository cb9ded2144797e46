// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include "../render/render.h"
#include "keys.h"

namespace skua::orm::detail {

statement inner_statement(const statement& outer, processor_kind kind, std::string_view verb, const model_info& model) {
    statement inner;
    inner.kind = kind;
    inner.operation.verb = verb;
    inner.at = outer.at;
    inner.model = &model;
    inner.skip_hooks = outer.skip_hooks;
    inner.context_ = outer.context_;
    inner.run_handle_ = outer.run_handle_;
    inner.depth_ = outer.depth_ + 1;
    return inner;
}

namespace {
struct growing {
    many_state* rows;
    const related_ops* ops;
    std::size_t from;  // those before it are of another statement
};
}  // namespace

status find_related(const statement& outer, const ast::query& q, const related_ops& ops, many_state& into) {
    growing place{&into, &ops, into.count()};
    row_target target;
    target.self = &place;
    target.next = [](void* s) -> void* {
        return static_cast<growing*>(s)->rows->append(*static_cast<growing*>(s)->ops);
    };
    target.drop = [](void* s) { static_cast<growing*>(s)->rows->pop(); };
    target.objects = [](void* s, std::size_t& count) -> void* {
        const growing& g = *static_cast<growing*>(s);
        count = g.rows->count() - g.from;
        return count ? g.rows->at(g.from) : nullptr;
    };
    target.fields = q.model->targets;
    target.model = q.model;
    statement run = inner_statement(outer, processor_kind::query, "find", *q.model);
    run.query_ = &q;
    run.target_ = &target;
    return run_statement(run);
}

namespace {
status send_it(statement& run, const ast::query& q, row_sink& sink, bool cacheable) {
    shape s;
    s.cacheable = cacheable;
    s.add(static_cast<std::uint64_t>(verb::select));
    add_shape(s, q);
    s.self = &q;
    s.render = [](const void* self, const dialect& d) {
        return render_query(d, *static_cast<const ast::query*>(self), verb::select);
    };
    value_list values;
    collect_values(values, q, verb::select);
    exec_info told;
    return send(run, s, {values.data(), values.size()}, &sink, told);
}
}  // namespace

status send_select(statement& run, const ast::query& q, row_sink& sink) {
    return send_it(run, q, sink, true);
}
status send_select_once(statement& run, const ast::query& q, row_sink& sink) {
    return send_it(run, q, sink, false);
}

namespace {

// Values of some columns, read through a member of theirs.
class value_sink final : public row_sink {
public:
    value_sink(const field_list& fields, const field_list& as, void* object, std::vector<value>& into)
        : fields_(fields), as_(as), object_(object), into_(into) {}
    bool row(row_source& source) override {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const field_info& f = *fields_[i];
            if (f.ops->read(f.in(object_), source.column(static_cast<int>(i))) != read_status::good) return true;
        }
        row_key unused;
        if (key_of(fields_, as_, object_, unused)) add_values(into_, fields_, as_, object_);
        return true;
    }

private:
    const field_list &fields_, &as_;
    void* object_;
    std::vector<value>& into_;
};

struct reading {
    const statement& outer;
    ast::query& query;
    const field_list &fields, &as;
    std::vector<value>& into;
    status outcome;
};

}  // namespace

status find_values(const statement& outer, ast::query query, const field_list& fields, const field_list& as,
                   std::vector<value>& into) {
    reading r{outer, query, fields, as, into, ok};
    query.model->desc->temporary(&r, [](void* arg, void* object) {
        auto& here = *static_cast<reading*>(arg);
        model_info shape;
        for (const field_info* f : here.fields) shape.targets.push_back({f->ops, f->offset, f->column});
        shape.desc = here.query.model->desc;
        shape.table = here.query.model->table;
        here.query.shape = &shape;
        value_sink sink(here.fields, here.as, object, here.into);
        statement inner = inner_statement(here.outer, processor_kind::query, "find", *here.query.model);
        here.outcome = send_select_once(inner, here.query, sink);
    });
    return std::move(r.outcome);
}

void add_condition_before(ast::query& q, expr condition) {
    expr user = std::move(q.where);
    q.where = std::move(condition);
    if (!user.empty()) q.add_where(std::move(user), false);
}

}  // namespace skua::orm::detail
