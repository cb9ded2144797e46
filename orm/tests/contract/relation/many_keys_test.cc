// SPDX-License-Identifier: Apache-2.0
// Lists of keys that are longer than what one statement binds.
#include "relation.h"

#include <algorithm>

namespace many_keys {
namespace {

using namespace rel;

struct Thing;
struct Slot {
    std::int64_t shelf = 0, place = 0;
    orm::many<Thing> things;
    SKUA_MODEL(Slot, (shelf, "primaryKey"), (place, "primaryKey"), (things))
};
struct Thing {
    std::int64_t id = 0;
    std::optional<std::int64_t> slot_shelf, slot_place;
    static inline int found = 0;
    orm::status after_find(orm::event&) {
        ++found;
        return orm::ok;
    }
    SKUA_MODEL(Thing, (id), (slot_shelf), (slot_place))
};

struct ManyKeys : RelationTest {
    static constexpr std::int64_t too_many = 40000;
    // Objects with the keys 1, 2, 3 …: most of them are no rows.
    template <class T>
    static std::vector<T> with_keys() {
        std::vector<T> all(static_cast<std::size_t>(too_many));
        for (std::size_t i = 0; i < all.size(); ++i) all[i].id = static_cast<std::int64_t>(i) + 1;
        return all;
    }
    User user_with(std::initializer_list<const char*> pets) {
        User u = named<User>("u");
        for (const char* name : pets) u.pets.push_back(named<Pet>(name));
        db.create(u).or_throw();
        return u;
    }
    std::int64_t ties() { return db.raw<std::int64_t>("SELECT count(*) FROM user_speaks").first().or_throw(); }
};

TEST_P(ManyKeys, OfWhatIsRemoved) {
    User u = user_with({"a", "b", "c"});
    db.of(u, User::c.pets).remove(with_keys<Pet>()).or_throw();
    EXPECT_EQ(db.of(u, User::c.pets).count().or_throw(), 0);
    EXPECT_TRUE(u.pets.empty());
    EXPECT_EQ(db.from<Pet>().where(Pet::c.user_id.is_null()).count().or_throw(), 3) << "the rows stay";

    User v = user_with({"d"});
    db.of(v, User::c.pets).unscoped().remove(with_keys<Pet>()).or_throw();
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 3);

    v.company = named<Company>("acme");
    db.save(v).or_throw();
    db.of(v, User::c.company).remove(with_keys<Company>()).or_throw();
    EXPECT_FALSE(db.find<User>(v.id).or_throw().company_id);
}

TEST_P(ManyKeys, OfWhatStays) {
    User u = user_with({"a", "b", "c"});
    const Pet a = u.pets[0];
    std::vector<Pet> kept(static_cast<std::size_t>(too_many) / 2);
    kept.push_back(a);
    db.of(u, User::c.pets).replace(kept).or_throw();
    EXPECT_EQ(db.of(u, User::c.pets).count().or_throw(), too_many / 2 + 1);
    EXPECT_EQ(db.from<Pet>().where(Pet::c.user_id.is_null()).count().or_throw(), 2);
    EXPECT_EQ(db.find<Pet>(a.id).or_throw().user_id, u.id);
    db.of(u, User::c.pets).replace(kept).or_throw();
    EXPECT_EQ(db.of(u, User::c.pets).count().or_throw(), too_many / 2 + 1) << "nothing has to go";
}

TEST_P(ManyKeys, OfWhatStaysManyToMany) {
    User u = user_with({});
    std::vector<Language> before(2);
    before[0].code = "gone";
    before[1].code = "x1";
    db.of(u, User::c.languages).append(before).or_throw();
    std::vector<Language> kept(17000);
    for (std::size_t i = 0; i < kept.size(); ++i) kept[i].code = "x" + std::to_string(i);
    db.of(u, User::c.languages).replace(kept).or_throw();
    EXPECT_EQ(ties(), 17000);
    EXPECT_EQ(db.raw<std::int64_t>("SELECT count(*) FROM user_speaks WHERE language_code = 'gone'").first().or_throw(),
              0);
    EXPECT_EQ(db.of(u, User::c.languages).count().or_throw(), 17000);
    EXPECT_EQ(db.of(u, User::c.languages).find().or_throw().size(), 17000U);
    db.of(u, User::c.languages).remove(kept).or_throw();
    EXPECT_EQ(ties(), 0);
}

TEST_P(ManyKeys, OfOwners) {
    user_with({"a", "b"});
    User other = user_with({"c"});
    std::vector<User> owners = with_keys<User>();
    EXPECT_EQ(db.of(owners, User::c.pets).count().or_throw(), 3);
    const auto pets = db.of(owners, User::c.pets).find().or_throw();
    ASSERT_EQ(pets.size(), 3U);
    EXPECT_EQ(pets[2].name, "c");
    const orm::error ordered = db.of(owners, User::c.pets).order(Pet::c.name).find().error();
    EXPECT_EQ(ordered.code, orm::errc::unsupported) << "it would be the order of each statement";
    db.of(owners, User::c.pets).clear().or_throw();
    EXPECT_EQ(db.of(other, User::c.pets).count().or_throw(), 0);
}

TEST_P(ManyKeys, NoOwnersAtAll) {
    const User u = user_with({"a"});
    Tool t = named<Tool>("saw");
    t.custom_id = u.id;
    t.custom_type = "owner";
    db.create(t).or_throw();
    std::vector<User> none;
    db.of(none, User::c.tools).clear().or_throw();
    EXPECT_EQ(db.of(none, User::c.tools).count().or_throw(), 0);
    EXPECT_EQ(db.find<Tool>(t.id).or_throw().custom_id, u.id) << "nobody's ties are not everybody's";
}

// Composite keys go 256 at a time.
TEST_P(ManyKeys, Composite) {
    db.auto_migrate<Slot, Thing>().or_throw();
    std::vector<Slot> slots(600);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        slots[i].shelf = static_cast<std::int64_t>(i / 10 + 1);
        slots[i].place = static_cast<std::int64_t>(i % 10 + 1);
        slots[i].things = {Thing{}};
    }
    db.create(slots).or_throw();
    Thing::found = 0;
    const auto read = db.from<Slot>().preload(Slot::c.things).find().or_throw();
    EXPECT_EQ(std::count_if(read.begin(), read.end(), [](const Slot& s) { return s.things.size() == 1; }), 600);
    EXPECT_EQ(Thing::found, 600) << "each once";
    EXPECT_EQ(db.of(slots, Slot::c.things).count().or_throw(), 600);
    db.of(slots, Slot::c.things).clear().or_throw();
    EXPECT_EQ(db.from<Thing>().where(Thing::c.slot_shelf.is_null()).count().or_throw(), 600);
}

SKUA_ON_EVERY_DATABASE(ManyKeys);

}  // namespace
}  // namespace many_keys
