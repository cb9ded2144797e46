// SPDX-License-Identifier: Apache-2.0
#include "relation_models.h"
struct Home {
    std::string city;
    orm::many<Pet> pets;
    SKUA_COLUMNS(Home, (city), (pets))
};
struct Owner : orm::model<Owner> {
    Home home;
    SKUA_MODEL(Owner, (home, "embedded"))
};
auto use(orm::database& db) {
    return db.from<Owner>().find();
}
