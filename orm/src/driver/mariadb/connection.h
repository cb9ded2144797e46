// SPDX-License-Identifier: Apache-2.0
// A connection to MariaDB or MySQL, and what is prepared on it.
#pragma once

#include "../watch.h"
#include "values.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include <mysql.h>
#include <skua/orm/driver.hpp>
#include <skua/orm/mariadb.hpp>

namespace skua::orm::detail::mariadb {

// What a DSN says.
struct place {
    std::string host, socket, user, password, database;
    unsigned port = 0;
    std::string wrong;  // with the DSN; empty: nothing
};
place read_dsn(std::string_view dsn);

// A link with our session settings; null: `why` says it.
MYSQL* open_link(const place& where, const mariadb_options& options, error& why);

class mariadb_connection;

class mariadb_prepared final : public prepared {
public:
    mariadb_prepared(mariadb_connection& on, std::string_view sql, MYSQL_STMT* statement);
    mariadb_prepared(const mariadb_prepared&) = delete;
    mariadb_prepared& operator=(const mariadb_prepared&) = delete;
    ~mariadb_prepared() override;

    [[nodiscard]] int parameter_count() const noexcept override {
        return statement_ ? static_cast<int>(mysql_stmt_param_count(statement_)) : -1;
    }
    [[nodiscard]] bool writes() const noexcept override { return writes_; }

private:
    friend class mariadb_connection;
    mariadb_connection& on_;
    const std::string sql_;
    MYSQL_STMT* statement_;  // null: sent as text, once
    const bool writes_, inserts_;
    parameters values_;
    row row_;
};

class mariadb_connection final : public connection {
public:
    mariadb_connection(MYSQL* link, const place& where, const mariadb_options& options,
                       std::atomic<std::uint64_t>& trips) noexcept
        : link_(link), where_(where), options_(options), trips_(trips) {}
    mariadb_connection(const mariadb_connection&) = delete;
    mariadb_connection& operator=(const mariadb_connection&) = delete;
    ~mariadb_connection() override;

    // Asks the server what we need to know of it.
    status set_up();

    result<std::unique_ptr<prepared>> prepare(std::string_view sql, bool lasting) override;
    status execute(prepared& statement, std::span<const value_view> values, row_sink* sink, const context* limits,
                   exec_info& told) override;
    status execute_each(prepared& statement, std::span<const value_view> values, std::size_t sets, row_sink* sink,
                        const context* limits, exec_info& told) override;
    status simple(std::string_view sql) override;
    [[nodiscard]] bool in_transaction() const noexcept override;
    [[nodiscard]] std::size_t bind_limit() const noexcept override { return 65535; }
    [[nodiscard]] bool alive() noexcept override;
    void describe(database_info& info) const override;

private:
    result<MYSQL_STMT*> make(const std::string& sql);
    status run(mariadb_prepared& p, std::span<const value_view> values, row_sink* sink, watch& limits, exec_info& told);
    status run_text(const mariadb_prepared& p, exec_info& told);
    status rows(mariadb_prepared& p, row_sink* sink, watch& limits, exec_info& told);
    // Calls a function of the connector that waits for the server; with a deadline, its form that can be left.
    int wait_for(watch& limits, MYSQL_STMT* statement, int (*whole)(MYSQL_STMT*), int (*start)(int*, MYSQL_STMT*),
                 int (*cont)(int*, MYSQL_STMT*, int));
    void take_counts(const mariadb_prepared& p, std::uint64_t affected, std::uint64_t id, exec_info& told) const;
    void kill_running() noexcept;
    error failure(error e);
    error link_error();
    error statement_error(MYSQL_STMT* statement, const watch& limits);

    MYSQL* link_;
    const place& where_;
    const mariadb_options& options_;
    std::atomic<std::uint64_t>& trips_;
    std::int64_t id_step_ = 1;
    bool bulk_ = false;  // the server takes arrays of values
    bool lost_ = false;
    bool rolled_back_ = false;  // by the server, which does not tell it in the status of an error
    friend class mariadb_prepared;
};

}  // namespace skua::orm::detail::mariadb
