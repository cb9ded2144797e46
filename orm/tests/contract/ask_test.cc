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
names sorted(const orm::query<User>& q) {
    return q.order(User::c.id).pluck(User::c.name).or_throw();
}
struct AgeCount {
    std::int64_t age = 0, count = 0;
    SKUA_COLUMNS(AgeCount, (age), (count))
};

TEST_P(Contract, TestFindInBatches) {
    auto db = with_four(with<User>());
    std::vector<std::size_t> sizes;
    const auto save = [&](std::vector<User>& batch) -> orm::status {
        sizes.push_back(batch.size());
        for (User& u : batch) u.age += 10;
        return db.save(batch);
    };
    EXPECT_EQ(db.from<User>().find_in_batches(3, save).or_throw().rows_affected, 4);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(db.from<User>().where(User::c.age == 31).count().or_throw(), 1);
}

TEST_P(Contract, TestFindInBatchesWithOffsetLimit) {
    auto db = with_four(with<User>());
    names seen;
    const auto add = [&](std::vector<User>& batch) -> orm::status {
        for (const User& u : batch) seen.push_back(u.name);
        return orm::ok;
    };
    EXPECT_EQ(db.from<User>().offset(1).limit(3).find_in_batches(2, add).or_throw().rows_affected, 3);
    EXPECT_EQ(seen, (names{"bob", "cid", "dan"}));
}

TEST_P(Contract, TestFindInBatchesWithError) {
    auto db = with_four(with<User>());
    const auto no = [](std::vector<User>&) { return orm::fail("no"); };
    EXPECT_EQ(db.from<User>().find_in_batches(2, no).error().message, "no");
    EXPECT_EQ(db.from<User>().select(User::c.name).find_in_batches(2, no).error().code,
              orm::errc::primary_key_required);
}

TEST_P(Contract, TestNamedArg) {
    auto db = with_four(with<User>());
    EXPECT_EQ(sorted(db.from<User>().where("name = @n OR age = @a\nOR email = @n", orm::named("n", "ann"),
                                           orm::named("a", 21))),
              (names{"ann", "dan"}));
    EXPECT_EQ(db.raw<std::int64_t>("SELECT count(*) FROM users WHERE name = @n AND age < @a", orm::named("a", 90),
                                   orm::named("n", "bob"))
                  .first()
                  .or_throw(),
              1);
}

TEST_P(Contract, TestSubQuery) {
    auto db = with_four(with<User>());
    const auto young = db.from<User>().where(User::c.age < 20).select(User::c.id);
    EXPECT_EQ(sorted(db.from<User>().where(User::c.id.in(young))), (names{"ann", "bob"}));
    EXPECT_EQ(sorted(db.from<User>().where("id NOT IN ?", young)), (names{"cid", "dan"}));
    EXPECT_EQ(sorted(db.from<User>().where(User::c.age > db.from<User>().select("avg(age)"))), (names{"cid", "dan"}));
    EXPECT_EQ(sorted(db.from<User>().from(db.from<User>().order(User::c.age.desc()).limit(1))), names{"dan"});
}

TEST_P(Contract, TestSubQueryWithHaving) {
    auto db = with_four(with<User>());
    auto more = user("eve", 21);
    db.create(more).or_throw();
    const auto groups = db.from<User>()
                            .select("age, count(*) AS count")
                            .group(User::c.age)
                            .having("count(*) > ?", 1)
                            .find<AgeCount>()
                            .or_throw();
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].age, 21);
    EXPECT_EQ(groups[0].count, 2);
    const auto oldest = db.from<User>().select("max(age)");
    EXPECT_EQ(db.from<User>().group(User::c.age).having(orm::expr("max(age) = ?", oldest)).count().or_throw(), 1);
}

TEST_P(Contract, TestComplexScopes) {
    auto db = with_four(with<User>());
    const auto named = [](std::string name) {
        return [name](const orm::query<User>& q) { return q.or_where(User::c.name == name); };
    };
    EXPECT_EQ(sorted(db.from<User>().where(User::c.age > 20).apply(named("ann")).apply(named("bob"))),
              (names{"ann", "bob", "dan"}));
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

TEST_P(Contract, TestFirstOrCreateRowsAffected) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().where(User::c.name == "new");
    const User made = q.first_or_create(orm::attrs(User::c.age = 5)).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 5);
    EXPECT_EQ(q.first_or_create(orm::attrs(User::c.age = 6), orm::assign(User::c.active = true)).or_throw().id,
              made.id);
    EXPECT_EQ(db.from<User>().count().or_throw(), 5);
    EXPECT_TRUE(db.find<User>(made.id).or_throw().active);
    EXPECT_EQ(db.find<User>(made.id).or_throw().age, 5);
}

