// SPDX-License-Identifier: Apache-2.0
// Building questions and writes.
#include "contract.h"

#include <algorithm>

namespace contract {
namespace {

using names = std::vector<std::string>;

orm::database with_four(orm::database db) {
    auto four = users({"ann", "bob", "cid", "dan"});  // 18, 19, 20, 21
    db.create(four).or_throw();
    return db;
}
struct AgeCount {
    std::int64_t age = 0, count = 0;
    SKUA_COLUMNS(AgeCount, (age), (count))
};

TEST_P(Contract, TestFindInBatchesWithError) {
    auto db = with_four(with<User>());
    const auto no = [](std::vector<User>&) { return orm::fail("no"); };
    EXPECT_EQ(db.from<User>().find_in_batches(2, no).error().message, "no");
    EXPECT_EQ(db.from<User>().select(User::c.name).find_in_batches(2, no).error().code,
              orm::errc::primary_key_required);
}

TEST_P(Contract, TestRows) {
    auto db = with_four(with<User>());
    names seen;
    db.from<User>()
        .order(User::c.id)
        .rows([&](User& u) -> orm::status {
            seen.push_back(u.name);
            return orm::ok;
        })
        .or_throw();
    EXPECT_EQ(seen, (names{"ann", "bob", "cid", "dan"}));
    EXPECT_FALSE(db.from<User>().rows([](User&) { return orm::fail("enough"); }));
    EXPECT_EQ(db.from<User>().count().or_throw(), 4);
}

TEST_P(Contract, TestFirstOrInit) {
    auto db = with_four(with<User>());
    const User u = db.from<User>()
                       .where(User::c.name == "new")
                       .first_or_init(orm::attrs(User::c.age = 5), orm::assign(User::c.active = true))
                       .or_throw();
    EXPECT_EQ(u.name, "new");
    EXPECT_EQ(u.age, 5);
    EXPECT_TRUE(u.active);
    EXPECT_EQ(u.id, 0);
    EXPECT_EQ(db.from<User>().count().or_throw(), 4);
}

TEST_P(Contract, TestGenericsReuse) {
    auto db = with_four(with<User>());
    const auto base = db.from<User>().where(User::c.age > 18);
    const std::string before = base.to_sql().or_throw().sql;
    EXPECT_EQ(base.where(User::c.age < 21).count().or_throw(), 2);
    EXPECT_EQ(base.limit(1).find().or_throw().size(), 1U);
    EXPECT_EQ(base.count().or_throw(), 3);
    EXPECT_EQ(base.to_sql().or_throw().sql, before);
}

}  // namespace
}  // namespace contract
