// SPDX-License-Identifier: Apache-2.0
// Association mode: find() and count().
#include "../rows.h"
#include "association.h"
#include "keys.h"
#include "link.h"

namespace skua::orm::detail {
namespace {

// The keys of the related rows of all the owners, or what refers to them.
status keys_of_related(const statement& outer, const association_call& call, link_rows& links,
                       std::vector<value>& into) {
    const relation_info& r = call.relation->resolve();
    const bool linked = r.kind == relation_kind::many_to_many;
    const field_list& as = linked ? r.link_owner_fields : r.target_fields;
    owner_index seen;
    row_key key;
    for (std::uint32_t i = 0; i < call.owners.count; ++i)
        if (key_of(r.owner_fields, as, call.owners.at(i), key)) seen.add(key, i);
    seen.sort();
    for (const owner_index::entry* e : seen.distinct()) add_values(into, r.owner_fields, as, call.owners.at(e->owner));
    if (!linked || into.empty()) return ok;
    SKUA_TRY(find_links(outer, r, into, links));
    into.clear();
    links.distinct_targets(into);
    return ok;
}

ast::query question(const association_call& call, std::span<const value> keys) {
    const relation_info& r = call.relation->resolve();
    ast::query q = call.how;
    q.model = r.target;
    expr where;
    add_key_list(where, r.target_fields, keys);
    if (r.type_field) {
        where.push_field(r.type_field);
        where.push_value(value::text(r.type_value));
        where.push(node_kind::eq);
        where.push(node_kind::and_);
    }
    add_condition_before(q, std::move(where));
    return q;
}

std::vector<std::span<const value>> parts(const statement& outer, const relation_info& r, std::span<const value> keys) {
    return parts_of(outer.run_handle_->core->pool->bind_limit(), r.target_fields.size(), keys);
}

status find_in(statement& outer, const association_call& call, std::span<const value> keys, row_target& target) {
    const ast::query q = question(call, keys);
    statement run = inner_statement(outer, processor_kind::query, "find", *q.model);
    run.query_ = &q;
    run.target_ = &target;
    return run_statement(run);
}

// More keys than a statement can bind.
status find_in_parts(const statement& outer, const association_call& call,
                     const std::vector<std::span<const value>>& all, row_target& target) {
    const relation_info& r = call.relation->resolve();
    if (!call.how.order.empty())
        return fail(errc::unsupported, r.name + " is asked for in " + std::to_string(all.size()) +
                                           " statements, as one cannot bind so "
                                           "many keys: they cannot be ordered");
    many_state rows;
    for (const std::span<const value> keys : all) SKUA_TRY(find_related(outer, question(call, keys), r.ops(), rows));
    for (std::size_t i = 0; i < rows.count(); ++i) {
        void* place = target.next(target.self);
        r.ops().drop(place);
        r.ops().relocate(place, rows.at(i));
    }
    rows.forget();
    return ok;
}

result<std::int64_t> count_in(const statement& outer, const association_call& call, std::span<const value> keys) {
    std::int64_t count = 0;
    const ast::query q = question(call, keys);
    object_target target(row_wanted{row_kind_of<std::int64_t>, &count});
    statement run = inner_statement(outer, processor_kind::query, "count", *q.model);
    run.query_ = &q;
    run.target_ = &target;
    SKUA_TRY(run_statement(run));
    return count;
}

// Several owners may share a row: their ties are counted.
result<std::int64_t> count_ties(const statement& outer, const association_call& call, const link_rows& links,
                                std::span<const value> keys) {
    const relation_info& r = call.relation->resolve();
    owner_index tied;
    for (std::uint32_t i = 0; i < links.size(); ++i) tied.add(links.target_key(i), i);
    tied.sort();
    many_state rows;
    SKUA_TRY(find_related(outer, question(call, keys), r.ops(), rows));
    std::int64_t count = 0;
    row_key key;
    for (std::size_t i = 0; i < rows.count(); ++i)
        if (key_of(r.target_fields, r.target_fields, rows.at(i), key))
            count += static_cast<std::int64_t>(tied.owners_of(key).size());
    return count;
}

}  // namespace

status find_associated(const handle_ptr& on, const association_call& call, rows_wanted into) {
    vector_target target(into, 0);
    statement outer = outer_statement(on, call, "find");
    status found = as_operation(outer, false, [&]() -> status {
        SKUA_TRY(check_owners(call));
        link_rows links(call.relation->resolve());
        std::vector<value> keys;
        SKUA_TRY(keys_of_related(outer, call, links, keys));
        const auto all = parts(outer, call.relation->resolve(), keys);
        if (all.empty()) return ok;
        return all.size() == 1 ? find_in(outer, call, keys, target) : find_in_parts(outer, call, all, target);
    });
    if (found) target.finish();
    return found;
}

result<std::int64_t> run_association_count(const handle_ptr& on, const association_call& call) {
    statement outer = outer_statement(on, call, "count");
    std::int64_t count = 0;
    status s = as_operation(outer, false, [&]() -> status {
        SKUA_TRY(check_owners(call));
        const relation_info& r = call.relation->resolve();
        link_rows links(r);
        std::vector<value> keys;
        SKUA_TRY(keys_of_related(outer, call, links, keys));
        for (const std::span<const value> some : parts(outer, r, keys)) {
            auto more = r.kind == relation_kind::many_to_many ? count_ties(outer, call, links, some)
                                                              : count_in(outer, call, some);
            if (!more) return std::move(more.error());
            count += *more;
        }
        return ok;
    });
    if (!s) return std::move(s.error());
    return count;
}

}  // namespace skua::orm::detail
