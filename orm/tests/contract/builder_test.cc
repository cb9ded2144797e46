// SPDX-License-Identifier: Apache-2.0
// Batches, subqueries, names, first-or-create, what comes back: on every database.
#include "contract.h"

namespace contract {
namespace {

struct Defaults {
    std::int64_t id = 0;
    std::string name;
    std::int64_t age = 0;
    std::string code;
    SKUA_MODEL(Defaults, (id), (name, "size:50;default:galeone"), (age, "default:18"),
               (code, "size:20;default:(upper('x'))"))
};
struct Guarded {
    std::int64_t id = 0;
    std::string fixed, hidden;
    std::int64_t made_at = 0, changed_at = 0;
    SKUA_MODEL(Guarded, (id), (fixed, "<-:create"), (hidden, "->:false;<-"), (made_at, "autoCreateTime:milli"),
               (changed_at, "autoUpdateTime"))
};
struct NameCount {
    std::string name;
    std::int64_t count = 0;
    SKUA_COLUMNS(NameCount, (name), (count))
};

using names = std::vector<std::string>;

orm::database with_four(orm::database db) {
    std::int64_t age = 10;
    for (const char* name : {"ann", "bob", "cid", "dan"}) {
        User u = user(name, age);
        age += 10;
        db.create(u).or_throw();
    }
    return db;
}
names names_of(const orm::query<User>& q) {
    return q.order(User::c.id).pluck(User::c.name).or_throw();
}

TEST_P(Contract, TestCreateInBatches) {
    auto db = with<User>();
    wire log(db, orm::bit(orm::driver_event::execute) | orm::bit(orm::driver_event::commit));
    auto six = users({"a", "b", "c", "d", "e", "f"});
    EXPECT_EQ(db.create_in_batches(six, 2).or_throw().rows_affected, 6);
    names sent{"execute INSERT users", "execute INSERT users", "execute INSERT users", "commit"};
    if (is(database_kind::postgres)) sent.erase(sent.begin(), sent.begin() + 2);  // all three at once
    EXPECT_EQ(log.take(), sent);
    for (const User& u : six) EXPECT_EQ(db.find<User>(u.id).or_throw().name, u.name);
}

TEST_P(Contract, TestDefaultValue) {
    auto db = with<Defaults>();
    Defaults d;
    db.create(d).or_throw();
    EXPECT_EQ(d.name, "galeone");
    EXPECT_EQ(d.age, 18);
    EXPECT_EQ(d.code, "X") << "of the database";
    std::vector<Defaults> many(3);
    many[1].code = "own";
    db.create(many).or_throw();
    EXPECT_EQ(many[0].code, "X");
    EXPECT_EQ(many[1].code, "own");
    const auto stored = db.find<Defaults>(many[1].id).or_throw();
    EXPECT_EQ(stored.code, "own");
    EXPECT_EQ(stored.age, 18);
    EXPECT_TRUE(db.plan_migration<Defaults>().or_throw().empty());
}

TEST_P(Contract, TestCreateFromSubQuery) {
    auto db = with_four(with<User>());
    db.from<User>()
        .create(User::c.name = orm::expr("upper(?)", "gus"), User::c.age = db.from<User>().select("max(age) + 1"),
                User::c.active = true)
        .or_throw();
    EXPECT_EQ(db.from<User>().where(User::c.name == "GUS").first().or_throw().age, 41);
}

TEST_P(Contract, TestFirstOrCreateRowsAffected) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().where(User::c.name == "ida");
    const User made = q.first_or_create(orm::attrs(User::c.age = 5)).or_throw();
    EXPECT_GT(made.id, 4);
    EXPECT_EQ(q.first_or_create(orm::attrs(User::c.age = 6)).or_throw().age, 5);
    EXPECT_EQ(db.from<User>().count().or_throw(), 5);
    q.first_or_create(orm::assign(User::c.age = 9)).or_throw();
    EXPECT_EQ(db.find<User>(made.id).or_throw().age, 9);
}

TEST_P(Contract, TestFindInBatches) {
    auto db = with_four(with<User>());
    std::vector<std::size_t> sizes;
    const auto grow = [&](std::vector<User>& batch) -> orm::status {
        sizes.push_back(batch.size());
        for (User& u : batch) {
            u.age += 1;
            SKUA_TRY(db.save(u));
        }
        return orm::ok;
    };
    EXPECT_EQ(db.from<User>().find_in_batches(3, grow).or_throw().rows_affected, 4);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(db.from<User>().where(User::c.age == 41).count().or_throw(), 1);
}

TEST_P(Contract, TestFindInBatchesWithOffsetLimit) {
    auto db = with_four(with<User>());
    names seen;
    db.from<User>()
        .offset(1)
        .limit(3)
        .find_in_batches(2,
                         [&](std::vector<User>& batch) -> orm::status {
                             for (const User& u : batch) seen.push_back(u.name);
                             return orm::ok;
                         })
        .or_throw();
    EXPECT_EQ(seen, (names{"bob", "cid", "dan"}));
    names each;
    for (auto&& u : db.from<User>().each(3)) each.push_back(u.or_throw().name);
    EXPECT_EQ(each, (names{"ann", "bob", "cid", "dan"}));
}

TEST_P(Contract, TestSubQuery) {
    auto db = with_four(with<User, Language>());
    Language l{.code = "bob", .name = "x"};
    db.create(l).or_throw();
    const auto codes = db.from<Language>().select(Language::c.code);
    EXPECT_EQ(names_of(db.from<User>().where(User::c.name.in(codes))), names{"bob"});
    EXPECT_EQ(names_of(db.from<User>().where("name IN (?) AND age < ?", codes, 30)), names{"bob"});
    const auto mean = db.from<User>().select("avg(age)");
    EXPECT_EQ(names_of(db.from<User>().where(User::c.age > mean)), (names{"cid", "dan"}));
    EXPECT_EQ(names_of(db.from<User>().where(orm::exists(db.from<Language>().where(Language::c.code == User::c.name)))),
              names{"bob"});
    EXPECT_EQ(db.from<User>().from(db.from<User>().order(User::c.age.desc()).limit(2)).count().or_throw(), 2);
}

TEST_P(Contract, TestSubQueryWithHaving) {
    auto db = with_four(with<User>());
    const auto groups = db.from<User>()
                            .select("CASE WHEN age < 35 THEN 'young' ELSE 'old' END AS name, count(*) AS count")
                            .group("CASE WHEN age < 35 THEN 'young' ELSE 'old' END")
                            .order("name DESC");
    const auto all = groups.find<NameCount>().or_throw();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].count, 3);
    EXPECT_EQ(groups.having("count(*) > ?", 2).find<NameCount>().or_throw().size(), 1U);
}

