// SPDX-License-Identifier: Apache-2.0
// A handle on an opened database. Handles share ownership of the pool; copying one is cheap, using one from several
// threads is safe. The database is closed with its last handle, query or transaction.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <skua/orm/association.hpp>
#include <skua/orm/callbacks.hpp>
#include <skua/orm/context.hpp>
#include <skua/orm/driver_hooks.hpp>
#include <skua/orm/object_query.hpp>
#include <skua/orm/on_conflict.hpp>
#include <skua/orm/options.hpp>
#include <skua/orm/plugin.hpp>
#include <skua/orm/pool_stats.hpp>
#include <skua/orm/query.hpp>
#include <skua/orm/raw_query.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/writer.hpp>

namespace skua::orm {

class driver;
class migrator;
class tx;

class database {
public:
    explicit database(detail::handle_ptr on) noexcept;
    database(const database& other) noexcept;
    database(database&& other) noexcept;
    database& operator=(const database& other) noexcept;
    database& operator=(database&& other) noexcept;
    ~database();

    template <a_model T>
    [[nodiscard]] query<T> from() const {
        return query<T>(on_, info_of<T>());
    }
    // Under an alias: from(orm::as<User>("u")).
    template <class T>
    [[nodiscard]] query<T> from(const aliased<T>& table) const {
        return query<T>(on_, info_of<T>(), table.skua_alias);
    }
    // By primary key; none: record_not_found.
    template <a_model T, class K>
    requires(!detail::list_like<K>)
        [[nodiscard]] result<T> find(const K& key, location at = location::current()) const {
        result<T> out{detail::in_place()};  // the one thing returned: built where the caller wants it
        scratch keeper;
        out.outcome(detail::demand_by_key(on_, info_of<T>(), detail::to_view(key, keeper), out.room(), at));
        return out;
    }