TEST_P(Contract, TestSelectWithCreate) {
    auto db = with<User>();
    User u = user("ann", 30);
    u.email = "ann@example.org";
    db.select(User::c.name, User::c.age, User::c.active).create(u).or_throw();
    EXPECT_FALSE(db.find<User>(u.id).or_throw().email);
    EXPECT_EQ(db.find<User>(u.id).or_throw().age, 30);
    EXPECT_NE(db.find<User>(u.id).or_throw().created_at, orm::time{});
}

TEST_P(Contract, TestUpdateColumn) {
    auto db = with_four(with<User>());
    const User before = db.find<User>(1).or_throw();
    db.from<User>().where(User::c.id == 1).update_columns(User::c.age = 50).or_throw();
    const User after = db.find<User>(1).or_throw();
    EXPECT_EQ(after.age, 50);
    EXPECT_EQ(after.updated_at, before.updated_at);
}

TEST_P(Contract, TestUpdateFromSubQuery) {
    auto db = with<User, Company>();
    Company c;
    c.name = "acme";
    db.create(c).or_throw();
    User u = user("ann");
    u.company_id = c.id;
    db.create(u).or_throw();
    const auto name = db.from<Company>().where(Company::c.id == User::c.company_id).select(Company::c.name);
    db.from<User>().where(User::c.id == u.id).update(User::c.name = name).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().name, "acme");
}

TEST_P(Contract, TestCreateFromSubQuery) {
    auto db = with<User, Company>();
    Company c;
    c.name = "acme";
    db.create(c).or_throw();
    db.from<User>()
        .create(User::c.name = orm::expr("upper(?)", "bea"), User::c.age = 3, User::c.active = false,
                User::c.company_id = db.from<Company>().select("max(id)"))
        .or_throw();
    const User u = db.from<User>().first().or_throw();
    EXPECT_EQ(u.name, "BEA");
    EXPECT_EQ(u.company_id, c.id);
    EXPECT_NE(u.created_at, orm::time{});
}

TEST_P(Contract, TestUpdateReturning) {
    auto db = with_four(with<User>());
    const auto changed = db.from<User>().where(User::c.age > 19).returning().update(User::c.age = User::c.age * 2);
    if (is(database_kind::mariadb)) {
        EXPECT_EQ(changed.error().code, orm::errc::unsupported);
        return;
    }
    auto rows = changed.or_throw();
    std::sort(rows.begin(), rows.end(), [](const User& a, const User& b) { return a.id < b.id; });
    EXPECT_EQ(all_of(rows, &User::age), (std::vector<std::int64_t>{40, 42}));
    EXPECT_EQ(all_of(rows, &User::name), (names{"cid", "dan"}));
}

TEST_P(Contract, TestDeleteReturning) {
    auto db = with_four(with<User>());
    const auto gone = db.from<User>()
                          .unscoped()
                          .where(User::c.name == "bob")
                          .returning(User::c.name, User::c.age)
                          .remove()
                          .or_throw();
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].age, 19);
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 3);
}

TEST_P(Contract, TestLocking) {
    auto db = with_four(with<User>());
    db.transaction([&](orm::tx& t) -> orm::status {
          const auto held = t.from<User>().where(User::c.name == "ann").for_update().find();
          if (!held) return orm::status(held.error());
          if (is(database_kind::sqlite)) return orm::ok;  // one writer
          const auto rest = db.from<User>().order(User::c.id).for_update().skip_locked().find();
          EXPECT_EQ(all_of(rest.or_throw(), &User::name), (names{"bob", "cid", "dan"}));
          const auto refused = db.from<User>().where(User::c.name == "ann").for_share().nowait().find();
          EXPECT_FALSE(refused);
          return orm::ok;
      }).or_throw();
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
