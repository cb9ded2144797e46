// SPDX-License-Identifier: Apache-2.0
// What a model's hook is told: before_create(orm::event&) and the others.
#pragma once

#include <utility>

#include <skua/orm/column.hpp>
#include <skua/orm/statement.hpp>

namespace skua::orm {

class event {
public:
    event(statement& run, void* object) noexcept : run_(run), object_(object) {}

    // For queries of the hook's own: in the same transaction.
    [[nodiscard]] database db() const;
    // Sets a column of what is being written: the member of the object, and the statement.
    template <class C, class V>
    requires detail::any_column<C> status set(const C& column, const V& v) { return set_value(column = v); }
    // update: whether the column is among those assigned.
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] bool changed(const C& column) const { return is_changed(column.ref()); }
    [[nodiscard]] statement& run() const noexcept { return run_; }

private:
    status set_value(assignment what);
    [[nodiscard]] bool is_changed(const column_ref* column) const;

    statement& run_;
    void* object_;
};

}  // namespace skua::orm
