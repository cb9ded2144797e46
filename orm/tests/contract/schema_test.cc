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

TEST_P(Contract, TestSoftDeleteZeroValue) {
    auto db = with<Person>();
    Person p = a_person();
    db.create(p).or_throw();
    db.of(p).remove().or_throw();
    EXPECT_GT(p.gone, 0);
    EXPECT_EQ(db.from<Person>().count().or_throw(), 0);
    EXPECT_EQ(db.from<Person>().unscoped().count().or_throw(), 1);
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
