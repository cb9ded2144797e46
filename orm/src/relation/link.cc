// SPDX-License-Identifier: Apache-2.0
#include "link.h"

#include "../render/render.h"

#include <algorithm>
#include <iterator>

namespace skua::orm::detail {

void link_rows::add(std::vector<value> owner, std::vector<value> target) {
    std::move(owner.begin(), owner.end(), std::back_inserter(owners_));
    std::move(target.begin(), target.end(), std::back_inserter(targets_));
}

row_key link_rows::key(const std::vector<value>& values, std::size_t columns, std::size_t i) {
    row_key out;
    for (std::size_t k = 0; k < columns; ++k) add_to_key(out, values[i * columns + k].view(), columns == 1);
    return out;
}

void link_rows::distinct_targets(std::vector<value>& into) const {
    owner_index index;
    for (std::size_t i = 0; i < size(); ++i) index.add(target_key(i), static_cast<std::uint32_t>(i));
    index.sort();
    for (const owner_index::entry* e : index.distinct())
        for (const value& v : target_values(e->owner)) into.push_back(v);
}

void link_rows::make_unique() {
    std::vector<std::pair<row_key, row_key>> seen;
    link_rows kept(r_);
    for (std::size_t i = 0; i < size(); ++i) {
        std::pair<row_key, row_key> pair{owner_key(i), target_key(i)};
        const auto at = std::lower_bound(seen.begin(), seen.end(), pair);
        if (at != seen.end() && *at == pair) continue;
        seen.insert(at, std::move(pair));
        const auto o = owner_values(i), t = target_values(i);
        kept.add({o.begin(), o.end()}, {t.begin(), t.end()});
    }
    owners_ = std::move(kept.owners_);
    targets_ = std::move(kept.targets_);
}

namespace {

// Reads keys as the related models' members hold them, so that they compare equal.
class link_sink final : public row_sink {
public:
    link_sink(const relation_info& r, void* owner, void* target, link_rows& into)
        : r_(r), owner_(owner), target_(target), into_(into) {}
    bool row(row_source& source) override {
        std::vector<value> own, other;
        int at = 0;
        for (const field_info* f : r_.owner_fields)
            if (!take(*f, owner_, source, at++, own)) return false;
        for (const field_info* f : r_.target_fields)
            if (!take(*f, target_, source, at++, other)) return false;
        into_.add(std::move(own), std::move(other));
        return true;
    }
    status failed;

private:
    bool take(const field_info& f, void* object, row_source& source, int column, std::vector<value>& to) {
        if (f.ops->read(f.in(object), source.column(column)) != read_status::good) {
            failed = fail(errc::invalid_data, "column " + std::string(source.column_name(column)) + " of " +
                                                  r_.link->table + " does not fit " + f.column);
            return false;
        }
        scratch keeper;
        to.emplace_back(f.ops->view(f.in(object), keeper));
        return true;
    }

