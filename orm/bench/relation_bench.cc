// SPDX-License-Identifier: Apache-2.0
// Related objects against raw sqlite3 C with cached statements: preload of 100 users with 3 pets each, a join with
// their company, and the save of a user with a company and 3 pets. The same SQL and structs, each side on a database of
// its own in memory; rounds interleaved, CPU time of the thread, median of the rounds. JSON lines.
#include "raw_sqlite.h"

#include <string>
#include <unordered_map>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <sqlite3.h>

namespace orm = skua::orm;
using raw_sqlite::check;

struct Company : orm::model<Company> {
    std::string name;
    SKUA_MODEL(Company, (name))
};
struct Pet : orm::model<Pet> {
    std::int64_t user_id = 0;
    std::string name;
    SKUA_MODEL(Pet, (user_id, "index"), (name))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::int64_t company_id = 0;
    orm::one<Company> company;
    orm::many<Pet> pets;
    SKUA_MODEL(User, (name), (age), (company_id), (company), (pets))
};

namespace {

constexpr int rounds = 15, repeats = 20, user_count = 100, pets_each = 3, saves = 500;

User graph() {
    User u;
    u.name = "a user with a name";
    u.company = Company{.name = "a company with a name"};
    u.pets.reserve(pets_each);
    for (int i = 0; i < pets_each; ++i) u.pets.push_back(Pet{.name = "a pet with a name"});
    return u;
}

// What a C program would keep: the same members, related objects in place.
struct raw_user : orm::model<raw_user> {
    std::string name;
    int age = 0;
    std::int64_t company_id = 0;
    Company company;
    std::vector<Pet> pets;
};

class raw {
public:
    raw() {
        raw_sqlite::run(db_,
                        "CREATE TABLE companies (id integer PRIMARY KEY AUTOINCREMENT, created_at datetime NOT NULL, "
                        "updated_at datetime NOT NULL, deleted_at datetime, name text NOT NULL);"
                        "CREATE INDEX idx_companies_deleted_at ON companies (deleted_at);"
                        "CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT, created_at datetime NOT NULL, "
                        "updated_at datetime NOT NULL, deleted_at datetime, name text NOT NULL, age integer NOT NULL, "
                        "company_id integer NOT NULL, CONSTRAINT fk_users_company FOREIGN KEY (company_id) REFERENCES "
                        "companies (id));"
                        "CREATE INDEX idx_users_deleted_at ON users (deleted_at);"
                        "CREATE TABLE pets (id integer PRIMARY KEY AUTOINCREMENT, created_at datetime NOT NULL, "
                        "updated_at datetime NOT NULL, deleted_at datetime, user_id integer NOT NULL, name text NOT "
                        "NULL, CONSTRAINT fk_users_pets FOREIGN KEY (user_id) REFERENCES users (id));"
                        "CREATE INDEX idx_pets_deleted_at ON pets (deleted_at);"
                        "CREATE INDEX idx_pets_user_id ON pets (user_id);"
                        "PRAGMA foreign_keys = ON");
        begin_ = prepare("BEGIN");
        commit_ = prepare("COMMIT");
        company_ = prepare("INSERT INTO companies (created_at, updated_at, deleted_at, name) VALUES (?, ?, ?, ?)");
        user_ = prepare(
            "INSERT INTO users (created_at, updated_at, deleted_at, name, age, company_id) VALUES (?, ?, ?, ?, ?, ?)");
        pets_ = prepare(
            "INSERT INTO pets (created_at, updated_at, deleted_at, user_id, name) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, "
            "?), (?, ?, ?, ?, ?)");
        users_ = prepare(
            "SELECT id, created_at, updated_at, deleted_at, name, age, company_id FROM users WHERE deleted_at IS NULL "
            "LIMIT ?");
        std::string of = "SELECT id, created_at, updated_at, deleted_at, user_id, name FROM pets WHERE user_id IN (?";
        for (int i = 1; i < user_count; ++i) of += ", ?";
        pets_of_ = prepare(of + ") AND deleted_at IS NULL");
        joined_ = prepare(
            "SELECT users.id, users.created_at, users.updated_at, users.deleted_at, users.name, users.age, "
            "users.company_id, c.id, c.created_at, c.updated_at, c.deleted_at, c.name FROM users LEFT JOIN companies c "
            "ON users.company_id = c.id AND c.deleted_at IS NULL WHERE users.deleted_at IS NULL LIMIT ?");
    }
    void save(User& u) {
        raw_sqlite::finish(begin_);
        raw_sqlite::bind_times(company_, 1);
        raw_sqlite::bind_text(company_, 4, u.company->name);
        raw_sqlite::finish(company_);
        u.company_id = u.company->id = sqlite3_last_insert_rowid(db_);
        raw_sqlite::bind_times(user_, 1);
        raw_sqlite::bind_text(user_, 4, u.name);
        sqlite3_bind_int(user_, 5, u.age);
        sqlite3_bind_int64(user_, 6, u.company_id);
        raw_sqlite::finish(user_);
        u.id = sqlite3_last_insert_rowid(db_);
        int at = 1;
        for (Pet& p : u.pets) {
            p.user_id = u.id;
            raw_sqlite::bind_times(pets_, at);
            sqlite3_bind_int64(pets_, at + 3, u.id);
            raw_sqlite::bind_text(pets_, at + 4, p.name);
            at += 5;
        }
        raw_sqlite::finish(pets_);
        std::int64_t id = sqlite3_last_insert_rowid(db_) - pets_each;
        for (Pet& p : u.pets) p.id = ++id;
        raw_sqlite::finish(commit_);
    }
    // Two statements; the rows of the second find their owners by a hash of the keys.
    void preload() {
        std::vector<raw_user> all;
        sqlite3_bind_int(users_, 1, user_count);
        while (sqlite3_step(users_) == SQLITE_ROW) read(users_, all.emplace_back());
        sqlite3_reset(users_);
        check(all.size() == user_count);
        std::unordered_map<std::int64_t, raw_user*> by_id;
        int at = 0;
        for (raw_user& u : all) {
            by_id.emplace(u.id, &u);
            sqlite3_bind_int64(pets_of_, ++at, u.id);
        }
        std::size_t count = 0;
        while (sqlite3_step(pets_of_) == SQLITE_ROW) {
            const std::int64_t owner = sqlite3_column_int64(pets_of_, 4);
            Pet& p = by_id.find(owner)->second->pets.emplace_back();
            raw_sqlite::base(pets_of_, 0, p);
            p.user_id = owner;
            raw_sqlite::text(pets_of_, 5, p.name);
            ++count;
        }
        sqlite3_reset(pets_of_);
        check(count == user_count * pets_each);
    }
    void join() {
        std::vector<raw_user> all;
        sqlite3_bind_int(joined_, 1, user_count);
        while (sqlite3_step(joined_) == SQLITE_ROW) {
            raw_user& u = all.emplace_back();
            read(joined_, u);
            raw_sqlite::base(joined_, 7, u.company);
            raw_sqlite::text(joined_, 11, u.company.name);
        }
        sqlite3_reset(joined_);
        check(all.size() == user_count && all.back().company.id == all.back().company_id);
    }

private:
    sqlite3_stmt* prepare(const std::string& sql) { return raw_sqlite::prepare(db_, sql); }
    static void read(sqlite3_stmt* s, raw_user& u) {
        raw_sqlite::base(s, 0, u);
        raw_sqlite::text(s, 4, u.name);
        u.age = sqlite3_column_int(s, 5);
        u.company_id = sqlite3_column_int64(s, 6);
    }

