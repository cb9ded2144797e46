// SPDX-License-Identifier: Apache-2.0
// What stands behind the handles of an opened database.
#pragma once

#include "hooks.h"
#include "pool.h"
#include "rendered.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <skua/orm/database.hpp>
#include <skua/orm/driver.hpp>

namespace skua::orm::detail {

struct chain;

// One callback of a processor, as registered.
struct registration {
    std::string name, before, after;
    callback fn;
    bool built_in = false;
    bool always = false;                     // runs after a failure, too
    status (*direct)(statement&) = nullptr;  // built_in: what fn calls; null: nothing
};
struct around_registration {
    std::string which, name;
    around_callback fn;
};

struct processor_state {
    std::vector<registration> callbacks;       // guarded by database_core::mutex
    std::vector<around_registration> arounds;  // guarded by database_core::mutex
    std::atomic<const chain*> compiled{nullptr};
};

struct database_core {
    database_core(std::shared_ptr<driver> through, open_options with);
    database_core(const database_core&) = delete;
    database_core& operator=(const database_core&) = delete;
    ~database_core();

    // Constant after open.
    const std::shared_ptr<orm::driver> drv;
    const open_options options;
    const std::shared_ptr<logger> log;
    std::shared_ptr<detail::pool> pool;
    render_cache shapes;

    processor_state processors[6];
    std::mutex mutex;
    std::vector<std::unique_ptr<const chain>> chains;    // guarded by mutex; old ones too: a run may still use one
    std::vector<std::shared_ptr<detail::pool>> sources;  // guarded by mutex; further pools, of plugins
    std::vector<std::unique_ptr<plugin>> plugins;        // guarded by mutex
    std::atomic<std::uint64_t> next_transaction{1};
};

// A transaction on its connection. Used by one thread at a time.
struct tx_state {
    explicit tx_state(lease held) noexcept : connection(std::move(held)) {}
    lease connection;
    transaction_info info;
    int depth = 0;                   // savepoints open
    bool open = false;               // BEGIN was sent, no COMMIT or ROLLBACK has ended it
    std::vector<std::string> names;  // user's savepoints
};
// One level of it: 0 the transaction, n the n-th nested savepoint.
struct tx_scope {
    std::shared_ptr<tx_state> state;
    int level = 0;
    bool ended = false;
    bool part = false;  // of another one, which ends it: disable_nested_transaction
};

struct handle {
    std::shared_ptr<database_core> core;
    session_options session;
    orm::context context;
    std::shared_ptr<tx_scope> tx;          // null: statements take a connection each
    std::shared_ptr<lease> pinned;         // db.connection(fn): this one
    std::shared_ptr<detail::pool> source;  // where they take it from; null: the database's own pool
};
inline pool& pool_of(const handle& on) noexcept {
    return on.source ? *on.source : *on.core->pool;
}

// Callback names as they are kept: "gorm:x" is "orm:x".
std::string callback_name(std::string_view name);
void register_built_ins(database_core& core);
const chain& chain_of(const database_core& core, processor_kind kind);
bool has_user_callbacks(const chain& c) noexcept;
// Runs the chain; leaves the outcome in the statement.
void run_chain(const chain& c, statement& run);

// Operation hook, chain, and the error's last details. `run` has its kind, operation, place and handle set.
status run_statement(statement& run);

// Sends what `shape` is to the connection of the statement's handle; once for each of so many sets of values, see
// connection::execute_each.
status send(statement& run, const shape& what, std::span<const value_view> values, row_sink* sink, exec_info& told,
            std::size_t sets = 1);

result<std::shared_ptr<tx_scope>> begin_scope(const handle& on, location at, const operation_info* operation);
status commit_scope(const handle& on, tx_scope& scope, location at, const operation_info* operation);
status rollback_scope(const handle& on, tx_scope& scope, location at, const operation_info* operation);
handle_ptr with_scope(const handle& on, std::shared_ptr<tx_scope> scope);

error make_error(errc code, std::string message);
std::int64_t monotonic_ns() noexcept;
std::int64_t coarse_ns() noexcept;  // monotonic, to a few milliseconds, for a tenth of the price
std::int64_t now_ns(const handle& on);

}  // namespace skua::orm::detail
