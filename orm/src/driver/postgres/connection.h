// SPDX-License-Identifier: Apache-2.0
// A connection to PostgreSQL, and what is prepared on it.
#pragma once

#include "../watch.h"
#include "values.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <libpq-fe.h>
#include <skua/orm/driver.hpp>
#include <skua/orm/postgres.hpp>

namespace skua::orm::detail::postgres {

struct result_deleter {
    void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using result_ptr = std::unique_ptr<PGresult, result_deleter>;

class postgres_connection;

// A named statement of the server's; or, when it is used only once, just its text.
class postgres_prepared final : public prepared {
public:
    postgres_prepared(postgres_connection& on, std::string_view sql, bool named);
    postgres_prepared(const postgres_prepared&) = delete;
    postgres_prepared& operator=(const postgres_prepared&) = delete;
    ~postgres_prepared() override;

    [[nodiscard]] int parameter_count() const noexcept override {
        return named_ ? static_cast<int>(types_.size()) : -1;
    }
    [[nodiscard]] bool writes() const noexcept override { return writes_; }

private:
    friend class postgres_connection;
    postgres_connection& on_;
    const std::string sql_;
    std::string name_;
    const bool named_;
    const bool writes_;
    bool there_ = false;  // on the server
    bool binary_ = false;
    std::vector<type_id> types_;    // of parameters
    std::vector<type_id> columns_;  // of the result
    parameters values_;
    std::vector<std::string> keepers_;  // of rows, see postgres_row
};

class postgres_connection final : public connection {
public:
    postgres_connection(PGconn* link, const postgres_options& options, std::atomic<std::uint64_t>& trips) noexcept
        : link_(link), options_(options), trips_(trips) {}
    postgres_connection(const postgres_connection&) = delete;
    postgres_connection& operator=(const postgres_connection&) = delete;
    ~postgres_connection() override;

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

    // Statements that nobody holds any more are given back with the next message.
    void forget(std::string name) { forgotten_.push_back(std::move(name)); }

private:
    status make(postgres_prepared& p);
    status check(const postgres_prepared& p, std::size_t values) const;
    static status encode(postgres_prepared& p, std::span<const value_view> values);
    bool send(postgres_prepared& p);
    status run(postgres_prepared& p, std::span<const value_view> values, std::size_t sets, row_sink* sink,
               watch& limits, exec_info& told);
    status run_once(postgres_prepared& p, std::span<const value_view> values, std::size_t sets, row_sink* sink,
                    watch& limits, exec_info& told);
    // Everything `send` sends goes out at once, behind a BEGIN that waits; `take(i, result)` gets the results of the
    // i-th message. The first failure counts.
    template <class Send, class Take>
    status pipeline(watch& limits, Send send, Take take);
    static status take(postgres_prepared& p, const PGresult* r, row_sink* sink, exec_info& told);
    status failure(error e) const;
    [[nodiscard]] error broken() const;
    // The next result of what was sent; null: there is none left, or `failed` says why.
    result_ptr next(watch& limits, status& failed);
    void cancel_running() noexcept;
    void drain() noexcept;

    PGconn* link_;
    const postgres_options& options_;
    std::atomic<std::uint64_t>& trips_;
    std::uint64_t next_name_ = 1;
    bool begin_waits_ = false;  // BEGIN has not been sent yet
    std::vector<std::string> forgotten_;
};

// A connected link, ready for use.
result<std::unique_ptr<connection>> connect(const std::string& dsn, const postgres_options& options,
                                            std::atomic<std::uint64_t>& trips);

}  // namespace skua::orm::detail::postgres
