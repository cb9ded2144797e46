// SPDX-License-Identifier: Apache-2.0
// What the lines of docs/guides take for granted.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/mariadb.hpp>
#include <skua/orm/plugins/dbresolver.hpp>
#include <skua/orm/plugins/hints.hpp>
#include <skua/orm/postgres.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct Pet : orm::model<Pet> {
    std::int64_t user_id = 0;
    std::string name;
    SKUA_MODEL(Pet, (user_id, "index"), (name))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<std::string> email;
    orm::many<Pet> pets;
    SKUA_MODEL(User, (name, "size:255"), (age), (email, "uniqueIndex"), (pets))
};
struct NameAge {
    std::string name;
    int age = 0;
    SKUA_COLUMNS(NameAge, (name), (age))
};

struct NameCount {
    std::string name;
    std::int64_t count = 0;
    SKUA_COLUMNS(NameCount, (name), (count))
};

template <class T>
void use(T&&) {}
