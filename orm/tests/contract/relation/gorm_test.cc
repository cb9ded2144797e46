// SPDX-License-Identifier: Apache-2.0
// What gorm's own tests of associations ask, under their names.
#include "relation.h"

namespace rel {
namespace {

class Related : public contract::Contract {
protected:
    orm::database start() { return with<Company, User, Account, Pet, Tag, Toy, Tool, Language>(); }
    static User whole(const std::string& name) {
        User u = named<User>(name);
        u.company = named<Company>(name + "'s company");
        Account account;
        account.number = name + "-1";
        u.account = account;
        u.pets = {named<Pet>(name + "'s dog"), named<Pet>(name + "'s cat")};
        u.pets[0].toys = {named<Toy>("ball")};
        Language de, fr;
        de.code = "de";
        de.name = "German";
        fr.code = "fr";
        fr.name = "French";
        u.languages = {de, fr};
        return u;
    }
};

TEST_P(Related, TestCreateWithAssociations) {
    auto db = start();
    User u = whole("ann");
    db.create(u).or_throw();
    EXPECT_GT(u.company->id, 0);
    EXPECT_EQ(u.company_id, u.company->id);
    EXPECT_EQ(u.pets[1].user_id, u.id);
    const User read = db.from<User>()
                          .preload(User::c.company)
                          .preload(User::c.account)
                          .preload(User::c.pets, Pet::c.toys)
                          .preload(User::c.languages)
                          .first()
                          .or_throw();
    EXPECT_EQ(read.company->name, "ann's company");
    EXPECT_EQ(read.account->number, "ann-1");
    ASSERT_EQ(read.pets.size(), 2U);
    EXPECT_EQ(read.pets[0].toys.size(), 1U);
    EXPECT_EQ(read.pets[0].toys[0].owner_type, "pets");
    EXPECT_EQ(read.languages.size(), 2U);
}

TEST_P(Related, TestBulkCreateWithAssociations) {
    auto db = start();
    std::vector<User> all{whole("ann"), whole("bob"), whole("cid")};
    db.create(all).or_throw();
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 6);
    EXPECT_EQ(db.from<Language>().count().or_throw(), 2) << "the languages are the same two";
    const auto read =
        db.from<User>().preload(User::c.languages).preload(User::c.pets).order(User::c.id).find().or_throw();
    ASSERT_EQ(read.size(), 3U);
    for (const User& u : read) {
        EXPECT_EQ(u.languages.size(), 2U);
        EXPECT_EQ(u.pets.size(), 2U);
        EXPECT_EQ(u.pets[0].name, u.name + "'s dog");
    }
}

TEST_P(Related, TestFailedToSaveAssociationShouldRollback) {
    auto db = start();
    User u = whole("ann");
    u.pets[1].id = 7;
    u.pets[1].toys = {named<Toy>("x")};
    u.pets[1].toys[0].owner_type = "pets";
    Account twice;
    twice.number = std::string(101, 'x');  // too long for its column; SQLite has only its check
    u.account = twice;
    const auto made = db.create(u);
    ASSERT_FALSE(made);
    const bool has_lengths = !is(contract::database_kind::sqlite);
    EXPECT_EQ(made.error().code, has_lengths ? orm::errc::invalid_value : orm::errc::check_violated);
    EXPECT_EQ(db.from<User>().count().or_throw(), 0);
    EXPECT_EQ(db.from<Company>().count().or_throw(), 0);
}

TEST_P(Related, TestNestedPreload) {
    auto db = start();
    User boss = named<User>("boss");
    db.create(boss).or_throw();
    std::vector<User> team{whole("ann"), whole("bob")};
    for (User& u : team) u.manager_id = boss.id;
    db.create(team).or_throw();
    const User read = db.from<User>()
                          .where(User::c.name == "boss")
                          .preload(User::c.team, User::c.pets, Pet::c.toys)
                          .preload(User::c.languages)
                          .first()
                          .or_throw();
    ASSERT_EQ(read.team.size(), 2U);
    EXPECT_EQ(read.team[1].pets[0].toys[0].name, "ball");
    EXPECT_TRUE(read.languages.loaded());
    EXPECT_TRUE(read.languages.empty());
    EXPECT_FALSE(read.pets.loaded());
}

TEST_P(Related, TestPreloadWithConds) {
    auto db = start();
    std::vector<User> all{whole("ann"), whole("bob")};
    db.create(all).or_throw();
    const auto read = db.from<User>()
                          .preload(User::c.pets.where(Pet::c.name.like("%cat")).limit(1))
                          .order(User::c.id)
                          .find()
                          .or_throw();
    ASSERT_EQ(read.size(), 2U);
    for (const User& u : read) {
        ASSERT_EQ(u.pets.size(), 1U);
        EXPECT_EQ(u.pets[0].name, u.name + "'s cat");
    }
}

TEST_P(Related, TestJoins) {
    auto db = start();
    std::vector<User> all{whole("ann"), named<User>("lone")};
    db.create(all).or_throw();
    const auto read = db.from<User>().joins(User::c.company).order(User::c.id).find().or_throw();
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].company->name, "ann's company");
    EXPECT_FALSE(read[1].company);
    EXPECT_TRUE(read[1].company.loaded());
    EXPECT_EQ(db.from<User>().inner_joins(User::c.company).count().or_throw(), 1);
    EXPECT_EQ(db.from<User>()
                  .joins(User::c.company)
                  .where(User::c.company[Company::c.name] == "ann's company")
                  .first()
                  .or_throw()
                  .name,
              "ann");
}

TEST_P(Related, TestJoinWithSoftDeleted) {
    auto db = start();
    User u = whole("ann");
    db.create(u).or_throw();
    db.of(*u.company).remove().or_throw();
    EXPECT_FALSE(db.from<User>().joins(User::c.company).first().or_throw().company);
}

TEST_P(Related, TestForeignKeyConstraints) {
    auto db = start();
    User u = whole("ann");
    db.create(u).or_throw();
    Pet stray = named<Pet>("stray");
    stray.user_id = 999;
    const auto made = db.create(stray);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, orm::errc::foreign_key_violated);
    db.from<Company>().unscoped().where(Company::c.id == u.company->id).remove().or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().company_id, std::nullopt) << "OnDelete: SET NULL";
}

TEST_P(Related, TestMigrateDonotAlterConstraints) {
    auto db = start();
    const auto plan = db.plan_migration<Company, User, Account, Pet, Tag, Toy, Tool, Language>().or_throw();
    for (const auto& step : plan) ADD_FAILURE() << "a second migration does nothing; got " << step.sql;
}

SKUA_ON_EVERY_DATABASE(Related);

}  // namespace
}  // namespace rel