    // A composite key, its parts in the columns' order: find<Line>(std::tuple(order_id, number)).
    template <a_model T, class... K>
    [[nodiscard]] result<T> find(const std::tuple<K...>& key, location at = location::current()) const {
        result<T> out{detail::in_place()};
        std::vector<value> parts;
        std::apply([&](const K&... k) { (parts.push_back(detail::to_value(k)), ...); }, key);
        out.outcome(detail::demand_by_keys(on_, info_of<T>(), std::move(parts), out.room(), at));
        return out;
    }
    // Those of these keys that there are, ordered by key.
    template <a_model T, class K>
    requires detail::list_like<K>
    [[nodiscard]] result<std::vector<T>> find(const K& keys, location at = location::current()) const {
        std::vector<value> all;
        for (const auto& k : keys) all.push_back(detail::to_value(k));
        result<std::vector<T>> out{detail::later()};
        out.came(detail::find_keys(on_, info_of<T>(), std::move(all), {detail::row_kind_of<T>, out.room()}, at));
        return out;
    }
    // Fills in key and times. Several objects: one statement per bind limit, all of them or none.
    template <a_model T>
    result<done> create(T& object, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {&object, 1, sizeof(T)}, nullptr, nullptr, at);
    }
    template <a_model T>
    result<done> create(T& object, const on_conflict& rule, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {&object, 1, sizeof(T)}, &rule.rule(), nullptr, at);
    }
    template <a_model T>
    result<done> create(std::vector<T>& objects, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {objects.data(), objects.size(), sizeof(T)}, nullptr, nullptr, at);
    }
    template <a_model T>
    result<done> create(std::vector<T>& objects, const on_conflict& rule, location at = location::current()) const {
        return detail::run_create(on_, info_of<T>(), {objects.data(), objects.size(), sizeof(T)}, &rule.rule(), nullptr,
                                  at);
    }
    // So many rows a statement, all in one transaction.
    template <a_model T>
    result<done> create_in_batches(std::vector<T>& objects, std::size_t rows, location at = location::current()) const {
        return session({.batch_size = rows}).create(objects, at);
    }
    template <a_model T>
    result<done> save(std::vector<T>& objects, location at = location::current()) const {
        return detail::run_save(on_, info_of<T>(), {objects.data(), objects.size(), sizeof(T)}, nullptr, at);
    }
    // Every column; without a key, or when there is no such row, it is created.
    template <a_model T>
    result<done> save(T& object, location at = location::current()) const {
        return detail::run_save(on_, info_of<T>(), {&object, 1, sizeof(T)}, nullptr, at);
    }
    // These columns of the object, zero or not, and updated_at; these relations.
    template <a_model T, class... C>
    result<done> changes(T& object, const C&... what) const {
        static_assert(sizeof...(C) > 0, "orm: changes() names what has changed");
        return writer(on_).select(what...).changes(object, {});
    }
    // Before create(), save(): only these columns and relations, or all but these.
    template <class... C>
    [[nodiscard]] writer select(const C&... what) const {
        return writer(on_).select(what...);
    }
    template <class... C>
    [[nodiscard]] writer omit(const C&... what) const {
        return writer(on_).omit(what...);
    }
    template <a_model T>
    [[nodiscard]] object_query<T> of(T& object) const {
        return object_query<T>(on_, object);
    }

    // Association mode: db.of(user, User::c.pets).append(rex)
    template <a_model T, class R>
    requires detail::any_relation<R>
    [[nodiscard]] association<R> of(T& object, const R&, location at = location::current()) const {
        detail::check_path<T, R>();
        return association<R>(on_, {&object, 1, sizeof(T)}, false, at);
    }
    template <a_model T, class R>
    requires detail::any_relation<R>
    [[nodiscard]] association<R> of(std::vector<T>& objects, const R&, location at = location::current()) const {
        detail::check_path<T, R>();
        return association<R>(on_, {objects.data(), objects.size(), sizeof(T)}, true, at);
    }

    template <class T, class... Args>
    [[nodiscard]] raw_query<T> raw(literal_for<Args...> text, const Args&... args) const {
        return raw_query<T>(on_, detail::literal_expr(text.text, args...), text.at);
    }
    template <class T, class... Args>
    [[nodiscard]] raw_query<T> raw(unsafe_sql text, const Args&... args) const {
        return raw_query<T>(on_, detail::owned_expr(std::move(text.text), args...), text.at);
    }
    template <class T, detail::run_time_text S, class... Args>
    raw_query<T> raw(const S&, const Args&...) const {
        SKUA_ORM_TEXT_MUST_BE_LITERAL(S);
        return raw_query<T>(on_, {}, {});
    }
    template <class... Args>
    result<done> exec(literal_for<Args...> text, const Args&... args) const {
        return detail::run_exec(on_, detail::literal_expr(text.text, args...), text.at);
    }
    template <class... Args>
    result<done> exec(unsafe_sql text, const Args&... args) const {
        return detail::run_exec(on_, detail::owned_expr(std::move(text.text), args...), text.at);
    }
    template <detail::run_time_text S, class... Args>
    result<done> exec(const S&, const Args&...) const {
        SKUA_ORM_TEXT_MUST_BE_LITERAL(S);
        return done{};
    }

    // fn(orm::tx&) -> orm::status. A failure rolls back and is returned, an exception rolls back and passes. Inside a
    // transaction: a savepoint, sp_1, sp_2 by depth.
    template <class F>
    status transaction(F&& fn, location at = location::current()) const {
        using fn_type = std::remove_reference_t<F>;
        return detail::run_transaction(
            on_, const_cast<std::remove_const_t<fn_type>*>(&fn),
            [](void* f, tx& t) -> status { return (*static_cast<fn_type*>(f))(t); }, at);
    }
    // By hand; the same rules.
    [[nodiscard]] result<tx> begin(location at = location::current()) const;

    template <a_model... T>
    status auto_migrate(location at = location::current()) const {
        const std::array<const model_info*, sizeof...(T)> models{&info_of<T>()...};
        return detail::auto_migrate(on_, models, {}, at);
    }
    template <a_model... T>
    status auto_migrate(migrate_options options, location at = location::current()) const {
        const std::array<const model_info*, sizeof...(T)> models{&info_of<T>()...};
        return detail::auto_migrate(on_, models, options, at);
    }
    template <a_model... T>
    [[nodiscard]] result<migration_plan> plan_migration(location at = location::current()) const {
        const std::array<const model_info*, sizeof...(T)> models{&info_of<T>()...};
        return detail::plan_migration(on_, models, at);
    }

    // fn(orm::database&) -> orm::status, all its statements on one connection.
    template <class F>
    status connection(F&& fn, location at = location::current()) const {
        auto one = pinned(at);
        if (!one) return std::move(one.error());
        return fn(*one);
    }
    // Logs every statement to stderr.
    [[nodiscard]] database debug() const;
    // Tables, columns and indexes one by one: <skua/orm/migrator.hpp>.
    [[nodiscard]] orm::migrator migrator() const;
    // The same database with other settings; what is not said stays.
    [[nodiscard]] database session(session_options options) const;
    // Every statement made with the new handle has this context on top of the present one.
    [[nodiscard]] database with(const context& extra) const;
    [[nodiscard]] const context& current_context() const noexcept;

    [[nodiscard]] orm::callbacks callbacks() const;
    [[nodiscard]] orm::driver_hooks driver_hooks() const;
    // Initialises the plugin and keeps it. The same name twice: already_registered.
    template <class P>
    requires std::is_base_of_v<plugin, std::remove_cvref_t<P>> status use(P&& which) {
        return use_plugin(std::make_unique<std::remove_cvref_t<P>>(std::forward<P>(which)));
    }
    status use(std::unique_ptr<plugin> which) { return use_plugin(std::move(which)); }

    // For plugins: a further pool whose connections a callback may choose with statement::use. Opens one and pings. It
    // tells this database's driver hooks.
    [[nodiscard]] result<connection_source> add_source(std::shared_ptr<driver> through,
                                                       const open_options& options = {}) const;
    // For all of its handles: unused connections go at once, others when they are given back. Afterwards every finisher
    // is connection_lost. Not needed: the last handle does it.
    void close() const noexcept;
    [[nodiscard]] const database_info& info() const noexcept;
    [[nodiscard]] pool_monitor pool() const;
    [[nodiscard]] pool_stats stats() const { return pool().stats(); }
    [[nodiscard]] const detail::handle_ptr& handle() const noexcept { return on_; }

protected:
    detail::handle_ptr on_;

private:
    result<database> pinned(location at) const;
    status use_plugin(std::unique_ptr<plugin> which);
};

// A transaction: a database handle on one connection. Movable; rolls back in its destructor. For one thread at a time.
// Used after its end: invalid_transaction.
class tx final : public database {
public:
    explicit tx(detail::handle_ptr on) noexcept : database(std::move(on)) {}
    tx(tx&& other) noexcept = default;
    tx& operator=(tx&& other) noexcept;
    ~tx();

    status commit(location at = location::current());
    status rollback(location at = location::current());
    // Named by the user: letters, digits and '_'.
    status savepoint(std::string_view name, location at = location::current());
    status rollback_to(std::string_view name, location at = location::current());
};

// Opens and pings.
result<database> open(std::shared_ptr<driver> through, open_options options = {});

template <class T>
query<T> query<T>::on(const database& other) const {
    query made = *this;
    made.on_ = other.handle();
    return made;
}

}  // namespace skua::orm
