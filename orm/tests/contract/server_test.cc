// SPDX-License-Identifier: Apache-2.0
// Servers that go away and come back.
#include "../servers/servers.h"
#include "contract.h"

#include <skua/orm/mariadb.hpp>
#include <skua/orm/postgres.hpp>

namespace contract {
namespace {

using skua::orm_tests::private_server;
using skua::orm_tests::server_kind;

class Server : public ::testing::TestWithParam<server_kind> {
protected:
    Server() : server_(GetParam()) {}
    orm::database open() {
        return orm::open(
                   GetParam() == server_kind::postgres ? orm::postgres(server_.dsn()) : orm::mariadb(server_.dsn()),
                   {.logger = orm::silent()})
            .or_throw();
    }
    private_server server_;
};

TEST_P(Server, RestartedWhileIdle) {
    auto db = open();
    db.auto_migrate<Language>().or_throw();
    Language lang{.code = "a", .name = "one"};
    db.create(lang).or_throw();
    server_.stop();
    EXPECT_EQ(db.find<Language>("a").error().code, orm::errc::cannot_open) << "nobody is there";
    EXPECT_EQ(db.stats().in_use, 0);
    server_.start();
    EXPECT_EQ(db.find<Language>("a").or_throw().name, "one") << "the pool goes on by itself";
}

TEST_P(Server, KilledInTheMiddleOfATransaction) {
    auto db = open();
    db.auto_migrate<Language>().or_throw();
    const orm::status s = db.transaction([&](orm::tx& tx) -> orm::status {
        Language lang{.code = "lost", .name = "lost"};
        SKUA_TRY(tx.create(lang));
        server_.kill();
        return tx.find<Language>("lost") ? orm::ok : orm::status(tx.find<Language>("lost").error());
    });
    ASSERT_FALSE(s);
    EXPECT_TRUE(s.error().code == orm::errc::connection_lost || s.error().code == orm::errc::invalid_transaction)
        << s.error().to_string();
    EXPECT_EQ(db.stats().in_use, 0);
    server_.start();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 0) << "nothing half written";
}

INSTANTIATE_TEST_SUITE_P(Kinds, Server, ::testing::Values(server_kind::postgres, server_kind::mariadb),
                         [](const auto& made) { return made.param == server_kind::postgres ? "postgres" : "mariadb"; });

}  // namespace
}  // namespace contract
