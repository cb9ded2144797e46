// SPDX-License-Identifier: Apache-2.0
// select(User::c.pets).remove(): what the rows have goes before them, as gorm: rows that have their key are removed
// (softly where their model is), links are deleted, what they belong to stays.
#include "keys.h"
#include "run.h"

#include <algorithm>

#include <skua/orm/relation_column.hpp>

namespace skua::orm::detail {
namespace {

struct branch {
    const relation_info* relation;
    std::shared_ptr<ast::relations> below;
};

status branches_of(const statement& run, std::vector<branch>& out) {
    const auto of = [&](const relation_info& r) -> branch& {
        for (branch& b : out)
            if (b.relation == &r) return b;
        return out.emplace_back(branch{&r, nullptr});
    };
    for (const auto& path : run.query().related->removed) {
        if (path.empty()) {
            for (const relation_info& r : relations_of(*run.model))
                if (r.broken && r.kind != relation_kind::belongs_to) of(r);
            continue;
        }
        const relation_info& r = path.front()->resolve();
        SKUA_TRY(status(r.broken));
        if (r.owner != run.model || r.kind == relation_kind::belongs_to)
            return fail(errc::unsupported_relation, "select() before remove() takes what a " + run.model->name +
                                                        " has; got " + r.owner->name + "." + r.name +
                                                        (r.owner == run.model ? ", which it belongs to" : ""));
        branch& b = of(r);
        if (path.size() == 1) continue;
        if (!b.below) b.below = std::make_shared<ast::relations>();
        b.below->removed.emplace_back(path.begin() + 1, path.end());
    }
    return ok;
}

// The keys of the rows that are about to be removed.
status keys_of_rows(const statement& run, const field_list& fields, const field_list& as, std::vector<value>& into) {
    row_key unused;
    for (std::size_t i = 0; i < run.objects.count; ++i)
        if (key_of(fields, as, run.objects.at(i), unused)) add_values(into, fields, as, run.objects.at(i));
    if (run.objects.count > 0) return ok;
    ast::query q;
    q.model = run.model;
    q.where = run.query().where;
    q.unscoped = run.query().unscoped;
    return find_values(run, std::move(q), fields, as, into);
}

status remove_related(statement& run, const branch& b) {
    const relation_info& r = *b.relation;
    const bool linked = r.kind == relation_kind::many_to_many;
    const field_list& theirs = linked ? r.link_owner_fields : r.target_fields;
    std::vector<value> keys;
    SKUA_TRY(keys_of_rows(run, r.owner_fields, theirs, keys));
    const std::size_t most =
        keys_of_statement(run.run_handle_->core->pool->bind_limit(), theirs.size(), 4) * theirs.size();
    for (std::size_t from = 0; from < keys.size(); from += most) {
        ast::query q;
        q.model = linked ? r.link : r.target;
        q.unscoped = run.query().unscoped;
        if (!linked) q.related = b.below;
        add_key_list(q.where, theirs, std::span(keys).subspan(from, std::min(most, keys.size() - from)));
        if (r.type_field) {
            q.where.push_field(r.type_field);
            q.where.push_value(value::text(r.type_value));
            q.where.push(node_kind::eq);
            q.where.push(node_kind::and_);
        }
        statement inner = inner_statement(run, processor_kind::remove, "remove", *q.model);
        inner.query_ = &q;
        SKUA_TRY(run_statement(inner));
    }
    return ok;
}

}  // namespace

bool removes_relations(const statement& run) noexcept {
    return run.query_ && run.query().related && !run.query().related->removed.empty();
}

status remove_before_relations(statement& run) {
    if (!removes_relations(run) || run.run_handle_->session.dry_run) return ok;
    if (run.objects.count == 0 && run.query().where.empty() && !run.query().all &&
        !run.run_handle_->session.allow_global_update)
        return ok;  // remove refuses it
    std::vector<branch> all;
    SKUA_TRY(branches_of(run, all));
    for (const branch& b : all) SKUA_TRY(remove_related(run, b));
    return ok;
}

std::shared_ptr<const ast::relations> with_removed(const std::shared_ptr<const ast::relations>& to,
                                                   std::vector<const relation_ref*> path) {
    auto made = to ? std::make_shared<ast::relations>(*to) : std::make_shared<ast::relations>();
    made->removed.push_back(std::move(path));
    return made;
}

}  // namespace skua::orm::detail
