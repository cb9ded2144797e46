// SPDX-License-Identifier: Apache-2.0
// Tables made, compared and changed; members that become columns in other ways than plainly.
#include "contract.h"

#include <skua/orm/json.hpp>
#include <skua/orm/uuid.hpp>

namespace contract {
namespace {

struct Place {
    std::string city;
    std::int64_t zip = 0;
    SKUA_COLUMNS(Place, (city, "size:50"), (zip))
    bool operator==(const Place&) const = default;
};
struct Person {
    std::int64_t id = 0;
    Place home, work;
    std::vector<std::string> tags;
    std::optional<Place> last;
    orm::uuid key;
    orm::json extra;
    std::int64_t seen = 0;
    std::int64_t made_at = 0, changed_at = 0;
    std::string fixed;
    std::int64_t gone = 0;
    SKUA_TABLE("people")
    SKUA_MODEL(Person, (id), (home, "embedded;embeddedPrefix:home_"), (work, "embedded;embeddedPrefix:work_"),
               (tags, "serializer:json"), (last, "serializer:json"), (key), (extra), (seen, "serializer:unixtime"),
               (made_at, "autoCreateTime:milli"), (changed_at, "autoUpdateTime:nano"), (fixed, "size:20;<-:create"),
               (gone, "softDelete:milli"))
};
struct Thing {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> note;
    std::int32_t count = 0;
    SKUA_TABLE("things")
    SKUA_MODEL(Thing, (id), (name, "size:20;index"), (note, "size:20"), (count))
};
struct ThingLater {
    std::int64_t id = 0;
    std::optional<std::string> name;
    std::string note;
    std::int64_t count = 0;
    int added = 0;
    SKUA_TABLE("things")
    SKUA_MODEL(ThingLater, (id), (name, "size:20;index"), (note, "size:40"),
               (count, "default:3;check:chk_count,count < 100"), (added, "default:7"))
};

Person a_person() {
    Person p;
    p.home = {"Berlin", 10115};
    p.work.city = "Rome";
    p.tags = {"x", "y \"z\""};
    p.last = Place{"Oslo", 1};
    p.key = orm::uuid::random();
    p.extra.text = R"({"a": [1, 2]})";
    p.seen = 1'500'000'000;
    p.fixed = "fixed";
    return p;
}

TEST_P(Contract, TestEmbeddedStruct) {
    auto db = with<Person>();
    Person p = a_person();
    db.create(p).or_throw();
    const Person r = db.find<Person>(p.id).or_throw();
    EXPECT_EQ(r.home, p.home);
    EXPECT_EQ(r.work, p.work);
    EXPECT_EQ(db.from<Person>().where(Person::c.home[Place::c.city] == "Berlin").count().or_throw(), 1);
    db.of(p).update(Person::c.work[Place::c.zip] = 99).or_throw();
    EXPECT_EQ(db.find<Person>(p.id).or_throw().work.zip, 99);
}

TEST_P(Contract, TestSerializer) {
    auto db = with<Person>();
    Person p = a_person();
    db.create(p).or_throw();
    const Person r = db.find<Person>(p.id).or_throw();
    EXPECT_EQ(r.tags, p.tags);
    EXPECT_EQ(r.last, p.last);
    EXPECT_EQ(r.key, p.key);
    EXPECT_EQ(r.extra.text, p.extra.text);
    EXPECT_EQ(r.seen, p.seen);
    EXPECT_EQ(db.from<Person>().where(Person::c.key == p.key).count().or_throw(), 1);
}

TEST_P(Contract, TestCustomizeFieldTimes) {
    auto db = with<Person>();
    auto then = db.session({.now = [] { return orm::from_unix_ns(1'600'000'000'123'000'000); }});
    Person p = a_person();
    then.create(p).or_throw();
    EXPECT_EQ(p.made_at, 1'600'000'000'123);
    EXPECT_EQ(p.changed_at, 1'600'000'000'123'000'000);
    p.fixed = "changed";
    db.save(p).or_throw();
    const Person r = db.find<Person>(p.id).or_throw();
    EXPECT_EQ(r.fixed, "fixed");
    EXPECT_EQ(r.made_at, p.made_at);
    EXPECT_GT(r.changed_at, 1'600'000'000'123'000'000);
    EXPECT_EQ(db.of(p).update(Person::c.fixed = "x").error().code, orm::errc::invalid_field);
}

TEST_P(Contract, TestSoftDeleteZeroValue) {
    auto db = with<Person>();
    Person p = a_person();
    db.create(p).or_throw();
    db.of(p).remove().or_throw();
    EXPECT_GT(p.gone, 0);
    EXPECT_EQ(db.from<Person>().count().or_throw(), 0);
    EXPECT_EQ(db.from<Person>().unscoped().count().or_throw(), 1);
}

TEST_P(Contract, TestMigrateTwice) {
    auto db = with<Person, User, Company, Language, CouponProduct, Thing>();
    const auto plan = db.plan_migration<Person, User, Company, Language, CouponProduct, Thing>().or_throw();
    for (const auto& step : plan) ADD_FAILURE() << step.what << ": " << step.sql;
}

TEST_P(Contract, TestSmartMigrateColumn) {
    auto db = with<Thing>();
    Thing t;
    t.name = "a";
    t.note = "note";
    t.count = 5;
    db.create(t).or_throw();
    db.auto_migrate<ThingLater>().or_throw();  // adds
    EXPECT_TRUE(db.migrator().has_column(ThingLater::c.added).or_throw());
    EXPECT_TRUE(db.migrator().has_constraint<ThingLater>("chk_count").or_throw());
    EXPECT_EQ(db.from<Thing>().all().update(Thing::c.count = 100).error().code, orm::errc::check_violated);

    bool alters = false;
    for (const auto& step : db.plan_migration<ThingLater>().or_throw()) alters = alters || step.alters;
    EXPECT_TRUE(alters);
    db.auto_migrate<ThingLater>({.alter = true}).or_throw();
    EXPECT_TRUE(db.plan_migration<ThingLater>().or_throw().empty());
    const ThingLater later = db.find<ThingLater>(t.id).or_throw();
    EXPECT_EQ(later.name, "a");
    EXPECT_EQ(later.note, "note");
    EXPECT_EQ(later.count, 5);
    EXPECT_EQ(later.added, 7);
    ThingLater more;
    more.note = "no name";
    db.create(more).or_throw();
    EXPECT_FALSE(db.find<ThingLater>(more.id).or_throw().name);
}

TEST_P(Contract, TestMigrateRenameAndDropColumn) {
    auto db = with<Thing>();
    const auto m = db.migrator();
    m.add_column(ThingLater::c.added).or_throw();
    m.rename_column<Thing>("added", "extra").or_throw();
    EXPECT_TRUE(m.has_column<Thing>("extra").or_throw());
    EXPECT_FALSE(m.has_column<Thing>("added").or_throw());
    m.drop_column<Thing>("extra").or_throw();
    EXPECT_FALSE(m.has_column<Thing>("extra").or_throw());
    const auto columns = m.column_types<Thing>().or_throw();
    ASSERT_EQ(columns.size(), 4U);
    EXPECT_EQ(columns[0].name, "id");
    EXPECT_TRUE(columns[0].primary_key);
    EXPECT_FALSE(columns[1].nullable);
    EXPECT_TRUE(columns[2].nullable);
}

TEST_P(Contract, TestMigrateRenameIndex) {
    auto db = with<Thing>();
    const auto m = db.migrator();
    EXPECT_TRUE(m.has_index<Thing>("idx_things_name").or_throw());
    m.rename_index<Thing>("idx_things_name", "renamed").or_throw();
    EXPECT_TRUE(m.has_index<Thing>("renamed").or_throw());
    m.drop_index<Thing>("renamed").or_throw();
    EXPECT_FALSE(m.has_index<Thing>("renamed").or_throw());
    m.create_index<Thing>("idx_things_name").or_throw();
    EXPECT_TRUE(m.has_index<Thing>("idx_things_name").or_throw());
}

TEST_P(Contract, TestMigrateConstraint) {
    auto db = with<Thing>();
    const auto m = db.migrator();
    EXPECT_FALSE(m.has_constraint<ThingLater>("chk_count").or_throw());
    m.create_constraint<ThingLater>("chk_count").or_throw();
    EXPECT_TRUE(m.has_constraint<ThingLater>("chk_count").or_throw());
    m.drop_constraint<ThingLater>("chk_count").or_throw();
    EXPECT_FALSE(m.has_constraint<ThingLater>("chk_count").or_throw());
}

TEST_P(Contract, TestMigrateTables) {
    auto db = with<Thing>();
    const auto m = db.migrator();
    EXPECT_EQ(m.tables().or_throw(), std::vector<std::string>{"things"});
    m.rename_table("things", "items").or_throw();
    EXPECT_FALSE(m.has_table<Thing>().or_throw());
    EXPECT_EQ(db.from<Thing>().table("items").count().or_throw(), 0);
    m.drop_table("items").or_throw();
    m.create_table<Thing>().or_throw();
    EXPECT_TRUE(m.has_table<Thing>().or_throw());
}

TEST_P(Contract, TestMigrateView) {
    auto db = with<Thing>();
    Thing t;
    t.name = "it's";
    t.count = 9;
    db.create(t).or_throw();
    db.migrator().create_view("busy", db.from<Thing>().where(Thing::c.count > 2 && Thing::c.name == "it's")).or_throw();
    EXPECT_EQ(db.from<Thing>().table("busy").count().or_throw(), 1);
    db.migrator().drop_view("busy").or_throw();
}

}  // namespace
}  // namespace contract
