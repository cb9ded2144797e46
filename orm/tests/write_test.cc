// SPDX-License-Identifier: Apache-2.0
// Writing: choosing columns, expressions, what comes back, upserts, soft deletes, sessions.
#include "fixture.h"

#include <gtest/gtest.h>

struct Line {
    std::int64_t order_id = 0;
    int number = 0;
    std::string what;
    SKUA_MODEL(Line, (order_id, "primaryKey"), (number, "primaryKey"), (what))
};
struct Guarded {
    std::int64_t id = 0;
    std::string fixed;
    std::string hidden;
    std::string computed;
    std::int64_t made_at = 0, changed_at = 0, changed_ns = 0;
    SKUA_MODEL(Guarded, (id), (fixed, "<-:create"), (hidden, "->:false;<-"), (computed, "->;default:'here'"),
               (made_at, "autoCreateTime:milli"), (changed_at, "autoUpdateTime"), (changed_ns, "autoUpdateTime:nano"))
};
struct Flagged {
    std::int64_t id = 0;
    bool gone = false;
    SKUA_MODEL(Flagged, (id), (gone, "softDelete"))
};
struct Stamped {
    std::int64_t id = 0;
    std::int64_t gone_at = 0;
    SKUA_MODEL(Stamped, (id), (gone_at, "softDelete:milli"))
};

namespace {

class Write : public ::testing::Test {
protected:
    Write() {
        db.auto_migrate<Line, Guarded, Flagged, Stamped>().or_throw();
        int age = 10;
        for (const char* name : {"ann", "bob", "cid"}) {
            User u = make_user(name, age);
            age += 10;
            db.create(u).or_throw();
        }
    }
    orm::database db = with_users();
};

TEST_F(Write, SelectWithCreateAndOmitWithCreate) {
    User u = make_user("eve", 50);
    u.email = "eve@example.org";
    db.select(User::c.name, User::c.age).create(u).or_throw();
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.age, 50);
    EXPECT_FALSE(read.email);
    EXPECT_NE(read.created_at, orm::time{}) << "times are set all the same";
    User v = make_user("fay", 60);
    v.email = "fay@example.org";
    db.omit(User::c.email).create(v).or_throw();
    EXPECT_FALSE(db.find<User>(v.id).or_throw().email);
}

TEST_F(Write, SelectAndOmitWithSave) {
    User u = db.find<User>(1).or_throw();
    u.name = "new";
    u.age = 99;
    db.select(User::c.age).save(u).or_throw();
    EXPECT_EQ(db.find<User>(1).or_throw().name, "ann");
    EXPECT_EQ(db.find<User>(1).or_throw().age, 99);
    u.age = 98;
    db.omit(User::c.age).save(u).or_throw();
    EXPECT_EQ(db.find<User>(1).or_throw().name, "new");
    EXPECT_EQ(db.find<User>(1).or_throw().age, 99);
}

TEST_F(Write, CreateFromExpressionsAndSubqueries) {
    db.from<User>()
        .create(User::c.name = orm::expr("upper(?)", "gus"), User::c.age = db.from<User>().select("max(age) + 1"))
        .or_throw();
    const User u = db.from<User>().where(User::c.name == "GUS").first().or_throw();
    EXPECT_EQ(u.age, 31);
    EXPECT_NE(u.created_at, orm::time{});
}

TEST_F(Write, UpdateFromSubQueryAndWithExpressions) {
    const auto oldest = db.from<User>().select("max(age)");
    EXPECT_EQ(db.from<User>().where(User::c.name == "ann").update(User::c.age = oldest).or_throw().rows_affected, 1);
    EXPECT_EQ(db.find<User>(1).or_throw().age, 30);
    std::vector<orm::assignment> values;
    values.push_back(User::c.age = 1);
    values.push_back(User::c.email = "a@b");
    db.from<User>().where(User::c.id == 1).update(values).or_throw();
    EXPECT_EQ(db.find<User>(1).or_throw().email, "a@b");
}

TEST_F(Write, UpdateColumnsLeavesHooksAndTimesAlone) {
    const User before = db.find<User>(2).or_throw();
    db.from<User>().where(User::c.id == 2).update_columns(User::c.age = 77).or_throw();
    User after = db.find<User>(2).or_throw();
    EXPECT_EQ(after.age, 77);
    EXPECT_EQ(after.updated_at, before.updated_at);
    db.of(after).update_columns(User::c.age = 78).or_throw();
    EXPECT_EQ(after.age, 78);
    EXPECT_EQ(db.find<User>(2).or_throw().updated_at, before.updated_at);
}

