// SPDX-License-Identifier: Apache-2.0
// db.from<User>(): a question as a value. Kept, copied, shared between threads, finished twice; no finisher changes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/model.hpp>

namespace skua::orm {

class database;

// What would be sent.
struct sql_text {
    std::string sql;            // with placeholders
    std::vector<value> values;  // bound to them
    // With the values written in: for people, never to be sent.
    [[nodiscard]] std::string explained() const;
};

// An assignment that knows where it was written.
struct located_assignment {
    assignment what;
    location at;
    located_assignment(assignment a, location from = location::current())  // NOLINT(google-explicit-constructor)
        : what(std::move(a)), at(from) {}
};

template <class T>
class query {
public:
    query(detail::handle_ptr on, const model_info& model) : on_(std::move(on)) { ast_.model = &model; }

    // Conditions: typed, in words (literal, ? for each value), or at run time (unsafe_sql). Several are joined with
    // AND.
    [[nodiscard]] query where(expr condition) const& { return query(*this).where(std::move(condition)); }
    [[nodiscard]] query where(expr&& condition) && { return add(std::move(condition), false); }
    template <class... Args>
    [[nodiscard]] query where(literal_for<Args...> text, const Args&... args) const& {
        return query(*this).add(detail::literal_expr(text.text, args...), false);
    }
    template <class... Args>
    [[nodiscard]] query where(literal_for<Args...> text, const Args&... args) && {
        return add(detail::literal_expr(text.text, args...), false);
    }
    template <class... Args>
    [[nodiscard]] query where(unsafe_sql text, const Args&... args) const {
        return query(*this).add(detail::owned_expr(std::move(text.text), args...), false);
    }
    template <detail::run_time_text S, class... Args>
    query where(const S&, const Args&...) const {
        SKUA_ORM_TEXT_MUST_BE_LITERAL(S);
        return *this;
    }
    [[nodiscard]] query or_where(expr condition) const { return query(*this).add(std::move(condition), true); }
    template <class... Args>
    [[nodiscard]] query or_where(literal_for<Args...> text, const Args&... args) const {
        return query(*this).add(detail::literal_expr(text.text, args...), true);
    }
    [[nodiscard]] query not_where(expr condition) const { return query(*this).add(!std::move(condition), false); }

