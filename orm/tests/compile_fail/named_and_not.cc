// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct User : orm::model<User> {
    int age = 0;
    SKUA_MODEL(User, (age))
};
void f(orm::database& db) {
    static_cast<void>(db.from<User>().where("age > ? AND age < @high", 1, orm::named("high", 3)));
}
