// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct User : orm::model<User> {
    std::string name;
    SKUA_MODEL(User, (name, "siz:255"))
};
