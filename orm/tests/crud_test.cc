// SPDX-License-Identifier: Apache-2.0
#include "fixture.h"

#include <gtest/gtest.h>

namespace {

TEST(Create, FillsKeyAndBothTimes) {
    auto db = with_users();
    User u = make_user("jinzhu");
    const auto done = db.create(u).or_throw();
    EXPECT_EQ(done.rows_affected, 1);
    EXPECT_EQ(u.id, 1);
    EXPECT_NE(u.created_at, orm::time{});
    EXPECT_EQ(u.created_at, u.updated_at);
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.name, "jinzhu");
    EXPECT_EQ(read.age, 18);
    EXPECT_EQ(read.created_at, u.created_at);
    EXPECT_FALSE(read.email);
    EXPECT_FALSE(read.deleted_at);
}

TEST(Create, KeepsPresetTimesAndSaveMovesOnlyUpdatedAt) {
    auto db = with_users();
    User u = make_user("x");
    u.created_at = u.updated_at = orm::from_unix_ns(1'000'000'000);
    db.create(u).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().updated_at, orm::from_unix_ns(1'000'000'000));
    db.save(u).or_throw();
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.created_at, orm::from_unix_ns(1'000'000'000));
    EXPECT_GT(read.updated_at, read.created_at);
}

TEST(Create, UsesTheSessionsClock) {
    auto db = with_users();
    auto then = db.session({.now = [] { return orm::from_unix_ns(5'000'000'000); }});
    User u = make_user("x");
    then.create(u).or_throw();
    EXPECT_EQ(u.created_at, orm::from_unix_ns(5'000'000'000));
}

TEST(Create, ABatchIsOneStatementAndFillsEveryKey) {
    auto db = with_users();
    heard log{orm::bit(orm::driver_event::execute)};
    db.driver_hooks().add("log", listener{&log}).or_throw();
    std::vector<User> users;
    for (int i = 0; i < 6; ++i) users.push_back(make_user("u" + std::to_string(i)));
    EXPECT_EQ(db.create(users).or_throw().rows_affected, 6);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(users[static_cast<std::size_t>(i)].id, i + 1);
    EXPECT_EQ(log.lines, std::vector<std::string>{"execute INSERT users"});
}

TEST(Create, ALongBatchIsCutAndAllOrNothing) {
    auto db = with_users();
    heard log{orm::bit(orm::driver_event::execute) | orm::bit(orm::driver_event::begin) |
              orm::bit(orm::driver_event::commit) | orm::bit(orm::driver_event::rollback)};
    db.driver_hooks().add("log", listener{&log}).or_throw();
    std::vector<User> users;
    for (int i = 0; i < 2500; ++i) users.push_back(make_user("u" + std::to_string(i)));
    EXPECT_EQ(db.create(users).or_throw().rows_affected, 2500);
    EXPECT_EQ(users.back().id, 2500);
    EXPECT_EQ(log.lines, (std::vector<std::string>{"begin", "execute INSERT users", "execute INSERT users",
                                                   "execute INSERT users", "commit"}));
    users.assign(1500, make_user("again"));
    users.back().age = -1;
    EXPECT_EQ(db.create(users).error().code, orm::errc::check_violated);
    EXPECT_EQ(db.from<User>().count().or_throw(), 2500);
}

TEST(Create, ObjectsWithAndWithoutKeyMayBeMixed) {
    auto db = with_users();
    std::vector<User> users(3, make_user("x"));
    users[1].id = 77;
    EXPECT_EQ(db.create(users).or_throw().rows_affected, 3);
    EXPECT_EQ(users[0].id, 1);
    EXPECT_EQ(users[1].id, 77);
    EXPECT_EQ(users[2].id, 78);
}

TEST(Create, EmptySliceIsAnError) {
    auto db = with_users();
    std::vector<User> none;
    const auto r = db.create(none);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::empty_slice);
    EXPECT_EQ(r.error().to_string(), "create User: nothing to create: the list is empty");
}

TEST(Upsert, DoNothingUpdateColumnsAndUpdateAll) {
    auto db = with_users();
    User u = make_user("a", 1);
    u.email = "a@b";
    db.create(u).or_throw();
    User again = make_user("b", 2);
    again.email = "a@b";
    EXPECT_EQ(db.create(again, orm::on_conflict(User::c.email)).or_throw().rows_affected, 0);
    EXPECT_EQ(db.find<User>(u.id).or_throw().name, "a");
    db.create(again, orm::on_conflict(User::c.email).update(User::c.name)).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().name, "b");
    EXPECT_EQ(db.find<User>(u.id).or_throw().age, 1);
    EXPECT_EQ(again.id, u.id);
    again.id = 0;
    again.age = 9;
    db.create(again, orm::on_conflict(User::c.email).update_all()).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().age, 9);
}

TEST(Find, EmptyResultIsNoError) {
    auto db = with_users();
    EXPECT_TRUE(db.from<User>().find().or_throw().empty());
    EXPECT_FALSE(db.from<User>().find_one().or_throw());
    const auto r = db.from<User>().first();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::record_not_found);
    EXPECT_EQ(r.error().to_string(), "first User: record not found");
    EXPECT_EQ(db.find<User>(3).error().code, orm::errc::record_not_found);
}

class Four : public ::testing::Test {
protected:
    Four() {
        int age = 10;
        for (const char* name : {"ann", "bob", "cid", "dan"}) {
            User u = make_user(name, age);
            age += 10;
            db.create(u).or_throw();
        }
    }
    std::vector<std::string> names(const orm::query<User>& q) { return q.pluck(User::c.name).or_throw(); }
    orm::database db = with_users();
};
using words = std::vector<std::string>;

TEST_F(Four, FirstLastTake) {
    EXPECT_EQ(db.from<User>().first().or_throw().name, "ann");
    EXPECT_EQ(db.from<User>().last().or_throw().name, "dan");
    EXPECT_EQ(db.from<User>().where(User::c.age > 20).take().or_throw().name, "cid");
    EXPECT_EQ(db.from<User>().order(User::c.age.desc()).first().or_throw().name, "dan");
}

TEST_F(Four, InOfEmptyListFindsNothing) {
    const std::vector<int> none;
    EXPECT_EQ(names(db.from<User>().where(User::c.age.in(none))), words{});
    EXPECT_EQ(names(db.from<User>().where("age IN ?", none)), words{});
    EXPECT_EQ(names(db.from<User>().where(User::c.age.not_in(none))).size(), 4U);
    EXPECT_EQ(names(db.from<User>().where(User::c.age.in({10, 20, 40}))), (words{"ann", "bob", "dan"}));
    EXPECT_EQ(names(db.from<User>().where("age IN ? AND name <> ?", std::vector<int>{10, 20, 30}, "bob")),
              (words{"ann", "cid"}));
    EXPECT_EQ(names(db.from<User>().where("age IN (?)", std::vector<int>{10, 20, 30})), (words{"ann", "bob", "cid"}));
}

TEST_F(Four, OrderLimitOffset) {
    EXPECT_EQ(names(db.from<User>().order(User::c.age.desc()).limit(2)), (words{"dan", "cid"}));
    EXPECT_EQ(names(db.from<User>().order("age DESC").limit(2).offset(1)), (words{"cid", "bob"}));
    EXPECT_EQ(names(db.from<User>().order(User::c.age).offset(3)), (words{"dan"}));
    EXPECT_EQ(names(db.from<User>().order(User::c.age).offset(3).offset(-1).limit(1).limit(-1)).size(), 4U);
}

TEST_F(Four, CountLeavesTheQueryAsItWas) {
    const auto q = db.from<User>().where(User::c.age >= 20).order(User::c.name.desc());
    EXPECT_EQ(q.count().or_throw(), 3);
    EXPECT_EQ(names(q), (words{"dan", "cid", "bob"}));
    EXPECT_EQ(q.limit(2).count().or_throw(), 2);
    EXPECT_EQ(db.from<User>().group(User::c.age).count().or_throw(), 4);
    EXPECT_EQ(db.from<User>().select(User::c.deleted_at).distinct().unscoped().count().or_throw(), 0);
}

TEST_F(Four, ASmallerShapeSelectsItsColumns) {
    const auto light = db.from<User>().where(User::c.name == "bob").find<NameAge>().or_throw();
    ASSERT_EQ(light.size(), 1U);
    EXPECT_EQ(light[0].age, 20);
    const auto some = db.from<User>().select(User::c.id, User::c.name).first().or_throw();
    EXPECT_EQ(some.name, "ann");
    EXPECT_EQ(some.age, 0);
}

TEST_F(Four, RawByNameScalarsAndTuples) {
    const auto rows =
        db.raw<NameAge>("SELECT max(age) AS age, 'x' AS name FROM users WHERE age < ?", 35).find().or_throw();
    EXPECT_EQ(rows.at(0).age, 30);
    EXPECT_EQ(rows.at(0).name, "x");
    EXPECT_EQ(db.raw<int>("SELECT count(*) FROM users").first().or_throw(), 4);
    const auto pairs =
        db.raw<std::tuple<std::string, int>>("SELECT name, age FROM users ORDER BY id LIMIT 2").find().or_throw();
    EXPECT_EQ(std::get<0>(pairs.at(1)), "bob");
    const auto bad = db.raw<NameAge>("SELECT name, age, 3 AS extra FROM users").find();
    EXPECT_EQ(bad.error().code, orm::errc::invalid_field);
    EXPECT_EQ(bad.error().column, "extra");
    EXPECT_EQ(db.exec("UPDATE users SET age = ? WHERE id = ?", 3, 1).or_throw().rows_affected, 1);
}

TEST_F(Four, UpdateWithTypedAssignments) {
    const auto before = db.find<User>(2).or_throw();
    const auto done =
        db.from<User>().where(User::c.age < 30).update(User::c.age = User::c.age + 1, User::c.email = nullptr);
    EXPECT_EQ(done.or_throw().rows_affected, 2);
    EXPECT_EQ(db.from<User>().order(User::c.id).pluck(User::c.age).or_throw(), (std::vector<int>{11, 21, 30, 40}));
    EXPECT_GT(db.find<User>(2).or_throw().updated_at, before.updated_at);
}

TEST_F(Four, UpdateOfAnObjectChangesItInMemory) {
    User u = db.find<User>(2).or_throw();
    EXPECT_EQ(db.of(u).update(User::c.age = 99).or_throw().rows_affected, 1);
    EXPECT_EQ(u.age, 99);
    EXPECT_EQ(db.find<User>(2).or_throw().age, 99);
    EXPECT_EQ(db.find<User>(1).or_throw().age, 10);
    u.age = 5;
    u.name = "not sent";
    db.changes(u, User::c.age).or_throw();
    EXPECT_EQ(db.find<User>(2).or_throw().name, "bob");
    EXPECT_EQ(db.find<User>(2).or_throw().age, 5);
}

TEST_F(Four, SaveUpdatesOrInserts) {
    User u = db.find<User>(1).or_throw();
    u.name = "new";
    db.save(u).or_throw();
    EXPECT_EQ(db.find<User>(1).or_throw().name, "new");
    User fresh = make_user("fresh");
    db.save(fresh).or_throw();
    EXPECT_EQ(fresh.id, 5);
    User preset = make_user("preset");
    preset.id = 50;
    db.save(preset).or_throw();
    db.save(preset).or_throw();
    EXPECT_EQ(db.find<User>(50).or_throw().name, "preset");
    EXPECT_EQ(db.from<User>().count().or_throw(), 6);
}

TEST_F(Four, WritesWithoutConditionAreRefused) {
    EXPECT_EQ(db.from<User>().remove().error().code, orm::errc::missing_where);
    EXPECT_EQ(db.from<User>().update(User::c.age = 1).error().code, orm::errc::missing_where);
    EXPECT_EQ(db.from<User>().all().update(User::c.age = 1).or_throw().rows_affected, 4);
    EXPECT_EQ(db.session({.allow_global_update = true}).from<User>().remove().or_throw().rows_affected, 4);
}

TEST_F(Four, SoftDeleteHidesAndUnscopedSees) {
    User u = db.find<User>(1).or_throw();
    EXPECT_EQ(db.of(u).remove().or_throw().rows_affected, 1);
    EXPECT_TRUE(u.deleted_at);
    EXPECT_EQ(db.find<User>(1).error().code, orm::errc::record_not_found);
    EXPECT_EQ(db.from<User>().count().or_throw(), 3);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 4);
    EXPECT_EQ(db.from<User>().where(User::c.id == 1).unscoped().remove().or_throw().rows_affected, 1);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 3);
    User keyless;
    EXPECT_EQ(db.of(keyless).remove().error().code, orm::errc::primary_key_required);
}

TEST_F(Four, AQueryIsAValue) {
    const auto base = db.from<User>().where(User::c.age > 10);
    auto a = base.where(User::c.name == "bob");
    auto b = base.order(User::c.name.desc());
    EXPECT_EQ(names(a), words{"bob"});
    EXPECT_EQ(names(b), (words{"dan", "cid", "bob"}));
    EXPECT_EQ(names(base).size(), 3U);
    EXPECT_EQ(names(a), words{"bob"});
}

TEST_F(Four, DryRunSendsNothing) {
    heard log;
    db.driver_hooks().add("log", listener{&log}).or_throw();
    auto dry = db.session({.dry_run = true});
    User u = make_user("never");
    EXPECT_EQ(dry.create(u).or_throw().rows_affected, 0);
    EXPECT_EQ(dry.from<User>().first().or_throw().name, "");
    EXPECT_TRUE(log.lines.empty());
    EXPECT_EQ(db.from<User>().count().or_throw(), 4);
}

}  // namespace
