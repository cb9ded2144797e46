// SPDX-License-Identifier: Apache-2.0
#include "relation.h"

namespace rel {
namespace {

struct Save : RelationTest {
    static Language language(const char* code) {
        Language l;
        l.code = code;
        l.name = std::string("language ") + code;
        return l;
    }
    static User whole(const std::string& name) {
        User u = named<User>(name);
        Account account;
        account.number = name + "-1";
        u.account = std::move(account);
        u.pets = {named<Pet>(name + "-rex"), named<Pet>(name + "-tom")};
        u.pets[0].tool = named<Tool>(name + "-bone");
        u.tools = {named<Tool>(name + "-saw")};
        u.company = named<Company>(name + "-company");
        u.manager = named<User>(name + "-manager");
        u.team = {named<User>(name + "-team")};
        u.languages = {language((name + "-de").c_str()), language((name + "-fr").c_str())};
        u.friends = {named<User>(name + "-friend")};
        return u;
    }
    User read(std::int64_t id) {
        return db.from<User>()
            .where(User::c.id == id)
            .preload(orm::associations)
            .preload(User::c.pets, Pet::c.tool)
            .first()
            .or_throw();
    }
    void expect_equal(const User& u) {
        const User r = read(u.id);
        EXPECT_EQ(r.name, u.name);
        EXPECT_EQ(r.account->number, u.name + "-1");
        EXPECT_EQ(r.account->user_id, u.id);
        ASSERT_EQ(r.pets.size(), 2U);
        EXPECT_EQ(r.pets[0].name, u.name + "-rex");
        EXPECT_EQ(r.pets[0].tool->name, u.name + "-bone");
        EXPECT_EQ(r.pets[0].tool->custom_type, "pets");
        EXPECT_FALSE(r.pets[1].tool);
        ASSERT_EQ(r.tools.size(), 1U);
        EXPECT_EQ(r.tools[0].custom_type, "owner");
        EXPECT_EQ(r.company->name, u.name + "-company");
        EXPECT_EQ(r.company_id, r.company->id);
        EXPECT_EQ(r.manager->name, u.name + "-manager");
        ASSERT_EQ(r.team.size(), 1U);
        EXPECT_EQ(r.team[0].manager_id, u.id);
        ASSERT_EQ(r.languages.size(), 2U);
        EXPECT_EQ(r.languages[1].code, u.name + "-fr");
        ASSERT_EQ(r.friends.size(), 1U);
        EXPECT_EQ(r.friends[0].name, u.name + "-friend");
    }
};

// TestCreateWithAssociations
TEST_P(Save, CreateWithAssociations) {
    User u = whole("jinzhu");
    EXPECT_EQ(db.create(u).or_throw().rows_affected, 1);
    EXPECT_NE(u.pets[1].id, 0);
    EXPECT_EQ(u.pets[1].user_id, u.id);
    EXPECT_EQ(u.company_id, u.company->id);
    EXPECT_EQ(u.pets[0].tool->custom_id, u.pets[0].id);
    expect_equal(u);
}

// TestBulkCreateWithAssociations
TEST_P(Save, BulkCreateWithAssociationsSendsOneStatementForEachRelation) {
    std::vector<User> users{whole("a"), whole("b"), whole("c")};
    sent.take();
    db.create(users).or_throw();
    const lines what = sent.take();
    EXPECT_EQ(what, (lines{"INSERT companies", "INSERT users", "INSERT users", "INSERT accounts", "INSERT pets",
                           "INSERT tools", "INSERT tools", "INSERT users", "INSERT languages", "INSERT user_speaks",
                           "INSERT users", "INSERT user_friends"}));
    for (const User& u : users) expect_equal(u);
}

TEST_P(Save, ItIsAllOneTransaction) {
    db.exec("CREATE UNIQUE INDEX one_number ON accounts (number)").or_throw();
    User first = whole("a");
    db.create(first).or_throw();
    const auto before = db.from<Company>().count().or_throw();
    User again = whole("b");
    again.account->number = "a-1";
    const auto r = db.create(again);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::duplicated_key);
    EXPECT_EQ(db.from<Company>().count().or_throw(), before);
    EXPECT_EQ(db.from<User>().where(User::c.name == "b").count().or_throw(), 0);
}

TEST_P(Save, WhatIsThereAlreadyIsLinkedAndNotChanged) {
    Company acme = named<Company>("acme");
    db.create(acme).or_throw();
    Language de = language("de");
    db.create(de).or_throw();
    Pet stray = named<Pet>("stray");
    db.create(stray).or_throw();
    User u = named<User>("u");
    u.company = acme;
    u.company->name = "changed";
    u.languages = {de, language("fr")};
    u.languages[0].name = "changed";
    u.pets = {stray};
    u.pets[0].name = "changed";
    db.create(u).or_throw();
    const User r = read(u.id);
    EXPECT_EQ(r.company->id, acme.id);
    EXPECT_EQ(r.company->name, "acme");
    EXPECT_EQ(r.languages[0].name, "language de");
    EXPECT_EQ(r.languages[1].name, "language fr");
    ASSERT_EQ(r.pets.size(), 1U);
    EXPECT_EQ(r.pets[0].id, stray.id);
    EXPECT_EQ(r.pets[0].name, "stray");
}

// TestFullSaveAssociations
TEST_P(Save, FullSaveAssociations) {
    User u = whole("u");
    db.create(u).or_throw();
    u.pets[0].name = "renamed";
    u.company->name = "renamed";
    u.languages[0].name = "renamed";
    db.save(u).or_throw();
    EXPECT_EQ(read(u.id).pets[0].name, "u-rex");
    db.session({.full_save_associations = true}).save(u).or_throw();
    const User r = read(u.id);
    EXPECT_EQ(r.pets[0].name, "renamed");
    EXPECT_EQ(r.company->name, "renamed");
    EXPECT_EQ(r.languages[0].name, "renamed");
}

TEST_P(Save, SaveAddsWhatIsNew) {
    User u = whole("u");
    db.create(u).or_throw();
    User r = read(u.id);
    r.pets.push_back(named<Pet>("new"));
    r.languages.push_back(language("es"));
    db.save(r).or_throw();
    const User again = read(u.id);
    ASSERT_EQ(again.pets.size(), 3U);
    EXPECT_EQ(again.pets[2].name, "new");
    EXPECT_EQ(again.languages.size(), 3U);
    EXPECT_EQ(db.from<Company>().count().or_throw(), 1);
}

TEST_P(Save, SaveOfARowThatIsNotThereCreatesItWithWhatItHas) {
    User u = named<User>("u");
    u.id = 77;
    u.pets = {named<Pet>("rex")};
    db.save(u).or_throw();
    EXPECT_EQ(read(77).pets.size(), 1U);
}

// TestOmitWithCreate, TestSelectWithCreate
TEST_P(Save, OmitAndSelectWithCreate) {
    User u = whole("u");
    db.omit(User::c.pets, User::c.company, User::c.age).create(u).or_throw();
    User r = read(u.id);
    EXPECT_TRUE(r.pets.empty());
    EXPECT_FALSE(r.company);
    EXPECT_FALSE(r.company_id);
    EXPECT_EQ(r.languages.size(), 2U);
    User none = whole("none");
    db.omit(orm::associations).create(none).or_throw();
    EXPECT_EQ(none.pets[0].id, 0);
    EXPECT_FALSE(read(none.id).account);

    User some = whole("some");
    some.age = 7;
    db.select(User::c.name, User::c.pets, User::c.company).create(some).or_throw();
    r = read(some.id);
    EXPECT_EQ(r.age, 0);
    EXPECT_NE(r.created_at, orm::time{});
    EXPECT_EQ(r.pets.size(), 2U);
    EXPECT_EQ(r.company->name, "some-company");
    EXPECT_FALSE(r.account);
    EXPECT_TRUE(r.languages.empty());
    EXPECT_FALSE(r.pets[0].tool) << "relations of what is selected stay out";
}

TEST_P(Save, LinksOnly) {
    Language de = language("de");
    db.create(de).or_throw();
    User u = named<User>("u");
    u.languages = {language("de"), language("missing")};
    const auto r = db.omit(orm::objects_of(User::c.languages)).create(u);
    ASSERT_FALSE(r) << "nobody made the language";
    EXPECT_EQ(r.error().code, orm::errc::foreign_key_violated);
    u.id = 0;
    u.languages = {language("de")};
    sent.take();
    db.omit(orm::objects_of(User::c.languages)).create(u).or_throw();
    EXPECT_EQ(sent.take(), (lines{"INSERT users", "INSERT user_speaks"}));
    EXPECT_EQ(read(u.id).languages.size(), 1U);
}

TEST_P(Save, ChangesMayNameRelations) {
    User u = whole("u");
    db.create(u).or_throw();
    u.age = 9;
    u.name = "not said";
    u.pets.push_back(named<Pet>("new"));
    u.company = named<Company>("other");
    db.changes(u, User::c.age, User::c.company).or_throw();
    User r = read(u.id);
    EXPECT_EQ(r.age, 9);
    EXPECT_EQ(r.name, "u");
    EXPECT_EQ(r.company->name, "other");
    EXPECT_EQ(r.pets.size(), 2U);
    db.changes(u, User::c.pets).or_throw();
    EXPECT_EQ(read(u.id).pets.size(), 3U);
}

TEST_P(Save, UpdateByAssignmentsLeavesRelationsAlone) {
    User u = whole("u");
    db.create(u).or_throw();
    u.pets.push_back(named<Pet>("new"));
    sent.take();
    db.of(u).update(User::c.age = 5).or_throw();
    EXPECT_EQ(sent.take(), (lines{"UPDATE users"}));
}

TEST_P(Save, TheSameObjectTwiceIsSavedOnce) {
    Language de = language("de");
    std::vector<User> users{named<User>("a"), named<User>("b")};
    for (User& u : users) u.languages = {de, de};
    db.create(users).or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
    EXPECT_EQ(read(users[1].id).languages.size(), 1U);
}

// TestSaveBelongsCircularReference, TestSaveHasManyCircularReference
TEST_P(Save, CircularReferencesEnd) {
    User boss = named<User>("boss");
    User clerk = named<User>("clerk");
    db.create(boss).or_throw();
    clerk.manager = boss;
    clerk.manager->team = {named<User>("other")};
    clerk.manager->team[0].manager = boss;
    db.create(clerk).or_throw();
    EXPECT_EQ(db.from<User>().count().or_throw(), 3);
    EXPECT_EQ(read(boss.id).team.size(), 2U);
}

TEST_P(Save, TooDeepIsAnErrorAndNothingIsWritten) {
    User u = named<User>("0");
    for (int i = 1; i < 80; ++i) {
        User next = named<User>(std::to_string(i));
        next.manager = std::move(u);
        u = std::move(next);
    }
    const auto r = db.create(u);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::unsupported_relation);
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
}

