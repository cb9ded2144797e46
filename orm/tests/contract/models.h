// SPDX-License-Identifier: Apache-2.0
// The models of the contract suite: those of gorm's own tests, as far as they are about one table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <skua/orm.hpp>

namespace orm = skua::orm;

namespace contract {

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100"))
};
struct User : orm::model<User> {
    std::string name;
    std::int64_t age = 0;
    std::optional<orm::time> birthday;
    std::optional<std::string> email;
    std::optional<std::int64_t> company_id;
    bool active = false;
    SKUA_MODEL(User, (name, "size:255;index"), (age, "check:age >= 0"), (birthday), (email, "size:100;uniqueIndex"),
               (company_id), (active))
};
struct Language {
    std::string code;
    std::string name;
    SKUA_MODEL(Language, (code, "primaryKey;size:20"), (name))
};
struct CouponProduct {
    std::string coupon_id, product_id;
    std::string desc;
    SKUA_MODEL(CouponProduct, (coupon_id, "primaryKey;size:50"), (product_id, "primaryKey;size:50"), (desc))
};

inline User user(std::string name, std::int64_t age = 18) {
    User u;
    u.name = std::move(name);
    u.age = age;
    return u;
}
inline std::vector<User> users(std::initializer_list<const char*> names) {
    std::vector<User> out;
    for (const char* name : names) out.push_back(user(name, 17 + static_cast<std::int64_t>(out.size()) + 1));
    return out;
}
template <class T, class M>
auto all_of(const std::vector<T>& rows, M member) {
    std::vector<std::decay_t<decltype(rows.front().*member)>> out;
    for (const T& row : rows) out.push_back(row.*member);
    return out;
}

}  // namespace contract
