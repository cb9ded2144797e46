// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    SKUA_MODEL(User, (name), (age))
};
orm::result<std::vector<User>> use(orm::database& db, int age) { return db.from<User>().where("age > ?", age).where(User::c.age < 9).find(); }
