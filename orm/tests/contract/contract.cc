// SPDX-License-Identifier: Apache-2.0
#include "contract.h"

#include "../servers/servers.h"

#include <filesystem>
#include <mutex>

#include <skua/orm/mariadb.hpp>
#include <skua/orm/postgres.hpp>
#include <skua/orm/sqlite.hpp>
#include <unistd.h>

namespace contract {

std::string to_string(database_kind kind) {
    switch (kind) {
        case database_kind::sqlite:
            return "sqlite";
        case database_kind::postgres:
            return "postgres";
        case database_kind::mariadb:
            return "mariadb";
    }
    return "?";
}

Contract::Contract() {
    switch (GetParam()) {
        case database_kind::sqlite: {
            std::string folder = ::testing::TempDir() + "skua_contract_XXXXXX";
            if (!mkdtemp(folder.data())) throw std::runtime_error("cannot make a folder in " + ::testing::TempDir());
            folder_ = folder;
            dsn_ = folder_ + "/contract.db";
            return;
        }
        case database_kind::postgres:
            dsn_ = skua::orm_tests::postgres_dsn();
            return;
        case database_kind::mariadb:
            dsn_ = skua::orm_tests::mariadb_dsn();
            return;
    }
}

Contract::~Contract() {
    std::error_code none;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, none);
}

std::shared_ptr<orm::driver> driver_of(database_kind kind, std::string dsn) {
    if (kind == database_kind::postgres) return orm::postgres(std::move(dsn));
    if (kind == database_kind::mariadb) return orm::mariadb(std::move(dsn));
    return orm::sqlite(std::move(dsn));
}

std::shared_ptr<orm::driver> Contract::driver(std::chrono::nanoseconds patience) {
    if (is(database_kind::sqlite)) return orm::sqlite(dsn_, {.busy_timeout = patience});
    return driver_of(GetParam(), dsn_);
}

orm::database Contract::open(orm::open_options options, std::chrono::nanoseconds patience) {
    if (!options.logger) options.logger = orm::silent();
    return orm::open(driver(patience), std::move(options)).or_throw();
}

struct wire::state {
    std::mutex mutex;
    std::vector<std::string> lines, texts;
    unsigned events = 0;
};
struct wire::listener {
    std::shared_ptr<state> into;
    void begin(orm::driver_call& call, orm::hook_slot&) noexcept {
        if (!(into->events & orm::bit(call.event))) return;
        if (call.statement && call.statement->catalogue) return;
        std::string line(to_string(call.event));
        if (call.statement) line += " " + (call.statement->raw ? call.statement->sql : call.statement->summary);
        if (!call.savepoint.empty()) line += " " + std::string(call.savepoint);
        const std::lock_guard lock(into->mutex);
        into->lines.push_back(std::move(line));
        if (call.statement) into->texts.push_back(call.statement->sql);
    }
    void end(orm::driver_call&, orm::hook_slot&) noexcept {}
};

wire::wire(orm::database& db, unsigned events) : state_(std::make_shared<state>()) {
    state_->events = events;
    static int number = 0;
    db.driver_hooks().add("wire" + std::to_string(number++), listener{state_}).or_throw();
}
std::vector<std::string> wire::take() {
    const std::lock_guard lock(state_->mutex);
    return std::exchange(state_->lines, {});
}
std::vector<std::string> wire::statements() {
    const std::lock_guard lock(state_->mutex);
    return std::exchange(state_->texts, {});
}

std::string plain_sql(std::string sql) {
    std::string out;
    for (std::size_t i = 0; i < sql.size(); ++i) {
        if (sql[i] == '`') {
            out += '"';
        } else if (sql[i] == '$' && i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') {
            out += '?';
            while (i + 1 < sql.size() && sql[i + 1] >= '0' && sql[i + 1] <= '9') ++i;
        } else {
            out += sql[i];
        }
    }
    return out;
}

namespace {
INSTANTIATE_TEST_SUITE_P(Drivers, Contract,
                         ::testing::Values(database_kind::sqlite, database_kind::postgres, database_kind::mariadb),
                         [](const auto& made) { return to_string(made.param); });
}  // namespace

}  // namespace contract
