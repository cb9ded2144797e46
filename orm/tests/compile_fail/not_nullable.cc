// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    SKUA_MODEL(User, (name), (age))
};
auto use() { return User::c.age = nullptr; }
