// SPDX-License-Identifier: Apache-2.0
// One run of a finisher, as callbacks and hooks see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <skua/orm/ast.hpp>
#include <skua/orm/driver_hooks.hpp>
#include <skua/orm/result.hpp>

namespace skua::orm {

class database;
class row_source;
struct exec_info;
namespace detail {
struct handle;
class pool;
struct database_core;
}  // namespace detail

// A pool beside the database's own, on another server with the same data: a replica, a further source. Made by
// database::add_source; closed with the database.
class connection_source {
public:
    connection_source(std::shared_ptr<detail::pool> pool, const detail::database_core* of) noexcept
        : pool_(std::move(pool)), of_(of) {}
    [[nodiscard]] pool_monitor monitor() const { return pool_monitor(pool_); }
    [[nodiscard]] const std::shared_ptr<detail::pool>& pool() const noexcept { return pool_; }
    [[nodiscard]] const detail::database_core* of() const noexcept { return of_; }

private:
    std::shared_ptr<detail::pool> pool_;
    const detail::database_core* of_;
};

enum class processor_kind : std::uint8_t { create, query, update, remove, row, raw };

// Where rows go: next() makes room for one more object; fields by position, or by name for raw SQL.
struct row_target {
    void* self = nullptr;
    void* (*next)(void* self) = nullptr;
    void (*drop)(void* self) = nullptr;                          // the last one again: it could not be read
    void* (*objects)(void* self, std::size_t& count) = nullptr;  // all of them, one behind the other
    // Instead of fields: takes the row as it is.
    void (*take)(void* object, row_source& row) = nullptr;
    // The row is complete; false: enough.
    bool (*ready)(void* self) = nullptr;
    std::span<const target_field> fields;
    bool by_name = false;
    const model_info* model = nullptr;  // for after_find; null: not a model
    std::int64_t max_rows = -1;
};

// The objects of create, save, of(u): one behind the other, or wherever `list` says.
struct object_span {
    void* first = nullptr;
    std::size_t count = 0;
    std::size_t stride = 0;
    void* const* list = nullptr;
    [[nodiscard]] void* at(std::size_t i) const noexcept {
        return list ? list[i] : static_cast<char*>(first) + i * stride;
    }
    [[nodiscard]] object_span part(std::size_t from, std::size_t many) const noexcept {
        return {at(from), many, stride, list ? list + from : nullptr};
    }
};

class statement {
public:
    processor_kind kind = processor_kind::query;
    operation_info operation;
    location at;
    const model_info* model = nullptr;  // null: raw SQL
    object_span objects;                // create, save, of(u)
    std::int64_t rows_affected = 0;     // or returned
    bool skip_hooks = false;
    std::shared_ptr<const statement_info> rendered;  // once the built-in callback has run

    // A handle for queries of one's own: same transaction, same session, same context.
    [[nodiscard]] database db() const;
    // This run takes its connections there. False: it is in a transaction, or the source is of another database.
    bool use(const connection_source& from);
    [[nodiscard]] bool in_transaction() const noexcept;
    [[nodiscard]] const context& run_context() const noexcept;
    // Raw SQL text, before it is rendered; empty: there is a query.
    [[nodiscard]] std::string_view raw_text() const noexcept;
    [[nodiscard]] bool has_query() const noexcept { return query_; }
    [[nodiscard]] std::string_view sql() const noexcept {
        return rendered ? std::string_view(rendered->sql) : std::string_view();
    }
    [[nodiscard]] const status& outcome() const noexcept { return outcome_; }
    [[nodiscard]] const ast::query& query() const noexcept { return *query_; }
    // To change it before the built-in callback runs. Of this run only.
    [[nodiscard]] ast::query& mutable_query();
    void where(expr condition) { mutable_query().add_where(std::move(condition), false); }

    // A value of this run, shared between callbacks by key.
    template <class T>
    [[nodiscard]] T* slot(const context_key<T>& key) noexcept {
        return slots_.get(key) ? const_cast<T*>(slots_.get(key)) : nullptr;
    }
    template <class T>
    void set_slot(const context_key<T>& key, T value) {
        slots_ = slots_.set(key, std::move(value));
    }

    // The ORM's part.
    const ast::query* query_ = nullptr;
    ast::query* own_query_ = nullptr;         // query_, where this run may change it; null: it has to be copied first
    std::unique_ptr<ast::query> made_query_;  // own_query_, where it was copied
    const ast::conflict* conflict_ = nullptr;
    row_target* target_ = nullptr;
    const expr* raw_ = nullptr;
    const value_view* key_ = nullptr;  // db.find<T>(key), when no callback of the user's looks on: instead of query_
    const ast::saved_part* part_ = nullptr;  // of create and save; null: all
    bool untracked_ = false;                 // update_columns: no hooks, no updated_at
    bool inserts_ = false;                   // create of assignments
    status outcome_;
    context context_;
    context slots_;
    const detail::handle* run_handle_ = nullptr;
    std::shared_ptr<const detail::handle> source_handle_;
    std::shared_ptr<const detail::handle> tx_handle_;  // of the default transaction
    bool save_all_ = false;
    int depth_ = 0;                // of saving related objects; above 0 the operation is the one it is part of
    bool user_callbacks_ = false;  // the chain has callbacks of the user's
};

}  // namespace skua::orm
