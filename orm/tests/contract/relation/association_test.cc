// SPDX-License-Identifier: Apache-2.0
#include "relation.h"

#include <thread>

namespace rel {
namespace {

struct Association : RelationTest {
    User user(const char* name) {
        User u = named<User>(name);
        db.create(u).or_throw();
        return u;
    }
    static Language language(const char* code) {
        Language l;
        l.code = code;
        return l;
    }
    template <class R>
    std::int64_t count(User& u, const R& relation) {
        return db.of(u, relation).count().or_throw();
    }
};

// TestHasManyAssociation
TEST_P(Association, HasMany) {
    User u = named<User>("u");
    u.pets = {named<Pet>("a"), named<Pet>("b")};
    db.create(u).or_throw();
    EXPECT_EQ(count(u, User::c.pets), 2);
    EXPECT_EQ(db.of(u, User::c.pets).order(Pet::c.name.desc()).find().or_throw()[0].name, "b");
    EXPECT_EQ(db.of(u, User::c.pets).where(Pet::c.name == "a").count().or_throw(), 1);

    Pet c = named<Pet>("c");
    db.of(u, User::c.pets).append(c).or_throw();
    EXPECT_NE(c.id, 0);
    EXPECT_EQ(c.user_id, u.id);
    EXPECT_EQ(u.pets.size(), 3U);
    EXPECT_EQ(count(u, User::c.pets), 3);

    std::vector<Pet> more{named<Pet>("d"), named<Pet>("e")};
    db.of(u, User::c.pets).append(more, named<Pet>("f")).or_throw();
    EXPECT_NE(more[1].id, 0);
    EXPECT_EQ(count(u, User::c.pets), 6);

    Pet only = named<Pet>("only");
    db.of(u, User::c.pets).replace(only, c).or_throw();
    EXPECT_EQ(count(u, User::c.pets), 2);
    ASSERT_EQ(u.pets.size(), 2U);
    EXPECT_EQ(u.pets[1].name, "c");
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 7) << "the rows stay";

    db.of(u, User::c.pets).remove(only).or_throw();
    EXPECT_EQ(count(u, User::c.pets), 1);
    ASSERT_EQ(u.pets.size(), 1U);
    EXPECT_FALSE(db.find<Pet>(only.id).or_throw().user_id);

    db.of(u, User::c.pets).clear().or_throw();
    EXPECT_EQ(count(u, User::c.pets), 0);
    EXPECT_TRUE(u.pets.empty());
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 7);
}

// TestHasManyAssociationUnscoped
TEST_P(Association, HasManyUnscopedRemovesTheRows) {
    User u = named<User>("u");
    u.pets = {named<Pet>("a"), named<Pet>("b"), named<Pet>("c")};
    db.create(u).or_throw();
    const Pet b = u.pets[1];
    db.of(u, User::c.pets).unscoped().remove(b).or_throw();
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 2);
    db.of(u, User::c.pets).unscoped().replace(named<Pet>("d")).or_throw();
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 1);
    db.of(u, User::c.pets).unscoped().clear().or_throw();
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 0);
    EXPECT_EQ(db.from<Pet>().unscoped().count().or_throw(), 4) << "pets are deleted softly";
}

// TestBelongsToAssociation
TEST_P(Association, BelongsTo) {
    User u = named<User>("u");
    u.company = named<Company>("first");
    db.create(u).or_throw();
    const Company first = *u.company;
    EXPECT_EQ(count(u, User::c.company), 1);
    EXPECT_EQ(db.of(u, User::c.company).find().or_throw()[0].name, "first");

    Company second = named<Company>("second");
    db.of(u, User::c.company).append(second).or_throw();
    EXPECT_EQ(u.company_id, second.id);
    EXPECT_EQ(u.company->name, "second");
    EXPECT_EQ(db.find<User>(u.id).or_throw().company_id, second.id);

    db.of(u, User::c.company).replace(first).or_throw();
    EXPECT_EQ(db.find<User>(u.id).or_throw().company_id, first.id);
    db.of(u, User::c.company).remove(second).or_throw();
    EXPECT_EQ(count(u, User::c.company), 1) << "it was another";
    db.of(u, User::c.company).remove(first).or_throw();
    EXPECT_FALSE(u.company_id);
    EXPECT_FALSE(u.company);
    EXPECT_FALSE(db.find<User>(u.id).or_throw().company_id);

    db.of(u, User::c.company).append(second).or_throw();
    db.of(u, User::c.company).clear().or_throw();
    EXPECT_EQ(count(u, User::c.company), 0);
    EXPECT_FALSE(u.company_id);
    EXPECT_EQ(db.from<Company>().count().or_throw(), 2);

    db.of(u, User::c.company).append(second).or_throw();
    db.of(u, User::c.company).unscoped().replace(first).or_throw();
    EXPECT_EQ(db.from<Company>().count().or_throw(), 1);
}

