// SPDX-License-Identifier: Apache-2.0
#include "relation_models.h"
auto use(orm::database& db, User& user) {
    return db.of(user, User::c.pets).append(user);
}
