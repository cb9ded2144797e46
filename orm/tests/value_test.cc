// SPDX-License-Identifier: Apache-2.0
// What a column can hold: it comes back as it went in, or a typed error says why not.
#include "fixture.h"

#include <gtest/gtest.h>
#include <skua/orm/json.hpp>
#include <skua/orm/uuid.hpp>

enum class Weather : std::uint8_t { sun, rain };
template <>
struct skua::orm::codec<Weather> : skua::orm::words_codec<skua::orm::codec<Weather>, Weather> {
    static constexpr std::pair<Weather, std::string_view> words[] = {{Weather::sun, "sun"}, {Weather::rain, "rain"}};
};
struct Point {
    int x = 0;
    double y = 0;
    std::optional<std::string> label;
    SKUA_COLUMNS(Point, (x), (y), (label))
    bool operator==(const Point&) const = default;
};
struct Address {
    std::string city;
    std::string street;
    Point at;
    SKUA_COLUMNS(Address, (city, "index"), (street, "column:road"), (at, "embedded;embeddedPrefix:at_"))
    bool operator==(const Address&) const = default;
};
struct Customer {
    std::int64_t id = 0;
    std::string name;
    Address home, work;
    SKUA_MODEL(Customer, (id), (name), (home, "embedded;embeddedPrefix:home_"), (work, "embedded;embeddedPrefix:work_"))
};
struct Parcel {
    std::int64_t id = 0;
    std::int64_t customer_id = 0;
    orm::one<Customer> customer;
    SKUA_MODEL(Parcel, (id), (customer_id), (customer))
};
struct Kept {
    std::int64_t id = 0;
    orm::uuid key;
    orm::json raw;
    std::vector<std::string> tags;
    std::map<std::string, std::vector<int>> table;
    std::optional<Point> point;
    std::vector<Point> points;
    std::int64_t when = 0;
    Weather weather = Weather::sun;
    std::chrono::milliseconds took{0};
    std::optional<orm::uuid> other;
    SKUA_MODEL(Kept, (id), (key), (raw), (tags, "serializer:json"), (table, "serializer:json"),
               (point, "serializer:json"), (points, "serializer:json"), (when, "serializer:unixtime"), (weather),
               (took), (other))
};