    const relation_info& r_;
    void *owner_, *target_;
    link_rows& into_;
};

struct finding {
    const statement& outer;
    const relation_info& r;
    std::span<const value> owners;
    link_rows& into;
    void* owner = nullptr;
    status outcome;
};

status find_with(finding& f, void* target) {
    const std::size_t columns = f.r.owner_fields.size();
    const std::size_t most = keys_of_statement(f.outer.run_handle_->core->pool->bind_limit(), columns, 0) * columns;
    for (std::size_t from = 0; from < f.owners.size(); from += most) {
        ast::query q;
        q.model = f.r.link;
        q.shape = f.r.link_keys;
        add_key_list(q.where, f.r.link_owner_fields, f.owners.subspan(from, std::min(most, f.owners.size() - from)));
        link_sink sink(f.r, f.owner, target, f.into);
        statement run = inner_statement(f.outer, processor_kind::query, "find", *f.r.link);
        SKUA_TRY(send_select(run, q, sink));
        SKUA_TRY(std::move(sink.failed));
    }
    return ok;
}

struct link_job {
    const relation_info* r;
    std::size_t rows;
};
render_result render_links(const void* self, const dialect& d) {
    const auto& job = *static_cast<const link_job*>(self);
    ast::conflict nothing;
    nothing.what = ast::conflict::act::nothing;
    insert_shape what;
    what.model = job.r->link;
    what.columns = job.r->link_owner_fields;
    what.columns.insert(what.columns.end(), job.r->link_target_fields.begin(), job.r->link_target_fields.end());
    what.rows = job.rows;
    what.conflict = &nothing;
    return render_insert(d, what);
}

status insert_own(const statement& outer, const relation_info& r, const link_rows& links) {
    const std::size_t columns = r.owner_fields.size() + r.target_fields.size();
    const std::size_t most = std::clamp<std::size_t>(outer.run_handle_->core->pool->bind_limit() / columns, 1, 1000);
    for (std::size_t from = 0; from < links.size(); from += most) {
        const link_job job{&r, std::min(most, links.size() - from)};
        shape s;
        s.add(std::uint64_t{51});
        s.add(&r);
        s.add(job.rows);
        s.cacheable = job.rows <= 8 || job.rows % 100 == 0;
        s.self = &job;
        s.render = render_links;
        value_list values;
        for (std::size_t i = from; i < from + job.rows; ++i) {
            for (const value& v : links.owner_values(i)) values.push_back(v.view());
            for (const value& v : links.target_values(i)) values.push_back(v.view());
        }
        statement run = inner_statement(outer, processor_kind::create, "create", *r.link);
        exec_info told;
        SKUA_TRY(send(run, s, {values.data(), values.size()}, nullptr, told));
    }
    return ok;
}

status fill(const field_list& fields, void* object, std::span<const value> values) {
    for (std::size_t i = 0; i < fields.size(); ++i)
        if (fields[i]->ops->read(fields[i]->in(object), values[i].view()) != read_status::good)
            return fail(errc::invalid_value, "the key does not fit column " + fields[i]->column + " of the link table");
    return ok;
}

// Through callbacks and hooks, as the user's own objects.
status insert_models(const statement& outer, const relation_info& r, const link_rows& links) {
    const related_ops& ops = r.desc->relation->link_ops();
    many_state objects;
    for (std::size_t i = 0; i < links.size(); ++i) {
        void* object = objects.append(ops);
        SKUA_TRY(fill(r.link_owner_fields, object, links.owner_values(i)));
        SKUA_TRY(fill(r.link_target_fields, object, links.target_values(i)));
    }
    ast::conflict rule;
    rule.what = ast::conflict::act::nothing;
    if (r.link->deleted_at >= 0) {  // a link that was deleted softly comes back
        rule.what = ast::conflict::act::update_columns;
        rule.update_fields.push_back(&r.link->fields[static_cast<std::size_t>(r.link->deleted_at)]);
    }
    statement run = inner_statement(outer, processor_kind::create, "create", *r.link);
    run.objects = {objects.data(), objects.count(), ops.size, nullptr};
    run.conflict_ = &rule;
    return run_statement(run);
}

}  // namespace

status find_links(const statement& outer, const relation_info& r, std::span<const value> owners, link_rows& into) {
    finding f{outer, r, owners, into, nullptr, ok};
    r.owner->desc->temporary(&f, [](void* arg, void* owner) {
        auto& here = *static_cast<finding*>(arg);
        here.owner = owner;
        here.r.target->desc->temporary(&here, [](void* inner, void* target) {
            auto& with = *static_cast<finding*>(inner);
            with.outcome = find_with(with, target);
        });
    });
    return std::move(f.outcome);
}

status insert_links(const statement& outer, const relation_info& r, const link_rows& links) {
    if (links.size() == 0) return ok;
    return r.link_is_model ? insert_models(outer, r, links) : insert_own(outer, r, links);
}

}  // namespace skua::orm::detail
