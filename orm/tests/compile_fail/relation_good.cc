// SPDX-License-Identifier: Apache-2.0
#include "relation_models.h"
auto use(orm::database& db, User& user, Pet& pet) {
    static_cast<void>(db.of(user, User::c.pets).append(pet));
    return db.from<User>()
        .preload(User::c.pets.where(Pet::c.name == "x"))
        .joins(User::c.pets)
        .where(User::c.pets[Pet::c.name] == "y")
        .find();
}
