// SPDX-License-Identifier: Apache-2.0
// What a database driver implements. No templates, no models: text, values and rows.
//
// Threads: a driver may be asked by several at once; a connection and what belongs to it is used by one at a time
// (cancel is the exception).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <skua/orm/context.hpp>
#include <skua/orm/dialect.hpp>
#include <skua/orm/pool_stats.hpp>
#include <skua/orm/result.hpp>
#include <skua/orm/value.hpp>

namespace skua::orm {

// The present row. Text and bytes are valid until the next row.
class row_source {
public:
    virtual int column_count() const noexcept = 0;
    virtual std::string_view column_name(int index) const noexcept = 0;
    // REQUIRES: 0 <= index < column_count().
    virtual value_view column(int index) noexcept = 0;
    // Several at once, for speed. REQUIRES: from + count <= column_count().
    virtual void columns(int from, int count, value_view* into) noexcept {
        for (int i = 0; i < count; ++i) into[i] = column(from + i);
    }

protected:
    ~row_source() = default;
};

// Takes rows. False: enough, or failed (the sink knows why).
class row_sink {
public:
    virtual bool row(row_source& source) = 0;
    // The rows of one set of execute_each have all been told, or there were none.
    virtual void set_ended() {}

protected:
    ~row_sink() = default;
};

struct exec_info {
    std::int64_t rows_affected = 0;
    std::int64_t rows_returned = 0;
    std::int64_t last_id = 0;  // of an INSERT, where the database tells one: see dialect::ids
    std::int64_t id_step = 1;
};

class prepared {
public:
    virtual ~prepared() = default;
    // -1: only the database knows.
    [[nodiscard]] virtual int parameter_count() const noexcept = 0;
    [[nodiscard]] virtual bool writes() const noexcept = 0;
};

class connection {
public:
    virtual ~connection() = default;
    // `lasting`: will be used again.
    virtual result<std::unique_ptr<prepared>> prepare(std::string_view sql, bool lasting) = 0;
    // The values live until it returns. `limits`: deadline and stop token, or null.
    virtual status execute(prepared& statement, std::span<const value_view> values, row_sink* sink,
                           const context* limits, exec_info& told) = 0;
    // The same statement once for each of `sets` equally long sets of values, in as few round trips as the database
    // allows, rows of all of them to the one sink, which is told the end of each. Ends at the first error; what was
    // done before it stays done unless a transaction is open.
    virtual status execute_each(prepared& statement, std::span<const value_view> values, std::size_t sets,
                                row_sink* sink, const context* limits, exec_info& told);
    // Statements without rows: BEGIN, COMMIT … BEGIN may wait for the statement it goes out with.
    virtual status simple(std::string_view sql) = 0;
    // Whether an unused connection still has its server. Looks, never waits.
    [[nodiscard]] virtual bool alive() noexcept { return true; }
    // What only a connected one knows: version and kind of the server.
    virtual void describe(database_info&) const {}
    // Whether the database itself has a transaction open (an error may have ended it).
    [[nodiscard]] virtual bool in_transaction() const noexcept = 0;
    // Values one statement may have.
    [[nodiscard]] virtual std::size_t bind_limit() const noexcept = 0;
};

class driver {
public:
    virtual ~driver() = default;
    virtual result<std::unique_ptr<connection>> connect() = 0;
    [[nodiscard]] virtual const orm::dialect& dialect() const noexcept = 0;
    // Known before the first connection, but for server_version.
    [[nodiscard]] virtual database_info info() const = 0;
    // 1: the database lives in its only connection, which is kept.
    [[nodiscard]] virtual int max_connections() const noexcept = 0;
    // When the user does not say how many.
    [[nodiscard]] virtual int default_connections() const noexcept { return max_connections(); }
    // Times that somebody waited for the server's answer, over all connections.
    [[nodiscard]] virtual std::uint64_t round_trips() const noexcept { return 0; }
};

}  // namespace skua::orm
