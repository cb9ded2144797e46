// SPDX-License-Identifier: Apache-2.0
// Models and a database for the tests.
#pragma once

#include <string>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name, "size:100;uniqueIndex"))
};
struct Pet : orm::model<Pet> {
    std::int64_t user_id = 0;
    std::string name;
    SKUA_MODEL(Pet, (user_id, "index"), (name))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<std::string> email;
    std::optional<std::int64_t> company_id;
    SKUA_MODEL(User, (name, "size:255"), (age, "check:age >= 0"), (email, "uniqueIndex"), (company_id))
};
struct NameAge {
    std::string name;
    int age = 0;
    SKUA_COLUMNS(NameAge, (name), (age))
};

// What the driver hooks heard, in order: "execute INSERT users".
class heard {
    struct state {
        std::vector<std::string> lines;
        unsigned events;
    };

public:
    explicit heard(unsigned wanted = orm::every_event) : kept(std::make_shared<state>(state{{}, wanted})) {}
    std::shared_ptr<state>
        kept;  // shared with the listener: the database may be closed after the test's variables are gone
    std::vector<std::string>& lines = kept->lines;
    unsigned& events = kept->events;
};
struct listener {
    explicit listener(heard* log) : into(log->kept) {}
    decltype(heard::kept) into;
    void begin(orm::driver_call& call, orm::hook_slot& slot) noexcept {
        if (!(into->events & orm::bit(call.event))) return;
        std::string line(to_string(call.event));
        if (call.operation && call.event == orm::driver_event::operation)
            line += " " + std::string(call.operation->verb);
        if (call.statement) line += " " + (call.statement->raw ? call.statement->sql : call.statement->summary);
        if (!call.savepoint.empty()) line += " " + std::string(call.savepoint);
        into->lines.push_back(line);
        slot.make<std::size_t>(into->lines.size() - 1);
    }
    void end(orm::driver_call& call, orm::hook_slot& slot) noexcept {
        if (!slot.used()) return;
        if (call.failure)
            into->lines[slot.as<std::size_t>()] += " failed " + std::string(to_string(call.failure->code));
        slot.drop<std::size_t>();
    }
};

inline orm::database memory(orm::open_options options = {}) {
    if (!options.logger) options.logger = orm::silent();
    return orm::open(orm::sqlite(":memory:"), options).or_throw();
}
inline orm::database with_users(orm::open_options options = {}) {
    orm::database db = memory(std::move(options));
    db.auto_migrate<Company, User, Pet>().or_throw();
    return db;
}
inline User make_user(std::string name, int age = 18) {
    User u;
    u.name = std::move(name);
    u.age = age;
    return u;
}
