// SPDX-License-Identifier: Apache-2.0
// db.from<User>(): a question as a value. Kept, copied, shared between threads, finished twice; no finisher changes it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/detail/engine.hpp>
#include <skua/orm/model.hpp>
#include <skua/orm/returning_query.hpp>
#include <skua/orm/sql_text.hpp>

namespace skua::orm {

class database;

template <class T>
class batches;

namespace detail {
// What of a query does not depend on its model.
class query_core {
public:
    [[nodiscard]] const ast::query& tree() const noexcept { return ast_; }

protected:
    query_core(const handle_ptr& on, const model_info& model, const char* alias);
    query_core(const query_core& other);
    query_core(query_core&& other) noexcept;
    query_core& operator=(const query_core& other);
    query_core& operator=(query_core&& other) noexcept;
    ~query_core();

    void add(expr&& condition, bool with_or);
    void add_having(expr&& condition);
    void add_order(std::string text);
    void join(ast::join more);
    void lock(row_lock::strength how);
    void lock_taken(row_lock::when_taken taken);
    // What select(…) and omit(…) mean for a write.
    [[nodiscard]] ast::saved_part written() const;

    handle_ptr on_;
    ast::query ast_;
};
}  // namespace detail

template <class T>
class query : public detail::query_core {
public:
    using asks_for = T;
    query(const detail::handle_ptr& on, const model_info& model, const char* alias = nullptr)
        : query_core(on, model, alias) {}

    // Conditions: typed, in words (literal, ? for each value), or at run time (unsafe_sql). Several are joined with
    // AND.
    [[nodiscard]] query where(expr condition) const& { return with(std::move(condition), false); }
    [[nodiscard]] query where(expr&& condition) && {
        add(static_cast<expr&&>(condition), false);
        return static_cast<query&&>(*this);
    }
    template <class... Args>
    [[nodiscard]] query where(literal_for<Args...> text, const Args&... args) const& {
        return with(detail::literal_expr(text.text, args...), false);
    }
    template <class... Args>
    [[nodiscard]] query where(literal_for<Args...> text, const Args&... args) && {
        add(detail::literal_expr(text.text, args...), false);
        return static_cast<query&&>(*this);
    }
    template <class... Args>
    [[nodiscard]] query where(unsafe_sql text, const Args&... args) const {
        return with(detail::owned_expr(std::move(text.text), args...), false);
    }
    template <detail::run_time_text S, class... Args>
    query where(const S&, const Args&...) const {
        SKUA_ORM_TEXT_MUST_BE_LITERAL(S);
        return *this;
    }
    [[nodiscard]] query or_where(expr condition) const { return with(std::move(condition), true); }
    template <class... Args>
    [[nodiscard]] query or_where(literal_for<Args...> text, const Args&... args) const {
        return with(detail::literal_expr(text.text, args...), true);
    }
    template <class... Args>
    [[nodiscard]] query or_where(unsafe_sql text, const Args&... args) const {
        return with(detail::owned_expr(text.text, args...), true);
    }
    [[nodiscard]] query not_where(expr condition) const { return with(!std::move(condition), false); }
    template <class... Args>
    [[nodiscard]] query not_where(literal_for<Args...> text, const Args&... args) const {
        return with(!detail::literal_expr(text.text, args...), false);
    }