TEST_F(Write, UpdateReturningAndDeleteReturning) {
    const auto changed =
        db.from<User>().where(User::c.age >= 20).returning().update(User::c.age = User::c.age * 2).or_throw();
    ASSERT_EQ(changed.size(), 2U);
    EXPECT_EQ(changed[0].name, "bob");
    EXPECT_EQ(changed[1].age, 60);
    const auto hidden = db.from<User>().where(User::c.id == 1).returning(User::c.id, User::c.deleted_at).remove();
    ASSERT_EQ(hidden.or_throw().size(), 1U);
    EXPECT_TRUE(hidden.or_throw()[0].deleted_at);
    EXPECT_EQ(hidden.or_throw()[0].name, "");
    const auto gone = db.from<User>().unscoped().where(User::c.id == 1).returning(User::c.name).remove().or_throw();
    EXPECT_EQ(gone.at(0).name, "ann");
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 2);
}

TEST_F(Write, FirstOrInit) {
    const auto q = db.from<User>().where(User::c.name == "hal" && User::c.age == 7);
    const User u = q.first_or_init(orm::attrs(User::c.email = "h@x"), orm::assign(User::c.company_id = 3)).or_throw();
    EXPECT_EQ(u.name, "hal");
    EXPECT_EQ(u.age, 7);
    EXPECT_EQ(u.email, "h@x");
    EXPECT_EQ(u.company_id, 3);
    EXPECT_EQ(u.id, 0);
    const User found = db.from<User>()
                           .where(User::c.name == "bob")
                           .first_or_init(orm::attrs(User::c.age = 1), orm::assign(User::c.email = "b@x"))
                           .or_throw();
    EXPECT_EQ(found.age, 20);
    EXPECT_EQ(found.email, "b@x");
    EXPECT_FALSE(db.find<User>(2).or_throw().email) << "nothing is written";
    EXPECT_EQ(db.from<User>().where(User::c.name == "x" || User::c.name == "y").first_or_init().or_throw().name, "");
}

TEST_F(Write, FirstOrCreateRowsAffected) {
    const auto q = db.from<User>().where(User::c.name == "ida");
    const User made = q.first_or_create(orm::attrs(User::c.age = 5)).or_throw();
    EXPECT_EQ(made.id, 4);
    EXPECT_EQ(made.age, 5);
    EXPECT_EQ(q.first_or_create(orm::attrs(User::c.age = 6)).or_throw().age, 5);
    EXPECT_EQ(db.from<User>().count().or_throw(), 4);
    const User assigned = q.first_or_create(orm::assign(User::c.age = 9)).or_throw();
    EXPECT_EQ(assigned.id, 4);
    EXPECT_EQ(db.find<User>(4).or_throw().age, 9);
}

TEST_F(Write, UpsertWithConditionsAndExpressions) {
    User u = make_user("jim", 1);
    u.email = "j@x";
    db.create(u).or_throw();
    User again = make_user("joe", 50);
    again.email = "j@x";
    db.create(again, orm::on_conflict(User::c.email).set(User::c.age = orm::expr("users.age + ?", 10))).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().age, 11);
    EXPECT_EQ(db.find<User>(u.id).or_throw().name, "jim");
    again.id = 0;
    db.create(again, orm::on_conflict(User::c.email).update(User::c.name).where(orm::expr("users.age > ?", 100)))
        .or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().name, "jim");
}

TEST_F(Write, UpsertSliceWithSave) {
    std::vector<User> all = db.from<User>().find().or_throw();
    for (User& u : all) u.age += 1;
    all.push_back(make_user("new", 5));
    db.save(all).or_throw();
    EXPECT_EQ(db.from<User>().order(User::c.id).pluck(User::c.age).or_throw(), (std::vector<int>{11, 21, 31, 5}));
}

TEST_F(Write, CreateInBatches) {
    heard log{orm::bit(orm::driver_event::execute)};
    db.driver_hooks().add("log", listener{&log}).or_throw();
    std::vector<User> users(5, make_user("x"));
    EXPECT_EQ(db.create_in_batches(users, 2).or_throw().rows_affected, 5);
    EXPECT_EQ(log.lines.size(), 3U);
    EXPECT_EQ(users[4].id, 8);
}

TEST_F(Write, CompositeKeys) {
    std::vector<Line> lines{{1, 1, "a"}, {1, 2, "b"}, {2, 1, "c"}};
    db.create(lines).or_throw();
    Line read = db.find<Line>(std::tuple(1, 2)).or_throw();
    EXPECT_EQ(read.what, "b");
    read.what = "B";
    db.save(read).or_throw();
    EXPECT_EQ(db.find<Line>(std::tuple(1, 2)).or_throw().what, "B");
    EXPECT_EQ(db.find<Line>(std::tuple(1, 1)).or_throw().what, "a");
    EXPECT_EQ(db.find<Line>(1).error().code, orm::errc::primary_key_required);
    EXPECT_EQ(db.find<Line>(std::tuple(1)).error().code, orm::errc::primary_key_required);
    std::string seen;
    for (auto&& line : db.from<Line>().each(1)) seen += line.or_throw().what;
    EXPECT_EQ(seen, "aBc");
    EXPECT_EQ(db.of(read).remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<Line>().count().or_throw(), 2);
}

