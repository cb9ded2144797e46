// SPDX-License-Identifier: Apache-2.0
// A model grows; the table follows. The plan can be read before.
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

namespace first {
struct Product : orm::model<Product> {
    std::string code;
    SKUA_MODEL(Product, (code, "size:20;uniqueIndex"))
};
}  // namespace first
namespace second {
struct Product : orm::model<Product> {
    std::string code;
    std::int64_t cents = 0;
    std::optional<std::string> description;
    SKUA_MODEL(Product, (code, "size:20;uniqueIndex"), (cents, "default:0;index"), (description))
};
}  // namespace second

int main() {
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
    db.auto_migrate<first::Product>().or_throw();
    first::Product old{.code = "D42"};
    db.create(old).or_throw();

    for (const auto& step : db.plan_migration<second::Product>().or_throw())
        std::printf("%s%s\n", step.loses_data ? "LOSES DATA: " : "", step.sql.c_str());
    db.auto_migrate<second::Product>().or_throw();
    const auto product = db.find<second::Product>(old.id).or_throw();
    std::printf("%s costs %lld\n", product.code.c_str(), static_cast<long long>(product.cents));
    return db.plan_migration<second::Product>().or_throw().empty() ? 0 : 1;
}