// TestHasOneAssociation
TEST_P(Association, HasOne) {
    User u = named<User>("u");
    Account first;
    first.number = "1";
    u.account = first;
    db.create(u).or_throw();
    EXPECT_EQ(count(u, User::c.account), 1);
    Account second;
    second.number = "2";
    db.of(u, User::c.account).append(second).or_throw();
    EXPECT_EQ(count(u, User::c.account), 1) << "the first is nobody's";
    EXPECT_EQ(db.of(u, User::c.account).find().or_throw()[0].number, "2");
    EXPECT_EQ(u.account->id, second.id);
    db.of(u, User::c.account).remove(second).or_throw();
    EXPECT_EQ(count(u, User::c.account), 0);
    EXPECT_FALSE(u.account);
    EXPECT_EQ(db.from<Account>().count().or_throw(), 2);
    Account third;
    std::vector<Account> two(2);
    EXPECT_EQ(db.of(u, User::c.account).replace(two).error().code, orm::errc::invalid_value);
    db.of(u, User::c.account).replace(third).or_throw();
    db.of(u, User::c.account).clear().or_throw();
    EXPECT_EQ(count(u, User::c.account), 0);
}

TEST_P(Association, TestConcurrentMany2ManyAssociation) {
    constexpr int threads = 4;
    const User u = user("u");
    std::vector<Language> languages;
    for (int i = 0; i < threads; ++i) {
        languages.push_back(language(("concurrent" + std::to_string(i)).c_str()));
        db.create(languages.back()).or_throw();
    }
    std::vector<orm::status> outcomes(threads);
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < threads; ++i)
        all.emplace_back([&, mine = u, i]() mutable {
            for (int attempt = 0; attempt < 20; ++attempt) {
                outcomes[i] = db.of(mine, User::c.languages).append(languages[i]);
                if (outcomes[i] || !outcomes[i].error().retryable) return;  // a deadlock is told, and tried again
            }
        });
    for (std::thread& t : all) t.join();
    for (orm::status& outcome : outcomes) EXPECT_TRUE(outcome) << outcome.error().to_string();
    const User read = db.from<User>().preload(orm::associations).where(User::c.id == u.id).first().or_throw();
    EXPECT_EQ(read.languages.size(), 4U);
}

// TestMany2ManyAssociation
TEST_P(Association, ManyToMany) {
    User u = named<User>("u");
    u.languages = {language("a"), language("b")};
    db.create(u).or_throw();
    User other = named<User>("other");
    other.languages = {language("a")};
    db.create(other).or_throw();
    EXPECT_EQ(count(u, User::c.languages), 2);
    Language c = language("c");
    db.of(u, User::c.languages).append(c).or_throw();
    db.of(u, User::c.languages).append(c).or_throw();
    EXPECT_EQ(count(u, User::c.languages), 3);
    EXPECT_EQ(db.of(u, User::c.languages).where(Language::c.code == "c").find().or_throw().size(), 1U);
    db.of(u, User::c.languages).replace(language("a"), language("d")).or_throw();
    EXPECT_EQ(count(u, User::c.languages), 2);
    EXPECT_EQ(u.languages.size(), 2U);
    db.of(u, User::c.languages).remove(language("a")).or_throw();
    EXPECT_EQ(count(u, User::c.languages), 1);
    EXPECT_EQ(count(other, User::c.languages), 1) << "others keep their ties";
    db.of(u, User::c.languages).clear().or_throw();
    EXPECT_EQ(count(u, User::c.languages), 0);
    EXPECT_EQ(db.from<Language>().count().or_throw(), 4);
}

// TestMany2ManyAssociationUnscoped
TEST_P(Association, ManyToManyUnscopedRemovesTheRows) {
    User u = named<User>("u");
    u.languages = {language("a"), language("b"), language("c")};
    db.create(u).or_throw();
    db.of(u, User::c.languages).unscoped().remove(language("a")).or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 2);
    db.of(u, User::c.languages).unscoped().replace(language("b")).or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 1);
    db.of(u, User::c.languages).unscoped().clear().or_throw();
    EXPECT_EQ(db.from<Language>().count().or_throw(), 0);
}