    // Appended to what is there.
    [[nodiscard]] query order(order_term term) const& { return query(*this).order(std::move(term)); }
    [[nodiscard]] query order(order_term term) && {
        ast_.order.push_back(std::move(term));
        return std::move(*this);
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] query order(const C& column) const { return query(*this).order(column.asc()); }
    [[nodiscard]] query order(sql_literal<> text) const {
        return query(*this).order(order_term{nullptr, false, text.text, {}});
    }
    [[nodiscard]] query order(unsafe_sql text) const {
        return query(*this).order(
            order_term{nullptr, false, {}, std::make_shared<const std::string>(std::move(text.text))});
    }
    template <detail::run_time_text S>
    query order(const S&) const {
        SKUA_ORM_TEXT_MUST_BE_LITERAL(S);
        return *this;
    }
    [[nodiscard]] query reorder() const {
        query made = *this;
        made.ast_.order.clear();
        return made;
    }
    // -1 takes it back.
    [[nodiscard]] query limit(std::int64_t rows) const& { return query(*this).limit(rows); }
    [[nodiscard]] query limit(std::int64_t rows) && {
        ast_.limit = rows < 0 ? -1 : rows;
        return std::move(*this);
    }
    [[nodiscard]] query offset(std::int64_t rows) const {
        query made = *this;
        made.ast_.offset = rows < 0 ? -1 : rows;
        return made;
    }
    // Deleted rows too; remove() deletes for good.
    [[nodiscard]] query unscoped() const {
        query made = *this;
        made.ast_.unscoped = true;
        return made;
    }
    // Every row is meant: update() and remove() without a condition.
    [[nodiscard]] query all() const {
        query made = *this;
        made.ast_.all = true;
        return made;
    }
    [[nodiscard]] query distinct() const {
        query made = *this;
        made.ast_.distinct = true;
        return made;
    }
    [[nodiscard]] query for_update() const {
        query made = *this;
        made.ast_.for_update = true;
        return made;
    }
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] query group(const C&... columns) const {
        query made = *this;
        (made.ast_.group.push_back(columns.ref()), ...);
        return made;
    }
    [[nodiscard]] query having(expr condition) const {
        query made = *this;
        expr& all = made.ast_.having.write();
        const bool first = all.empty();
        all.append(std::move(condition));
        if (!first) all.push(node_kind::where_and);
        return made;
    }
    // Only these columns are asked for; other members stay as they are made.
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] query select(const C&... columns) const {
        query made = *this;
        (made.ast_.columns.push_back(columns.ref()), ...);
        return made;
    }
    // The related objects too, one statement for each relation: preload(User::c.pets, Pet::c.toys) loads the toys of
    // the pets. Conditions: preload(User::c.pets.where(…).order(…).limit(3)).
    template <class... R>
    [[nodiscard]] query preload(const R&... path) const {
        detail::check_path<T, R...>();
        query made = *this;
        if constexpr ((detail::any_relation<R> && ...))
            made.ast_.related = detail::with_preload(ast_.related, ast::relation_path{path.step()...});
        return made;
    }
    [[nodiscard]] query preload(all_associations) const {
        query made = *this;
        made.ast_.related = detail::with_all_preloads(ast_.related);
        return made;
    }
    // What a plugin has to say to this query: anything with `void apply(ast::query&) const`.
    template <class Clause>
    requires requires(const Clause& c, ast::query& q) { c.apply(q); }
    [[nodiscard]] query clauses(const Clause& clause) const {
        query made = *this;
        clause.apply(made.ast_);
        return made;
    }
    template <class F>
    [[nodiscard]] auto apply(F&& fn) const {
        return std::forward<F>(fn)(*this);
    }
    // The same question to another handle: a transaction.
    [[nodiscard]] query on(const database& other) const;

    // Finishers.
    template <class R = T>
    [[nodiscard]] result<std::vector<R>> find(location at = location::current()) const {
        detail::many_target<R> target;
        SKUA_TRY(run(target, "find", at));
        return detail::rows_of<R>(std::move(target));
    }
    // Ordered by the key; none: record_not_found.
    [[nodiscard]] result<T> first(location at = location::current()) const& { return one(copied(), "first", 1, at); }
    [[nodiscard]] result<T> first(location at = location::current()) && { return one(std::move(ast_), "first", 1, at); }
    [[nodiscard]] result<T> last(location at = location::current()) const& { return one(copied(), "last", -1, at); }
    [[nodiscard]] result<T> last(location at = location::current()) && { return one(std::move(ast_), "last", -1, at); }
    [[nodiscard]] result<T> take(location at = location::current()) const& { return one(copied(), "take", 0, at); }
    [[nodiscard]] result<T> take(location at = location::current()) && { return one(std::move(ast_), "take", 0, at); }
    [[nodiscard]] result<std::optional<T>> find_one(location at = location::current()) const& {
        return at_most_one(copied(), at);
    }
    [[nodiscard]] result<std::optional<T>> find_one(location at = location::current()) && {
        return at_most_one(std::move(ast_), at);
    }
    [[nodiscard]] result<std::int64_t> count(location at = location::current()) const {
        return detail::run_count(on_, ast_, at);
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] result<std::vector<typename C::value_type>> pluck(const C& column,
                                                                    location at = location::current()) const {
        using V = typename C::value_type;
        detail::many_target<V> target;
        ast::query narrowed = ast_;
        narrowed.what = ast::projection::columns;
        narrowed.columns.assign(1, column.ref());
        SKUA_TRY(detail::run_query(on_, narrowed, target, "pluck", at));
        return detail::rows_of<V>(std::move(target));
    }
    template <class... More>
    [[nodiscard]] result<done> update(located_assignment first, More... more) const {
        ast::query writing = ast_;
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return detail::run_update(on_, writing, {}, first.at);
    }
    // Sets deleted_at, where the model has one; unscoped() deletes.
    [[nodiscard]] result<done> remove(location at = location::current()) const {
        return detail::run_remove(on_, ast_, {}, at);
    }
    // What find() would send; nothing is sent.
    [[nodiscard]] result<sql_text> to_sql() const {
        ast::query copy = ast_;
        return detail::query_text(on_, with_shape<T>(copy));
    }

    [[nodiscard]] const ast::query& tree() const noexcept { return ast_; }

