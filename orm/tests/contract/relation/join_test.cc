// SPDX-License-Identifier: Apache-2.0
#include "relation.h"

#include <algorithm>

namespace rel {
namespace {

struct Joins : RelationTest {
    User boss, a, b, lone;

    void SetUp() override {
        boss = named<User>("boss");
        boss.company = named<Company>("holding");
        db.create(boss).or_throw();
        std::vector<User> users{named<User>("a"), named<User>("b"), named<User>("lone")};
        users[0].company = named<Company>("acme");
        users[0].manager_id = boss.id;
        users[0].pets = {named<Pet>("rex"), named<Pet>("tom")};
        users[1].company = named<Company>("beta");
        users[1].manager_id = boss.id;
        Account account;
        account.number = "b-1";
        users[1].account = account;
        db.create(users).or_throw();
        a = users[0];
        b = users[1];
        lone = users[2];
        sent.take();
    }
    static std::string names(const std::vector<User>& users) {
        std::string out;
        for (const User& u : users) out += (out.empty() ? "" : " ") + u.name;
        return out;
    }
    orm::query<User> users() { return db.from<User>().order(User::c.id); }
};

// TestJoins
TEST_P(Joins, TheRelatedObjectComesInTheSameStatement) {
    const auto all = users().joins(User::c.company).joins(User::c.account).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users companies accounts"}));
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1].company->name, "acme");
    EXPECT_EQ(all[1].company->id, a.company->id);
    EXPECT_FALSE(all[1].account);
    EXPECT_TRUE(all[1].account.loaded());
    EXPECT_EQ(all[2].account->number, "b-1");
    EXPECT_FALSE(all[3].company);
    EXPECT_FALSE(all[3].pets.loaded());
}

TEST_P(Joins, TheTextIsAsGormWritesIt) {
    const auto sql = contract::plain_sql(
        db.from<Pet>().joins(Pet::c.user).where(Pet::c.user[User::c.name] == "a").to_sql().or_throw().sql);
    EXPECT_EQ(
        sql,
        R"(SELECT "pets"."id", "pets"."created_at", "pets"."updated_at", "pets"."deleted_at", "pets"."user_id", "pets"."name", "user"."id" AS "user__id", "user"."created_at" AS "user__created_at", "user"."updated_at" AS "user__updated_at", "user"."deleted_at" AS "user__deleted_at", "user"."name" AS "user__name", "user"."age" AS "user__age", "user"."company_id" AS "user__company_id", "user"."manager_id" AS "user__manager_id" FROM "pets" LEFT JOIN "users" "user" ON "pets"."user_id" = "user"."id" AND "user"."deleted_at" IS NULL WHERE "user"."name" = ? AND "pets"."deleted_at" IS NULL)");
}

TEST_P(Joins, ConditionsOrderAndPluckThroughARelation) {
    const auto q = users().joins(User::c.company);
    EXPECT_EQ(names(q.where(User::c.company[Company::c.name] == "acme").find().or_throw()), "a");
    EXPECT_EQ(names(q.where(User::c.company[Company::c.name].like("%a") || User::c.name == "boss").find().or_throw()),
              "boss b");
    EXPECT_EQ(names(q.where(User::c.company[Company::c.id].is_null()).find().or_throw()), "lone");
    EXPECT_EQ(names(q.where("company.name = ?", "beta").find().or_throw()), "b");
    EXPECT_EQ(names(db.from<User>()
                        .inner_joins(User::c.company)
                        .order(User::c.company[Company::c.name].desc())
                        .find()
                        .or_throw()),
              "boss b a");
    EXPECT_EQ(db.from<User>()
                  .inner_joins(User::c.company)
                  .order(User::c.company[Company::c.name])
                  .pluck(User::c.company[Company::c.name])
                  .or_throw(),
              (std::vector<std::string>{"acme", "beta", "holding"}));
    EXPECT_EQ(q.where(User::c.company[Company::c.name] == "acme").count().or_throw(), 1);
    EXPECT_EQ(q.first().or_throw().company->name, "holding");
    EXPECT_FALSE(db.from<User>().joins(User::c.company).last().or_throw().company);
}

// TestInnerJoins
TEST_P(Joins, InnerJoinsLeaveOutWhoHasNone) {
    EXPECT_EQ(names(users().inner_joins(User::c.company).find().or_throw()), "boss a b");
    EXPECT_EQ(names(users().inner_joins(User::c.account).find().or_throw()), "b");
}

