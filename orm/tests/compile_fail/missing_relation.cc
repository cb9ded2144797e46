// SPDX-License-Identifier: Apache-2.0
#include "relation_models.h"
auto use(orm::database& db) {
    return db.from<User>().preload(User::c.toys).find();
}
