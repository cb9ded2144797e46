// SPDX-License-Identifier: Apache-2.0
// The tables of a migration: which models they have, and what refers to what.
#include "plan.h"

#include <algorithm>

namespace skua::orm::detail {
namespace {
template <class List>
void add_missing(List& to, const List& from) {
    for (const auto& item : from)
        if (std::none_of(to.begin(), to.end(), [&](const auto& known) { return known.name == item.name; }))
            to.push_back(item);
}
}  // namespace

void planner::gather() {
    for (const model_info* m : all_) {
        const auto at = std::find_if(tables_.begin(), tables_.end(),
                                     [&](const table_models& t) { return t.all->table == m->table; });
        if (at == tables_.end()) {
            tables_.push_back({m, {m}, nullptr});
            continue;
        }
        if (!at->merged) at->all = at->merged = &merged_.emplace_back(*at->all);
        model_info& all = *at->merged;
        at->of.push_back(m);
        for (const field_info& f : m->fields)
            if (!all.by_column(f.column)) all.fields.push_back(f);
        add_missing(all.indexes, m->indexes);
        add_missing(all.checks, m->checks);
    }
}

status planner::keys_of(const table_models& t, std::vector<foreign_key>& into) const {
    const auto same_columns = [](const foreign_key& a, const foreign_key& b) {
        return a.referenced->table == b.referenced->table &&
               std::equal(a.columns.begin(), a.columns.end(), b.columns.begin(), b.columns.end(),
                          [](const field_info* x, const field_info* y) { return x->column == y->column; });
    };
    for (const model_info* m : t.of) {
        std::vector<foreign_key> own;
        SKUA_TRY(add_foreign_keys(*m, all_, own, run_.of()));
        for (foreign_key& k : own)
            if (std::none_of(into.begin(), into.end(),
                             [&](const foreign_key& o) { return o.name == k.name || same_columns(o, k); }))
                into.push_back(std::move(k));
    }
    return ok;
}

// A circle of tables: what refers to one that is made later is added when that
// is there.
bool planner::made_later(const model_info& m, const model_info& referenced) const {
    const auto at = [&](const model_info& one) {
        return std::find_if(tables_.begin(), tables_.end(),
                            [&](const table_models& t) { return t.all->table == one.table; });
    };
    return run_.of().adds_constraints() && at(referenced) != tables_.end() && at(referenced) > at(m);
}

// Tables and columns are called by their names in statements: they cannot be
// cut.
status planner::names_fit(const model_info& m) const {
    const dialect& d = run_.of();
    const auto check = [&](std::string_view what, const std::string& name) -> status {
        if (d.kept_name(name, true) == name) return ok;
        const naming::identifier_limit limit = d.identifiers();
        return fail(errc::invalid_value, "cannot migrate " + m.name + ": the name of the " + std::string(what) +
                                             " is too long for " + std::string(d.name()) + "; got " + name +
                                             "; want at most " + std::to_string(limit.most) +
                                             (limit.in_bytes ? " bytes" : " characters"));
    };
    const std::size_t dot = m.table.rfind('.');
    SKUA_TRY(check("table", dot == std::string::npos ? m.table : m.table.substr(dot + 1)));
    for (const field_info& f : m.fields)
        if (f.desc->tags.migrated) SKUA_TRY(check("column", f.column));
    return ok;
}

}  // namespace skua::orm::detail
