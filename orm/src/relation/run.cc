// SPDX-License-Identifier: Apache-2.0
#include "run.h"

#include "../render/render.h"

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
};
}  // namespace

status find_related(const statement& outer, const ast::query& q, const related_ops& ops, many_state& into) {
    growing place{&into, &ops};
    row_target target;
    target.self = &place;
    target.next = [](void* s) -> void* {
        return static_cast<growing*>(s)->rows->append(*static_cast<growing*>(s)->ops);
    };
    target.drop = [](void* s) { static_cast<growing*>(s)->rows->pop(); };
    target.objects = [](void* s, std::size_t& count) -> void* {
        count = static_cast<growing*>(s)->rows->count();
        return static_cast<growing*>(s)->rows->data();
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

void add_condition_before(ast::query& q, expr condition) {
    expr user = std::move(q.where);
    q.where = std::move(condition);
    if (!user.empty()) q.add_where(std::move(user), false);
}

}  // namespace skua::orm::detail