    sqlite3* db_ = raw_sqlite::open();
    sqlite3_stmt *begin_ = nullptr, *commit_ = nullptr, *company_ = nullptr, *user_ = nullptr, *pets_ = nullptr;
    sqlite3_stmt *users_ = nullptr, *pets_of_ = nullptr, *joined_ = nullptr;
};

template <class Ours, class Theirs>
void compare(const char* name, int count, Ours ours, Theirs theirs) {
    raw_sqlite::compare(
        name, "./dev bench orm_relation", rounds, count,
        [&] {
            for (int i = 0; i < count; ++i) ours();
        },
        [&] {
            for (int i = 0; i < count; ++i) theirs();
        });
}

}  // namespace

int main() {
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    db.auto_migrate<Company, User, Pet>().or_throw();
    raw c;
    const User made = graph();
    const auto save_ours = [&] {
        User u = made;
        db.create(u).or_throw();
        check(u.pets[pets_each - 1].user_id == u.id && u.company->id == u.company_id);
    };
    const auto save_theirs = [&] {
        User u = made;
        c.save(u);
    };
    for (int i = 0; i < user_count; ++i) {
        save_ours();
        save_theirs();
    }
    const auto users = db.from<User>().limit(user_count);
    compare(
        "orm/sqlite/preload_100_users_of_3_pets", repeats,
        [&] { check(users.preload(User::c.pets).find().or_throw().back().pets.size() == pets_each); },
        [&] { c.preload(); });
    compare(
        "orm/sqlite/join_100_users_with_company", repeats,
        [&] {
            const auto all = users.joins(User::c.company).find().or_throw();
            check(all.size() == user_count && all.back().company->id == all.back().company_id);
        },
        [&] { c.join(); });
    compare("orm/sqlite/save_user_company_3_pets", saves, save_ours, save_theirs);
}