TEST_P(Contract, TestNamedArg) {
    auto db = with_four(with<User>());
    EXPECT_EQ(names_of(db.from<User>().where("name = @n OR (name = @other AND name <> @n)", orm::named("other", "dan"),
                                             orm::named("n", "bob"))),
              (names{"bob", "dan"}));
}

TEST_P(Contract, TestComplexScopes) {
    auto db = with_four(with<User>());
    const auto grown = [](const orm::query<User>& q) { return q.where(User::c.age >= 20); };
    EXPECT_EQ(names_of(db.from<User>().apply(grown).where(User::c.age < 40)), (names{"bob", "cid"}));
}

TEST_P(Contract, TestUpdateFromSubQuery) {
    auto db = with_four(with<User>());
    Language unused;
    static_cast<void>(unused);
    db.from<User>().where(User::c.name == "ann").update(User::c.email = orm::expr("upper(name)")).or_throw();
    EXPECT_EQ(db.from<User>().where(User::c.name == "ann").first().or_throw().email, "ANN");
}

TEST_P(Contract, TestUpdateColumn) {
    auto db = with_four(with<User>());
    User before = db.from<User>().first().or_throw();
    db.from<User>().where(User::c.id == before.id).update_columns(User::c.age = 77).or_throw();
    const User after = db.find<User>(before.id).or_throw();
    EXPECT_EQ(after.age, 77);
    EXPECT_EQ(after.updated_at, before.updated_at);
}

