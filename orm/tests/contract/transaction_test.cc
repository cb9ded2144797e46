// SPDX-License-Identifier: Apache-2.0
// Transactions.
#include "contract.h"

#include <stdexcept>

namespace contract {
namespace {

std::int64_t named(const orm::database& db, const char* name) {
    return db.from<User>().where(User::c.name == name).count().or_throw();
}

TEST_P(Contract, TestTransaction) {
    auto db = with<User>();
    auto tx = db.begin().or_throw();
    User u = user("tx");
    tx.create(u).or_throw();
    EXPECT_EQ(named(tx, "tx"), 1);
    tx.rollback().or_throw();
    EXPECT_EQ(named(db, "tx"), 0);
    auto again = db.begin().or_throw();
    u.id = 0;
    again.create(u).or_throw();
    again.commit().or_throw();
    EXPECT_EQ(named(db, "tx"), 1);
}

TEST_P(Contract, TestTransactionWithBlock) {
    auto db = with<User>();
    EXPECT_EQ(db.transaction([](orm::tx& tx) -> orm::status {
                    User u = user("error");
                    SKUA_TRY(tx.create(u));
                    return orm::fail("no");
                })
                  .error()
                  .message,
              "no");
    EXPECT_EQ(named(db, "error"), 0);
    const auto throws = [](orm::tx& tx) -> orm::status {
        User u = user("thrown");
        SKUA_TRY(tx.create(u));
        throw std::runtime_error("thrown");
    };
    EXPECT_THROW(static_cast<void>(db.transaction(throws)), std::runtime_error);
    EXPECT_EQ(named(db, "thrown"), 0);
    db.transaction([](orm::tx& tx) -> orm::status {
          User u = user("good");
          return tx.create(u);
      }).or_throw();
    EXPECT_EQ(named(db, "good"), 1);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestTransactionRaiseErrorOnRollbackAfterCommit) {
    auto db = with<User>();
    auto tx = db.begin().or_throw();
    User u = user("x");
    tx.create(u).or_throw();
    tx.commit().or_throw();
    EXPECT_EQ(tx.rollback().error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(tx.create(u).error().code, orm::errc::invalid_transaction);
    EXPECT_EQ(named(db, "x"), 1);
}

TEST_P(Contract, TestTransactionWithSavePoint) {
    auto db = with<User>();
    auto tx = db.begin().or_throw();
    User one = user("one"), two = user("two"), three = user("three");
    tx.create(one).or_throw();
    tx.savepoint("after_one").or_throw();
    tx.create(two).or_throw();
    tx.rollback_to("after_one").or_throw();
    tx.create(three).or_throw();
    tx.commit().or_throw();
    EXPECT_EQ(db.from<User>().order(User::c.name).pluck(User::c.name).or_throw(),
              (std::vector<std::string>{"one", "three"}));
}

TEST_P(Contract, TestNestedTransactionWithBlock) {
    auto db = with<User>();
    wire log(db);
    db.transaction([](orm::tx& tx) -> orm::status {
          User outer = user("outer"), inner = user("inner"), kept = user("kept");
          SKUA_TRY(tx.create(outer));
          EXPECT_FALSE(tx.transaction([&](orm::tx& deeper) -> orm::status {
              SKUA_TRY(deeper.create(inner));
              return orm::fail("inner");
          }));
          return tx.transaction([&](orm::tx& deeper) -> orm::status { return deeper.create(kept); });
      }).or_throw();
    EXPECT_EQ(log.take(),
              (std::vector<std::string>{"begin", "execute INSERT users", "savepoint sp_1", "execute INSERT users",
                                        "rollback_to sp_1", "release_savepoint sp_1", "savepoint sp_1",
                                        "execute INSERT users", "release_savepoint sp_1", "commit"}));
    EXPECT_EQ(db.from<User>().order(User::c.name).pluck(User::c.name).or_throw(),
              (std::vector<std::string>{"kept", "outer"}));
}

TEST_P(Contract, TestNestedTransactionAfterAnError) {
    auto db = with<User>();
    db.transaction([](orm::tx& tx) -> orm::status {
          User outer = user("outer");
          outer.email = "a@b";
          SKUA_TRY(tx.create(outer));
          const orm::status inner = tx.transaction([](orm::tx& deeper) -> orm::status {
              User twice = user("twice");
              twice.email = "a@b";
              return deeper.create(twice);
          });
          EXPECT_EQ(inner.error().code, orm::errc::duplicated_key);
          User after = user("after");
          return tx.create(after);
      }).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 2) << "the savepoint made the transaction whole again";
}

TEST_P(Contract, TestTransactionAfterAFailedStatement) {
    auto db = with<User>();
    auto tx = db.begin().or_throw();
    User bad = user("bad", -1), good = user("good");
    EXPECT_EQ(tx.create(bad).error().code, orm::errc::check_violated);
    const auto then = tx.create(good);
    const orm::status committed = tx.commit();
    if (is(database_kind::postgres)) {
        EXPECT_EQ(then.error().code, orm::errc::invalid_transaction);
        EXPECT_EQ(committed.error().code, orm::errc::invalid_transaction) << "nothing was kept, and it is told";
        EXPECT_EQ(named(db, "good"), 0);
    } else {
        EXPECT_TRUE(then);
        EXPECT_TRUE(committed);
        EXPECT_EQ(named(db, "good"), 1);
    }
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestTransactionDestroyed) {
    auto db = with<User>();
    {
        auto tx = db.begin().or_throw();
        User u = user("gone");
        tx.create(u).or_throw();
    }
    EXPECT_EQ(named(db, "gone"), 0);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestTransactionOfNothing) {
    auto db = with<User>();
    const auto trips = db.stats().round_trips;
    db.transaction([](orm::tx&) -> orm::status { return orm::ok; }).or_throw();
    db.begin().or_throw().commit().or_throw();
    if (is(database_kind::postgres)) {
        EXPECT_EQ(db.stats().round_trips, trips) << "BEGIN waits for a statement";
    }
}

TEST_P(Contract, TestRoundTripsOfATransaction) {
    auto db = with<User>();
    User u = user("x");
    db.create(u).or_throw();  // prepared
    auto trips = [&, before = db.stats().round_trips]() mutable {
        const auto now = db.stats().round_trips;
        return static_cast<int>(now - std::exchange(before, now));
    };
    db.find<User>(u.id).or_throw();
    trips();
    db.find<User>(u.id).or_throw();
    EXPECT_EQ(trips(), is(database_kind::sqlite) ? 0 : 1);
    u.id = 0;
    db.create(u).or_throw();
    EXPECT_EQ(trips(), is(database_kind::sqlite) ? 0 : 1);
    u.id = 0;
    db.transaction([&](orm::tx& tx) -> orm::status { return tx.create(u); }).or_throw();
    EXPECT_EQ(trips(), is(database_kind::sqlite) ? 0 : is(database_kind::postgres) ? 2 : 3);
}

}  // namespace
}  // namespace contract
