// SPDX-License-Identifier: Apache-2.0
// Two models with a relation that is right.
#pragma once

#include <skua/orm.hpp>

namespace orm = skua::orm;

struct Pet;
struct User : orm::model<User> {
    std::string name;
    orm::many<Pet> pets;
    SKUA_MODEL(User, (name), (pets))
};
struct Pet : orm::model<Pet> {
    std::int64_t user_id = 0;
    std::string name;
    SKUA_MODEL(Pet, (user_id), (name))
};
