// SPDX-License-Identifier: Apache-2.0
// What the templates of the public headers call. Compiled once.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <skua/orm/ast.hpp>
#include <skua/orm/migrate.hpp>
#include <skua/orm/model.hpp>
#include <skua/orm/row.hpp>
#include <skua/orm/statement.hpp>

namespace skua::orm {
struct sql_text;
class tx;

namespace detail {
using handle_ptr = std::shared_ptr<const handle>;

status run_query(const handle_ptr& on, const ast::query& query, row_target& into, std::string_view verb, location at);
// One row is demanded: `there` tells whether it came; if not, record_not_found.
status run_one(const handle_ptr& on, const ast::query& query, row_target& into, const bool& there,
               std::string_view verb, location at);
status run_find(const handle_ptr& on, const model_info& model, value key, row_target& into, const bool& there,
                location at);
result<std::int64_t> run_count(const handle_ptr& on, const ast::query& query, location at);
result<done> run_create(const handle_ptr& on, const model_info& model, object_span objects,
                        const ast::conflict* conflict, const ast::saved_part* part, location at);
result<done> run_save(const handle_ptr& on, const model_info& model, object_span objects, const ast::saved_part* part,
                      location at);
// The named columns and relations of an object that is there.
result<done> run_changes(const handle_ptr& on, const model_info& model, object_span object, const ast::saved_part* part,
                         location at);
// `untracked`: no hooks, no updated_at.
result<done> run_update(const handle_ptr& on, const ast::query& query, object_span objects, location at,
                        bool untracked = false);
// UPDATE (with assignments) or DELETE … RETURNING.
status run_returning(const handle_ptr& on, const ast::query& query, row_target& into, location at);
// INSERT of the query's assignments.
result<done> run_insert(const handle_ptr& on, const ast::query& query, location at);
// Row by row.
status run_rows(const handle_ptr& on, const ast::query& query, row_target& into, location at);
status run_raw_rows(const handle_ptr& on, const expr& text, row_target& into, location at);
status run_find_keys(const handle_ptr& on, const model_info& model, std::vector<value> keys, row_target& into,
                     location at);
status run_find_composite(const handle_ptr& on, const model_info& model, std::vector<value> key, row_target& into,
                          const bool& there, location at);

// Values of assignments go into the members of an object; others are invalid_value.
status apply_values(const model_info& model, void* object, std::span<const assignment> values);
// What the conditions say of a row that is to be made: columns that must equal a value, joined by AND.
void apply_conditions(const model_info& model, void* object, const expr& where);

// Where a walk in batches stands: behind the row with these keys.
struct batch_cursor {
    std::vector<value> after;
    std::int64_t left = -1;  // of the query's limit; -1: no limit
    bool started = false;
};
// The query of the next batch. primary_key_required: no key, or the key is not among the columns.
status next_batch(const ast::query& base, const batch_cursor& cursor, std::size_t size, ast::query& next);
// REQUIRES: count > 0 rows were read, `last` is the last.
void advance(batch_cursor& cursor, const ast::query& base, const void* last, std::size_t count);
result<done> run_remove(const handle_ptr& on, const ast::query& query, object_span objects, location at);
status run_raw(const handle_ptr& on, const expr& text, row_target& into, location at);
result<done> run_exec(const handle_ptr& on, const expr& text, location at);
result<sql_text> query_text(const handle_ptr& on, const ast::query& query);
result<sql_text> raw_text(const handle_ptr& on, const expr& text);
status run_transaction(const handle_ptr& on, void* fn, status (*call)(void* fn, tx& transaction), location at);
result<migration_plan> plan_migration(const handle_ptr& on, std::span<const model_info* const> models, location at);
status auto_migrate(const handle_ptr& on, std::span<const model_info* const> models, migrate_options options,
                    location at);
error not_found(const model_info* model, std::string_view verb, location at);

template <class T>
struct cell {
    T value;
};
template <class T>
using stored_t = std::conditional_t<std::is_same_v<T, bool>, cell<bool>, T>;

template <class T>
struct tuple_targets;
template <class... E>
struct tuple_targets<std::tuple<E...>> {
    static std::span<const target_field> get() {
        static const auto all = make(std::index_sequence_for<E...>());
        return all;
    }

private:
    template <std::size_t... I>
    static std::array<target_field, sizeof...(E)> make(std::index_sequence<I...>) {
        const std::tuple<E...> probe{};
        const char* base = reinterpret_cast<const char*>(&probe);
        return {target_field{
            &ops_of<E>, static_cast<std::uint32_t>(reinterpret_cast<const char*>(&std::get<I>(probe)) - base), {}}...};
    }
};
template <class T>
inline constexpr target_field scalar_target{&ops_of<T>, 0, {}};

template <class T>
void describe_target(row_target& target) {
    if constexpr (std::is_same_v<T, row>) {
        target.take = &row::take;
    } else if constexpr (requires { info_of<T>(); } && described<T>) {
        const model_info& info = info_of<T>();
        target.fields = info.targets;
        target.model = info.desc->is_shape ? nullptr : &info;
        target.by_name = true;
    } else if constexpr (has_codec<plain_t<T>>) {
        target.fields = {&scalar_target<T>, 1};
    } else {
        target.fields = tuple_targets<T>::get();
    }
}

// Collects rows behind one another.
template <class T>
struct many_target : row_target {
    std::vector<stored_t<T>> rows;
    many_target() {
        self = &rows;
        next = [](void* s) -> void* { return &static_cast<std::vector<stored_t<T>>*>(s)->emplace_back(); };
        drop = [](void* s) { static_cast<std::vector<stored_t<T>>*>(s)->pop_back(); };
        objects = [](void* s, std::size_t& count) -> void* {
            auto& all = *static_cast<std::vector<stored_t<T>>*>(s);
            count = all.size();
            return all.data();
        };
        describe_target<T>(*this);
    }
};
// Takes one, into a value that is there.
template <class T>
struct one_target : row_target {
    T& value;
    bool there = false;
    explicit one_target(T& into) : value(into) {
        self = this;
        max_rows = 1;
        next = [](void* s) -> void* {
            static_cast<one_target*>(s)->there = true;
            return &static_cast<one_target*>(s)->value;
        };
        drop = [](void* s) { static_cast<one_target*>(s)->there = false; };
        objects = [](void* s, std::size_t& count) -> void* {
            count = static_cast<one_target*>(s)->there ? 1 : 0;
            return &static_cast<one_target*>(s)->value;
        };
        describe_target<T>(*this);
    }
};
// Gives each to fn(T&) -> status, and keeps none.
template <class T, class F>
struct each_target : row_target {
    T value{};
    std::remove_reference_t<F>& fn;
    status outcome;
    std::int64_t count = 0;
    explicit each_target(std::remove_reference_t<F>& to) : fn(to) {
        self = this;
        next = [](void* s) -> void* { return &(static_cast<each_target*>(s)->value = T{}); };
        drop = [](void*) {};
        ready = [](void* s) {
            auto& me = *static_cast<each_target*>(s);
            ++me.count;
            me.outcome = me.fn(me.value);
            return static_cast<bool>(me.outcome);
        };
        objects = [](void*, std::size_t& none) -> void* {
            none = 0;
            return nullptr;
        };
        describe_target<T>(*this);
    }
};

template <class T>
std::vector<T> rows_of(many_target<T>&& target) {
    if constexpr (std::is_same_v<T, bool>) {
        std::vector<bool> out;
        for (const cell<bool>& c : target.rows) out.push_back(c.value);
        return out;
    } else {
        return std::move(target.rows);
    }
}
}  // namespace detail
}  // namespace skua::orm