// TestSingleTableMany2ManyAssociation, TestSingleTableHasManyAssociation
TEST_P(Association, SelfReferential) {
    User u = named<User>("u");
    u.friends = {named<User>("f")};
    u.team = {named<User>("t")};
    db.create(u).or_throw();
    db.of(u, User::c.friends).append(named<User>("g")).or_throw();
    EXPECT_EQ(count(u, User::c.friends), 2);
    User f = u.friends[0];
    EXPECT_EQ(count(f, User::c.friends), 0) << "friendship has a direction";
    db.of(f, User::c.friends).append(u).or_throw();
    EXPECT_EQ(count(f, User::c.friends), 1);
    db.of(u, User::c.team).replace(f).or_throw();
    EXPECT_EQ(count(u, User::c.team), 1);
    EXPECT_EQ(db.find<User>(f.id).or_throw().manager_id, u.id);
}

// TestPolymorphicHasManyAssociation
TEST_P(Association, PolymorphicLeavesOthersAlone) {
    Pet rex = named<Pet>("rex");
    rex.tool = named<Tool>("bone");
    db.create(rex).or_throw();
    User u = named<User>("u");
    u.tools = {named<Tool>("saw")};
    db.create(u).or_throw();
    ASSERT_EQ(u.id, rex.id);
    db.of(u, User::c.tools).append(named<Tool>("axe")).or_throw();
    EXPECT_EQ(count(u, User::c.tools), 2);
    db.of(u, User::c.tools).unscoped().clear().or_throw();
    EXPECT_EQ(count(u, User::c.tools), 0);
    EXPECT_EQ(db.of(rex, Pet::c.tool).count().or_throw(), 1);
}

// TestHasManyAssociationForSlice, TestMany2ManyAssociationForSlice, TestBelongsToAssociationForSlice
TEST_P(Association, ForSeveralOwners) {
    std::vector<User> users{user("a"), user("b"), user("c")};
    std::vector<Pet> two{named<Pet>("y"), named<Pet>("z")};
    db.of(users, User::c.pets).append(named<Pet>("x"), two, std::vector<Pet>()).or_throw();
    EXPECT_EQ(db.of(users, User::c.pets).count().or_throw(), 3);
    EXPECT_EQ(count(users[1], User::c.pets), 2);
    EXPECT_EQ(users[1].pets.size(), 2U);
    EXPECT_EQ(db.of(users, User::c.pets).append(named<Pet>("x")).error().code, orm::errc::invalid_value);
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 3);

    std::vector<std::vector<Language>> lists{{language("a")}, {language("a"), language("b")}, {}};
    db.of(users, User::c.languages).append(lists).or_throw();
    EXPECT_EQ(db.of(users, User::c.languages).count().or_throw(), 3);
    EXPECT_EQ(db.of(users, User::c.languages).find().or_throw().size(), 2U);
    db.of(users, User::c.languages).remove(language("a")).or_throw();
    EXPECT_EQ(db.of(users, User::c.languages).count().or_throw(), 1);

    std::vector<Company> companies{named<Company>("1"), named<Company>("2"), named<Company>("3")};
    db.of(users, User::c.company).append(companies).or_throw();
    EXPECT_EQ(users[2].company->name, "3");
    EXPECT_EQ(db.of(users, User::c.company).count().or_throw(), 3);
    db.of(users, User::c.company).clear().or_throw();
    EXPECT_EQ(db.of(users, User::c.company).count().or_throw(), 0);
}

// TestAssociationError, TestInvalidAssociation
TEST_P(Association, AnOwnerWithoutKeyIsAnError) {
    User u = named<User>("u");
    const auto r = db.of(u, User::c.pets).append(named<Pet>("x"));
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::primary_key_required);
    EXPECT_EQ(db.of(u, User::c.pets).count().error().code, orm::errc::primary_key_required);
    EXPECT_EQ(db.of(u, User::c.pets).find().error().code, orm::errc::primary_key_required);
    u = user("u");
    EXPECT_EQ(db.of(u, User::c.pets).remove(named<Pet>("x")).error().code, orm::errc::primary_key_required);
    EXPECT_EQ(db.from<Pet>().count().or_throw(), 0);
}

struct Strict;
struct Part {
    std::int64_t id = 0, strict_id = 0;
    SKUA_MODEL(Part, (id), (strict_id))
};
struct Strict {
    std::int64_t id = 0;
    orm::many<Part> parts;
    SKUA_MODEL(Strict, (id), (parts))
};

