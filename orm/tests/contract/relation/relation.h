// SPDX-License-Identifier: Apache-2.0
// Tests of relations, on every database.
#pragma once

#include "../contract.h"
#include "models.h"

#include <memory>
#include <string>
#include <vector>

namespace rel {

using lines = std::vector<std::string>;

// What was executed, in order, but for what a migration asks: "INSERT users".
class statements {
public:
    explicit statements(orm::database& db) : wire_(db, orm::bit(orm::driver_event::execute)) {}
    lines take() {
        lines out;
        for (const std::string& line : wire_.take()) out.push_back(line.substr(8));  // "execute "
        return out;
    }

private:
    contract::wire wire_;
};

// Operations, transactions and statements: "operation create", "begin", "execute INSERT users".
class operations {
public:
    explicit operations(orm::database& db) { db.driver_hooks().add("operations", listener{kept_}).or_throw(); }
    lines take() { return std::exchange(*kept_, {}); }

private:
    struct listener {
        std::shared_ptr<lines> into;
        static constexpr unsigned events = orm::bit(orm::driver_event::operation) | orm::bit(orm::driver_event::begin) |
                                           orm::bit(orm::driver_event::commit) | orm::bit(orm::driver_event::rollback) |
                                           orm::bit(orm::driver_event::execute);
        void begin(orm::driver_call& call, orm::hook_slot&) noexcept {
            std::string line(to_string(call.event));
            if (call.event == orm::driver_event::operation && call.operation)
                line += " " + std::string(call.operation->verb);
            if (call.statement) line += " " + call.statement->summary;
            into->push_back(std::move(line));
        }
        void end(orm::driver_call&, orm::hook_slot&) noexcept {}
    };
    std::shared_ptr<lines> kept_ = std::make_shared<lines>();
};

// A database with the tables of the models.
struct RelationTest : contract::Contract {
    orm::database db = with<Company, User, Account, Pet, Tag, Toy, Tool, Language>();
    statements sent{db};
};

#define SKUA_ON_EVERY_DATABASE(Suite)                                                                              \
    INSTANTIATE_TEST_SUITE_P(Drivers, Suite,                                                                       \
                             ::testing::Values(contract::database_kind::sqlite, contract::database_kind::postgres, \
                                               contract::database_kind::mariadb),                                  \
                             [](const auto& made) { return contract::to_string(made.param); })

}  // namespace rel
