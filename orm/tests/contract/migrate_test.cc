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

struct Priced {
    std::int64_t id = 0;
    std::string name;
    double price = 0;
    std::int64_t count = 0;
    SKUA_TABLE("priceds")
    SKUA_MODEL(Priced, (id), (name, "size:40"), (price, "precision:10;scale:2"), (count))
};
// The same table, later.
struct Summed {
    std::int64_t id = 0;
    std::string name;
    double price = 0;
    std::int64_t count = 0;
    double total = 0;
    orm::time seen{};
    SKUA_TABLE("priceds")
    SKUA_MODEL(Summed, (id),
               (name,
                "size:80;default:none;index:idx_priced_name,length:10,type:btree,comment:finds it,where:count > 0"),
               (price, "precision:10;scale:2"), (count), (total, "precision:12;scale:2;generated:price * count"),
               (seen, "precision:3;comment:it's UTC"))
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

// A key of text without a size, and what refers to it; one of a size that only the key says.
struct Country {
    std::string code;
    SKUA_MODEL(Country, (code, "primaryKey"))
};
struct Port {
    std::string name;
    SKUA_MODEL(Port, (name, "primaryKey;size:40"))
};
struct Ship {
    std::int64_t id = 0;
    std::string country_code;
    std::optional<std::string> port_name;
    orm::one<Country> country;
    orm::one<Port> port;
    SKUA_MODEL(Ship, (id), (country_code), (port_name), (country), (port))
};

TEST_P(Contract, TestForeignKeysOfText) {
    auto db = with<Ship>();
    Ship s{.country_code = "no"};
    EXPECT_EQ(db.create(s).error().code, orm::errc::foreign_key_violated);
    s.country = Country{.code = "de"};
    s.port = Port{.name = "Kiel"};
    db.create(s).or_throw();
    EXPECT_EQ(db.from<Ship>().preload(Ship::c.port).first().or_throw().port->name, "Kiel");
    for (const auto& step : db.plan_migration<Ship>().or_throw()) ADD_FAILURE() << step.sql;
    if (!is(database_kind::sqlite)) {
        EXPECT_NE(db.migrator().column_types("ships").or_throw()[2].type.find("(40)"), std::string::npos);
    }
    db.migrator().drop_table<Ship>().or_throw();
    db.migrator().create_table<Ship>().or_throw();
    EXPECT_TRUE(db.plan_migration<Ship>().or_throw().empty());
}

// Two views of one table.
struct Early {
    std::int64_t id = 0;
    std::string name;
    SKUA_TABLE("both")
    SKUA_MODEL(Early, (id), (name, "size:40;index"))
};
struct Late {
    std::int64_t id = 0;
    std::string name;
    std::int64_t count = 0;
    std::optional<std::string> country_code;
    orm::one<Country> country;
    SKUA_TABLE("both")
    SKUA_MODEL(Late, (id), (name, "size:40;index"), (count, "check:count >= 0;index"), (country_code), (country))
};

TEST_P(Contract, TestTwoModelsOfOneTable) {
    auto db = open();
    db.auto_migrate<Early, Late>().or_throw();
    for (const auto& step : db.plan_migration<Early, Late>().or_throw()) ADD_FAILURE() << step.sql;
    for (const auto& step : db.plan_migration<Late, Early>().or_throw()) ADD_FAILURE() << step.sql;
    Late l{.name = "x", .count = 3, .country = Country{.code = "de"}};
    db.create(l).or_throw();
    EXPECT_EQ(db.find<Early>(l.id).or_throw().name, "x");
    l.id = 0;
    l.count = -1;
    EXPECT_EQ(db.create(l).error().code, orm::errc::check_violated);
    // Of a table that is there already.
    db.migrator().drop_table("both").or_throw();
    db.auto_migrate<Early>().or_throw();
    db.auto_migrate<Early, Late>().or_throw();
    for (const auto& step : db.plan_migration<Early, Late>().or_throw()) ADD_FAILURE() << step.sql;
}

// What dialects ask their catalogues.
TEST_P(Contract, TestColumnTypes) {
    auto db = with<User, Unique>();
    const auto through = driver();
    const orm::dialect& d = through->dialect();
    using details = std::tuple<std::string, std::string, std::int64_t, std::optional<std::string>, std::int64_t,
                               std::optional<std::int64_t>, std::int64_t, std::int64_t>;
    const auto columns =
        db.raw<details>(orm::unsafe_sql(plain_sql(std::string(d.column_details_query()))), "users").find().or_throw();
    ASSERT_EQ(columns.size(), 10U);
    EXPECT_EQ(std::get<0>(columns[0]), "id");
    EXPECT_EQ(std::get<4>(columns[0]), 1) << "the primary key";
    EXPECT_EQ(std::get<6>(columns[0]), 1) << "filled automatically";
    EXPECT_EQ(std::get<2>(columns[0]), 0);
    EXPECT_EQ(std::get<7>(columns[0]), 0) << "not generated";
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

TEST_P(Contract, TestGeneratedColumn) {
    auto fresh = with<Summed>();
    Summed a{.name = "nut", .price = 1.25, .count = 3};
    fresh.create(a).or_throw();
    EXPECT_EQ(a.total, 3.75) << "read back";
    fresh.of(a).update(Summed::c.count = 4).or_throw();
    EXPECT_EQ(fresh.find<Summed>(a.id).or_throw().total, 5);
    a.total = 99;
    fresh.save(a).or_throw();
    EXPECT_EQ(fresh.find<Summed>(a.id).or_throw().total, 5) << "nobody writes it";
    EXPECT_EQ(fresh.of(a).update(Summed::c.total = 1.0).error().code, orm::errc::invalid_field);
    for (const auto& step : fresh.plan_migration<Summed>().or_throw()) ADD_FAILURE() << step.sql;
}

// A table that is there gets the column, and keeps it when it is made anew.
TEST_P(Contract, TestAddGeneratedColumn) {
    auto db = with<Priced>();
    Priced a{.name = "nut", .price = 0.5, .count = 3};
    db.create(a).or_throw();
    db.auto_migrate<Summed>().or_throw();
    EXPECT_EQ(db.find<Summed>(a.id).or_throw().total, 1.5);
    db.auto_migrate<Summed>({.alter = true}).or_throw();
    const Summed there = db.find<Summed>(a.id).or_throw();
    EXPECT_EQ(there.total, 1.5);
    EXPECT_EQ(there.name, "nut");
    for (const auto& step : db.plan_migration<Summed>().or_throw()) ADD_FAILURE() << step.sql;
}

TEST_P(Contract, TestMigrateCommentsAndIndexSettings) {
    auto db = with<Summed>();
    const auto one = [&](orm::sql_literal<> sql) { return db.raw<std::string>(sql).first().or_throw(); };
    if (is(database_kind::mariadb)) {
        EXPECT_EQ(one("SELECT column_comment FROM information_schema.columns WHERE table_schema = DATABASE() AND "
                      "table_name = 'priceds' AND column_name = 'seen'"),
                  "it's UTC");
        EXPECT_EQ(one("SELECT concat(sub_part, ' ', index_type, ' ', index_comment) FROM "
                      "information_schema.statistics WHERE table_schema = DATABASE() AND index_name = "
                      "'idx_priced_name'"),
                  "10 BTREE finds it");
        EXPECT_EQ(db.migrator().column_types("priceds").or_throw()[2].type, "decimal(10,2)");
    } else if (is(database_kind::postgres)) {
        EXPECT_EQ(one("SELECT col_description('priceds'::regclass, attnum) FROM pg_attribute WHERE attrelid = "
                      "'priceds'::regclass AND attname = 'seen'"),
                  "it's UTC");
        EXPECT_NE(
            one("SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_priced_name'").find("USING btree (name) WHERE"),
            std::string::npos);
        const auto columns = db.migrator().column_types("priceds").or_throw();
        EXPECT_EQ(columns[2].type, "numeric(10,2)");
        EXPECT_EQ(columns[5].type, "timestamp(3) with time zone");
    } else {
        EXPECT_EQ(one("SELECT sql FROM sqlite_master WHERE name = 'idx_priced_name'"),
                  "CREATE INDEX \"idx_priced_name\" ON \"priceds\" (\"name\") WHERE count > 0");
    }
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
