// SPDX-License-Identifier: Apache-2.0
// What really goes over the wire, told to whoever listens: pairs of begin and end that share a slot.
//
// A listener is any type with
//     void begin(orm::driver_call& call, orm::hook_slot& slot) noexcept;
//     void end(orm::driver_call& call, orm::hook_slot& slot) noexcept;
// and optionally `static constexpr unsigned events`, the mask of what it wants. Every begin is followed by exactly one
// end, on the same thread, strictly nested, ends in reverse order of begins. Threads: begin and end may run for several
// connections at once. Registration is safe at any time; calls that are under way finish with the listeners they began
// with, so an erased listener is kept until the database is closed. Cost: nobody listening is one pointer test; no
// clock is read for anybody, listeners read their own.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <skua/orm/context.hpp>
#include <skua/orm/error.hpp>
#include <skua/orm/location.hpp>
#include <skua/orm/pool_stats.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm {

enum class driver_event : std::uint8_t {
    operation,  // a whole finisher: its callbacks, hooks, associations and transaction. Not the wire: the parent of it
    connect,    // a physical connection is made
    close,      //
    acquire,    // taken from the pool: begin to end is the wait (connect, if needed, lies inside)
    release,    // given back: acquire's end to release's begin is the use
    prepare,    // only when the statement cache missed
    execute,    // ends after the last row, or the error
    begin,
    commit,
    rollback,
    savepoint,
    rollback_to,
    release_savepoint,
};
inline constexpr unsigned driver_events = 13;
constexpr unsigned bit(driver_event event) noexcept {
    return 1U << static_cast<unsigned>(event);
}
inline constexpr unsigned every_event = (1U << driver_events) - 1;
std::string_view to_string(driver_event event) noexcept;

inline constexpr std::size_t max_listeners = 8;  // of one database

// Room for a listener's state between begin and end: made there, dropped here. Nothing made: end sees used() == false.
class hook_slot {
public:
    static constexpr std::size_t size = 128;

    template <class T, class... Args>
    T& make(Args&&... args) noexcept {
        static_assert(sizeof(T) <= size && alignof(T) <= alignof(std::max_align_t), "orm: too large for a hook slot");
        used_ = true;
        return *new (bytes_) T(std::forward<Args>(args)...);
    }
    // REQUIRES: used(), with this T.
    template <class T>
    [[nodiscard]] T& as() noexcept {
        return *std::launder(reinterpret_cast<T*>(bytes_));
    }
    template <class T>
    void drop() noexcept {
        as<T>().~T();
        used_ = false;
    }
    [[nodiscard]] bool used() const noexcept { return used_; }

private:
    alignas(std::max_align_t) unsigned char bytes_[size];
    bool used_ = false;
};

// Made once by whoever comes first, then read by all threads without a lock.
class once_slot {
public:
    once_slot() noexcept = default;
    once_slot(const once_slot&) = delete;
    once_slot& operator=(const once_slot&) = delete;
    ~once_slot() {
        if (cell* c = cell_.load(std::memory_order_acquire)) c->destroy(c);
    }
    // `make` may run on two threads at once; one result is kept. Always the same T.
    template <class T, class Make>
    const T& get_or_make(Make&& make) {
        cell* seen = cell_.load(std::memory_order_acquire);
        if (!seen) {
            auto mine = std::make_unique<holder<T>>(std::forward<Make>(make)());
            if (cell_.compare_exchange_strong(seen, mine.get(), std::memory_order_acq_rel)) seen = mine.release();
        }
        return static_cast<holder<T>*>(seen)->value;
    }

private:
    struct cell {
        explicit cell(void (*d)(cell*)) noexcept : destroy(d) {}
        void (*destroy)(cell*);
    };
    template <class T>
    struct holder final : cell {
        explicit holder(T v) : cell([](cell* c) { delete static_cast<holder*>(c); }), value(std::move(v)) {}
        T value;
    };
    std::atomic<cell*> cell_{nullptr};
};

// What is known of a rendered statement before it runs. One object per statement shape, shared by all connections and
// all executions of it, never changed after it is made: its address is its identity as long as somebody holds it.
struct statement_info {
    std::string sql;         // with placeholders
    std::string operation;   // from the AST: SELECT, INSERT, UPDATE, DELETE, CREATE TABLE; empty for raw SQL
    std::string collection;  // the one table; empty for several, and for raw SQL
    std::string summary;     // "SELECT users"; raw SQL: empty, the plugin has its own tokenizer
    std::vector<std::string> parameter_names;  // column each placeholder is compared with or stored in, or empty
    std::uint64_t id = 0;                      // of this process, never used twice
    bool raw = false;                          // the user's own SQL text
    bool catalogue = false;                    // asks for the schema, in a migration
    bool ddl = false;
    bool writes = false;    // INSERT, UPDATE, DELETE of the AST; raw SQL: see driver_call::writes
    bool cacheable = true;  // false: one use (DDL, unsafe_sql); the slots live as long as the call

