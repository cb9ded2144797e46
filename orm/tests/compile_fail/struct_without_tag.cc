// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct Place {
    int x = 0;
    SKUA_COLUMNS(Place, (x))
};
struct User : orm::model<User> {
    Place place;
    SKUA_MODEL(User, (place))
};
void f(orm::database& db) {
    static_cast<void>(db.from<User>().find());
}
