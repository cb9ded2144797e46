// SPDX-License-Identifier: Apache-2.0
// preload(): after the rows of a query, the rows related to them, one statement for each relation (two for many to
// many), in pieces where the keys are more than a statement can bind.
#include "../render/render.h"
#include "join.h"
#include "keys.h"
#include "link.h"
#include "run.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {

// The relations to be loaded for the objects of one model, and what is to be loaded for theirs.
struct branch {
    const relation_info* relation;
    std::shared_ptr<const ast::query> how;
    std::shared_ptr<ast::relations> below;
};

std::vector<branch> branches_of(const model_info& model, const ast::relations& asked) {
    std::vector<branch> out;
    const auto of = [&](const relation_info& r) -> branch& {
        for (branch& b : out)
            if (b.relation == &r) return b;
        return out.emplace_back(branch{&r, nullptr, nullptr});
    };
    for (const ast::relation_path& path : asked.preloads) {
        branch& b = of(path.front().relation->resolve());
        if (path.front().how) b.how = path.front().how;
        if (path.size() == 1) continue;
        if (!b.below) b.below = std::make_shared<ast::relations>();
        b.below->preloads.emplace_back(path.begin() + 1, path.end());
    }
    if (asked.preload_all)
        for (const relation_info& r : relations_of(model)) of(r);
    return out;
}

using owner_list = std::vector<void*>;

class preloading {
public:
    preloading(const statement& outer, const branch& b, const owner_list& owners)
        : outer_(outer), b_(b), r_(*b.relation), owners_(owners) {}

    status run() {
        SKUA_TRY(status(r_.broken));
        for (void* o : owners_) forget_old(o);
        std::vector<value> keys;
        if (r_.kind == relation_kind::many_to_many)
            SKUA_TRY(keys_through_links(keys));
        else
            own_keys(keys);
        if (keys.empty()) return ok;
        // The database counts; for many to many it is done when the rows are handed out.
        counted_ = r_.kind != relation_kind::many_to_many;
        one_key_ = keys.size() == r_.target_fields.size();
        SKUA_TRY(fetch(question(), keys));
        distribute();
        return ok;
    }

private:
    // What the owners' keys are compared with.
    const field_list& owner_as() const noexcept {
        return r_.kind == relation_kind::many_to_many ? r_.owner_fields : r_.target_fields;
    }
    // None found is loaded, too.
    void forget_old(void* owner) const {
        if (r_.is_many()) {
            r_.many_in(owner).clear();
            r_.many_in(owner).set_loaded(true);
        } else {
            r_.one_in(owner).clear();
            r_.one_in(owner).set_loaded(true);
        }
    }
    void own_keys(std::vector<value>& keys) {
        row_key key;
        for (std::uint32_t i = 0; i < owners_.size(); ++i)
            if (key_of(r_.owner_fields, owner_as(), owners_[i], key)) index_.add(key, i);
        index_.sort();
        for (const owner_index::entry* e : index_.distinct())
            add_values(keys, r_.owner_fields, owner_as(), owners_[e->owner]);
    }
    // Owners by the keys of the rows that the link table joins them with.
    status keys_through_links(std::vector<value>& keys) {
        owner_index by_own_key;
        row_key key;
        for (std::uint32_t i = 0; i < owners_.size(); ++i)
            if (key_of(r_.owner_fields, owner_as(), owners_[i], key)) by_own_key.add(key, i);
        by_own_key.sort();
        std::vector<value> own;
        for (const owner_index::entry* e : by_own_key.distinct())
            add_values(own, r_.owner_fields, owner_as(), owners_[e->owner]);
        if (own.empty()) return ok;
        link_rows links(r_);
        SKUA_TRY(find_links(outer_, r_, own, links));
        for (std::size_t i = 0; i < links.size(); ++i)
            for (const owner_index::entry& e : by_own_key.owners_of(links.owner_key(i)))
                index_.add(links.target_key(i), e.owner);
        index_.sort();
        links.distinct_targets(keys);
        return ok;
    }
    ast::query question() const {
        ast::query q;
        if (b_.how) q = *b_.how;
        q.model = r_.target;
        if (!counted_) q.limit = q.offset = -1;
        if (!one_key_ && (q.limit >= 0 || q.offset > 0)) {
            q.more.write().each_of = r_.target_fields;
            const std::int64_t skipped = std::max<std::int64_t>(0, q.offset);
            if (q.limit >= 0) q.limit = q.limit > INT64_MAX - skipped ? INT64_MAX : q.limit + skipped;  // the last row
        }
        q.related = b_.below;
        return q;
    }
    status fetch(const ast::query& asked, const std::vector<value>& keys) {
        const std::size_t columns = r_.target_fields.size();
        const std::size_t other = asked.where.values.size() + (r_.type_field ? 1 : 0) + 2;  // limit, offset
        const std::size_t most =
            keys_of_statement(outer_.run_handle_->core->pool->bind_limit(), columns, other) * columns;
        for (std::size_t from = 0; from < keys.size(); from += most) {
            ast::query q = asked;
            expr where;
            add_key_list(where, r_.target_fields, std::span(keys).subspan(from, std::min(most, keys.size() - from)));
            if (r_.type_field) {
                where.push_field(r_.type_field);
                where.push_value(value::text(r_.type_value));
                where.push(node_kind::eq);
                where.push(node_kind::and_);
            }
            add_condition_before(q, std::move(where));
            SKUA_TRY(select_keys(q));
            SKUA_TRY(find_related(outer_, q, r_.ops(), rows_));
        }
        return ok;
    }
    // select() of some columns: those that say whose a row is come along.
    status select_keys(ast::query& q) const {
        if (q.columns.empty()) return ok;
        for (const field_info* f : r_.target_fields) {
            const bool there = std::any_of(q.columns.begin(), q.columns.end(),
                                           [&](const column_ref* c) { return resolve_in(*r_.target, c) == f; });
            if (!there)
                return fail(errc::invalid_field, "preload of " + r_.owner->name + "." + r_.name +
                                                     ": select() must name " + r_.target->table + "." + f->column +
                                                     ", by which the rows find their owners");
        }
        return ok;
    }

