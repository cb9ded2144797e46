// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct User : orm::model<User> {
    std::vector<std::string> tags;
    SKUA_MODEL(User, (tags, "serializer:json"))
};
void f(orm::database& db) {
    static_cast<void>(db.from<User>().find());
}
