// SPDX-License-Identifier: Apache-2.0
// db.raw<T>("SELECT …"): SQL of the user's own.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/sql_text.hpp>

namespace skua::orm {

// db.raw<T>("SELECT …"): structs by column name, scalars and tuples by position.
template <class T>
class raw_query {
public:
    raw_query(detail::handle_ptr on, expr text, location at) : on_(std::move(on)), text_(std::move(text)), at_(at) {}
    [[nodiscard]] result<std::vector<T>> find() const {
        result<std::vector<T>> out{detail::later()};
        out.came(detail::find_raw(on_, text_, {detail::row_kind_of<T>, out.room()}, at_));
        return out;
    }
    [[nodiscard]] result<T> first() const {
        result<T> out{detail::in_place()};
        out.outcome(detail::demand_raw(on_, text_, {detail::row_kind_of<T>, out.room()}, at_));
        return out;
    }
    [[nodiscard]] result<std::optional<T>> find_one() const {
        result<std::optional<T>> out{detail::in_place()};
        bool there = false;
        status s = detail::find_raw_row(on_, text_, {detail::row_kind_of<T>, &out.room()->emplace()}, there, at_);
        if (!there) out.room()->reset();
        out.outcome(std::move(s));
        return out;
    }
    // fn(T&) -> orm::status, row by row while they come.
    template <class F>
    result<done> rows(F&& fn) const {
        detail::each_target<T, F> target(fn);
        SKUA_TRY(detail::run_raw_rows(on_, text_, target, at_));
        SKUA_TRY(std::move(target.outcome));
        return done{target.count};
    }
    [[nodiscard]] result<sql_text> to_sql() const { return detail::raw_text(on_, text_); }

private:
    detail::handle_ptr on_;
    expr text_;
    location at_;
};

}  // namespace skua::orm
