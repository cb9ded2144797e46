// SPDX-License-Identifier: Apache-2.0
// db.of(user): what is done to the row of one object.
#pragma once

#include <memory>
#include <utility>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/relation_column.hpp>
#include <skua/orm/sql_text.hpp>

namespace skua::orm {

// db.of(user): the row of this object.
template <class T>
class object_query {
public:
    object_query(detail::handle_ptr on, T& object) : on_(std::move(on)), object_(object) {}
    // The members of the object get the new values, too, where they are values.
    template <class... More>
    [[nodiscard]] result<done> update(located_assignment first, More... more) const {
        assignment all[] = {std::move(first.what), assignment(std::move(more))...};
        ast::query writing;
        writing.model = &info_of<T>();
        return detail::run_update(on_, std::move(writing), all, {&object_, 1, sizeof(T)}, first.at);
    }
    // Without hooks, and updated_at stays.
    template <class... More>
    [[nodiscard]] result<done> update_columns(located_assignment first, More... more) const {
        assignment all[] = {std::move(first.what), assignment(std::move(more))...};
        ast::query writing;
        writing.model = &info_of<T>();
        return detail::run_update(on_, std::move(writing), all, {&object_, 1, sizeof(T)}, first.at, true);
    }
    [[nodiscard]] result<done> remove(location at = location::current()) const {
        ast::query writing;
        writing.model = &info_of<T>();
        writing.unscoped = unscoped_;
        writing.related = related_;
        return detail::run_remove(on_, std::move(writing), {&object_, 1, sizeof(T)}, at);
    }
    // remove(): what the object has of these relations goes, too.
    template <class... R>
    requires(sizeof...(R) > 0 && (detail::removable<R>::value && ...)) [[nodiscard]] object_query
        select(const R&...) const {
        object_query made = *this;
        ((made.related_ = detail::add_removed<R>(made.related_)), ...);
        return made;
    }
    [[nodiscard]] object_query unscoped() const {
        object_query made = *this;
        made.unscoped_ = true;
        return made;
    }

private:
    detail::handle_ptr on_;
    T& object_;
    bool unscoped_ = false;
    std::shared_ptr<const ast::relations> related_;
};

}  // namespace skua::orm
