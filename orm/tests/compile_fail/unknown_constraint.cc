// SPDX-License-Identifier: Apache-2.0
#include <skua/orm.hpp>
namespace orm = skua::orm;
struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name))
};
struct User : orm::model<User> {
    std::optional<std::int64_t> company_id;
    orm::one<Company> company;
    SKUA_MODEL(User, (company_id), (company, "constraint:OnRemove:CASCADE"))
};