TEST_F(Write, PermissionTagsAndTimesInNumbers) {
    auto then = db.session({.now = [] { return orm::from_unix_ns(1'500'000'123'456'789'000); }});
    Guarded g;
    g.fixed = "fixed";
    g.hidden = "hidden";
    g.computed = "not sent";
    then.create(g).or_throw();
    EXPECT_EQ(g.made_at, 1'500'000'123'456);
    EXPECT_EQ(g.changed_at, 1'500'000'123);
    EXPECT_EQ(g.changed_ns, 1'500'000'123'456'789'000);
    g.fixed = "changed";
    db.save(g).or_throw();
    const Guarded read = db.find<Guarded>(g.id).or_throw();
    EXPECT_EQ(read.fixed, "fixed") << "<-:create";
    EXPECT_EQ(read.hidden, "") << "->:false";
    EXPECT_EQ(read.computed, "here") << "->";
    EXPECT_EQ(db.raw<std::string>("SELECT hidden FROM guardeds").first().or_throw(), "hidden");
    EXPECT_GT(read.changed_at, g.made_at / 1000);
    const auto refused = db.from<Guarded>().where(Guarded::c.id == 1).update(Guarded::c.fixed = "x");
    EXPECT_EQ(refused.error().code, orm::errc::invalid_field);
}

TEST_F(Write, SoftDeleteZeroValue) {
    Flagged f;
    db.create(f).or_throw();
    db.of(f).remove().or_throw();
    EXPECT_TRUE(f.gone);
    EXPECT_EQ(db.from<Flagged>().count().or_throw(), 0);
    EXPECT_EQ(db.from<Flagged>().unscoped().count().or_throw(), 1);
    Stamped s;
    db.create(s).or_throw();
    EXPECT_EQ(db.from<Stamped>().count().or_throw(), 1);
    db.session({.now = [] { return orm::from_unix_ns(5'000'000'000); }}).of(s).remove().or_throw();
    EXPECT_EQ(s.gone_at, 5000);
    EXPECT_EQ(db.from<Stamped>().count().or_throw(), 0);
    db.from<Stamped>().unscoped().where(Stamped::c.id == s.id).remove().or_throw();
    EXPECT_EQ(db.from<Stamped>().unscoped().count().or_throw(), 0);
}

TEST_F(Write, SessionsLogValuesPinAndSkipTheCache) {
    EXPECT_TRUE(db.session({.skip_prepared = true}).find<User>(1));
    EXPECT_EQ(
        db.connection([](orm::database& one) -> orm::status {
              SKUA_TRY(one.exec("CREATE TEMP TABLE t (x int)"));
              SKUA_TRY(one.transaction([](orm::tx& t) -> orm::status { return t.exec("INSERT INTO t VALUES (1)"); }));
              EXPECT_EQ(one.raw<int>("SELECT count(*) FROM t").first().or_throw(), 1);
              return orm::fail("seen");
          })
            .error()
            .message,
        "seen");
    EXPECT_EQ(db.stats().in_use, 0);
}

TEST_F(Write, DisabledNestedTransaction) {
    heard log{orm::bit(orm::driver_event::savepoint)};
    db.driver_hooks().add("log", listener{&log}).or_throw();
    const auto flat = db.session({.disable_nested_transaction = true});
    EXPECT_FALSE(flat.transaction([](orm::tx& outer) -> orm::status {
        User u = make_user("never");
        SKUA_TRY(outer.create(u));
        return outer.transaction([](orm::tx&) { return orm::fail("inner"); });
    }));
    EXPECT_TRUE(log.lines.empty());
    EXPECT_EQ(db.from<User>().count().or_throw(), 3);
}

class kept_log final : public orm::logger {
public:
    std::vector<std::string> lines;
    [[nodiscard]] orm::level threshold() const noexcept override { return orm::level::info; }
    void write(const orm::log_record& r) noexcept override { lines.emplace_back(r.sql); }
};

TEST(Logging, ValuesAreLoggedOnlyWhenAsked) {
    const auto quiet = std::make_shared<kept_log>();
    with_users({.logger = quiet}).from<User>().where(User::c.name == "secret").find().or_throw();
    EXPECT_EQ(quiet->lines.back().find("secret"), std::string::npos);
    const auto loud = std::make_shared<kept_log>();
    with_users({.logger = loud, .log_values = true}).from<User>().where(User::c.name == "it's").find().or_throw();
    EXPECT_NE(loud->lines.back().find("'it''s'"), std::string::npos);
}

TEST(Timeouts, TheDefaultTimeoutEndsAStatement) {
    auto db = memory({.default_timeout = std::chrono::milliseconds(20)});
    const auto r = db.raw<int>(
                         "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000000000) "
                         "SELECT count(*) FROM n")
                       .first();
    EXPECT_EQ(r.error().code, orm::errc::timeout);
    EXPECT_EQ(db.raw<int>("SELECT 1").first().or_throw(), 1);
}

}  // namespace
