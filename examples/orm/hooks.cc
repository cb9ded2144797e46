// SPDX-License-Identifier: Apache-2.0
// Hooks of a model, a callback of the database, a plugin, and what goes over the wire.
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct User : orm::model<User> {
    std::string name;
    std::string slug;
    SKUA_MODEL(User, (name, "size:255"), (slug))

    orm::status before_create(orm::event&) {
        if (name.empty()) return orm::fail("name is required");
        slug = name;
        for (char& ch : slug) ch = ch == ' ' ? '-' : ch;
        return orm::ok;
    }
};

// Counts statements: a listener of the wire.
struct counter {
    std::shared_ptr<int> statements;
    static constexpr unsigned events = orm::bit(orm::driver_event::execute);
    void begin(orm::driver_call&, orm::hook_slot&) noexcept { ++*statements; }
    void end(orm::driver_call&, orm::hook_slot&) noexcept {}
};
struct Counting final : orm::plugin {
    std::shared_ptr<int> statements = std::make_shared<int>(0);
    std::string_view name() const override { return "example:counting"; }
    orm::status initialize(orm::database& db) override {
        SKUA_TRY(db.driver_hooks().add("counting", counter{statements}));
        return db.callbacks().create().before("orm:create").add("example:log", [](orm::statement& s) {
            std::printf("%zu new %s\n", s.objects.count, s.model->table.c_str());
            return orm::ok;
        });
    }
};

int main() {
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    db.auto_migrate<User>().or_throw();
    Counting counting;
    const auto statements = counting.statements;
    db.use(std::move(counting)).or_throw();

    User user{.name = "Grace Hopper"};
    db.create(user).or_throw();
    User nameless;
    std::printf("%s, %s, %d statement\n", user.slug.c_str(), db.create(nameless).error().to_string().c_str(),
                *statements);
    return user.slug == "Grace-Hopper" && *statements == 1 ? 0 : 1;
}
