// SPDX-License-Identifier: Apache-2.0
// Building questions: names, subqueries, groups, locks, batches.
#include "fixture.h"

#include <gtest/gtest.h>

namespace {

using words = std::vector<std::string>;

class Builder : public ::testing::Test {
protected:
    Builder() {
        int age = 10;
        for (const char* name : {"ann", "bob", "cid", "dan"}) {
            User u = make_user(name, age);
            age += 10;
            db.create(u).or_throw();
        }
        for (const int owner : {1, 1, 3}) {
            Pet p;
            p.user_id = owner;
            p.name = "pet of " + std::to_string(owner);
            db.create(p).or_throw();
        }
    }
    static words names(const orm::query<User>& q) { return q.order(User::c.id).pluck(User::c.name).or_throw(); }
    std::string where(const orm::query<User>& q) {
        const std::string sql = q.to_sql().or_throw().sql;
        return sql.substr(sql.find("WHERE"));
    }
    orm::database db = with_users();
};

struct Limits {
    int low = 0, high = 0;
    SKUA_COLUMNS(Limits, (low), (high))
};

TEST_F(Builder, NamedArguments) {
    const auto q = db.from<User>().unscoped();
    EXPECT_EQ(where(q.where("name = @n OR email = @n AND age > @a", orm::named("n", "bob"), orm::named("a", 3))),
              "WHERE name = ? OR email = ? AND age > ?");
    EXPECT_EQ(names(q.where("name = @n OR name = @other", orm::named("other", "dan"), orm::named("n", "bob"))),
              (words{"bob", "dan"}));
}

TEST_F(Builder, NamedArgumentsOfAStructAndALiteralAtSign) {
    EXPECT_EQ(names(db.from<User>().where("age >= @low AND age <= @high AND '@x' <> 'a@@b' -- @y\n",
                                          orm::named(Limits{20, 30}))),
              (words{"bob", "cid"}));
    EXPECT_EQ(names(db.from<User>().where("name IN @all", orm::named("all", words{"ann", "cid"}))),
              (words{"ann", "cid"}));
}

TEST_F(Builder, NamesThatDoNotMatchAreMistakes) {
    const auto missing = db.from<User>().where("name = @m", orm::named("n", "bob")).find();
    EXPECT_EQ(missing.error().code, orm::errc::invalid_value);
    EXPECT_NE(missing.error().message.find("\"n\" is not in the SQL text"), std::string::npos);
    EXPECT_EQ(db.from<User>().where("name = @n AND age = @m", orm::named("n", "bob")).find().error().message,
              "SQL text names @m, which no argument is called");
}

TEST_F(Builder, SubqueriesInConditions) {
    const auto owners = db.from<Pet>().select(Pet::c.user_id);
    EXPECT_EQ(where(db.from<User>().unscoped().where(User::c.id.in(owners))),
              R"(WHERE "id" IN (SELECT "pets"."user_id" FROM "pets" WHERE "pets"."deleted_at" IS NULL))");
    EXPECT_EQ(names(db.from<User>().where(User::c.id.in(owners))), (words{"ann", "cid"}));
    EXPECT_EQ(names(db.from<User>().where(User::c.id.not_in(owners))), (words{"bob", "dan"}));
    EXPECT_EQ(names(db.from<User>().where("id IN ?", owners.where(Pet::c.name == "pet of 3"))), words{"cid"});
    EXPECT_EQ(names(db.from<User>().where("id IN (?) AND age < ?", owners, 20)), words{"ann"});
    const auto mean = db.from<User>().select("avg(age)");
    EXPECT_EQ(names(db.from<User>().where(User::c.age > mean)), (words{"cid", "dan"}));
    EXPECT_EQ(names(db.from<User>().where(User::c.age > 10 && User::c.age < mean)), words{"bob"});
}

TEST_F(Builder, ExistsMayUseTheOuterStatementsColumns) {
    const auto has_pet = orm::exists(db.from<Pet>().where(Pet::c.user_id == User::c.id));
    EXPECT_EQ(names(db.from<User>().where(has_pet)), (words{"ann", "cid"}));
    EXPECT_EQ(names(db.from<User>().where(!has_pet && User::c.age > 20)), words{"dan"});
    EXPECT_EQ(where(db.from<User>().unscoped().where(has_pet)),
              R"(WHERE EXISTS (SELECT "pets"."id" FROM "pets" WHERE "pets"."user_id" = "users"."id" AND )"
              R"("pets"."deleted_at" IS NULL))");
}

TEST_F(Builder, AQueryInPlaceOfTheTable) {
    const auto oldest = db.from<User>().order(User::c.age.desc()).limit(2);
    EXPECT_EQ(names(db.from<User>().from(oldest).where(User::c.name != "dan")), words{"cid"});
    EXPECT_EQ(db.from<User>().from(oldest).count().or_throw(), 2);
}

struct NameCount {
    std::string name;
    std::int64_t count = 0;
    SKUA_COLUMNS(NameCount, (name), (count))
};

TEST_F(Builder, SelectInWordsGroupAndHaving) {
    const auto groups = db.from<User>()
                            .select("CASE WHEN age < ? THEN 'young' ELSE 'old' END AS name, count(*) AS count", 35)
                            .group("CASE WHEN age < ? THEN 'young' ELSE 'old' END", 35)
                            .order("name DESC");
    const auto all = groups.find<NameCount>().or_throw();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "young");
    EXPECT_EQ(all[0].count, 3);
    EXPECT_EQ(groups.having("count(*) > ?", 2).find<NameCount>().or_throw().size(), 1U);
    EXPECT_EQ(groups.having("count(*) > ?", 2).count().or_throw(), 1);
    const auto extremes = db.from<User>().select("max(age), min(name)").find<std::tuple<int, std::string>>().or_throw();
    EXPECT_EQ(extremes.at(0), (std::tuple<int, std::string>{40, "ann"}));
    EXPECT_EQ(db.from<Pet>().distinct(Pet::c.user_id).count().or_throw(), 2);
}