TEST_P(Contract, TestUpdateReturning) {
    auto db = with_four(with<User>());
    const auto changed = db.from<User>().where(User::c.age >= 30).returning().update(User::c.age = User::c.age * 2);
    if (is(database_kind::mariadb)) {
        EXPECT_FALSE(changed) << "it has no UPDATE … RETURNING";
        return;
    }
    ASSERT_EQ(changed.or_throw().size(), 2U);
}

TEST_P(Contract, TestDeleteReturning) {
    auto db = with_four(with<User>());
    const auto gone =
        db.from<User>().unscoped().where(User::c.name == "bob").returning(User::c.name).remove().or_throw();
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_EQ(gone[0].name, "bob");
    EXPECT_EQ(db.from<User>().unscoped().count().or_throw(), 3);
}

TEST_P(Contract, TestSelectWithCreate) {
    auto db = with<User>();
    User u = user("eve", 50);
    u.email = "eve@example.org";
    db.omit(User::c.email).create(u).or_throw();
    const User read = db.find<User>(u.id).or_throw();
    EXPECT_FALSE(read.email);
    EXPECT_NE(read.created_at, orm::time{}) << "times are set all the same";
}

TEST_P(Contract, TestUpsertWithSave) {
    auto db = with_four(with<User>());
    std::vector<User> all = db.from<User>().order(User::c.id).find().or_throw();
    for (User& u : all) u.age += 1;
    all.push_back(user("new", 5));
    db.save(all).or_throw();
    EXPECT_EQ(db.from<User>().order(User::c.age).pluck(User::c.age).or_throw(),
              (std::vector<std::int64_t>{5, 11, 21, 31, 41}));
}

TEST_P(Contract, TestCustomizeField) {
    auto db = with<Guarded>();
    Guarded g;
    g.fixed = "fixed";
    g.hidden = "hidden";
    db.session({.now = [] { return orm::from_unix_ns(1'500'000'123'456'789'000); }}).create(g).or_throw();
    EXPECT_EQ(g.made_at, 1'500'000'123'456);
    EXPECT_EQ(g.changed_at, 1'500'000'123);
    g.fixed = "changed";
    db.save(g).or_throw();
    const Guarded read = db.find<Guarded>(g.id).or_throw();
    EXPECT_EQ(read.fixed, "fixed") << "<-:create";
    EXPECT_EQ(read.hidden, "") << "->:false";
    EXPECT_EQ(db.raw<std::string>("SELECT hidden FROM guardeds").first().or_throw(), "hidden");
}

TEST_P(Contract, TestLocking) {
    auto db = with_four(with<User>());
    db.transaction([&](orm::tx& tx) -> orm::status {
          EXPECT_EQ(tx.from<User>().where(User::c.name == "ann").for_update().find().or_throw().size(), 1U);
          if (is(database_kind::sqlite)) return orm::ok;
          auto other = open();
          const auto skipped = other.transaction([&](orm::tx& second) -> orm::status {
              EXPECT_EQ(second.from<User>().for_update().skip_locked().find().or_throw().size(), 3U);
              return orm::ok;
          });
          EXPECT_TRUE(skipped);
          const auto refused = other.from<User>().where(User::c.name == "ann").for_update().nowait().find();
          EXPECT_EQ(refused.error().code, orm::errc::busy)
              << refused.error().native_code << refused.error().to_string();
          return orm::ok;
      }).or_throw();
}

}  // namespace
}  // namespace contract
