// SPDX-License-Identifier: Apache-2.0
// Questions are values: kept, extended, asked twice.
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<std::string> email;
    SKUA_MODEL(User, (name, "size:255"), (age), (email, "uniqueIndex"))
};
struct NameAge {
    std::string name;
    int age = 0;
    SKUA_COLUMNS(NameAge, (name), (age))
};

int main() {
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
    db.auto_migrate<User>().or_throw();
    std::vector<User> users;
    for (const char* name : {"ann", "bob", "cid", "dan"})
        users.push_back({.name = name, .age = 16 + 2 * static_cast<int>(users.size())});
    db.create(users).or_throw();

    const auto adults = db.from<User>().where(User::c.age >= 18);
    std::printf("%lld adults\n", static_cast<long long>(adults.count().or_throw()));
    for (const NameAge& who : adults.order(User::c.age.desc()).limit(2).find<NameAge>().or_throw())
        std::printf("%s is %d\n", who.name.c_str(), who.age);
    for (const std::string& name : adults.where("name LIKE ?", "%n%").pluck(User::c.name).or_throw())
        std::printf("an adult with an n: %s\n", name.c_str());
    std::printf("%s\n", adults.where(User::c.name == "bob").to_sql().or_throw().explained().c_str());

    const auto nobody = db.from<User>().where(User::c.name == "eve").first();
    return nobody.error().code == orm::errc::record_not_found ? 0 : 1;
}