TEST_F(Builder, OmitLeavesColumnsOut) {
    const User u = db.from<User>().omit(User::c.age, User::c.email).first().or_throw();
    EXPECT_EQ(u.name, "ann");
    EXPECT_EQ(u.age, 0);
}

TEST_F(Builder, ScopesAreFunctionsOfAQuery) {
    const auto grown = [](const orm::query<User>& q) { return q.where(User::c.age >= 20); };
    const auto named = [](std::string name) {
        return [name](const orm::query<User>& q) { return q.or_where(User::c.name == name); };
    };
    EXPECT_EQ(names(db.from<User>().apply(grown).where(User::c.age < 40)), (words{"bob", "cid"}));
    EXPECT_EQ(names(db.from<User>().where(User::c.age == 30).apply(named("ann"))), (words{"ann", "cid"}));
}

TEST_F(Builder, AnotherTable) {
    db.exec("CREATE TABLE old_users AS SELECT * FROM users WHERE age > 20").or_throw();
    EXPECT_EQ(names(db.from<User>().table("old_users")), (words{"cid", "dan"}));
    EXPECT_EQ(db.from<User>().table("main.old_users").count().or_throw(), 2);
    EXPECT_EQ(db.from<User>().table("no;such").find().error().code, orm::errc::sql_error);
}

TEST_F(Builder, HintsStandWhereTheyAreSaidTo) {
    using place = orm::ast::hint::place;
    const auto q = db.from<Pet>()
                       .unscoped()
                       .select(Pet::c.id)
                       .hint(place::front, "/* a */")
                       .hint(place::after_verb, "/*+ b */")
                       .hint(place::after_table, "INDEXED BY idx_pets_user_id")
                       .hint(place::back, "/* d */")
                       .where(Pet::c.user_id == 1);
    EXPECT_EQ(q.to_sql().or_throw().sql, R"(/* a */ SELECT /*+ b */ "id" FROM "pets" INDEXED BY idx_pets_user_id )"
                                         R"(WHERE "user_id" = ? /* d */)");
    EXPECT_EQ(q.find().or_throw().size(), 2U);
}

TEST_F(Builder, LocksAreForDatabasesWithSeveralWriters) {
    EXPECT_EQ(db.from<Pet>().select(Pet::c.id).unscoped().for_update().skip_locked().to_sql().or_throw().sql,
              R"(SELECT "id" FROM "pets")");
}

TEST_F(Builder, DestinationsTuplesScalarsAndRows) {
    EXPECT_EQ((db.from<User>().select(User::c.id, User::c.name).find<std::tuple<int, std::string>>().or_throw().at(1)),
              (std::tuple<int, std::string>{2, "bob"}));
    const auto rows = db.raw<orm::row>("SELECT name, age * 2 AS double_age, NULL AS none FROM users").find().or_throw();
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].get<int>("double_age").or_throw(), 20);
    EXPECT_EQ(rows[3].get<std::string>("name").or_throw(), "dan");
    EXPECT_EQ(rows[0].get<int>("none").error().code, orm::errc::null_value);
    EXPECT_FALSE(rows[0].get<std::optional<int>>("none").or_throw());
    EXPECT_EQ(rows[0].get<int>("missing").error().code, orm::errc::invalid_field);
    EXPECT_EQ(rows[0].get<int>("name").error().code, orm::errc::invalid_data);
}

