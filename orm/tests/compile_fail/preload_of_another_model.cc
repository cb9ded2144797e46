// SPDX-License-Identifier: Apache-2.0
#include "relation_models.h"
auto use(orm::database& db) {
    return db.from<Pet>().preload(User::c.pets).find();
}
