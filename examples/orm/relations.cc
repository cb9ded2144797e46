// SPDX-License-Identifier: Apache-2.0
// Relations: declared as members, saved with their owners, loaded when asked for.
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct User;

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100"))
};
struct Pet : orm::model<Pet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    orm::one<User> user;  // belongs to, by user_id
    SKUA_MODEL(Pet, (user_id, "index"), (name), (user))
};
struct Language {
    std::string code;
    SKUA_MODEL(Language, (code, "primaryKey;size:8"))
};
struct User : orm::model<User> {
    std::string name;
    std::optional<std::int64_t> company_id, manager_id;
    orm::one<Company> company;      // belongs to
    orm::one<User> manager;         // belongs to itself
    orm::many<Pet> pets;            // has many
    orm::many<Language> languages;  // many to many
    SKUA_MODEL(User, (name), (company_id), (manager_id), (company, "constraint:OnDelete:SET NULL"), (manager), (pets),
               (languages, "many2many:user_languages"))
};

int main() {
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
    db.auto_migrate<Company, User, Pet, Language>().or_throw();  // link tables and foreign keys, too

    // One call saves all of it, in one transaction.
    User ann{.name = "ann"};
    ann.company = Company{.name = "ACME"};
    ann.manager = User{.name = "boss"};
    ann.pets = {Pet{.name = "rex"}, Pet{.name = "tom"}};
    ann.languages = {Language{.code = "de"}, Language{.code = "fr"}};
    db.create(ann).or_throw();

    // One statement for each relation, two for many to many.
    const auto users = db.from<User>()
                           .preload(User::c.pets.where(Pet::c.name != "tom"))
                           .preload(User::c.languages)
                           .joins(User::c.company)
                           .where(User::c.company[Company::c.name] == "ACME")
                           .find()
                           .or_throw();
    for (const User& u : users)
        std::printf("%s of %s has %zu pet and speaks %zu languages\n", u.name.c_str(), u.company->name.c_str(),
                    u.pets.size(), u.languages.size());
    std::printf("the manager was %sasked for\n", users[0].manager.loaded() ? "" : "not ");

    // Association mode: the relation alone.
    Pet cat{.name = "cat"};
    db.of(ann, User::c.pets).append(cat).or_throw();
    db.of(ann, User::c.languages).replace(Language{.code = "es"}).or_throw();
    std::printf("%lld pets, %lld language\n", static_cast<long long>(db.of(ann, User::c.pets).count().or_throw()),
                static_cast<long long>(db.of(ann, User::c.languages).count().or_throw()));

    // A table with itself.
    const auto boss = orm::as<User>("boss");
    const auto led = db.from<User>().inner_joins(boss, boss.id == User::c.manager_id).where(boss.name == "boss");
    std::printf("the boss leads %lld\n", static_cast<long long>(led.count().or_throw()));

    // What a user has goes with the user.
    db.of(ann).select(User::c.pets, User::c.languages).remove().or_throw();
    return db.from<Pet>().count().or_throw() == 0 ? 0 : 1;
}