// TestJoinOn
TEST_P(Joins, ConditionsOfTheRelationGoIntoOn) {
    const auto all = users().joins(User::c.company.where(Company::c.name == "acme")).find().or_throw();
    EXPECT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1].company->name, "acme");
    EXPECT_FALSE(all[2].company);
    EXPECT_EQ(names(users()
                        .inner_joins(User::c.company.where("company.name <> ?", "acme"))
                        .where(User::c.name != "boss")
                        .find()
                        .or_throw()),
              "b");
}

// TestJoinWithSoftDeleted
TEST_P(Joins, DeletedOnesAreNotJoined) {
    db.from<Company>().where(Company::c.name == "acme").remove().or_throw();
    EXPECT_FALSE(users().joins(User::c.company).find().or_throw()[1].company);
    EXPECT_EQ(names(users().inner_joins(User::c.company).find().or_throw()), "boss b");
    EXPECT_TRUE(users().joins(User::c.company.unscoped()).find().or_throw()[1].company);
    db.of(a).remove().or_throw();
    EXPECT_EQ(names(users().joins(User::c.company).find().or_throw()), "boss b lone");
    EXPECT_EQ(users().unscoped().joins(User::c.company).count().or_throw(), 4);
}

// TestNestedJoins
TEST_P(Joins, Nested) {
    const auto all = users().joins(User::c.manager, User::c.company).joins(User::c.manager).find().or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users users companies"}));
    EXPECT_FALSE(all[0].manager);
    EXPECT_EQ(all[1].manager->name, "boss");
    EXPECT_EQ(all[1].manager->company->name, "holding");
    EXPECT_FALSE(all[1].company.loaded());
    EXPECT_EQ(names(users()
                        .joins(User::c.manager, User::c.company)
                        .where(User::c.manager[User::c.company][Company::c.name] == "holding")
                        .find()
                        .or_throw()),
              "a b");
    EXPECT_EQ(names(users().joins(User::c.manager).where(User::c.manager[User::c.name] == "boss").find().or_throw()),
              "a b");
}

// TestJoinsPreload_Issue7013 and its like
TEST_P(Joins, WhatIsJoinedIsNotAskedForAgain) {
    const auto all = users()
                         .joins(User::c.manager)
                         .preload(User::c.manager)
                         .preload(User::c.manager, User::c.company)
                         .preload(User::c.pets)
                         .find()
                         .or_throw();
    EXPECT_EQ(sent.take(), (lines{"SELECT users users", "SELECT companies", "SELECT pets"}));
    EXPECT_EQ(all[1].manager->company->name, "holding");
    EXPECT_EQ(all[1].pets.size(), 2U);
}

TEST_P(Joins, ToManyIsForConditions) {
    EXPECT_EQ(names(users().joins(User::c.pets).where(User::c.pets[Pet::c.name] == "rex").find().or_throw()), "a");
    EXPECT_EQ(users().inner_joins(User::c.pets).count().or_throw(), 2);
    EXPECT_EQ(names(users().inner_joins(User::c.pets).distinct().find().or_throw()), "a");
    User linked = named<User>("linked");
    linked.languages.emplace_back();
    linked.languages[0].code = "de";
    linked.friends = {a};
    db.create(linked).or_throw();
    EXPECT_EQ(names(users()
                        .inner_joins(User::c.languages)
                        .where(User::c.languages[Language::c.code] == "de")
                        .find()
                        .or_throw()),
              "linked");
    EXPECT_EQ(names(users().inner_joins(User::c.friends).where(User::c.friends[User::c.name] == "a").find().or_throw()),
              "linked");
}

TEST_P(Joins, PolymorphicOnesAreOfTheRightOwner) {
    Tool bone = named<Tool>("bone"), saw = named<Tool>("saw");
    bone.custom_id = saw.custom_id = a.pets[0].id;
    bone.custom_type = "pets";
    saw.custom_type = "owner";
    db.create(saw).or_throw();
    db.create(bone).or_throw();
    const auto pets = db.from<Pet>().joins(Pet::c.tool).where(Pet::c.name == "rex").find().or_throw();
    ASSERT_EQ(pets.size(), 1U);
    EXPECT_EQ(pets[0].tool->name, "bone");
}

