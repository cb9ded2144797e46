// SPDX-License-Identifier: Apache-2.0
// Models with every kind of relation, as gorm's tests have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <skua/orm.hpp>

namespace orm = skua::orm;

namespace rel {

struct User;

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100"))
};
struct Account : orm::model<Account> {
    std::optional<std::int64_t> user_id;
    std::string number;
    SKUA_MODEL(Account, (user_id), (number, "size:100;check:length(number) <= 100"))
};
struct Tool : orm::model<Tool> {
    std::string name;
    std::int64_t custom_id = 0;
    std::string custom_type;
    SKUA_MODEL(Tool, (name), (custom_id), (custom_type, "size:64"))
};
struct Toy : orm::model<Toy> {
    std::string name;
    std::int64_t owner_id = 0;
    std::string owner_type;
    SKUA_MODEL(Toy, (name), (owner_id), (owner_type, "size:64"))
};
struct Tag;
struct Pet : orm::model<Pet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    orm::one<Tool> tool;
    orm::many<Tag> tags;
    orm::many<Toy> toys;
    orm::one<User> user;
    SKUA_MODEL(Pet, (user_id, "index"), (name), (tool, "polymorphicType:CustomType;polymorphicId:CustomID"), (tags),
               (toys, "polymorphic:Owner"), (user))
};
struct Tag : orm::model<Tag> {
    std::optional<std::int64_t> pet_id;
    std::string word;
    SKUA_MODEL(Tag, (pet_id), (word))
};
struct Language {
    std::string code;
    std::string name;
    orm::many<User> users;
    SKUA_MODEL(Language, (code, "primaryKey;size:32"), (name), (users, "many2many:user_speaks"))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<std::int64_t> company_id, manager_id;
    orm::one<Account> account;
    orm::many<Pet> pets;
    orm::many<Tool> tools;
    orm::one<Company> company;
    orm::one<User> manager;
    orm::many<User> team;
    orm::many<Language> languages;
    orm::many<User> friends;
    SKUA_MODEL(User, (name, "size:255"), (age, "default:0"), (company_id), (manager_id), (account), (pets),
               (tools, "polymorphic:Custom;polymorphicValue:owner"), (company, "constraint:OnDelete:SET NULL"),
               (manager), (team, "foreignKey:ManagerID"), (languages, "many2many:user_speaks"),
               (friends, "many2many:user_friends"))
};

template <class T>
T named(std::string name) {
    T t;
    t.name = std::move(name);
    return t;
}

}  // namespace rel