    // Appended to what is there.
    [[nodiscard]] query order(order_term term) const& { return query(*this).order(std::move(term)); }
    [[nodiscard]] query order(order_term term) && {
        ast_.order.push_back(std::move(term));
        return std::move(*this);
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] query order(const C& column) const& { return query(*this).order(column.asc()); }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] query order(const C& column) && { return std::move(*this).order(column.asc()); }
    [[nodiscard]] query order(sql_literal<> text) const& {
        return query(*this).order(order_term{nullptr, false, text.text, {}});
    }
    [[nodiscard]] query order(unsafe_sql text) const& {
        query made = *this;
        made.add_order(std::move(text.text));
        return made;
    }
    template <detail::run_time_text S>
    query order(const S&) const& {
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
    [[nodiscard]] query offset(std::int64_t rows) const& { return query(*this).offset(rows); }
    [[nodiscard]] query offset(std::int64_t rows) && {
        ast_.offset = rows < 0 ? -1 : rows;
        return std::move(*this);
    }
    // Deleted rows too; remove() deletes for good.
    [[nodiscard]] query unscoped() const& { return query(*this).unscoped(); }
    [[nodiscard]] query unscoped() && {
        ast_.unscoped = true;
        return std::move(*this);
    }
    // Every row is meant: update() and remove() without a condition.
    [[nodiscard]] query all() const& { return query(*this).all(); }
    [[nodiscard]] query all() && {
        ast_.all = true;
        return std::move(*this);
    }
    [[nodiscard]] query distinct() const {
        query made = *this;
        made.ast_.distinct = true;
        return made;
    }
    template <class... C>
    requires(sizeof...(C) > 0 && (detail::any_column<C> && ...)) [[nodiscard]] query
        distinct(const C&... columns) const {
        return distinct().select(columns...);
    }
    // The rows stay as they are until the transaction ends. SQLite has one writer and needs no such words.
    [[nodiscard]] query for_update() const { return locked(row_lock::strength::update); }
    [[nodiscard]] query for_share() const { return locked(row_lock::strength::share); }
    // Of a lock: rows that another holds are left out, or the statement fails at once.
    [[nodiscard]] query skip_locked() const { return when_locked(row_lock::when_taken::skip); }
    [[nodiscard]] query nowait() const { return when_locked(row_lock::when_taken::fail); }
    // Another table of the same columns; "schema.table" has two parts.
    [[nodiscard]] query table(std::string_view name) const {
        query made = *this;
        made.ast_.more.write().table = name;
        return made;
    }
    // A query in place of the table, under the table's name.
    template <class U>
    [[nodiscard]] query from(const query<U>& source) const {
        query made = *this;
        made.ast_.more.write().source = std::make_shared<const ast::query>(source.tree());
        return made;
    }
    // Text where databases take hints and comments; it is sent as it is.
    [[nodiscard]] query hint(ast::hint::place where, sql_literal<> text) const {
        return hint(where, unsafe_sql(std::string(text.text)));
    }
    [[nodiscard]] query hint(ast::hint::place where, unsafe_sql text) const {
        query made = *this;
        made.ast_.more.write().hints.push_back({where, std::move(text.text)});
        return made;
    }
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] query group(const C&... columns) const {
        query made = *this;
        (made.ast_.group.push_back(columns.ref()), ...);
        return made;
    }
    template <class... Args>
    [[nodiscard]] query group(literal_for<Args...> text, const Args&... args) const {
        query made = *this;
        made.ast_.more.write().group = detail::literal_expr(text.text, args...);
        return made;
    }
    template <class... Args>
    [[nodiscard]] query having(literal_for<Args...> text, const Args&... args) const {
        return having(detail::literal_expr(text.text, args...));
    }
    [[nodiscard]] query having(expr condition) const {
        query made = *this;
        made.add_having(std::move(condition));
        return made;
    }
    // Only these columns are asked for; other members stay as they are made.
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] query select(const C&... columns) const {
        query made = *this;
        (made.ast_.columns.push_back(columns.ref()), ...);
        return made;
    }
    // Before remove(): what the rows have of these relations goes, too: select(User::c.pets,
    // User::c.languages).remove(). Nested: select(User::c.pets[Pet::c.tags]). All: select(orm::associations).
    template <class... R>
    requires(sizeof...(R) > 0 && (detail::removable<R>::value && ...)) [[nodiscard]] query select(const R&...) const {
        query made = *this;
        ((made.ast_.related = detail::add_removed<R>(made.ast_.related)), ...);
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
    // More tables. Along relations, nested too: joins(User::c.manager, User::c.company); those to one object are read
    // into the members. Conditions of .where(…) go into ON. The alias of a related table is the relation's name, of a
    // nested one manager__company; their columns are User::c.company[Company::c.name].
    template <class... R>
    requires((detail::any_relation<R> || detail::any_column<R>)&&...) [[nodiscard]] query
        joins(const R&... path) const {
        return joined<R...>(false, path...);
    }
    // Only rows that have one.
    template <class... R>
    requires((detail::any_relation<R> || detail::any_column<R>)&&...) [[nodiscard]] query
        inner_joins(const R&... path) const {
        return joined<R...>(true, path...);
    }
    // A table under an alias: auto boss = orm::as<User>("boss"); joins(boss, boss.id == User::c.manager_id)
    template <class M>
    [[nodiscard]] query joins(const aliased<M>& table, expr on) const {
        return with(ast::join{false, {}, &info_of<M>(), table.skua_alias, std::move(on)});
    }
    template <class M>
    [[nodiscard]] query inner_joins(const aliased<M>& table, expr on) const {
        return with(ast::join{true, {}, &info_of<M>(), table.skua_alias, std::move(on)});
    }
    // In words: joins("JOIN emails ON emails.user_id = users.id AND emails.email = ?", email)
    template <class... Args>
    [[nodiscard]] query joins(literal_for<Args...> text, const Args&... args) const {
        return with(ast::join{false, {}, nullptr, nullptr, detail::literal_expr(text.text, args...)});
    }
    template <class... Args>
    [[nodiscard]] query joins(unsafe_sql text, const Args&... args) const {
        return with(ast::join{false, {}, nullptr, nullptr, detail::owned_expr(std::move(text.text), args...)});
    }
    // In words: select("name, count(*) AS n").find<NameCount>() goes by name, scalars and tuples by position.
    template <class... Args>
    [[nodiscard]] query select(literal_for<Args...> text, const Args&... args) const {
        query made = *this;
        made.ast_.more.write().projection = detail::literal_expr(text.text, args...);
        return made;
    }
    template <class... Args>
    [[nodiscard]] query select(unsafe_sql text, const Args&... args) const {
        query made = *this;
        made.ast_.more.write().projection = detail::owned_expr(text.text, args...);
        return made;
    }
    // All columns but these: of reading, and of create() and save().
    template <class... C>
    requires(sizeof...(C) > 0 && (detail::any_column<C> && ...)) [[nodiscard]] query omit(const C&... columns) const {
        query made = *this;
        (made.ast_.more.write().omit.push_back(columns.ref()), ...);
        return made;
    }
    // A function of a query, in the middle of a chain: .apply(adults).apply([&](auto q) { return q.limit(n); })
    template <class F>
    [[nodiscard]] auto apply(F&& fn) const {
        return std::forward<F>(fn)(*this);
    }
    // The same question to another handle: a transaction.
    [[nodiscard]] query on(const database& other) const;

    // Finishers.
    template <class R = T>
    [[nodiscard]] result<std::vector<R>> find(location at = location::current()) const {
        result<std::vector<R>> out{detail::later()};
        out.came(detail::find_rows(on_, ast_, {detail::row_kind_of<R>, out.room()}, "find", at));
        return out;
    }
    // Ordered by the key; none: record_not_found.
    [[nodiscard]] result<T> first(location at = location::current()) const& { return query(*this).one("first", 1, at); }
    [[nodiscard]] result<T> first(location at = location::current()) && { return one("first", 1, at); }
    [[nodiscard]] result<T> last(location at = location::current()) const& { return query(*this).one("last", -1, at); }
    [[nodiscard]] result<T> last(location at = location::current()) && { return one("last", -1, at); }
    [[nodiscard]] result<T> take(location at = location::current()) const& { return query(*this).one("take", 0, at); }
    [[nodiscard]] result<T> take(location at = location::current()) && { return one("take", 0, at); }
    [[nodiscard]] result<std::optional<T>> find_one(location at = location::current()) const& {
        return query(*this).at_most_one(at);
    }
    [[nodiscard]] result<std::optional<T>> find_one(location at = location::current()) && { return at_most_one(at); }
    [[nodiscard]] result<bool> exists(location at = location::current()) const {
        auto rows = limit(1).count(at);
        if (!rows) return std::move(rows.error());
        return *rows > 0;
    }
    // Found by the conditions, or made: with the values the conditions ask for by ==, then attrs; assign in both cases.
    [[nodiscard]] result<T> first_or_init(location at = location::current()) const { return init({}, {}, at); }
    [[nodiscard]] result<T> first_or_init(const attrs& missing, location at = location::current()) const {
        return init(missing.list, {}, at);
    }
    [[nodiscard]] result<T> first_or_init(const assign& any, location at = location::current()) const {
        return init({}, any.list, at);
    }
    [[nodiscard]] result<T> first_or_init(const attrs& missing, const assign& any,
                                          location at = location::current()) const {
        return init(missing.list, any.list, at);
    }
    // The same, and what was made is created; what was found gets the values of assign.
    [[nodiscard]] result<T> first_or_create(location at = location::current()) const { return found_or({}, {}, at); }
    [[nodiscard]] result<T> first_or_create(const attrs& missing, location at = location::current()) const {
        return found_or(missing.list, {}, at);
    }
    [[nodiscard]] result<T> first_or_create(assign any, location at = location::current()) const {
        return found_or({}, std::move(any.list), at);
    }
    [[nodiscard]] result<T> first_or_create(const attrs& missing, assign any, location at = location::current()) const {
        return found_or(missing.list, std::move(any.list), at);
    }
    // for (auto&& user : q.each(500)): batches by key, so many rows in memory; ends after the first error.
    [[nodiscard]] batches<T> each(std::size_t batch, location at = location::current()) const {
        return batches<T>(*this, batch, at);
    }
    // fn(std::vector<T>&) -> orm::status, batch by batch; its failure ends the walk. Rows of all of them.
    template <class F>
    result<done> find_in_batches(std::size_t batch, F&& fn, location at = location::current()) const;
    // fn(T&) -> orm::status, row by row while they come: nothing is kept, after_find is not called. The connection is
    // busy until the end.
    template <class R = T, class F>
    result<done> rows(F&& fn, location at = location::current()) const {
        detail::each_target<R, F> target(fn);
        SKUA_TRY(detail::run_rows(on_, ast_, detail::row_kind_of<R>, target, at));
        SKUA_TRY(std::move(target.outcome));
        return done{target.count};
    }
    // Of select(…) and omit(…) only; times are set all the same.
    result<done> create(T& object, location at = location::current()) const {
        const ast::saved_part part = written();
        return detail::run_create(on_, *ast_.model, {&object, 1, sizeof(T)}, nullptr, &part, at);
    }
    result<done> create(std::vector<T>& objects, location at = location::current()) const {
        const ast::saved_part part = written();
        return detail::run_create(on_, *ast_.model, {objects.data(), objects.size(), sizeof(T)}, nullptr, &part, at);
    }
    result<done> save(T& object, location at = location::current()) const {
        const ast::saved_part part = written();
        return detail::run_save(on_, *ast_.model, {&object, 1, sizeof(T)}, &part, at);
    }
    // A row of assignments, which may be expressions and subqueries. Times and literal defaults are added.
    template <class... More>
    result<done> create(located_assignment first, More... more) const {
        assignment all[] = {std::move(first.what), assignment(std::move(more))...};
        return detail::run_insert(on_, ast_, all, first.at);
    }
    // update() and remove() that give back the rows: q.returning().update(…), q.returning(User::c.id).remove().
    template <class... C>
    requires(detail::any_column<C>&&...) [[nodiscard]] returning_query<T> returning(const C&... columns) const {
        ast::query writing = ast_;
        writing.more.write().returns_rows = true;
        (writing.more.write().returning.push_back(columns.ref()), ...);
        return returning_query<T>(on_, std::move(writing));
    }
    [[nodiscard]] result<std::int64_t> count(location at = location::current()) const {
        return detail::run_count(on_, ast_, at);
    }
    template <class C>
    requires detail::any_column<C>
    [[nodiscard]] result<std::vector<typename C::value_type>> pluck(const C& column,
                                                                    location at = location::current()) const {
        using V = typename C::value_type;
        ast::query narrowed = ast_;
        narrowed.what = ast::projection::columns;
        narrowed.columns.assign(1, column.ref());
        result<std::vector<V>> out{detail::later()};
        out.came(detail::find_rows(on_, narrowed, {detail::row_kind_of<V>, out.room()}, "pluck", at));
        return out;
    }
    template <class... More>
    [[nodiscard]] result<done> update(located_assignment first, More... more) const& {
        return query(*this).update(std::move(first), std::move(more)...);
    }
    template <class... More>
    [[nodiscard]] result<done> update(located_assignment first, More... more) && {
        assignment all[] = {std::move(first.what), assignment(std::move(more))...};
        return detail::run_update(on_, std::move(ast_), all, {}, first.at);
    }
    // What is put together at run time.
    [[nodiscard]] result<done> update(std::vector<assignment> values, location at = location::current()) const {
        return detail::run_update(on_, ast::query(ast_), {values.data(), values.size()}, {}, at);
    }
    // Without hooks, and updated_at stays.
    template <class... More>
    [[nodiscard]] result<done> update_columns(located_assignment first, More... more) const& {
        return query(*this).update_columns(std::move(first), std::move(more)...);
    }
    template <class... More>
    [[nodiscard]] result<done> update_columns(located_assignment first, More... more) && {
        assignment all[] = {std::move(first.what), assignment(std::move(more))...};
        return detail::run_update(on_, std::move(ast_), all, {}, first.at, true);
    }
    // Sets deleted_at, where the model has one; unscoped() deletes.
    [[nodiscard]] result<done> remove(location at = location::current()) const {
        return detail::run_remove(on_, ast_, at);
    }
    // What find() would send; nothing is sent.
    [[nodiscard]] result<sql_text> to_sql() const { return detail::query_text(on_, ast_); }

private:
    friend class batches<T>;
    query with(expr&& condition, bool with_or) const {
        query made = *this;
        made.add(static_cast<expr&&>(condition), with_or);
        return made;
    }
    query with(ast::join more) const {
        query made = *this;
        made.join(std::move(more));
        return made;
    }
    template <class... R>
    query joined(bool inner, const R&... path) const {
        detail::check_path<T, R...>();
        if constexpr ((detail::any_relation<R> && ...))
            return with(ast::join{inner, ast::relation_path{path.step()...}, nullptr, nullptr, {}});
        else
            return *this;
    }
    query locked(row_lock::strength how) const {
        query made = *this;
        made.lock(how);
        return made;
    }
    query when_locked(row_lock::when_taken taken) const {
        query made = *this;
        made.lock_taken(taken);
        return made;
    }
    // These change the query: they are the last that is done with it.
    result<T> one(std::string_view verb, std::int8_t key_order, location at) {
        result<T> out{detail::in_place()};
        out.outcome(detail::demand_row(on_, ast_, key_order, {detail::row_kind_of<T>, out.room()}, verb, at));
        return out;
    }
    result<std::optional<T>> at_most_one(location at) {
        result<std::optional<T>> out{detail::in_place()};
        bool there = false;
        status s = detail::find_row(on_, ast_, {detail::row_kind_of<T>, &out.room()->emplace()}, there, at);
        if (!there) out.room()->reset();
        out.outcome(std::move(s));
        return out;
    }
    // The first row, or one made as the conditions say; `found` tells.
    result<T> first_or_made(const std::vector<assignment>& missing, bool& found, location at) const {
        query narrowed = *this;
        narrowed.ast_.key_order = 1;
        result<T> out{detail::in_place()};
        status s = detail::find_row(on_, narrowed.ast_, {detail::row_kind_of<T>, out.room()}, found, at);
        if (s && !found) {
            detail::apply_conditions(*ast_.model, out.room(), ast_.where);
            s = detail::apply_values(*ast_.model, out.room(), missing);
        }
        out.outcome(std::move(s));
        return out;
    }
    result<T> init(const std::vector<assignment>& missing, const std::vector<assignment>& any, location at) const {
        bool found = false;
        result<T> out = first_or_made(missing, found, at);
        if (out) out.outcome(detail::apply_values(*ast_.model, out.room(), any));
        return out;
    }
    result<T> found_or(const std::vector<assignment>& missing, std::vector<assignment> any, location at) const {
        bool found = false;
        result<T> out = first_or_made(missing, found, at);
        if (!out || (found && any.empty())) return out;
        const object_span object{out.room(), 1, sizeof(T)};
        if (found) {
            ast::query writing;
            writing.model = ast_.model;
            out.outcome(detail::run_update(on_, std::move(writing), {any.data(), any.size()}, object, at));
            return out;
        }
        status s = detail::apply_values(*ast_.model, out.room(), any);
        if (s) s = detail::run_create(on_, *ast_.model, object, nullptr, nullptr, at);
        out.outcome(std::move(s));
        return out;
    }
};

// where(orm::exists(db.from<Pet>().where(Pet::c.user_id == User::c.id))): columns of the outer statement may be used.
template <class T>
[[nodiscard]] expr exists(const query<T>& rows) {
    expr made;
    made.push_query(rows.tree());
    made.push(node_kind::exists);
    return made;
}

}  // namespace skua::orm

#include <skua/orm/batches.hpp>  // behind what it is made of