namespace {

TEST(Embedded, MembersAreColumnsWithAPrefix) {
    auto db = memory();
    db.auto_migrate<Customer>().or_throw();
    EXPECT_TRUE(db.plan_migration<Customer>().or_throw().empty());
    const auto names = db.raw<std::string>("SELECT name FROM pragma_table_info('customers')").find().or_throw();
    EXPECT_EQ(names, (std::vector<std::string>{"id", "name", "home_city", "home_road", "home_at_x", "home_at_y",
                                               "home_at_label", "work_city", "work_road", "work_at_x", "work_at_y",
                                               "work_at_label"}));
    Customer c;
    c.name = "ann";
    c.home = {"Berlin", "Long Road", {1, 2.5, "door"}};
    c.work.city = "Rome";
    db.create(c).or_throw();
    const Customer read = db.find<Customer>(c.id).or_throw();
    EXPECT_EQ(read.home, c.home);
    EXPECT_EQ(read.work, c.work);
}

TEST(Embedded, ColumnsAreNamedThroughTheMember) {
    auto db = memory();
    db.auto_migrate<Customer>().or_throw();
    Customer c;
    c.work.city = "Rome";
    db.create(c).or_throw();
    const auto city = Customer::c.work[Address::c.city];
    EXPECT_EQ(db.from<Customer>().where(city == "Rome").count().or_throw(), 1);
    EXPECT_EQ(db.from<Customer>().where(Customer::c.home[Address::c.city] == "Rome").count().or_throw(), 0);
    db.of(c).update(Customer::c.work[Address::c.at[Point::c.x]] = 7, city = "Oslo").or_throw();
    EXPECT_EQ(c.work.at.x, 7);
    EXPECT_EQ(db.find<Customer>(c.id).or_throw().work.city, "Oslo");
    EXPECT_EQ(db.from<Customer>().pluck(city).or_throw(), std::vector<std::string>{"Oslo"});
}

// From FROM on.
std::string tables_of(const auto& query) {
    const std::string sql = query.to_sql().or_throw().sql;
    return sql.substr(sql.find("FROM "));
}

TEST(Embedded, ColumnsUnderAnAlias) {
    auto db = memory();
    const auto twin = orm::as<Customer>("twin");
    EXPECT_EQ(tables_of(db.from<Customer>()
                            .inner_joins(twin, twin.home[Address::c.city] == Customer::c.work[Address::c.city])
                            .where(twin.work[Address::c.at[Point::c.x]] > 1 && Customer::c.home[Address::c.city] != "")
                            .order(twin.home[Address::c.street].desc())),
              R"(FROM "customers" INNER JOIN "customers" "twin" ON "twin"."home_city" = "customers"."work_city" )"
              R"(WHERE "twin"."work_at_x" > ? AND "customers"."home_city" <> ? ORDER BY "twin"."home_road" DESC)");
    EXPECT_EQ(tables_of(db.from(twin).where(twin.home[Address::c.city] == "Rome")),
              R"(FROM "customers" "twin" WHERE "twin"."home_city" = ?)");
    EXPECT_EQ(db.from<Customer>().where(twin.home[Address::c.city] == "Rome").to_sql().error().code,
              orm::errc::invalid_field);
}

TEST(Embedded, ColumnsThroughARelation) {
    auto db = memory();
    EXPECT_EQ(tables_of(db.from<Parcel>()
                            .joins(Parcel::c.customer)
                            .where(Parcel::c.customer[Customer::c.home[Address::c.at[Point::c.y]]] > 1)),
              R"(FROM "parcels" LEFT JOIN "customers" "customer" ON "parcels"."customer_id" = "customer"."id" )"
              R"(WHERE "customer"."home_at_y" > ?)");
    const auto p = orm::as<Parcel>("p");
    EXPECT_EQ(tables_of(db.from(p).joins(p.customer).where(p.customer[Customer::c.home[Address::c.city]] == "Rome")),
              R"(FROM "parcels" "p" LEFT JOIN "customers" "customer" ON "p"."customer_id" = "customer"."id" )"
              R"(WHERE "customer"."home_city" = ?)");
}

class Keeping : public ::testing::Test {
protected:
    Keeping() { db.auto_migrate<Kept>().or_throw(); }
    orm::database db = memory();
};

TEST_F(Keeping, WhatWasWrittenIsRead) {
    Kept k;
    k.key = orm::uuid::random();
    k.raw.text = R"({"a":[1,2,{"b":null}]})";
    k.tags = {"x", "with \"quotes\"", "line\nbreak", "\xc3\xa4"};
    k.table = {{"primes", {2, 3, 5}}, {"none", {}}};
    k.point = Point{3, -0.5, "here"};
    k.points = {Point{1, 1e300, {}}, Point{}};
    k.when = 1'500'000'000;
    k.weather = Weather::rain;
    k.took = std::chrono::milliseconds(1234);
    db.create(k).or_throw();
    const Kept r = db.find<Kept>(k.id).or_throw();
    EXPECT_EQ(r.key, k.key);
    EXPECT_EQ(r.raw, k.raw);
    EXPECT_EQ(r.tags, k.tags);
    EXPECT_EQ(r.table, k.table);
    EXPECT_EQ(r.point, k.point);
    EXPECT_EQ(r.points, k.points);
    EXPECT_EQ(r.when, k.when);
    EXPECT_EQ(r.weather, k.weather);
    EXPECT_EQ(r.took, k.took);
    EXPECT_FALSE(r.other);
    EXPECT_EQ(db.from<Kept>().where(Kept::c.key == k.key && Kept::c.weather == Weather::rain).count().or_throw(), 1);
}

TEST_F(Keeping, OnDiskAsGormHasIt) {
    Kept k;
    k.tags = {"a"};
    k.when = 1'500'000'000;
    k.took = std::chrono::milliseconds(2);
    db.create(k).or_throw();
    EXPECT_EQ(db.raw<std::string>("SELECT tags FROM kepts").first().or_throw(), R"(["a"])");
    EXPECT_EQ(db.raw<std::string>("SELECT key FROM kepts").first().or_throw(), "00000000-0000-0000-0000-000000000000");
    EXPECT_EQ(db.raw<std::string>("SELECT \"when\" FROM kepts").first().or_throw(), "2017-07-14 02:40:00+00:00");
    EXPECT_EQ(db.raw<int>("SELECT took FROM kepts").first().or_throw(), 2'000'000);
    EXPECT_EQ(db.raw<std::string>("SELECT weather FROM kepts").first().or_throw(), "sun");
}

TEST_F(Keeping, WhatDoesNotFitIsInvalidDataAndNamesItsColumn) {
    Kept k;
    db.create(k).or_throw();
    const struct {
        const char *column, *value;
    } cases[] = {{"key", "'no uuid'"},
                 {"key", "5"},
                 {"raw", "'{'"},
                 {"tags", "'[1]'"},
                 {"tags", "'[\"a\"] x'"},
                 {"\"table\"", "'{\"a\":[1.5]}'"},
                 {"point", "'{\"x\":\"1\"}'"},
                 {"points", "'[{\"x\":99999999999}]'"},
                 {"\"when\"", "'yesterday'"},
                 {"weather", "'snow'"},
                 {"took", "'long'"}};
    for (const auto& c : cases) {
        SCOPED_TRACE(std::string(c.column) + " = " + c.value);
        db.from<Kept>().all().remove().or_throw();
        Kept fresh;
        db.create(fresh).or_throw();
        db.exec(orm::unsafe_sql("UPDATE kepts SET " + std::string(c.column) + " = " + c.value)).or_throw();
        const auto r = db.find<Kept>(fresh.id);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, orm::errc::invalid_data);
        EXPECT_NE(std::string(c.column).find(r.error().column), std::string::npos);
    }
}

