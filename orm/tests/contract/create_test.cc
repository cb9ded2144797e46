// SPDX-License-Identifier: Apache-2.0
// Creating.
#include "contract.h"

namespace contract {
namespace {

TEST_P(Contract, TestCreate) {
    auto db = with<User>();
    User u = user("create");
    u.birthday = orm::from_unix_ns(946'771'200'000'000'000);
    EXPECT_EQ(db.create(u).or_throw().rows_affected, 1);
    EXPECT_GT(u.id, 0);
    EXPECT_NE(u.created_at, orm::time{});
    EXPECT_EQ(u.created_at, u.updated_at);
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.name, "create");
    EXPECT_EQ(read.age, 18);
    EXPECT_EQ(read.birthday, u.birthday);
    EXPECT_EQ(read.created_at, u.created_at) << "the object has what the row has";
    EXPECT_EQ(read.email, std::nullopt);
    EXPECT_FALSE(read.active);
    EXPECT_FALSE(read.deleted_at);
}

TEST_P(Contract, TestCreateManyFillsEveryKey) {
    auto db = with<User>();
    auto many = users({"a", "b", "c", "d", "e", "f"});
    EXPECT_EQ(db.create(many).or_throw().rows_affected, 6);
    for (const User& u : many) EXPECT_EQ(db.find<User>(u.id).or_throw().name, u.name);
}

TEST_P(Contract, TestCreateEmptySlice) {
    auto db = with<User>();
    std::vector<User> none;
    EXPECT_EQ(db.create(none).error().code, orm::errc::empty_slice);
}

TEST_P(Contract, TestCreateWithExistingTimestamp) {
    auto db = with<User>();
    User u = user("x");
    u.created_at = u.updated_at = orm::from_unix_ns(1'000'000'000'000'000'000);
    db.create(u).or_throw();
    User read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.created_at, u.created_at);
    EXPECT_EQ(read.updated_at, u.updated_at);
    db.save(read).or_throw();
    read = db.find<User>(u.id).or_throw();
    EXPECT_EQ(read.created_at, u.created_at);
    EXPECT_GT(read.updated_at, u.updated_at);
}

TEST_P(Contract, TestCreateWithNowFuncOverride) {
    auto db = with<User>();
    User u = user("x");
    db.session({.now = [] { return orm::from_unix_ns(5'000'000'000'000'000'000); }}).create(u).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().created_at, orm::from_unix_ns(5'000'000'000'000'000'000));
}

// Where the ids are told by RETURNING, what cannot be one statement is sent at once, not waited for one by one.
TEST_P(Contract, TestRoundTripsOfBatches) {
    auto db = with<User>();
    const auto waited = [&](auto fn) {
        const auto before = db.stats().round_trips;
        fn();
        return db.stats().round_trips - before;
    };
    std::vector<User> many(3000);
    const auto chunks = waited([&] { db.create(many).or_throw(); });
    EXPECT_EQ(many.back().id - many.front().id, 2999);

    std::vector<User> some;
    for (int i = 0; i < 100; ++i) {
        some.push_back(user("u" + std::to_string(i)));
        some.back().email = "u" + std::to_string(i);
    }
    const auto rows = waited([&] { db.create(some, orm::on_conflict(User::c.email).update(User::c.name)).or_throw(); });
    if (is(database_kind::postgres)) {
        EXPECT_EQ(chunks, 3U) << "prepare, BEGIN and three INSERTs, COMMIT";
        EXPECT_EQ(rows, 3U) << "prepare, BEGIN and a hundred INSERTs, COMMIT";
    }
    // Every other is there already: it is left alone, and its object gets no id.
    std::vector<User> again;
    for (int i = 0; i < 200; ++i) {
        again.push_back(user("again" + std::to_string(i)));
        again.back().email = i % 2 ? "fresh" + std::to_string(i) : *some[static_cast<std::size_t>(i / 2)].email;
    }
    db.create(again, orm::on_conflict(User::c.email).do_nothing()).or_throw();
    for (std::size_t i = 1; i < again.size(); i += 2)
        EXPECT_EQ(db.find<User>(again[i].id).or_throw().name, again[i].name);
    if (!is(database_kind::mariadb)) {
        EXPECT_EQ(again[0].id, 0);
    }
    EXPECT_EQ(db.from<User>().where("name LIKE 'again%'").count().or_throw(), 100);
    // A failure in the middle leaves nothing behind.
    std::vector<User> wrong(50);
    for (std::size_t i = 0; i < wrong.size(); ++i) wrong[i].name = "wrong";
    wrong[30].age = -1;
    EXPECT_EQ(db.create(wrong, orm::on_conflict(User::c.email).update(User::c.name)).error().code,
              orm::errc::check_violated);
    EXPECT_EQ(db.from<User>().where(User::c.name == "wrong").count().or_throw(), 0);
}

}  // namespace
}  // namespace contract
