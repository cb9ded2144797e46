// SPDX-License-Identifier: Apache-2.0
// Golden SQL: what is sent, exactly.
#include "fixture.h"

#include <gtest/gtest.h>

namespace {

const std::string all =
    R"(SELECT "id", "created_at", "updated_at", "deleted_at", "name", "age", "email", "company_id" FROM "users")";

class Sql : public ::testing::Test {
protected:
    orm::query<User> from() { return db.from<User>().unscoped(); }
    std::string text(const orm::query<User>& q) {
        std::string sql = q.to_sql().or_throw().sql;
        if (sql.starts_with(all + " ")) sql.erase(0, all.size() + 1);
        return sql;
    }
    orm::database db = memory();
};

TEST_F(Sql, TypedConditions) {
    const auto& c = User::c;
    EXPECT_EQ(text(from()), all);
    EXPECT_EQ(text(db.from<User>()), R"(WHERE "deleted_at" IS NULL)");
    EXPECT_EQ(text(from().where(c.age >= 18 && c.name.like("j%"))), R"(WHERE "age" >= ? AND "name" LIKE ?)");
    EXPECT_EQ(text(from().where((c.age > 1 || c.age < 9) && c.id == 3)),
              R"(WHERE ("age" > ? OR "age" < ?) AND "id" = ?)");
    EXPECT_EQ(text(from().where(!(c.age == 1))), R"(WHERE NOT ("age" = ?))");
    EXPECT_EQ(text(from().where(c.email == nullptr)), R"(WHERE "email" IS NULL)");
    EXPECT_EQ(text(from().where(c.email != std::nullopt)), R"(WHERE "email" IS NOT NULL)");
    EXPECT_EQ(text(from().where(c.age == c.id)), R"(WHERE "age" = "id")");
    EXPECT_EQ(text(from().where(c.age > (c.id + 1) * 1)), R"(WHERE "age" > ("id" + ?) * ?)");
    EXPECT_EQ(text(from().where(c.id.in({1}))), R"(WHERE "id" = ?)");
    EXPECT_EQ(text(from().where(c.id.in({1, 2, 3}))), R"(WHERE "id" IN (?, ?, ?, ?))");
    EXPECT_EQ(text(from().where(c.id.in(std::vector<int>()))), R"(WHERE "id" IN (NULL))");
    EXPECT_EQ(text(from().where(c.id.not_in(std::vector<int>()))), R"(WHERE "id" IS NOT NULL)");
    EXPECT_EQ(text(from().where(c.age.between(1, 5))), R"(WHERE "age" >= ? AND "age" <= ?)");
}

TEST_F(Sql, ChainsAreWrittenSideBySide) {
    const auto& c = User::c;
    EXPECT_EQ(text(from().where("age = ?", 1).where("name = ?", "x")), "WHERE age = ? AND name = ?");
    EXPECT_EQ(text(from().where("age = 1 OR age = 2").where("name = ?", "x")),
              "WHERE (age = 1 OR age = 2) AND name = ?");
    EXPECT_EQ(text(from().where("a = 1").or_where("b = 2 AND c = 3")), "WHERE a = 1 OR (b = 2 AND c = 3)");
    EXPECT_EQ(text(from().where("a = 1").or_where("b = 2").where("c = 3")), "WHERE a = 1 OR b = 2 AND c = 3");
    EXPECT_EQ(text(db.from<User>().where("a = 1").or_where("b = 2")),
              R"(WHERE (a = 1 OR b = 2) AND "deleted_at" IS NULL)");
    EXPECT_EQ(text(db.from<User>().where("a = 1 OR b = 2")), R"(WHERE (a = 1 OR b = 2) AND "deleted_at" IS NULL)");
    EXPECT_EQ(text(from().not_where(c.age == 1 || c.age == 2)), R"(WHERE NOT ("age" = ? OR "age" = ?))");
    EXPECT_EQ(text(from().where(c.age == 1 && orm::expr("lower(name) = ?", "x"))),
              R"(WHERE "age" = ? AND lower(name) = ?)");
}

TEST_F(Sql, PlaceholdersInQuotesAndCommentsAreText) {
    EXPECT_EQ(text(from().where("name = '?' AND age = ? -- why?", 3)), "WHERE name = '?' AND age = ? -- why?");
    EXPECT_EQ(text(from().where("a ?? b /* ? */ AND c = ?", 1)), "WHERE a ? b /* ? */ AND c = ?");
    EXPECT_EQ(text(from().where(orm::unsafe_sql("x = ?"), 1)), "WHERE x = ?");
    EXPECT_EQ(from().where(orm::unsafe_sql("x = ? AND y = ?"), 1).to_sql().error().code, orm::errc::invalid_value);
}

TEST_F(Sql, TheRest) {
    const auto& c = User::c;
    EXPECT_EQ(text(from().order(c.age.desc()).order("name").limit(3).offset(2)),
              R"(ORDER BY "age" DESC, name LIMIT ? OFFSET ?)");
    EXPECT_EQ(text(from().offset(2)), "LIMIT -1 OFFSET ?");
    EXPECT_EQ(from().select(c.age).distinct().to_sql().or_throw().sql, R"(SELECT DISTINCT "age" FROM "users")");
    EXPECT_EQ(text(from().group(c.age).having(orm::expr("count(*) > ?", 1))), R"(GROUP BY "age" HAVING count(*) > ?)");
    EXPECT_EQ(from().where(c.name == "it's").where(c.age == 3).to_sql().or_throw().explained(),
              all + R"( WHERE "name" = 'it''s' AND "age" = 3)");
}

TEST_F(Sql, AColumnOfAnotherTableIsInvalidField) {
    const auto r = from().where(Pet::c.name == "x").to_sql();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::invalid_field);
    EXPECT_EQ(r.error().message, "column pets.name is not in this statement, which is about users");
    EXPECT_EQ(from().where(Pet::c.name == "x").find().error().code, orm::errc::invalid_field);
}

TEST_F(Sql, MigrationPlan) {
    const auto plan = db.plan_migration<Company, User>().or_throw();
    ASSERT_EQ(plan.size(), 6U);
    EXPECT_EQ(plan[0].sql,
              R"(CREATE TABLE "companies" ("id" integer PRIMARY KEY AUTOINCREMENT, "created_at" datetime NOT NULL, )"
              R"("updated_at" datetime NOT NULL, "deleted_at" datetime, "name" text NOT NULL))");
    EXPECT_EQ(plan[1].sql, R"(CREATE INDEX "idx_companies_deleted_at" ON "companies" ("deleted_at"))");
    EXPECT_EQ(plan[2].sql, R"(CREATE UNIQUE INDEX "idx_companies_name" ON "companies" ("name"))");
    EXPECT_TRUE(plan[3].sql.ends_with(R"(CONSTRAINT "chk_users_age" CHECK (age >= 0)))")) << plan[3].sql;
    db.auto_migrate<Company, User>().or_throw();
    EXPECT_TRUE((db.plan_migration<Company, User>().or_throw().empty()));
}

}  // namespace