TEST(Text, WhatIsNotUtf8IsRefusedAndNothingIsWritten) {
    auto db = with_users();
    for (const char* good : {"plain", "\xc3\xa4", "\xf0\x9f\x98\x80", "long enough for eight bytes \xe2\x82\xac"}) {
        User u = make_user(good);
        EXPECT_TRUE(db.create(u)) << good;
        EXPECT_EQ(db.find<User>(u.id).or_throw().name, good);
    }
    for (const char* bad : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "eight bytes and \x80",
                            "\xe2\x82", "\xf0\x80\x80\x80"}) {
        User u = make_user(bad);
        const auto r = db.create(u);
        ASSERT_FALSE(r);
        EXPECT_EQ(r.error().code, orm::errc::invalid_value);
        EXPECT_EQ(r.error().sqlstate, "22021");
    }
    EXPECT_EQ(db.from<User>().count().or_throw(), 4);
}

TEST(Json, NestingIsBoundedAndTextIsChecked) {
    using orm::detail::is_json;
    EXPECT_TRUE(is_json(R"( {"a" : [true, false, null, -1.5e+3, "\u00e4\ud83d\ude00\\"]} )"));
    for (const char* bad : {"", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "1e", "\"\n\"", "\"\\x\"", "\"\\ud800\"",
                            "[1] 2", "nul", "-", "+1", "\"abc"})
        EXPECT_FALSE(is_json(bad)) << bad;
    EXPECT_TRUE(is_json(std::string(60, '[') + std::string(60, ']')));
    EXPECT_FALSE(is_json(std::string(100000, '[') + std::string(100000, ']')));
}

TEST(Uuid, ParsesAndMakesVersions) {
    const auto u = orm::uuid::parse("F47AC10B-58cc-4372-a567-0e02b2c3d479");
    ASSERT_TRUE(u);
    EXPECT_EQ(u->to_string(), "f47ac10b-58cc-4372-a567-0e02b2c3d479");
    EXPECT_EQ(orm::uuid::parse("{f47ac10b58cc4372a5670e02b2c3d479}"), u);
    for (const char* bad : {"", "f47ac10b", "f47ac10b-58cc-4372-a567-0e02b2c3d47",
                            "g47ac10b-58cc-4372-a567-0e02b2c3d479", "f47ac10b058cc-4372-a567-0e02b2c3d479"})
        EXPECT_FALSE(orm::uuid::parse(bad)) << bad;
    EXPECT_EQ(orm::uuid::random().to_string()[14], '4');
    EXPECT_EQ(orm::uuid::time_ordered().to_string()[14], '7');
    EXPECT_NE(orm::uuid::random(), orm::uuid::random());
}

}  // namespace
