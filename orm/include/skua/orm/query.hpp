// SPDX-License-Identifier: Apache-2.0
// db.from<User>(): a question as a value. Kept, copied, shared between threads, finished twice; no finisher changes it.
#pragma once

#include <memory>
#include <optional>
#include <span>
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

// What first_or_init and first_or_create give a row that was missing, and what they give any.
struct attrs {
    std::vector<assignment> list;
    template <class... A>
    explicit attrs(A... a) {
        (list.push_back(assignment(std::move(a))), ...);
    }
};
struct assign {
    std::vector<assignment> list;
    template <class... A>
    explicit assign(A... a) {
        (list.push_back(assignment(std::move(a))), ...);
    }
};

template <class T>
class batches;
template <class T>
class returning_query;

template <class T>
class query {
public:
    using asks_for = T;
    query(detail::handle_ptr on, const model_info& model, const char* alias = nullptr) : on_(std::move(on)) {
        ast_.model = &model;
        ast_.alias = alias;
    }

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
    template <class... Args>
    [[nodiscard]] query or_where(unsafe_sql text, const Args&... args) const {
        return query(*this).add(detail::owned_expr(text.text, args...), true);
    }
    [[nodiscard]] query not_where(expr condition) const { return query(*this).add(!std::move(condition), false); }
    template <class... Args>
    [[nodiscard]] query not_where(literal_for<Args...> text, const Args&... args) const {
        return query(*this).add(!detail::literal_expr(text.text, args...), false);
    }

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
    template <class... C>
    requires(sizeof...(C) > 0 && (detail::any_column<C> && ...)) [[nodiscard]] query
        distinct(const C&... columns) const {
        return distinct().select(columns...);
    }
    // The rows stay as they are until the transaction ends. SQLite has one writer and needs no such words.
    [[nodiscard]] query for_update() const { return locked(row_lock::strength::update); }
    [[nodiscard]] query for_share() const { return locked(row_lock::strength::share); }
    // Of a lock: rows that another holds are left out, or the statement fails at once.
    [[nodiscard]] query skip_locked() const { return lock_taken(row_lock::when_taken::skip); }
    [[nodiscard]] query nowait() const { return lock_taken(row_lock::when_taken::fail); }
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
        expr& all = made.ast_.more.write().having;
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
        return with({false, {}, &info_of<M>(), table.skua_alias, std::move(on)});
    }
    template <class M>
    [[nodiscard]] query inner_joins(const aliased<M>& table, expr on) const {
        return with({true, {}, &info_of<M>(), table.skua_alias, std::move(on)});
    }
    // In words: joins("JOIN emails ON emails.user_id = users.id AND emails.email = ?", email)
    template <class... Args>
    [[nodiscard]] query joins(literal_for<Args...> text, const Args&... args) const {
        return with({false, {}, nullptr, nullptr, detail::literal_expr(text.text, args...)});
    }
    template <class... Args>
    [[nodiscard]] query joins(unsafe_sql text, const Args&... args) const {
        return with({false, {}, nullptr, nullptr, detail::owned_expr(std::move(text.text), args...)});
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
    [[nodiscard]] result<bool> exists(location at = location::current()) const {
        auto rows = limit(1).count(at);
        if (!rows) return std::move(rows.error());
        return *rows > 0;
    }
    // Found by the conditions, or made: with the values the conditions ask for by ==, then attrs; assign in both cases.
    [[nodiscard]] result<T> first_or_init(location at = location::current()) const { return init({}, {}, at); }
    [[nodiscard]] result<T> first_or_init(attrs missing, location at = location::current()) const {
        return init(std::move(missing.list), {}, at);
    }
    [[nodiscard]] result<T> first_or_init(assign any, location at = location::current()) const {
        return init({}, std::move(any.list), at);
    }
    [[nodiscard]] result<T> first_or_init(attrs missing, assign any, location at = location::current()) const {
        return init(std::move(missing.list), std::move(any.list), at);
    }
    // The same, and what was made is created; what was found gets the values of assign.
    [[nodiscard]] result<T> first_or_create(location at = location::current()) const { return found_or({}, {}, at); }
    [[nodiscard]] result<T> first_or_create(attrs missing, location at = location::current()) const {
        return found_or(std::move(missing.list), {}, at);
    }
    [[nodiscard]] result<T> first_or_create(assign any, location at = location::current()) const {
        return found_or({}, std::move(any.list), at);
    }
    [[nodiscard]] result<T> first_or_create(attrs missing, assign any, location at = location::current()) const {
        return found_or(std::move(missing.list), std::move(any.list), at);
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
        ast::query shaped = ast_;
        SKUA_TRY(detail::run_rows(on_, with_shape<R>(shaped), target, at));
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
        ast::query writing = ast_;
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return detail::run_insert(on_, writing, first.at);
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
    // What is put together at run time.
    [[nodiscard]] result<done> update(std::vector<assignment> values, location at = location::current()) const {
        ast::query writing = ast_;
        writing.set = std::move(values);
        return detail::run_update(on_, writing, {}, at);
    }
    // Without hooks, and updated_at stays.
    template <class... More>
    [[nodiscard]] result<done> update_columns(located_assignment first, More... more) const {
        ast::query writing = ast_;
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return detail::run_update(on_, writing, {}, first.at, true);
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
    query with(ast::join more) const {
        query made = *this;
        made.ast_.related = detail::with_join(ast_.related, std::move(more));
        return made;
    }
    template <class... R>
    query joined(bool inner, const R&... path) const {
        detail::check_path<T, R...>();
        if constexpr ((detail::any_relation<R> && ...))
            return with({inner, ast::relation_path{path.step()...}, nullptr, nullptr, {}});
        else
            return *this;
    }
    friend class batches<T>;
    query locked(row_lock::strength how) const {
        query made = *this;
        made.ast_.lock.how = how;
        return made;
    }
    query lock_taken(row_lock::when_taken taken) const {
        query made = *this;
        if (made.ast_.lock.how == row_lock::strength::none) made.ast_.lock.how = row_lock::strength::update;
        made.ast_.lock.taken = taken;
        return made;
    }
    // What select(…) and omit(…) mean for a write.
    [[nodiscard]] ast::saved_part written() const {
        ast::saved_part part;
        part.restricted = !ast_.columns.empty();
        part.select = ast_.columns;
        if (ast_.more) part.omit = ast_.more->omit;
        return part;
    }
    result<std::optional<T>> first_found(location at) const {
        ast::query narrowed = ast_;
        narrowed.key_order = 1;
        return at_most_one(std::move(narrowed), at);
    }
    status make(T& object, const std::vector<assignment>& missing) const {
        detail::apply_conditions(*ast_.model, &object, ast_.where);
        return detail::apply_values(*ast_.model, &object, missing);
    }
    result<T> init(std::vector<assignment> missing, const std::vector<assignment>& any, location at) const {
        auto found = first_found(at);
        if (!found) return std::move(found.error());
        result<T> out{detail::in_place()};
        status s;
        if (*found)
            *out = std::move(**found);
        else
            s = make(*out, missing);
        if (s) s = detail::apply_values(*ast_.model, &*out, any);
        if (!s) out = std::move(s);
        return out;
    }
    result<T> found_or(std::vector<assignment> missing, std::vector<assignment> any, location at) const {
        auto found = first_found(at);
        if (!found) return std::move(found.error());
        result<T> out{detail::in_place()};
        status s;
        if (!*found) {
            s = make(*out, missing);
            if (s) s = detail::apply_values(*ast_.model, &*out, any);
            if (s) s = detail::run_create(on_, *ast_.model, {&*out, 1, sizeof(T)}, nullptr, nullptr, at);
        } else {
            *out = std::move(**found);
            ast::query writing;
            writing.model = ast_.model;
            writing.set = std::move(any);
            if (!writing.set.empty()) s = detail::run_update(on_, writing, {&*out, 1, sizeof(T)}, at);
        }
        if (!s) out = std::move(s);
        return out;
    }
    query add(expr&& condition, bool with_or) {
        ast_.add_where(std::move(condition), with_or);
        return std::move(*this);
    }
    template <class R>
    static ast::query& with_shape(ast::query& q) {
        if constexpr (described<R> && !std::is_same_v<R, T>) {
            q.shape = &info_of<R>();
        } else if constexpr (!described<R> && !std::is_same_v<R, row>) {
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
    // Without hooks, and updated_at stays.
    template <class... More>
    [[nodiscard]] result<done> update_columns(located_assignment first, More... more) const {
        ast::query writing;
        writing.model = &info_of<T>();
        writing.set.push_back(std::move(first.what));
        (writing.set.push_back(assignment(std::move(more))), ...);
        return detail::run_update(on_, writing, {&object_, 1, sizeof(T)}, first.at, true);
    }
    [[nodiscard]] result<done> remove(location at = location::current()) const {
        ast::query writing;
        writing.model = &info_of<T>();
        writing.unscoped = unscoped_;
        writing.related = related_;
        return detail::run_remove(on_, writing, {&object_, 1, sizeof(T)}, at);
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
        detail::many_target<T> target;
        SKUA_TRY(detail::run_returning(on_, writing, target, at));
        return detail::rows_of<T>(std::move(target));
    }
    detail::handle_ptr on_;
    ast::query ast_;
};

// q.each(n): an input range of result<T>.
template <class T>
class batches {
public:
    batches(query<T> base, std::size_t size, location at) : base_(std::move(base)), size_(size), at_(at) {}

    class iterator {
    public:
        explicit iterator(batches* of) : of_(of) {}
        result<T>& operator*() const { return of_->present_; }
        iterator& operator++() {
            of_->step();
            return *this;
        }
        [[nodiscard]] bool over() const noexcept { return of_->over_; }
        friend bool operator==(const iterator& i, std::nullptr_t) noexcept { return i.over(); }

    private:
        batches* of_;
    };
    // Once: the range is used up.
    [[nodiscard]] iterator begin() {
        step();
        return iterator(this);
    }
    [[nodiscard]] std::nullptr_t end() const noexcept { return nullptr; }

    // The next batch; empty: no more.
    result<std::vector<T>> next() {
        if (done_) return std::vector<T>();
        ast::query asked;
        SKUA_TRY(detail::next_batch(base_.ast_, cursor_, size_, asked));
        detail::many_target<T> target;
        if (asked.limit != 0) SKUA_TRY(detail::run_query(base_.on_, asked, target, "find_in_batches", at_));
        if (target.rows.empty()) return std::vector<T>();
        detail::advance(cursor_, base_.ast_, &target.rows.back(), target.rows.size());
        done_ = target.rows.size() < size_ || cursor_.left == 0;
        return std::move(target.rows);
    }

private:
    void step() {
        if (rows_.size() == used_) {
            used_ = 0;
            rows_.clear();
            auto more = failed_ ? result<std::vector<T>>(std::vector<T>()) : next();
            if (!more) {
                failed_ = true;
                present_ = std::move(more.error());
                return;
            }
            rows_ = std::move(*more);
            over_ = rows_.empty();
            if (over_) return;
        }
        present_ = std::move(rows_[used_++]);
    }
    query<T> base_;
    std::size_t size_;
    location at_;
    detail::batch_cursor cursor_;
    std::vector<T> rows_;
    std::size_t used_ = 0;
    result<T> present_{detail::in_place()};
    bool over_ = false, failed_ = false, done_ = false;
};

template <class T>
template <class F>
result<done> query<T>::find_in_batches(std::size_t batch, F&& fn, location at) const {
    batches<T> all = each(batch, at);
    done total;
    for (;;) {
        auto rows = all.next();
        if (!rows) return std::move(rows.error());
        if (rows->empty()) return total;
        total.rows_affected += static_cast<std::int64_t>(rows->size());
        SKUA_TRY(fn(*rows));
    }
}

// where(orm::exists(db.from<Pet>().where(Pet::c.user_id == User::c.id))): columns of the outer statement may be used.
template <class T>
[[nodiscard]] expr exists(const query<T>& rows) {
    expr made;
    made.push_query(rows.tree());
    made.push(node_kind::exists);
    return made;
}

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
