// SPDX-License-Identifier: Apache-2.0
// Reading.
#include "contract.h"

namespace contract {
namespace {

struct NameAge {
    std::string name;
    std::int64_t age = 0;
    SKUA_COLUMNS(NameAge, (name), (age))
};
struct NameLength {
    std::string name;
    std::int64_t letters = 0;
    SKUA_COLUMNS(NameLength, (name), (letters))
};

orm::database with_four(orm::database db) {
    auto four = users({"ann", "bob", "cid", "dan"});  // 18, 19, 20, 21
    db.create(four).or_throw();
    return db;
}
using names = std::vector<std::string>;

TEST_P(Contract, TestFind) {
    auto db = with_four(with<User>());
    const auto found = db.from<User>().where(User::c.name.in({"ann", "cid"})).order(User::c.name).find().or_throw();
    EXPECT_EQ(all_of(found, &User::name), (names{"ann", "cid"}));
    EXPECT_EQ(db.from<User>().first().or_throw().name, "ann");
    EXPECT_EQ(db.from<User>().last().or_throw().name, "dan");
    EXPECT_TRUE(db.from<User>().take().has_value());
    EXPECT_EQ(db.from<User>().where(User::c.name == "nobody").first().error().code, orm::errc::record_not_found);
    EXPECT_FALSE(db.from<User>().where(User::c.name == "nobody").find_one().or_throw());
    EXPECT_TRUE(db.from<User>().where(User::c.name == "nobody").find().or_throw().empty()) << "no rows are no error";
    EXPECT_EQ(db.from<User>().where("age >= ? AND name <> ?", 20, "dan").find().or_throw().size(), 1U);
}

TEST_P(Contract, TestFindInOfNothing) {
    auto db = with_four(with<User>());
    const std::vector<std::string> none;
    EXPECT_TRUE(db.from<User>().where(User::c.name.in(none)).find().or_throw().empty());
    EXPECT_EQ(db.from<User>().where(User::c.name.not_in(none)).count().or_throw(), 4);
    EXPECT_TRUE(db.from<User>().where("name IN ?", none).find().or_throw().empty());
    EXPECT_EQ(db.from<User>().where("name IN ?", names{"ann", "bob", "x"}).count().or_throw(), 2);
}

TEST_P(Contract, TestOr) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().where(User::c.name == "ann").or_where(User::c.age > 20);
    EXPECT_EQ(all_of(q.order(User::c.id).find().or_throw(), &User::name), (names{"ann", "dan"}));
    db.from<User>().where(User::c.name == "dan").remove().or_throw();
    EXPECT_EQ(all_of(q.find().or_throw(), &User::name), (names{"ann"})) << "what is deleted hides behind OR, too";
    EXPECT_EQ(db.from<User>().not_where(User::c.name == "ann" || User::c.name == "bob").count().or_throw(), 1);
}

TEST_P(Contract, TestPluck) {
    auto db = with_four(with<User>());
    EXPECT_EQ(db.from<User>().order(User::c.age.desc()).pluck(User::c.name).or_throw(),
              (names{"dan", "cid", "bob", "ann"}));
    EXPECT_EQ(db.from<User>().where(User::c.age < 20).order(User::c.age).pluck(User::c.age).or_throw(),
              (std::vector<std::int64_t>{18, 19}));
}

TEST_P(Contract, TestLimit) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().order(User::c.name);
    EXPECT_EQ(all_of(q.limit(2).find().or_throw(), &User::name), (names{"ann", "bob"}));
    EXPECT_EQ(q.limit(2).limit(-1).find().or_throw().size(), 4U);
}

TEST_P(Contract, TestOffset) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().order(User::c.name);
    EXPECT_EQ(all_of(q.limit(2).offset(1).find().or_throw(), &User::name), (names{"bob", "cid"}));
    EXPECT_EQ(all_of(q.offset(3).find().or_throw(), &User::name), (names{"dan"}));
    EXPECT_EQ(q.offset(3).offset(-1).find().or_throw().size(), 4U);
}

TEST_P(Contract, TestOrder) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().order(User::c.active).order(User::c.age.desc());
    EXPECT_EQ(q.find().or_throw().front().name, "dan");
    EXPECT_EQ(q.reorder().order("name DESC").find().or_throw().front().name, "dan");
}

TEST_P(Contract, TestCount) {
    auto db = with_four(with<User>());
    const auto q = db.from<User>().where(User::c.age >= 19).order(User::c.name);
    EXPECT_EQ(q.count().or_throw(), 3);
    EXPECT_EQ(q.find().or_throw().size(), 3U) << "counting changes nothing in the question";
    EXPECT_EQ(q.limit(2).count().or_throw(), 2);
}