private:
    query add(expr&& condition, bool with_or) {
        ast_.add_where(std::move(condition), with_or);
        return std::move(*this);
    }
    template <class R>
    static ast::query& with_shape(ast::query& q) {
        if constexpr (described<R> && !std::is_same_v<R, T>) {
            q.shape = &info_of<R>();
        } else if constexpr (!described<R>) {
            if (q.what == ast::projection::shape) q.what = ast::projection::columns;
        }
        return q;
    }
    template <class R>
    status run(detail::many_target<R>& target, std::string_view verb, location at) const {
        if constexpr (std::is_same_v<R, T>) {
            return detail::run_query(on_, ast_, target, verb, at);
        } else {
            ast::query shaped = ast_;
            return detail::run_query(on_, with_shape<R>(shaped), target, verb, at);
        }
    }
    [[nodiscard]] ast::query copied() const { return ast_; }
    result<T> one(ast::query&& narrowed, std::string_view verb, std::int8_t key_order, location at) const {
        result<T> out{detail::in_place()};
        detail::one_target<T> target(*out);
        narrowed.limit = 1;
        narrowed.key_order = key_order;
        if (status s = detail::run_one(on_, narrowed, target, target.there, verb, at); !s) out = std::move(s);
        return out;
    }
    result<std::optional<T>> at_most_one(ast::query&& narrowed, location at) const {
        result<std::optional<T>> out{detail::in_place()};
        detail::one_target<T> target((*out).emplace());
        narrowed.limit = 1;
        if (status s = detail::run_query(on_, narrowed, target, "find_one", at); !s)
            out = std::move(s);
        else if (!target.there)
            (*out).reset();
        return out;
    }

    detail::handle_ptr on_;
    ast::query ast_;
};

// db.of(user): the row of this object.
template <class T>
class object_query {
public:
    object_query(detail::handle_ptr on, T& object) : on_(std::move(on)), object_(object) {}
    // The members of the object get the new values, too, where they are values.
    template <class... More>
    [[nodiscard]] result<done> update(located_assignment first, More... more) const {
        ast::query writing;
        writing.model = &info_of<T>();
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return detail::run_update(on_, writing, {&object_, 1, sizeof(T)}, first.at);
    }
    [[nodiscard]] result<done> remove(location at = location::current()) const {
        ast::query writing;
        writing.model = &info_of<T>();
        writing.unscoped = unscoped_;
        return detail::run_remove(on_, writing, {&object_, 1, sizeof(T)}, at);
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
};

// db.raw<T>("SELECT …"): structs by column name, scalars and tuples by position.
template <class T>
class raw_query {
public:
    raw_query(detail::handle_ptr on, expr text, location at) : on_(std::move(on)), text_(std::move(text)), at_(at) {}
    [[nodiscard]] result<std::vector<T>> find() const {
        detail::many_target<T> target;
        SKUA_TRY(detail::run_raw(on_, text_, target, at_));
        return detail::rows_of<T>(std::move(target));
    }
    [[nodiscard]] result<T> first() const {
        result<T> out{detail::in_place()};
        detail::one_target<T> target(*out);
        if (status s = detail::run_raw(on_, text_, target, at_); !s)
            out = std::move(s);
        else if (!target.there)
            out = detail::not_found(target.model, "raw", at_);
        return out;
    }
    [[nodiscard]] result<std::optional<T>> find_one() const {
        result<std::optional<T>> out{detail::in_place()};
        detail::one_target<T> target((*out).emplace());
        if (status s = detail::run_raw(on_, text_, target, at_); !s)
            out = std::move(s);
        else if (!target.there)
            (*out).reset();
        return out;
    }
    [[nodiscard]] result<sql_text> to_sql() const { return detail::raw_text(on_, text_); }

private:
    detail::handle_ptr on_;
    expr text_;
    location at_;
};

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
    [[nodiscard]] const ast::conflict& rule() const noexcept { return rule_; }

private:
    ast::conflict rule_;
};

}  // namespace skua::orm