    void distribute() {
        const std::size_t count = rows_.count();
        const bool counts = b_.how && !counted_;
        const std::int64_t limit = counts ? b_.how->limit : -1,
                           offset = counts && b_.how->offset > 0 ? b_.how->offset : 0;
        std::vector<std::span<const owner_index::entry>> whose(count);
        std::vector<std::uint32_t> wanted(owners_.size());
        row_key key;
        for (std::size_t i = 0; i < count; ++i) {
            if (!key_of(r_.target_fields, r_.target_fields, rows_.at(i), key)) continue;
            whose[i] = index_.owners_of(key);
            for (const owner_index::entry& e : whose[i]) ++wanted[e.owner];
        }
        if (r_.is_many())
            for (std::size_t o = 0; o < owners_.size(); ++o)
                if (wanted[o]) r_.many_in(owners_[o]).reserve(r_.ops(), capacity(wanted[o], limit, offset));
        std::vector<std::int64_t> seen(limit >= 0 || offset > 0 ? owners_.size() : 0);
        for (std::size_t i = 0; i < count; ++i) {
            void* taker = nullptr;  // of the row itself; others get copies
            for (const owner_index::entry& e : whose[i]) {
                if (!seen.empty()) {
                    const std::int64_t number = seen[e.owner]++;
                    if (number < offset || (limit >= 0 && number >= offset + limit)) continue;
                }
                if (taker) give_copy(taker, rows_.at(i));
                taker = owners_[e.owner];
            }
            if (taker)
                give(taker, rows_.at(i));
            else
                r_.ops().drop(rows_.at(i));
        }
        rows_.forget();
    }
    static std::size_t capacity(std::uint32_t wanted, std::int64_t limit, std::int64_t offset) {
        const std::int64_t rest = std::max<std::int64_t>(0, wanted - offset);
        return static_cast<std::size_t>(limit >= 0 ? std::min(limit, rest) : rest);
    }
    void give(void* owner, void* row) const {
        if (r_.is_many())
            r_.many_in(owner).append_moved(r_.ops(), row);
        else
            r_.one_in(owner).set_moved(r_.ops(), row);
    }
    void give_copy(void* owner, const void* row) const {
        if (r_.is_many())
            r_.many_in(owner).append_copy(r_.ops(), row);
        else
            r_.one_in(owner).set_copy(r_.ops(), row);
    }