TEST_P(Contract, TestCountWithGroup) {
    auto db = with_four(with<User>());
    auto again = users({"ann", "ann"});
    db.create(again).or_throw();
    EXPECT_EQ(db.from<User>().select(User::c.name).group(User::c.name).count().or_throw(), 4) << "the groups";
    EXPECT_EQ(db.from<User>().distinct().select(User::c.name).count().or_throw(), 4);
    EXPECT_EQ(db.from<User>().count().or_throw(), 6);
}

TEST_P(Contract, TestFillSmallerStruct) {
    auto db = with_four(with<User>());
    const auto small = db.from<User>().order(User::c.age).find<NameAge>().or_throw();
    ASSERT_EQ(small.size(), 4U);
    EXPECT_EQ(small[1].name, "bob");
    EXPECT_EQ(small[1].age, 19);
}

TEST_P(Contract, TestRaw) {
    auto db = with_four(with<User>());
    const auto rows =
        db.raw<NameLength>("SELECT name, length(name) + 0 AS letters FROM users WHERE age > ? ORDER BY name", 19)
            .find()
            .or_throw();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "cid");
    EXPECT_EQ(rows[0].letters, 3);
    EXPECT_EQ(db.raw<std::int64_t>("SELECT count(*) FROM users").first().or_throw(), 4);
    EXPECT_EQ(db.raw<double>("SELECT avg(age) FROM users").first().or_throw(), 19.5);
    EXPECT_EQ(db.raw<std::int64_t>("SELECT sum(age) FROM users").first().or_throw(), 78);
    EXPECT_EQ(db.raw<std::optional<std::string>>("SELECT max(email) FROM users").first().or_throw(), std::nullopt);
    EXPECT_EQ(db.raw<std::string>("SELECT '?' || name FROM users WHERE 1 = 0").find_one().or_throw(), std::nullopt);
    EXPECT_EQ(db.exec("UPDATE users SET age = age + ? WHERE name = ?", 10, "ann").or_throw().rows_affected, 1);
    EXPECT_EQ(db.exec("UPDATE users SET age = age WHERE age > ?", 0).or_throw().rows_affected, 4)
        << "rows that matched, not rows that changed";
}

TEST_P(Contract, TestToSQL) {
    auto db = with<User>();
    const auto text = db.from<User>().where(User::c.age > 18 && User::c.name == "x").limit(3).to_sql().or_throw();
    EXPECT_EQ(plain_sql(text.sql),
              "SELECT \"id\", \"created_at\", \"updated_at\", \"deleted_at\", \"name\", \"age\", \"birthday\", "
              "\"email\", \"company_id\", \"active\" FROM \"users\" WHERE \"age\" > ? AND \"name\" = ? AND "
              "\"deleted_at\" IS NULL LIMIT ?");
    EXPECT_EQ(text.values.size(), 3U);
    const std::string golden = is(database_kind::postgres)  ? "\"age\" > $1 AND \"name\" = $2"
                               : is(database_kind::mariadb) ? "`age` > ? AND `name` = ?"
                                                            : "\"age\" > ? AND \"name\" = ?";
    EXPECT_NE(text.sql.find(golden), std::string::npos) << text.sql;
}

TEST_P(Contract, TestDryRun) {
    auto db = with<User>();
    auto dry = db.session({.dry_run = true});
    User u = user("dry");
    dry.create(u).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    db.create(u).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 1) << "the database is not left dry";
}

TEST_P(Contract, TestScanNullValue) {
    auto db = with<User>();
    User u = user("null");
    db.create(u).or_throw();
    EXPECT_EQ(db.raw<std::string>("SELECT email FROM users").first().error().code, orm::errc::null_value);
    auto lenient = open({.null_as_zero = true});
    EXPECT_EQ(lenient.raw<std::string>("SELECT email FROM users").first().or_throw(), "");
}

TEST_P(Contract, TestStringPrimaryKeyForNumericValueStartingWithZero) {
    auto db = with<Language>();
    Language zero{.code = "01", .name = "zero one"}, one{.code = "1", .name = "one"};
    db.create(zero).or_throw();
    db.create(one).or_throw();
    EXPECT_EQ(db.find<Language>("01").or_throw().name, "zero one");
    EXPECT_EQ(db.find<Language>("1").or_throw().name, "one");
}

TEST_P(Contract, TestQueryError) {
    auto db = with<User>();
    const auto missing = db.raw<std::int64_t>("SELECT nonsense FROM users").first();
    EXPECT_EQ(missing.error().code, orm::errc::invalid_field);
    EXPECT_EQ(missing.error().sqlstate, "42703");
    EXPECT_EQ(db.raw<std::int64_t>("SELECT id FROM nowhere").first().error().sqlstate, "42P01");
    EXPECT_EQ(db.from<User>().where("age >").find().error().code, orm::errc::sql_error);
    EXPECT_EQ(db.from<User>().count().or_throw(), 0) << "the connection is as good as before";
}

}  // namespace
}  // namespace contract
