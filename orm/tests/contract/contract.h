// SPDX-License-Identifier: Apache-2.0
// The contract suite: what gorm's own tests ask of gorm, asked of every driver on its real database. A test has the
// name that gorm's has. docs/guides/from-gorm.md lists them all: same, changed and why, not applicable.
//
//     TEST_P(Contract, TestCreate) { auto db = with<User>(); … }
#pragma once

#include "models.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace contract {

enum class database_kind { sqlite, postgres, mariadb };
std::string to_string(database_kind kind);
std::shared_ptr<orm::driver> driver_of(database_kind kind, std::string dsn);

class Contract : public ::testing::TestWithParam<database_kind> {
protected:
    Contract();
    ~Contract() override;
    // The test's own database, empty at first; every call opens it again. Silent unless told otherwise.
    // `patience`: how long SQLite waits for another writer.
    orm::database open(orm::open_options options = {}, std::chrono::nanoseconds patience = std::chrono::seconds(5));
    // Opened, with the tables of these models.
    template <class... Models>
    orm::database with() {
        orm::database db = open();
        db.auto_migrate<Models...>().or_throw();
        return db;
    }
    [[nodiscard]] bool is(database_kind kind) const { return GetParam() == kind; }
    // A driver on the test's database.
    std::shared_ptr<orm::driver> driver(std::chrono::nanoseconds patience = std::chrono::seconds(5));

private:
    std::string dsn_;
    std::string folder_;  // of SQLite
};

// What goes over the wire, in order: "begin", "execute INSERT users", "commit".
class wire {
public:
    wire(orm::database& db,
         unsigned events = orm::bit(orm::driver_event::execute) | orm::bit(orm::driver_event::begin) |
                           orm::bit(orm::driver_event::commit) | orm::bit(orm::driver_event::rollback) |
                           orm::bit(orm::driver_event::savepoint) | orm::bit(orm::driver_event::rollback_to) |
                           orm::bit(orm::driver_event::release_savepoint));
    [[nodiscard]] std::vector<std::string> take();
    [[nodiscard]] std::vector<std::string> statements();  // their SQL text

private:
    struct state;
    struct listener;
    std::shared_ptr<state> state_;
};

// The text with the quotes and placeholders of SQLite: the same golden text for all.
std::string plain_sql(std::string sql);

}  // namespace contract

using contract::Contract;
using contract::database_kind;
