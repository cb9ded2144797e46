// SPDX-License-Identifier: Apache-2.0
// q.returning(…).update(…): writes that give rows back.
#pragma once

#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/sql_text.hpp>

namespace skua::orm {

// q.returning(…): the rows that were changed, as they are afterwards; that were removed, as they were.
template <class T>
class returning_query {
public:
    returning_query(detail::handle_ptr on, ast::query writing) : on_(std::move(on)), ast_(std::move(writing)) {}
    template <class... More>
    [[nodiscard]] result<std::vector<T>> update(located_assignment first, More... more) const {
        ast::query writing = ast_;
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return run(writing, first.at);
    }
    [[nodiscard]] result<std::vector<T>> remove(location at = location::current()) const { return run(ast_, at); }

private:
    result<std::vector<T>> run(const ast::query& writing, location at) const {
        result<std::vector<T>> out{detail::later()};
        out.came(detail::find_changed(on_, writing, {detail::row_kind_of<T>, out.room()}, at));
        return out;
    }
    detail::handle_ptr on_;
    ast::query ast_;
};

}  // namespace skua::orm