struct Watched : orm::model<Watched> {
    std::string name;
    std::optional<std::int64_t> watched_id;
    orm::many<Watched> below;
    SKUA_MODEL(Watched, (name), (watched_id), (below))

    static inline std::vector<std::string> calls;
    orm::status before_create(orm::event&) {
        calls.push_back("before " + name);
        return name == "bad" ? orm::fail("bad name") : orm::ok;
    }
    orm::status after_create(orm::event& e) {
        calls.push_back("after " + name + " of " + std::to_string(e.db().from<Watched>().count().or_throw()));
        return orm::ok;
    }
};

// TestFailedToSaveAssociationShouldRollback
TEST_P(Save, HooksOfRelatedObjectsRunAndTheirFailureRollsBack) {
    db.auto_migrate<Watched>().or_throw();
    Watched::calls.clear();
    Watched w = named<Watched>("top");
    w.below = {named<Watched>("x"), named<Watched>("y")};
    db.create(w).or_throw();
    EXPECT_EQ(Watched::calls, (std::vector<std::string>{"before top", "before x", "before y", "after x of 3",
                                                        "after y of 3", "after top of 3"}));
    w = named<Watched>("top");
    w.below = {named<Watched>("bad")};
    const auto r = db.create(w);
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::hook_failed);
    EXPECT_EQ(db.from<Watched>().count().or_throw(), 3);
    Watched::calls.clear();
    w = named<Watched>("quiet");
    w.below = {named<Watched>("bad")};
    db.session({.skip_hooks = true}).create(w).or_throw();
    EXPECT_TRUE(Watched::calls.empty());
}