// TestAssociationNotNullClear
TEST_P(Association, NotNullForeignKeysCannotBeCleared) {
    db.auto_migrate<Strict, Part>().or_throw();
    Strict s;
    s.parts = {Part{}, Part{}};
    db.create(s).or_throw();
    const auto r = db.of(s, Strict::c.parts).clear();
    ASSERT_FALSE(r);
    EXPECT_EQ(r.error().code, orm::errc::not_null_violated);
    EXPECT_EQ(r.error().column, "strict_id");
    EXPECT_EQ(s.parts.size(), 2U);
    EXPECT_EQ(db.of(s, Strict::c.parts).count().or_throw(), 2);
    db.of(s, Strict::c.parts).replace(s.parts[0], s.parts[1], Part{}).or_throw();
    EXPECT_EQ(db.of(s, Strict::c.parts).count().or_throw(), 3);
    db.of(s, Strict::c.parts).unscoped().clear().or_throw();
    EXPECT_EQ(db.from<Part>().count().or_throw(), 0);
}

TEST_P(Association, OneTransactionAndOneOperation) {
    User u = user("u");
    operations told(db);
    db.of(u, User::c.languages).replace(language("a")).or_throw();
    EXPECT_EQ(told.take(),
              (std::vector<std::string>{"operation replace", "begin", "execute INSERT languages",
                                        "execute INSERT user_speaks", "execute DELETE user_speaks", "commit"}));
    auto tx = db.begin().or_throw();
    tx.of(u, User::c.languages).append(language("b")).or_throw();
    tx.rollback().or_throw();
    EXPECT_EQ(count(u, User::c.languages), 1);
}

struct Address : orm::model<Address> {
    std::string street;
    SKUA_MODEL(Address, (street))
};
struct PersonAddress {
    std::int64_t person_id = 0, address_id = 0;
    orm::time created_at{};
    std::optional<orm::time> deleted_at;
    SKUA_MODEL(PersonAddress, (person_id, "primaryKey;autoIncrement:false"),
               (address_id, "primaryKey;autoIncrement:false"), (created_at), (deleted_at))
    static inline int hooks = 0;
    orm::status before_create(orm::event&) {
        ++hooks;
        return orm::ok;
    }
};
struct Person : orm::model<Person> {
    std::string name;
    orm::many<Address, PersonAddress> addresses;
    SKUA_MODEL(Person, (name), (addresses))
};

// TestOverrideJoinTable
TEST_P(Association, ALinkTableWithColumnsOfItsOwn) {
    db.auto_migrate<Person, Address>().or_throw();
    PersonAddress::hooks = 0;
    Person p;
    p.name = "p";
    p.addresses = {Address{}, Address{}};
    p.addresses[0].street = "first";
    db.create(p).or_throw();
    EXPECT_EQ(PersonAddress::hooks, 2);
    const auto links = db.from<PersonAddress>().find().or_throw();
    ASSERT_EQ(links.size(), 2U);
    EXPECT_NE(links[0].created_at, orm::time{});
    EXPECT_EQ(db.of(p, Person::c.addresses).count().or_throw(), 2);
    db.of(p, Person::c.addresses).remove(p.addresses[0]).or_throw();
    EXPECT_EQ(db.of(p, Person::c.addresses).count().or_throw(), 1);
    EXPECT_EQ(db.from<PersonAddress>().unscoped().count().or_throw(), 2) << "links are deleted softly";
    EXPECT_EQ(db.from<Person>().preload(Person::c.addresses).first().or_throw().addresses.size(), 1U);
    EXPECT_EQ(db.from<Person>().inner_joins(Person::c.addresses).count().or_throw(), 1);
    const Address back = db.from<Address>().first().or_throw();
    db.of(p, Person::c.addresses).append(back).or_throw();
    EXPECT_EQ(db.of(p, Person::c.addresses).count().or_throw(), 2) << "the link comes back";
    db.of(p, Person::c.addresses).clear().or_throw();
    EXPECT_EQ(db.of(p, Person::c.addresses).count().or_throw(), 0);
    db.from<PersonAddress>().all().unscoped().remove().or_throw();
    EXPECT_EQ(db.from<PersonAddress>().unscoped().count().or_throw(), 0);
}

SKUA_ON_EVERY_DATABASE(Association);

}  // namespace
}  // namespace rel