TEST_F(Builder, RowsComeOneByOneAndMayEndEarly) {
    words seen;
    const auto all = db.from<User>().order(User::c.id).rows([&](User& u) -> orm::status {
        seen.push_back(u.name);
        return orm::ok;
    });
    EXPECT_EQ(all.or_throw().rows_affected, 4);
    EXPECT_EQ(seen, (words{"ann", "bob", "cid", "dan"}));
    int count = 0;
    const auto stopped =
        db.raw<int>("SELECT age FROM users").rows([&](int&) { return ++count == 2 ? orm::fail("enough") : orm::ok; });
    EXPECT_EQ(stopped.error().message, "enough");
    EXPECT_EQ(count, 2);
    EXPECT_EQ(db.from<User>().count().or_throw(), 4) << "the connection is free again";
}

TEST_F(Builder, FindInBatches) {
    std::vector<std::size_t> sizes;
    words seen;
    const auto add = [&](std::vector<User>& batch) -> orm::status {
        sizes.push_back(batch.size());
        for (User& u : batch) {
            seen.push_back(u.name);
            u.age += 1;
            SKUA_TRY(db.save(u));
        }
        return orm::ok;
    };
    EXPECT_EQ(db.from<User>().find_in_batches(3, add).or_throw().rows_affected, 4);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 1}));
    EXPECT_EQ(seen, (words{"ann", "bob", "cid", "dan"}));
    EXPECT_EQ(db.from<User>().where(User::c.age == 41).count().or_throw(), 1);
}

TEST_F(Builder, FindInBatchesWithOffsetLimit) {
    words seen;
    std::size_t batches = 0;
    const auto add = [&](std::vector<User>& batch) -> orm::status {
        ++batches;
        for (const User& u : batch) seen.push_back(u.name);
        return orm::ok;
    };
    db.from<User>()
        .where(User::c.age > 0)
        .or_where(User::c.age < 0)
        .offset(1)
        .limit(3)
        .find_in_batches(2, add)
        .or_throw();
    EXPECT_EQ(seen, (words{"bob", "cid", "dan"}));
    EXPECT_EQ(batches, 2U);
}

TEST_F(Builder, FindInBatchesWithError) {
    int batches = 0;
    const auto failing = [&](std::vector<User>&) { return ++batches == 2 ? orm::fail("stop") : orm::ok; };
    EXPECT_EQ(db.from<User>().find_in_batches(1, failing).error().message, "stop");
    EXPECT_EQ(batches, 2);
    const auto no = [](std::vector<User>&) -> orm::status { return orm::ok; };
    EXPECT_EQ(db.from<User>().select(User::c.name).find_in_batches(2, no).error().code,
              orm::errc::primary_key_required);
    EXPECT_EQ(db.from<User>().omit(User::c.id).find_in_batches(2, no).error().code, orm::errc::primary_key_required);
    EXPECT_EQ(db.from<User>().order(User::c.age).find_in_batches(2, no).error().code, orm::errc::invalid_value);
}

TEST_F(Builder, EachIsARange) {
    words seen;
    for (auto&& user : db.from<User>().each(3)) seen.push_back(user.or_throw().name);
    EXPECT_EQ(seen, (words{"ann", "bob", "cid", "dan"}));
    int errors = 0;
    for (auto&& user : db.from<User>().where("no_such_column = 1").each(3)) errors += user ? 0 : 1;
    EXPECT_EQ(errors, 1);
    for (auto&& user : db.from<User>().where(User::c.age > 99).each(3)) FAIL() << user.or_throw().name;
}

TEST_F(Builder, ACopyOfAQueryNeverChangesIt) {
    const auto base = db.from<User>().where(User::c.age > 10).omit(User::c.email);
    const std::string before = base.to_sql().or_throw().explained();
    const auto pile = base.where(User::c.id.in(db.from<Pet>())).select("name").group("name").having("count(*) > 0");
    const auto other = base.or_where("age = @a", orm::named("a", 1)).for_update().table("x").limit(3).order("age");
    EXPECT_EQ(base.to_sql().or_throw().explained(), before);
    EXPECT_NE(pile.to_sql().or_throw().explained(), other.to_sql().or_throw().explained());
}

TEST_F(Builder, FindByManyKeys) {
    const auto some = db.find<User>(std::vector<int>{4, 2, 99}).or_throw();
    ASSERT_EQ(some.size(), 2U);
    EXPECT_EQ(some[0].name, "bob");
    EXPECT_EQ(some[1].name, "dan");
    EXPECT_TRUE(db.find<User>(std::vector<int>{}).or_throw().empty());
    EXPECT_TRUE(db.from<User>().where(User::c.age == 20).exists().or_throw());
    EXPECT_FALSE(db.from<User>().where(User::c.age == 21).exists().or_throw());
}

}  // namespace