TEST_P(Joins, ATableWithItselfUnderAnAlias) {
    const auto boss_of = orm::as<User>("chief");
    EXPECT_EQ(names(users()
                        .inner_joins(boss_of, boss_of.id == User::c.manager_id)
                        .where(boss_of.name == "boss")
                        .find()
                        .or_throw()),
              "a b");
    EXPECT_EQ(names(users()
                        .joins(boss_of, boss_of.id == User::c.manager_id && boss_of.name.like("b%"))
                        .where(boss_of.id.is_null())
                        .find()
                        .or_throw()),
              "boss lone");
    const auto u = orm::as<User>("u");
    EXPECT_EQ(names(db.from(u).where(u.name == "a").find().or_throw()), "a");
    EXPECT_EQ(names(db.from(u).joins(User::c.company).where(User::c.name == "a").order(u.id).find().or_throw()), "a");
    // The alias that a relation's join has.
    const auto manager = orm::as<User>("manager");
    EXPECT_EQ(names(users().joins(User::c.manager).where(manager.name == "boss").find().or_throw()), "a b");
    // The table under its own name.
    const auto companies = orm::as<Company>("companies");
    EXPECT_EQ(names(users()
                        .inner_joins(companies, companies.id == User::c.company_id)
                        .where(Company::c.name == "beta")
                        .find()
                        .or_throw()),
              "b");
}

// Of a table that was joined under an alias; they would be those of the table asked for, without a word.
TEST_P(Joins, RelationsOfAnAliasAreRefused) {
    const auto chief = orm::as<User>("boss");
    const auto joined = users().inner_joins(chief, chief.id == User::c.manager_id).joins(User::c.company);
    const orm::error where = joined.where(chief.company[Company::c.name] == "acme").find().error();
    EXPECT_EQ(where.code, orm::errc::invalid_field);
    EXPECT_EQ(where.message, "column companies.name is asked for through boss.company, which is not joined");
    EXPECT_EQ(joined.joins(chief.company).find().error().code, orm::errc::invalid_field);
    EXPECT_EQ(joined.preload(chief.company).find().error().code, orm::errc::invalid_field);
    EXPECT_EQ(joined.joins(chief.company.where(Company::c.name == "acme")).find().error().code,
              orm::errc::invalid_field);
    EXPECT_EQ(joined.where(chief.manager[User::c.company][Company::c.name] == "x").find().error().code,
              orm::errc::invalid_field);
    const auto u = orm::as<User>("u");
    EXPECT_EQ(names(db.from(u).joins(u.company).where(u.company[Company::c.name] == "beta").find().or_throw()), "b");
    EXPECT_EQ(db.from(u).preload(u.company).where(u.name == "b").first().or_throw().company->name, "beta");
}

TEST_P(Joins, InTheUsersOwnWords) {
    EXPECT_EQ(names(users()
                        .joins("JOIN pets ON pets.user_id = users.id AND pets.name = ?", "tom")
                        .where(User::c.name == "a")
                        .find()
                        .or_throw()),
              "a");
    EXPECT_EQ(names(users()
                        .joins(orm::unsafe_sql("JOIN accounts ON accounts.user_id = users.id"))
                        .joins(User::c.company)
                        .where(User::c.company[Company::c.name] == "beta")
                        .find()
                        .or_throw()),
              "b");
}

TEST_P(Joins, KeptQueriesAndNarrowedColumns) {
    auto q = users();
    if (!q.to_sql().or_throw().sql.empty()) q = q.joins(User::c.company);
    const auto narrow = q.select(User::c.id, User::c.name).find().or_throw();
    EXPECT_EQ(narrow[1].company->name, "acme");
    EXPECT_FALSE(narrow[1].company_id);
    const auto part = users().joins(User::c.company.select(Company::c.name)).find().or_throw();
    EXPECT_EQ(part[1].company->name, "acme");
    EXPECT_EQ(part[1].company->id, 0);
    EXPECT_FALSE(part[3].company);
}

TEST_P(Joins, AColumnOfATableThatIsNotJoinedIsInvalid) {
    const auto r = users().where(User::c.company[Company::c.name] == "acme").find();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::invalid_field);
    EXPECT_EQ(r.error().message, "column companies.name is asked for through company, which is not joined");
    EXPECT_EQ(users().where(User::c.company[Company::c.name] == "acme").to_sql().error().code,
              orm::errc::invalid_field);
    EXPECT_FALSE(users().where(orm::as<User>("boss").name == "x").find());
    EXPECT_FALSE(users().joins(User::c.company).where(Company::c.name == "x").find());
    EXPECT_FALSE(users().joins(User::c.company).select(User::c.id, User::c.company[Company::c.name]).find());
    EXPECT_EQ(users().joins(User::c.company).where(User::c.id > 0).update(User::c.age = 1).error().code,
              orm::errc::unsupported);
}

SKUA_ON_EVERY_DATABASE(Joins);

}  // namespace
}  // namespace rel
