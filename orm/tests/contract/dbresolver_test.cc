// SPDX-License-Identifier: Apache-2.0
// The read and write splitting plugin. Replicas here are databases of their own, with other rows in them, so a row
// tells where it was read.
#include "contract.h"

#include <set>

#include <skua/orm/plugins/dbresolver.hpp>
#include <skua/orm/sqlite.hpp>

namespace contract {
namespace {

namespace resolver = orm::dbresolver;

class Resolver : public ::testing::Test {
protected:
    Resolver() {
        for (const char* name : {"main", "replica1", "replica2", "orders", "archive"}) {
            auto db = orm::open(orm::sqlite(path(name)), {.logger = orm::silent()}).or_throw();
            db.auto_migrate<User, Language, Company>().or_throw();
            User u = user(name);
            db.create(u).or_throw();
            Language l{.code = name, .name = name};
            db.create(l).or_throw();
        }
    }
    ~Resolver() override {
        for (const char* name : {"main", "replica1", "replica2", "orders", "archive"})
            for (const char* tail : {"", "-wal", "-shm"}) std::remove((path(name) + tail).c_str());
    }
    std::string path(const std::string& name) const {
        return ::testing::TempDir() + "skua_resolver_" + std::to_string(getpid()) + "_" + name + ".db";
    }
    orm::database open_with(resolver::plugin with) const {
        auto db = orm::open(orm::sqlite(path("main")), {.logger = orm::silent()}).or_throw();
        db.use(std::move(with)).or_throw();
        return db;
    }
    resolver::config replicas(std::shared_ptr<resolver::policy> how = resolver::round_robin()) const {
        return {.replicas = {orm::sqlite(path("replica1")), orm::sqlite(path("replica2"))}, .policy = std::move(how)};
    }
    static std::string who(const orm::query<User>& q) { return q.where(User::c.id == 1).first().or_throw().name; }
};

TEST_F(Resolver, ReadsGoToReplicasByTurns) {
    auto db = open_with(resolver::plugin(replicas()));
    const auto q = db.from<User>();
    const std::string first = who(q), second = who(q), third = who(q);
    EXPECT_EQ((std::set<std::string>{first, second}), (std::set<std::string>{"replica1", "replica2"}));
    EXPECT_EQ(first, third);
}

TEST_F(Resolver, ARandomPolicyUsesEveryReplica) {
    auto db = open_with(resolver::plugin(replicas(nullptr)));
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) seen.insert(who(db.from<User>()));
    EXPECT_EQ(seen, (std::set<std::string>{"replica1", "replica2"}));
}

TEST_F(Resolver, WritesGoToTheSource) {
    auto db = open_with(resolver::plugin(replicas()));
    User u = user("new");
    db.create(u).or_throw();
    db.from<User>().where(User::c.id == 1).update(User::c.age = 77).or_throw();
    const auto on_main = db.from<User>().clauses(resolver::write);
    EXPECT_EQ(on_main.count().or_throw(), 2);
    EXPECT_EQ(on_main.where(User::c.id == 1).first().or_throw().age, 77);
    EXPECT_EQ(who(on_main), "main");
    EXPECT_EQ(db.from<User>().count().or_throw(), 1) << "the replicas have not heard of it";
    db.of(u).remove().or_throw();
    EXPECT_EQ(on_main.count().or_throw(), 1);
}

TEST_F(Resolver, ForUpdateReadsWhereItIsWritten) {
    auto db = open_with(resolver::plugin(replicas()));
    EXPECT_EQ(who(db.from<User>().for_update()), "main");
}

TEST_F(Resolver, RawSqlIsReadByItsFirstWord) {
    auto db = open_with(resolver::plugin(replicas()));
    EXPECT_NE(db.raw<std::string>("  select name FROM users").first().or_throw(), "main");
    EXPECT_EQ(db.with(resolver::write.in_context()).raw<std::string>("SELECT name FROM users").first().or_throw(),
              "main");
    db.exec("UPDATE users SET name = 'changed'").or_throw();
    EXPECT_EQ(who(db.from<User>().clauses(resolver::write)), "changed");
    EXPECT_EQ(db.raw<std::string>("UPDATE users SET name = 'again' RETURNING name").first().or_throw(), "again");
    EXPECT_EQ(who(db.from<User>().clauses(resolver::write)), "again");
    EXPECT_NE(who(db.from<User>()), "again");
}

TEST_F(Resolver, ATransactionStaysWhereItIs) {
    auto db = open_with(resolver::plugin(replicas()));
    db.transaction([](orm::tx& tx) -> orm::status {
          EXPECT_EQ(who(tx.from<User>()), "main");
          EXPECT_EQ(who(tx.from<User>().clauses(resolver::read)), "main");
          User u = user("inside");
          SKUA_TRY(tx.create(u));
          EXPECT_EQ(tx.from<User>().count().or_throw(), 2);
          return orm::ok;
      }).or_throw();
}

TEST_F(Resolver, AModelAndATableHaveResolversOfTheirOwn) {
    auto db = open_with(resolver::plugin(replicas())
                            .with<Language>({.sources = {orm::sqlite(path("orders"))}})
                            .tables({"companies"}, {.sources = {orm::sqlite(path("archive"))}}));
    EXPECT_EQ(db.from<Language>().first().or_throw().code, "orders") << "no replicas: read from the source";
    Language l{.code = "x", .name = "x"};
    db.create(l).or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 2);
    Company c;
    c.name = "kept in the archive";
    db.create(c).or_throw();
    EXPECT_EQ(db.from<Company>().count().or_throw(), 1);
    auto archive = orm::open(orm::sqlite(path("archive")), {.logger = orm::silent()}).or_throw();
    EXPECT_EQ(archive.from<Company>().count().or_throw(), 1);
}

TEST_F(Resolver, ANamedOneIsChosen) {
    auto db = open_with(resolver::plugin().named("archive", {.sources = {orm::sqlite(path("archive"))}}));
    EXPECT_EQ(who(db.from<User>()), "main");
    EXPECT_EQ(who(db.from<User>().clauses(resolver::on("archive"))), "archive");
    auto there = db.with(resolver::on("archive").in_context());
    User u = user("there");
    there.create(u).or_throw();
    EXPECT_EQ(there.from<User>().count().or_throw(), 2);
    EXPECT_EQ(db.from<User>().clauses(resolver::on("nowhere")).count().error().code, orm::errc::invalid_value);
}

TEST_F(Resolver, AReplicaThatCannotBeOpenedIsTold) {
    auto db = orm::open(orm::sqlite(path("main")), {.logger = orm::silent()}).or_throw();
    EXPECT_EQ(db.use(resolver::plugin({.replicas = {orm::sqlite("/nonexistent/x.db")}})).error().code,
              orm::errc::cannot_open);
    EXPECT_EQ(who(db.from<User>()), "main");
}

TEST_F(Resolver, ListenersHearOfEveryPool) {
    auto db = open_with(resolver::plugin(replicas()));
    wire log(db, orm::bit(orm::driver_event::acquire) | orm::bit(orm::driver_event::execute));
    static_cast<void>(who(db.from<User>()));
    EXPECT_EQ(log.take(), (std::vector<std::string>{"acquire", "execute SELECT users"}));
    db.close();
    EXPECT_EQ(db.from<User>().count().error().code, orm::errc::connection_lost) << "replicas are closed, too";
}

}  // namespace
}  // namespace contract
