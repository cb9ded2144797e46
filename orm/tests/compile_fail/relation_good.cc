// SPDX-License-Identifier: Apache-2.0
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
auto use(orm::database& db, User& user, Pet& pet) {
    static_cast<void>(db.of(user, User::c.pets).append(pet));
    return db.from<User>()
        .preload(User::c.pets.where(Pet::c.name == "x"))
        .joins(User::c.pets)
        .where(User::c.pets[Pet::c.name] == "y")
        .find();
}
