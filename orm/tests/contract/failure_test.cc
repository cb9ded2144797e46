// SPDX-License-Identifier: Apache-2.0
// What goes wrong: a typed error, and a pool that is usable afterwards.
#include "contract.h"

#include <atomic>
#include <latch>
#include <stop_token>
#include <thread>

#include <unistd.h>

namespace contract {
namespace {

using namespace std::chrono_literals;

struct Narrow {
    std::int64_t id = 0;
    std::int8_t small = 0;
    std::string word;
    SKUA_TABLE("narrows")
    SKUA_MODEL(Narrow, (id), (small, "type:smallint"), (word, "size:5"))
};
struct Wide {
    std::int64_t id = 0;
    std::int64_t small = 0;
    std::string word;
    SKUA_TABLE("narrows")
    SKUA_MODEL(Wide, (id), (small), (word))
};
struct Parent {
    std::int64_t id = 0;
    SKUA_MODEL(Parent, (id))
};

// Tells when the next statement is on its way.
struct sending {
    static constexpr unsigned events = orm::bit(orm::driver_event::execute);
    std::latch& next;
    void begin(orm::driver_call&, orm::hook_slot&) noexcept {
        if (!next.try_wait()) next.count_down();
    }
    void end(orm::driver_call&, orm::hook_slot&) noexcept {}
};

// A statement that the server works on until somebody stops it.
orm::result<std::int64_t> run_endless(const orm::database& db, database_kind kind) {
    if (kind == database_kind::postgres) return db.raw<std::int64_t>("SELECT 1::bigint FROM pg_sleep(60)").first();
    if (kind == database_kind::mariadb)
        return db
            .raw<std::int64_t>(
                "SELECT count(*) FROM information_schema.columns a, information_schema.columns b, "
                "information_schema.columns c WHERE a.column_name < concat(b.column_name, c.table_name)")
            .first();
    return db
        .raw<std::int64_t>("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
        .first();
}

TEST_P(Contract, TestSupportedDialectorWithErrDuplicatedKey) {
    auto db = with<User>();
    User a = user("a"), b = user("b");
    a.email = b.email = "a@b";
    db.create(a).or_throw();
    const orm::error e = db.create(b).error();
    EXPECT_EQ(e.code, orm::errc::duplicated_key);
    EXPECT_EQ(e.sqlstate, "23505");
    EXPECT_EQ(e.constraint, "idx_users_email");
    EXPECT_EQ(e.to_string(),
              "create User: unique constraint \"idx_users_email\" violated (users.email), SQLSTATE 23505");
    b.id = a.id;
    b.email = "b@b";
    EXPECT_EQ(db.create(b).error().code, orm::errc::duplicated_key);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestSupportedDialectorWithErrForeignKeyViolated) {
    auto db = with<Parent>();
    db.exec(
          "CREATE TABLE children (id bigint PRIMARY KEY, parent_id bigint NOT NULL, CONSTRAINT fk_children_parent "
          "FOREIGN KEY (parent_id) REFERENCES parents(id))")
        .or_throw();
    const orm::error e = db.exec("INSERT INTO children VALUES (1, ?)", 99).error();
    EXPECT_EQ(e.code, orm::errc::foreign_key_violated);
    EXPECT_EQ(e.sqlstate, "23503");
    if (!is(database_kind::sqlite)) {
        EXPECT_EQ(e.constraint, "fk_children_parent");
        EXPECT_EQ(e.table, "children");
    }
    db.exec("DROP TABLE children").or_throw();
}

TEST_P(Contract, TestCheckAndNotNull) {
    auto db = with<User>();
    User u = user("x", -1);
    const orm::error check = db.create(u).error();
    EXPECT_EQ(check.code, orm::errc::check_violated);
    EXPECT_EQ(check.constraint, "chk_users_age");
    EXPECT_EQ(check.sqlstate, "23514");
    const orm::error null = db.exec("UPDATE users SET name = NULL WHERE 1 = 0").has_value()
                                ? db.exec(
                                        "INSERT INTO users (created_at, updated_at, name, age, active) VALUES "
                                        "('2020-01-01', '2020-01-01', NULL, 1, ?)",
                                        true)
                                      .error()
                                : orm::error{};
    EXPECT_EQ(null.code, orm::errc::not_null_violated);
    EXPECT_EQ(null.column, "name");
    EXPECT_EQ(null.sqlstate, "23502");
}

TEST_P(Contract, TestValueThatDoesNotFit) {
    auto db = with<Narrow>();
    Narrow long_word{.small = 1, .word = "much too long"};
    const auto made = db.create(long_word);
    if (is(database_kind::sqlite)) {
        EXPECT_TRUE(made) << "SQLite does not limit texts";
    } else {
        EXPECT_EQ(made.error().code, orm::errc::invalid_value);
        EXPECT_EQ(made.error().sqlstate, "22001");
        EXPECT_EQ(made.error().to_string().find("much too long"), std::string::npos) << "no values in messages";
    }
    Wide big{.id = 7, .small = 40'000, .word = "x"};
    const auto out_of_range = db.create(big);
    if (is(database_kind::sqlite)) {
        EXPECT_TRUE(out_of_range);
        EXPECT_EQ(db.find<Narrow>(7).error().code, orm::errc::invalid_data) << "found when it is read";
    } else {
        EXPECT_EQ(out_of_range.error().code, orm::errc::invalid_value);
        EXPECT_EQ(out_of_range.error().sqlstate, "22003");
        EXPECT_EQ(out_of_range.error().to_string().find("40000"), std::string::npos);
        EXPECT_EQ(db.from<Narrow>().count().or_throw(), 0);
    }
}

TEST_P(Contract, TestInvalidUtf8) {
    auto db = with<Language>();
    Language lang{.code = "x\xff\xfe", .name = "bad"};
    const auto made = db.create(lang);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, orm::errc::invalid_value);
    Language zero{.code = std::string("a\0b", 3), .name = "zero"};
    const auto with_zero = db.create(zero);
    if (is(database_kind::postgres)) {
        EXPECT_EQ(with_zero.error().code, orm::errc::invalid_value);
    } else {
        EXPECT_EQ(db.find<Language>(zero.code).or_throw().name, "zero");
    }
    EXPECT_EQ(db.stats().in_use, 0);
    EXPECT_TRUE(db.from<Language>().count());
}

TEST_P(Contract, TestDeadlineOfAStatement) {
    auto db = with<User>();
    const auto result = run_endless(db.with(orm::context{}.timeout(50ms)), GetParam());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, orm::errc::timeout) << result.error().to_string();
    EXPECT_EQ(db.stats().in_use, 0);
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.stats().created, 1U) << "the connection survived";
}

TEST_P(Contract, TestCancelTransaction) {
    auto db = with<User>();
    std::stop_source source;
    auto tx = db.with(orm::context{}.stop(source.get_token())).begin().or_throw();
    User u = user("cancelled");
    tx.create(u).or_throw();
    std::latch sent(1);
    db.driver_hooks().add("sent", sending{sent}).or_throw();
    std::thread stopper([&] {
        sent.wait();
        source.request_stop();
    });
    const auto result = run_endless(tx, GetParam());
    stopper.join();
    db.driver_hooks().erase("sent").or_throw();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, orm::errc::cancelled) << result.error().to_string();
    static_cast<void>(tx.rollback());
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestPoolExhausted) {
    with<User>();
    auto db = open({.max_open = 1, .acquire_timeout = 20ms});
    auto tx = db.begin().or_throw();
    const orm::error mine = db.from<User>().count().error();
    EXPECT_EQ(mine.code, orm::errc::pool_exhausted);
    EXPECT_NE(mine.message.find("failure_test.cc"), std::string::npos) << "names who holds it: " << mine.message;
    orm::errc other{};
    std::thread([&] { other = db.from<User>().count().error().code; }).join();
    EXPECT_EQ(other, orm::errc::pool_exhausted);
    tx.rollback().or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.stats().timeouts, 1U);
}

