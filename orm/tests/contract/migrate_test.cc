// SPDX-License-Identifier: Apache-2.0
// Tables from models.
#include "contract.h"

#include <algorithm>

#include <skua/orm/driver.hpp>

namespace contract {
namespace {

struct WideUser : orm::model<WideUser> {
    std::string name;
    std::int64_t age = 0;
    std::optional<orm::time> birthday;
    std::optional<std::string> email;
    std::optional<std::int64_t> company_id;
    bool active = false;
    std::string nickname;
    std::int64_t points = 0;
    SKUA_TABLE("users")
    SKUA_MODEL(WideUser, (name, "size:255;index"), (age, "check:age >= 0"), (birthday), (email, "size:100;uniqueIndex"),
               (company_id), (active), (nickname, "size:50;index:idx_nick"), (points, "default:7"))
};
struct Unique {
    std::int64_t id = 0;
    std::string word;
    std::string first, second;
    SKUA_TABLE("uniques")
    SKUA_MODEL(Unique, (id), (word, "size:40;unique"), (first, "size:40;uniqueIndex:idx_pair,priority:2"),
               (second, "size:40;uniqueIndex:idx_pair,priority:1"))
};

TEST_P(Contract, TestMigrate) {
    auto db = open();
    const auto plan = db.plan_migration<User, Language, CouponProduct>().or_throw();
    EXPECT_FALSE(plan.empty());
    db.auto_migrate<User, Language, CouponProduct>().or_throw();
    User u = user("x");
    db.create(u).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 1);
}

TEST_P(Contract, TestMigrateDonotAlterColumn) {
    auto db = with<User, Language, CouponProduct, Company, Unique>();
    const auto again = db.plan_migration<User, Language, CouponProduct, Company, Unique>().or_throw();
    for (const auto& step : again) ADD_FAILURE() << "a second migration does nothing; got " << step.sql;
    wire log(db);
    db.auto_migrate<User, Language, CouponProduct, Company, Unique>().or_throw();
    EXPECT_TRUE(log.take().empty());
}

TEST_P(Contract, TestMigrateColumns) {
    auto db = with<User>();
    User u = user("old");
    db.create(u).or_throw();
    db.auto_migrate<WideUser>().or_throw();
    WideUser read = db.find<WideUser>(u.id).or_throw();
    EXPECT_EQ(read.name, "old") << "rows that were there stay";
    EXPECT_EQ(read.nickname, "");
    EXPECT_EQ(read.points, 7);
    EXPECT_TRUE(db.plan_migration<WideUser>().or_throw().empty());
    EXPECT_TRUE(db.plan_migration<User>().or_throw().empty()) << "columns that the model does not have stay";
}

TEST_P(Contract, TestMigrateIndexes) {
    auto db = with<Unique>();
    Unique a{.word = "a", .first = "x", .second = "y"}, b{.word = "a", .first = "p", .second = "q"};
    db.create(a).or_throw();
    const orm::error word = db.create(b).error();
    EXPECT_EQ(word.code, orm::errc::duplicated_key);
    if (!is(database_kind::sqlite)) {
        EXPECT_EQ(word.constraint, "uni_uniques_word");
    }
    b.word = "b";
    b.first = "x";
    b.second = "y";
    EXPECT_EQ(db.create(b).error().constraint, "idx_pair");
}

// What dialects ask their catalogues.
TEST_P(Contract, TestColumnTypes) {
    auto db = with<User, Unique>();
    const auto through = driver();
    const orm::dialect& d = through->dialect();
    using details = std::tuple<std::string, std::string, std::int64_t, std::optional<std::string>, std::int64_t,
                               std::optional<std::int64_t>, std::int64_t>;
    const auto columns =
        db.raw<details>(orm::unsafe_sql(plain_sql(std::string(d.column_details_query()))), "users").find().or_throw();
    ASSERT_EQ(columns.size(), 10U);
    EXPECT_EQ(std::get<0>(columns[0]), "id");
    EXPECT_EQ(std::get<4>(columns[0]), 1) << "the primary key";
    EXPECT_EQ(std::get<6>(columns[0]), 1) << "filled automatically";
    EXPECT_EQ(std::get<2>(columns[0]), 0);
    EXPECT_EQ(std::get<0>(columns[4]), "name");
    EXPECT_EQ(std::get<2>(columns[4]), 0) << "NOT NULL";
    EXPECT_EQ(std::get<4>(columns[4]), 0);
    EXPECT_EQ(std::get<0>(columns[7]), "email");
    EXPECT_EQ(std::get<2>(columns[7]), 1) << "nullable";
    if (!is(database_kind::sqlite)) {
        EXPECT_EQ(std::get<5>(columns[7]), 100) << "characters";
    }
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto& field = orm::info_of<User>().fields[i];
        EXPECT_EQ(std::get<0>(columns[i]), field.column);
        EXPECT_TRUE(d.same_type(std::get<1>(columns[i]), d.type_of(field)))
            << field.column << ": " << std::get<1>(columns[i]) << " and " << d.type_of(field);
    }
    EXPECT_FALSE(d.same_type("bigint", "text"));

    using index = std::tuple<std::string, std::int64_t, std::int64_t, std::optional<std::string>>;
    auto indexes =
        db.raw<index>(orm::unsafe_sql(plain_sql(std::string(d.index_details_query()))), "uniques").find().or_throw();
    std::erase_if(indexes, [](const index& i) { return std::get<0>(i) != "idx_pair"; });
    ASSERT_EQ(indexes.size(), 2U);
    EXPECT_EQ(std::get<1>(indexes[0]), 1);
    EXPECT_EQ(std::get<3>(indexes[0]), "second") << "by priority";
    EXPECT_EQ(std::get<2>(indexes[1]), 1);
    EXPECT_EQ(std::get<3>(indexes[1]), "first");

    using constraint = std::tuple<std::string, std::string>;
    const auto find_constraint = [&](const char* table, const char* name) {
        const auto all =
            db.raw<constraint>(orm::unsafe_sql(plain_sql(std::string(d.constraints_query()))), table).find().or_throw();
        const auto it =
            std::find_if(all.begin(), all.end(), [&](const constraint& c) { return std::get<0>(c) == name; });
        return it == all.end() ? std::string("none") : std::get<1>(*it);
    };
    EXPECT_EQ(find_constraint("users", "chk_users_age"), "c");
    EXPECT_EQ(find_constraint("uniques", "uni_uniques_word"), "u");
}

TEST_P(Contract, TestAlterColumn) {
    auto db = with<Language>();
    Language lang{.code = "a", .name = "12"};
    db.create(lang).or_throw();
    const auto through = driver();
    const orm::dialect& d = through->dialect();
    const auto steps = d.alter_column({"languages", "name", "bigint", true, "5"});
    if (is(database_kind::sqlite)) {
        EXPECT_TRUE(steps.empty()) << "the table must be made anew";
        return;
    }
    for (const std::string& sql : steps) db.exec(orm::unsafe_sql(sql)).or_throw();
    EXPECT_EQ(db.raw<std::int64_t>("SELECT name + 1 FROM languages").first().or_throw(), 13);
    db.exec("INSERT INTO languages (code) VALUES ('b')").or_throw();
    EXPECT_EQ(db.raw<std::int64_t>("SELECT name FROM languages WHERE code = 'b'").first().or_throw(), 5);
}

}  // namespace
}  // namespace contract
