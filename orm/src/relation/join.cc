// SPDX-License-Identifier: Apache-2.0
#include "join.h"

#include "../core.h"

#include <algorithm>
#include <map>
#include <mutex>

#include <skua/orm/driver.hpp>
#include <skua/orm/relation_column.hpp>

namespace skua::orm::detail {
namespace {

// Longer ones would be cut by PostgreSQL, and two could become one.
constexpr std::size_t longest_alias = 48;

class planner {
public:
    explicit planner(const ast::query& q) : q_(q) {
        plan_.model = q.model;
        const bool renamed = q.more && !q.more->table.empty();
        plan_.alias = q.alias ? q.alias : renamed ? q.more->table : q.model->table;
    }
    join_plan run() {
        if (!q_.related) return std::move(plan_);
        for (const ast::join& j : q_.related->joins) {
            if (!plan_.broken) break;
            if (j.path.empty())
                plan_.tables.push_back({&j, nullptr, 0, -1, j.alias ? j.alias : "", {}, false});
            else
                follow(j);
        }
        return std::move(plan_);
    }

private:
    void follow(const ast::join& j) {
        plan_.broken = check_alias(plan_.alias, j.path.front());
        if (!plan_.broken) return;
        int parent = -1;
        for (std::size_t i = 0; i < j.path.size(); ++i) {
            const relation_info& r = j.path[i].relation->resolve();
            if (!r.broken) {
                plan_.broken = r.broken;
                return;
            }
            const int known = find(parent, r);
            if (known >= 0) {
                // Said once more, with conditions: these count.
                if (j.path[i].how) plan_.tables[static_cast<std::size_t>(known)].said = &j;
                if (j.path[i].how) plan_.tables[static_cast<std::size_t>(known)].step = i;
                parent = known;
                continue;
            }
            joined_table t;
            t.said = &j;
            t.relation = &r;
            t.step = i;
            t.parent = parent;
            const joined_table* from = parent < 0 ? nullptr : &plan_.tables[static_cast<std::size_t>(parent)];
            t.parent_alias = from ? from->alias : plan_.alias;
            t.alias = from ? from->alias + "__" + r.name : r.name;
            if (t.alias.size() > longest_alias) t.alias = "join_" + std::to_string(plan_.tables.size());
            t.read = !r.is_many() && (!from || from->read);
            parent = static_cast<int>(plan_.tables.size());
            plan_.tables.push_back(std::move(t));
        }
    }
    int find(int parent, const relation_info& r) const {
        for (std::size_t i = 0; i < plan_.tables.size(); ++i)
            if (plan_.tables[i].parent == parent && plan_.tables[i].relation == &r) return static_cast<int>(i);
        return -1;
    }

