// SPDX-License-Identifier: Apache-2.0
// Models with every kind of relation, as gorm's tests have them, and what helps to fill and compare them.
#pragma once

#include "fixture.h"

#include <gtest/gtest.h>

namespace rel {

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
    std::string owner_id, owner_type;
    SKUA_MODEL(Toy, (name), (owner_id, "size:64"), (owner_type, "size:64"))
};
struct Tool : orm::model<Tool> {
    std::string name;
    std::int64_t custom_id = 0;
    std::string custom_type;
    SKUA_MODEL(Tool, (name), (custom_id), (custom_type, "size:64"))
};
struct Tag;
struct Pet : orm::model<Pet> {
    std::optional<std::int64_t> user_id;
    std::string name;
    orm::one<Tool> tool;
    orm::many<Tag> tags;
    orm::one<User> user;
    SKUA_MODEL(Pet, (user_id, "index"), (name), (tool, "polymorphicType:CustomType;polymorphicId:CustomID"), (tags),
               (user))
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

// Every table that these models need.
inline void migrate(orm::database& db) {
    db.auto_migrate<Company, User, Account, Pet, Tag, Tool, Language>().or_throw();
}
inline orm::database with_relations(orm::open_options options = {}) {
    orm::database db = memory(std::move(options));
    migrate(db);
    return db;
}

template <class T>
T named(std::string name) {
    T t;
    t.name = std::move(name);
    return t;
}

// What was executed, in order.
struct statements {
    explicit statements(orm::database& db) : log(orm::bit(orm::driver_event::execute)) {
        db.driver_hooks().add("statements", listener{&log}).or_throw();
    }
    std::vector<std::string> take() {
        std::vector<std::string> out;
        for (const std::string& line : log.lines) out.push_back(line.substr(8));  // "execute "
        log.lines.clear();
        return out;
    }
    heard log;
};
using lines = std::vector<std::string>;

}  // namespace rel