    const statement& outer_;
    const branch& b_;
    const relation_info& r_;
    const owner_list& owners_;
    owner_index index_;
    many_state rows_;
    bool counted_ = false, one_key_ = false;
};

// select() must not leave out what a relation goes by.
status check_selected(const ast::query& q, const relation_info& r) {
    if (q.columns.empty()) return ok;
    for (const field_info* f : r.owner_fields)
        if (std::none_of(q.columns.begin(), q.columns.end(),
                         [&](const column_ref* c) { return resolve_in(*q.model, c) == f; }))
            return fail(errc::invalid_field, "preload of " + r.owner->name + "." + r.name + ": select() must name " +
                                                 r.owner->table + "." + f->column + ", by which it goes");
    return ok;
}

// What was joined is there already; only what is related to it is asked for.
const joined_table* joined_under(const join_plan& plan, int parent, const branch& b) {
    if (b.how) return nullptr;
    for (const joined_table& t : plan.tables)
        if (t.parent == parent && t.relation == b.relation && t.read) return &t;
    return nullptr;
}

status load(statement& run, const model_info& model, const owner_list& owners, const ast::relations& asked,
            const join_plan& plan, int parent) {
    for (const branch& b : branches_of(model, asked)) {
        const joined_table* t = joined_under(plan, parent, b);
        if (!t) {
            if (parent < 0) SKUA_TRY(check_selected(run.query(), *b.relation));
            SKUA_TRY(preloading(run, b, owners).run());
            continue;
        }
        if (!b.below) continue;
        owner_list joined;
        for (void* o : owners)
            if (void* object = b.relation->one_in(o).object()) joined.push_back(object);
        SKUA_TRY(load(run, *b.relation->target, joined, *b.below, plan, static_cast<int>(t - plan.tables.data())));
    }
    return ok;
}

}  // namespace

status preload_related(statement& run) {
    if (run.raw_ || run.rows_affected == 0 || run.run_handle_->session.dry_run) return ok;
    if (!run.query_) return ok;
    const ast::query& q = run.query();
    if (!q.related || (q.related->preloads.empty() && !q.related->preload_all)) return ok;
    if (q.what != ast::projection::shape || run.operation.verb == "count") return ok;
    if (run.target_->model != q.model)
        return fail(errc::unsupported_relation,
                    "preload() fills the members of whole objects: find<" + q.model->name + ">(), not another shape");
    const join_plan plan = plan_joins(q);
    for (const ast::relation_path& path : q.related->preloads) SKUA_TRY(check_alias(plan.alias, path.front()));
    owner_list owners;
    object_span rows;
    rows.first = run.target_->objects(run.target_->self, rows.count);
    rows.stride = q.model->desc->size;
    owners.reserve(rows.count);
    for (std::size_t i = 0; i < rows.count; ++i) owners.push_back(rows.at(i));
    return load(run, *q.model, owners, *q.related, plan, -1);
}

std::shared_ptr<const ast::relations> with_preload(const std::shared_ptr<const ast::relations>& to,
                                                   ast::relation_path path) {
    auto made = to ? std::make_shared<ast::relations>(*to) : std::make_shared<ast::relations>();
    if (!path.empty()) made->preloads.push_back(std::move(path));
    return made;
}
std::shared_ptr<const ast::relations> with_all_preloads(const std::shared_ptr<const ast::relations>& to) {
    auto made = to ? std::make_shared<ast::relations>(*to) : std::make_shared<ast::relations>();
    made->preload_all = true;
    return made;
}

}  // namespace skua::orm::detail