TEST_P(Contract, TestDeadlock) {
    auto db = with<User>();
    auto two = users({"first", "second"});
    db.create(two).or_throw();
    if (is(database_kind::sqlite)) {  // one writer at a time: a second one waits, and gives up
        auto impatient = open({}, 10ms);
        auto writing = db.begin().or_throw();
        const auto waited = impatient.create(two[0]);
        EXPECT_EQ(waited.error().code, orm::errc::busy);
        EXPECT_TRUE(waited.error().retryable);
        return;
    }
    std::atomic<int> locked{0}, deadlocks{0}, good{0};
    const auto worker = [&](std::size_t mine, std::size_t other) {
        const orm::status s = db.transaction([&](orm::tx& tx) -> orm::status {
            SKUA_TRY(tx.from<User>().where(User::c.id == two[mine].id).update(User::c.age = 50));
            for (++locked; locked < 2;) std::this_thread::yield();
            return tx.from<User>().where(User::c.id == two[other].id).update(User::c.age = 60);
        });
        if (s) {
            ++good;
        } else if (s.error().code == orm::errc::busy && s.error().retryable) {
            EXPECT_EQ(s.error().sqlstate, "40P01");
            ++deadlocks;
        }
    };
    std::thread a(worker, 0, 1), b(worker, 1, 0);
    a.join();
    b.join();
    EXPECT_EQ(good, 1);
    EXPECT_EQ(deadlocks, 1);
    EXPECT_EQ(db.stats().in_use, 0);
    EXPECT_EQ(db.from<User>().where(User::c.age == 50).count().or_throw(), 1);
    EXPECT_EQ(db.from<User>().where(User::c.age == 60).count().or_throw(), 1) << "nothing of the loser is kept";
}