    mutable once_slot slots[max_listeners];
};

// What a finisher is, for `operation` and everything inside one.
struct operation_info {
    std::string_view verb;  // create, find, first, count, update, save, remove, raw, exec, transaction, auto_migrate …
    std::string_view model;  // "User", or empty
    std::string_view table;  // "users", or empty
};

// A transaction, from its BEGIN to the COMMIT or ROLLBACK that ends it.
struct transaction_info {
    std::uint64_t id = 0;
    bool wrote = false;                          // a statement that writes was executed in it
    std::shared_ptr<void> state[max_listeners];  // see driver_call::transaction_state
};

// What begin and end are told. Lives on the stack of the caller; everything it points to outlives the pair.
struct driver_call {
    driver_event event = driver_event::execute;
    const database_info* database = nullptr;    // never null
    const context* handle_context = nullptr;    // never null: of the handle; inside an operation, of the operation
    const statement_info* statement = nullptr;  // prepare, execute
    const operation_info* operation = nullptr;  // operation; others: the operation they belong to, or null
    transaction_info* transaction = nullptr;    // null outside of one; begin … commit or rollback
    const value_view* parameters = nullptr;     // execute: parameter_count values; for those who opt in
    std::size_t parameter_count = 0;
    std::string_view savepoint;    // "sp_1": savepoint, rollback_to, release_savepoint
    location at;                   // the finisher's caller
    std::uint32_t batch_size = 0;  // separate operations sent at once; 0: not a batch (a multi-row INSERT is not one)
    std::uint64_t connection = 0;  // number of the physical connection; 0 in operation, and before one is known
    bool cached = false;           // execute: the prepared statement was there already
    bool writes = false;           // execute: what the database says of the statement

    // Known at the end.
    std::int64_t rows_affected = -1;  // -1: not told
    std::int64_t rows_returned = -1;
    const error* failure = nullptr;  // null: well done; a record that was not found is no failure of execute

    // This listener's own, see statement_info::slots. REQUIRES: statement.
    [[nodiscard]] once_slot& statement_slot() const noexcept { return statement->slots[listener]; }
    // This listener's own word on the connection, kept between calls, 0 when it is made: acquire's end may leave the
    // time for release's begin. Null when no connection is known.
    [[nodiscard]] std::uint64_t* connection_mark() const noexcept { return marks ? &marks[listener] : nullptr; }
    // This listener's own, kept from BEGIN to the end of the transaction, then released: the span that was active.
    // REQUIRES: transaction.
    [[nodiscard]] std::shared_ptr<void>& transaction_state() const noexcept { return transaction->state[listener]; }
    // In the begin of `operation`: every call inside this operation, and the handles its hooks get, see this context.
    void set_inner_context(context inner) {
        if (inner_context) *inner_context = std::move(inner);
    }

    // The ORM's part.
    std::uint64_t* marks = nullptr;
    context* inner_context = nullptr;
    std::size_t listener = 0;
};

// One listener, type-erased.
struct driver_listener {
    std::shared_ptr<void> self;
    void (*begin)(void* self, driver_call& call, hook_slot& slot) noexcept = nullptr;
    void (*end)(void* self, driver_call& call, hook_slot& slot) noexcept = nullptr;
    unsigned events = every_event;
};

namespace detail {
struct database_core;
template <class L>
constexpr unsigned events_of() {
    if constexpr (requires { L::events; }) return L::events;
    return every_event;
}
}  // namespace detail

// db.driver_hooks(): of the opened database, shared by its handles.
class driver_hooks {
public:
    explicit driver_hooks(std::shared_ptr<detail::database_core> core) noexcept : core_(std::move(core)) {}

    // The same name twice: already_registered. More than max_listeners over the database's life: invalid_value.
    template <class L>
    status add(std::string_view name, L listener) {
        static_assert(
            noexcept(listener.begin(std::declval<driver_call&>(), std::declval<hook_slot&>()))&& noexcept(
                listener.end(std::declval<driver_call&>(), std::declval<hook_slot&>())),
            "orm: a driver listener has noexcept begin(driver_call&, hook_slot&) and end(driver_call&, hook_slot&)");
        return add_listener(
            name, {std::make_shared<L>(std::move(listener)),
                   [](void* self, driver_call& c, hook_slot& s) noexcept { static_cast<L*>(self)->begin(c, s); },
                   [](void* self, driver_call& c, hook_slot& s) noexcept { static_cast<L*>(self)->end(c, s); },
                   detail::events_of<L>()});
    }
    status add_listener(std::string_view name, driver_listener listener);
    // An unknown name: invalid_value.
    status erase(std::string_view name);

private:
    std::shared_ptr<detail::database_core> core_;
};

}  // namespace skua::orm
