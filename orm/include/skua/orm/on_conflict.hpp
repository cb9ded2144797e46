// SPDX-License-Identifier: Apache-2.0
// What an insert does with a row that is there already.
#pragma once

#include <string>
#include <utility>

#include <skua/orm/ast.hpp>
#include <skua/orm/column.hpp>

namespace skua::orm {

// create(u, on_conflict(User::c.email).update(User::c.name)); without columns: the primary key.
class on_conflict {
public:
    template <class... C>
    requires(detail::any_column<C>&&...) explicit on_conflict(const C&... columns) {
        rule_.what = ast::conflict::act::nothing;
        (rule_.columns.push_back(columns.ref()), ...);
    }
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] on_conflict update(const C&... columns) const {
        on_conflict made = *this;
        made.rule_.what = ast::conflict::act::update_columns;
        (made.rule_.update.push_back(columns.ref()), ...);
        return made;
    }
    // Everything but the key, what is set at creation only, and database defaults.
    [[nodiscard]] on_conflict update_all() const {
        on_conflict made = *this;
        made.rule_.what = ast::conflict::act::update_all;
        return made;
    }
    [[nodiscard]] on_conflict do_nothing() const { return *this; }
    // DO UPDATE SET in your own words: .set(User::c.age = User::c.age + 1)
    template <class... A>
    [[nodiscard]] on_conflict set(A... assignments) const {
        on_conflict made = *this;
        if (made.rule_.what == ast::conflict::act::nothing) made.rule_.what = ast::conflict::act::update_columns;
        (made.rule_.set.push_back(assignment(std::move(assignments))), ...);
        return made;
    }
    // Rows that are there are changed only if.
    [[nodiscard]] on_conflict where(expr condition) const {
        on_conflict made = *this;
        made.rule_.where = std::move(condition);
        return made;
    }
    // Of a partial unique index.
    [[nodiscard]] on_conflict target_where(expr condition) const {
        on_conflict made = *this;
        made.rule_.target_where = std::move(condition);
        return made;
    }
    [[nodiscard]] on_conflict constraint(std::string name) const {
        on_conflict made = *this;
        made.rule_.constraint = std::move(name);
        return made;
    }
    [[nodiscard]] const ast::conflict& rule() const noexcept { return rule_; }

private:
    ast::conflict rule_;
};

}  // namespace skua::orm