// What the connections of this process are called on a server that many share.
std::string victim() {
    return "victim_" + std::to_string(getpid());
}

// Ends every other connection to the test's database, as an administrator would.
void cut_others(const orm::database& db, database_kind kind) {
    if (kind == database_kind::postgres) {
        db.exec(
              "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
              "application_name = ?",
              victim())
            .or_throw();
        return;
    }
    const auto ids = db.raw<std::int64_t>(
                           "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> "
                           "connection_id()")
                         .find()
                         .or_throw();
    for (const std::int64_t id : ids) db.exec(orm::unsafe_sql("KILL " + std::to_string(id))).or_throw();
    const auto left = [&] {
        return db
            .raw<std::int64_t>(
                "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> "
                "connection_id()")
            .first()
            .or_throw();
    };
    while (left() > 0) std::this_thread::yield();
}

TEST_P(Contract, TestBrokenConnectionInATransaction) {
    if (is(database_kind::sqlite)) {
        SUCCEED() << "there is no connection to break";
        return;
    }
    auto db = with<User>();
    if (is(database_kind::postgres))
        db.raw<std::string>("SELECT set_config('application_name', ?, false)", victim()).first().or_throw();
    auto tx = db.begin().or_throw();
    User u = user("lost");
    tx.create(u).or_throw();
    cut_others(open(), GetParam());
    const auto after = tx.from<User>().count();
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().code, orm::errc::connection_lost) << after.error().to_string();
    EXPECT_EQ(tx.create(u).error().code, orm::errc::invalid_transaction);
    EXPECT_FALSE(tx.commit());
    EXPECT_EQ(db.from<User>().count().or_throw(), 0) << "a new connection; nothing half written";
    EXPECT_EQ(db.stats().closed_broken, 1U);
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_P(Contract, TestIdleConnectionThatWasCut) {
    if (is(database_kind::sqlite)) return;
    auto db = with<User>();
    if (is(database_kind::postgres))
        db.raw<std::string>("SELECT set_config('application_name', ?, false)", victim()).first().or_throw();
    cut_others(open(), GetParam());
    EXPECT_EQ(db.from<User>().count().or_throw(), 0) << "nobody was using it, nobody sees it";
    EXPECT_EQ(db.stats().closed_broken, 1U);
}

TEST_P(Contract, TestTransactionOnClosedConn) {
    auto db = with<User>();
    auto kept = db.from<User>();
    db.close();
    EXPECT_EQ(kept.count().error().code, orm::errc::connection_lost);
    EXPECT_EQ(db.begin().error().code, orm::errc::connection_lost);
    db.close();
    EXPECT_EQ(db.stats().open, 0);
}

TEST_P(Contract, TestExceptionsWithInvalidSql) {
    auto db = with<User>();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(db.exec("THIS IS NO SQL"));
    EXPECT_FALSE(db.raw<int>("SELECT").first());
    EXPECT_FALSE(db.exec("UPDATE nowhere SET x = ?", 1));
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.stats().created, 1U);
}

TEST_P(Contract, TestPreparedStmtOfATableThatChanged) {
    auto db = with<Language>();
    Language lang{.code = "a", .name = "one"};
    db.create(lang).or_throw();
    EXPECT_EQ(db.raw<Language>("SELECT * FROM languages WHERE code = ?", "a").first().or_throw().name, "one");
    EXPECT_EQ(db.find<Language>("a").or_throw().name, "one");
    db.exec(orm::unsafe_sql(is(database_kind::postgres)  ? "ALTER TABLE languages ALTER COLUMN name TYPE varchar(50)"
                            : is(database_kind::mariadb) ? "ALTER TABLE languages MODIFY COLUMN name varchar(50)"
                                                         : "ALTER TABLE languages ADD COLUMN more text"))
        .or_throw();
    EXPECT_EQ(db.find<Language>("a").or_throw().name, "one") << "the prepared statement is made again";
    db.transaction([](orm::tx& tx) -> orm::status {
          return tx.find<Language>("a") ? orm::ok : orm::fail("lost");
      }).or_throw();
}

TEST_P(Contract, TestPreparedStmtManyTexts) {
    auto db = with<User>();
    auto small = open({.statement_cache = 4});
    for (int round = 0; round < 3; ++round) {
        for (std::int64_t n = 1; n <= 12; ++n) {
            std::vector<std::int64_t> ids(static_cast<std::size_t>(n), 1);
            EXPECT_EQ(small.from<User>().where(User::c.id.in(ids)).count().or_throw(), 0);
        }
    }
    EXPECT_EQ(small.stats().created, 1U);
}

}  // namespace
}  // namespace contract
