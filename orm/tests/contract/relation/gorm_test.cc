// SPDX-License-Identifier: Apache-2.0
// Related models.
#include "../contract.h"

namespace contract {
namespace related {

struct User;

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100"))
};
struct Account : orm::model<Account> {
    std::optional<std::int64_t> user_id;
    std::string number;
    SKUA_MODEL(Account, (user_id), (number, "size:100"))
};
struct Toy : orm::model<Toy> {
    std::string name;
    std::int64_t owner_id = 0;
    std::string owner_type;
    SKUA_MODEL(Toy, (name), (owner_id), (owner_type, "size:64"))
};
struct Pet : orm::model<Pet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    orm::many<Toy> toys;
    SKUA_MODEL(Pet, (user_id, "index"), (name), (toys, "polymorphic:Owner"))
};
struct Language {
    std::string code;
    std::string name;
    orm::many<User> users;
    SKUA_MODEL(Language, (code, "primaryKey;size:32"), (name), (users, "many2many:user_speaks"))
};
struct User : orm::model<User> {
    std::string name;
    std::optional<std::int64_t> company_id, manager_id;
    orm::one<Account> account;
    orm::many<Pet> pets;
    orm::one<Company> company;
    orm::one<User> manager;
    orm::many<User> team;
    orm::many<Language> languages;
    SKUA_MODEL(User, (name, "size:255"), (company_id), (manager_id), (account), (pets),
               (company, "constraint:OnDelete:SET NULL"), (manager), (team, "foreignKey:ManagerID"),
               (languages, "many2many:user_speaks"))
};

template <class T>
T named(std::string name) {
    T made;
    made.name = std::move(name);
    return made;
}

class Related : public Contract {
protected:
    orm::database start() { return with<Company, User, Account, Pet, Toy, Language>(); }
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
    twice.number = std::string(101, 'x');  // too long for its column
    u.account = twice;
    const auto made = db.create(u);
    if (is(database_kind::sqlite)) return;  // which has no limit of its own
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, orm::errc::invalid_value);
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
    const auto plan = db.plan_migration<Company, User, Account, Pet, Toy, Language>().or_throw();
    for (const auto& step : plan) ADD_FAILURE() << "a second migration does nothing; got " << step.sql;
}

INSTANTIATE_TEST_SUITE_P(Drivers, Related,
                         ::testing::Values(database_kind::sqlite, database_kind::postgres, database_kind::mariadb),
                         [](const auto& made) { return to_string(made.param); });

}  // namespace related
}  // namespace contract
