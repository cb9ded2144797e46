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

}  // namespace
}  // namespace contract