    const ast::query& q_;
    join_plan plan_;
};

}  // namespace

status check_alias(std::string_view own, const ast::relation_step& first) {
    if (!first.alias || own == first.alias) return ok;
    const relation_info& r = first.relation->resolve();
    return fail(errc::invalid_field, "relation " + r.owner->name + "." + r.name + " is asked for as " + first.alias +
                                         "; only relations of the table that is asked for can be joined or preloaded");
}

join_plan plan_joins(const ast::query& q) {
    return planner(q).run();
}

const joined_table* join_plan::by_path(const relation_ref* const* path, std::size_t steps) const {
    int at = -1;
    for (std::size_t i = 0; i < steps; ++i) {
        const relation_info& r = path[i]->resolve();
        const auto found = std::find_if(tables.begin(), tables.end(),
                                        [&](const joined_table& t) { return t.parent == at && t.relation == &r; });
        if (found == tables.end()) return nullptr;
        at = static_cast<int>(found - tables.begin());
    }
    return at < 0 ? nullptr : &tables[static_cast<std::size_t>(at)];
}

const joined_table* join_plan::by_alias(std::string_view name) const noexcept {
    for (const joined_table& t : tables)
        if (t.alias == name && t.model()) return &t;
    return nullptr;
}

std::vector<target_field> columns_of_join(const joined_table& t) {
    std::vector<target_field> out;
    for (const target_field& f : t.model()->targets)
        if (!t.how() || is_selected(*t.how(), f)) out.push_back(f);
    return out;
}

void add_shape_of_joins(shape& to, const std::vector<ast::join>& joins) {
    for (const ast::join& j : joins) {
        to.add(j.path.size() << 1 | (j.inner ? 1U : 0U));
        to.add(j.model);
        to.add(j.alias);
        add_shape_of(to, j.on);
        for (const ast::relation_step& s : j.path) {
            to.add(s.relation);
            to.add(s.alias);
            if (!s.how) continue;
            add_shape_of(to, s.how->where);
            to.add(s.how->columns.size() << 1 | (s.how->unscoped ? 1U : 0U));
            for (const column_ref* c : s.how->columns) to.add(c);
        }
    }
}

void values_of_joins(value_list& into, const ast::query& q) {
    const join_plan plan = plan_joins(q);
    for (const joined_table& t : plan.tables) {
        if (t.relation) {
            if (t.relation->type_field) into.push_back(value_view::text(t.relation->type_value));
            if (t.how())
                for (const value& v : t.how()->where.values) into.push_back(v.view());
        } else {
            for (const value& v : t.said->on.values) into.push_back(v.view());
        }
    }
}

void tell_joined(statement_info& about, const join_plan& plan) {
    about.collection.clear();
    for (const joined_table& t : plan.tables)
        if (const model_info* m = t.model()) about.summary += " " + m->table;
}

join_reader::join_reader(const ast::query& q) {
    if (!q.related || q.related->joins.empty()) return;
    const join_plan plan = plan_joins(q);
    std::vector<int> place(plan.tables.size(), -1);
    for (std::size_t i = 0; i < plan.tables.size(); ++i) {
        const joined_table& t = plan.tables[i];
        if (!t.read) continue;
        place[i] = static_cast<int>(parts_.size());
        part p;
        p.relation = t.relation;
        p.parent = t.parent < 0 ? -1 : place[static_cast<std::size_t>(t.parent)];
        p.fields = columns_of_join(t);
        bool any_key = false;
        for (const target_field& f : p.fields) {
            const field_info* field = t.model()->by_column(f.column);
            p.key.push_back(field && field->primary);
            any_key = any_key || p.key.back();
        }
        if (!any_key) p.key.assign(p.fields.size(), true);
        parts_.push_back(std::move(p));
    }
}

status join_reader::read(void* object, row_source& source, int column) {
    for (part& p : parts_) {
        void* parent = p.parent < 0 ? object : parts_[static_cast<std::size_t>(p.parent)].object;
        const int first = column;
        column += static_cast<int>(p.fields.size());
        p.object = nullptr;
        if (!parent) continue;
        one_state& place = p.relation->one_in(parent);
        bool there = false;
        for (std::size_t i = 0; i < p.fields.size() && !there; ++i)
            there = p.key[i] && !source.column(first + static_cast<int>(i)).is_null();
        if (!there) {
            place.clear();
            place.set_loaded(true);
            continue;
        }
        p.object = place.emplace_default(p.relation->ops());
        for (std::size_t i = 0; i < p.fields.size(); ++i) {
            const target_field& f = p.fields[i];
            const read_status got =
                f.ops->read(static_cast<char*>(p.object) + f.offset, source.column(first + static_cast<int>(i)));
            if (got == read_status::good) continue;
            error e = make_error(got == read_status::null ? errc::null_value : errc::invalid_data,
                                 "column " + std::string(f.column) + " of joined " + p.relation->name +
                                     (got == read_status::null ? " is NULL; got NULL; want a value"
                                                               : " does not fit its member's type or range"));
            e.column = f.column;
            return e;
        }
    }
    return ok;
}

std::shared_ptr<const ast::relations> with_join(const std::shared_ptr<const ast::relations>& to, ast::join join) {
    auto made = to ? std::make_shared<ast::relations>(*to) : std::make_shared<ast::relations>();
    made->joins.push_back(std::move(join));
    return made;
}

namespace {
thread_local const char* making = nullptr;
}
void set_alias_being_made(const char* alias) noexcept {
    making = alias;
}
const char* alias_being_made() noexcept {
    return making;
}

const column_ref* ref_under(const column_ref* column, const char* alias) {
    if (!alias) return column;
    static std::mutex mutex;
    static std::map<std::pair<const column_ref*, const char*>, column_ref>
        all;  // guarded by mutex; bounded by the source
    const std::lock_guard lock(mutex);
    const auto [it, fresh] = all.try_emplace({column, alias}, *column);
    if (fresh) it->second.alias = alias;
    return &it->second;
}

}  // namespace skua::orm::detail