TEST_P(Save, OneOperationForTheWholeGraph) {
    operations told(db);
    User u = named<User>("u");
    u.company = named<Company>("c");
    u.pets = {named<Pet>("p")};
    db.create(u).or_throw();
    EXPECT_EQ(told.take(), (std::vector<std::string>{"operation create", "begin", "execute INSERT companies",
                                                     "execute INSERT users", "execute INSERT pets", "commit"}));
    User alone = named<User>("alone");
    db.create(alone).or_throw();
    EXPECT_EQ(told.take(), (std::vector<std::string>{"operation create", "execute INSERT users"}))
        << "one statement is its own transaction";
}

struct Egg;
struct Hen {
    std::int64_t id = 0;
    std::optional<std::int64_t> egg_id;
    orm::one<Egg> egg;
    SKUA_MODEL(Hen, (id), (egg_id), (egg, "belongsTo"))
};
struct Egg {
    std::int64_t id = 0;
    std::optional<std::int64_t> layer_id;
    orm::one<Hen> layer;
    SKUA_MODEL(Egg, (id), (layer_id), (layer, "belongsTo"))
};

TEST_P(Save, TablesMayReferToEachOther) {
    db.auto_migrate<Hen, Egg>().or_throw();
    EXPECT_TRUE((db.plan_migration<Hen, Egg>().or_throw().empty()));
    Hen hen;
    hen.egg = Egg{};
    hen.egg->layer = Hen{};
    db.create(hen).or_throw();
    EXPECT_EQ(db.from<Hen>().count().or_throw(), 2);
    const Hen read = db.from<Hen>().where(Hen::c.id == hen.id).preload(Hen::c.egg, Egg::c.layer).first().or_throw();
    EXPECT_NE(read.egg->layer->id, hen.id);
    Hen wrong;
    wrong.egg_id = 12345;
    EXPECT_EQ(db.create(wrong).error().code, orm::errc::foreign_key_violated);
    Egg bad;
    bad.layer_id = 12345;
    EXPECT_EQ(db.create(bad).error().code, orm::errc::foreign_key_violated);
}

SKUA_ON_EVERY_DATABASE(Save);

}  // namespace
}  // namespace rel
