// SPDX-License-Identifier: Apache-2.0
// Preload of 100 users with 3 pets each, and the save of such a graph, against raw sqlite3 C with cached statements:
// same process, same library, rounds interleaved, CPU time of the thread, median of the rounds. JSON lines.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <unordered_map>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <sqlite3.h>

namespace orm = skua::orm;

struct Pet : orm::model<Pet> {
    std::int64_t user_id = 0;
    std::string name;
    SKUA_MODEL(Pet, (user_id, "index"), (name))
};
struct User : orm::model<User> {
    std::string name;
    int age = 0;
    orm::many<Pet> pets;
    SKUA_MODEL(User, (name), (age), (pets))
};

namespace {

constexpr int rounds = 15, repeats = 20, user_count = 100, pets_each = 3;

double cpu_us() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}
void check(bool good) {
    if (!good) std::abort();
}

std::vector<User> graph() {
    std::vector<User> users(user_count);
    for (User& u : users) {
        u.name = "a user with a name";
        u.pets.reserve(pets_each);
        for (int i = 0; i < pets_each; ++i) u.pets.push_back(Pet{.name = "a pet with a name"});
    }
    return users;
}

// Two statements; the rows of the second find their owners by a hash of the keys.
class raw {
public:
    struct pet {
        std::int64_t id = 0, user_id = 0;
        std::string created, updated, deleted, name;
    };
    struct user {
        std::int64_t id = 0;
        std::string created, updated, deleted, name;
        int age = 0;
        std::vector<pet> pets;
    };
    explicit raw(const char* path) {
        check(sqlite3_open_v2(path, &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr) ==
              SQLITE_OK);
        users_ =
            prepare("SELECT id, created_at, updated_at, deleted_at, name, age FROM users WHERE deleted_at IS NULL");
        std::string pets = "SELECT id, created_at, updated_at, deleted_at, user_id, name FROM pets WHERE user_id IN (?";
        for (int i = 1; i < user_count; ++i) pets += ", ?";
        pets_ = prepare(pets + ") AND deleted_at IS NULL");
    }
    void preload() {
        std::vector<user> all;
        while (sqlite3_step(users_) == SQLITE_ROW) {
            user& u = all.emplace_back();
            u.id = sqlite3_column_int64(users_, 0);
            texts(users_, u.created, u.updated, u.deleted);
            text(users_, 4, u.name);
            u.age = sqlite3_column_int(users_, 5);
        }
        sqlite3_reset(users_);
        check(all.size() == user_count);
        std::unordered_map<std::int64_t, user*> by_id;
        int at = 0;
        for (user& u : all) {
            by_id.emplace(u.id, &u);
            sqlite3_bind_int64(pets_, ++at, u.id);
        }
        std::size_t count = 0;
        while (sqlite3_step(pets_) == SQLITE_ROW) {
            const std::int64_t owner = sqlite3_column_int64(pets_, 4);
            pet& p = by_id.find(owner)->second->pets.emplace_back();
            p.id = sqlite3_column_int64(pets_, 0);
            texts(pets_, p.created, p.updated, p.deleted);
            p.user_id = owner;
            text(pets_, 5, p.name);
            ++count;
        }
        sqlite3_reset(pets_);
        check(count == user_count * pets_each);
    }

private:
    sqlite3_stmt* prepare(const std::string& sql) {
        sqlite3_stmt* s = nullptr;
        check(sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) == SQLITE_OK);
        return s;
    }
    static void text(sqlite3_stmt* s, int i, std::string& to) {
        if (const auto* from = reinterpret_cast<const char*>(sqlite3_column_text(s, i)))
            to.assign(from, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
    }
    static void texts(sqlite3_stmt* s, std::string& a, std::string& b, std::string& c) {
        text(s, 1, a);
        text(s, 2, b);
        text(s, 3, c);
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt *users_ = nullptr, *pets_ = nullptr;
};

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

}  // namespace

int main() {
    const char* path = "file:skua_relation_bench?mode=memory&cache=shared";
    auto db = orm::open(orm::sqlite(path), {.logger = orm::silent()}).or_throw();
    db.auto_migrate<User, Pet>().or_throw();
    auto users = graph();
    db.create(users).or_throw();
    raw theirs(path);
    const auto q = db.from<User>().preload(User::c.pets);
    std::vector<double> ours_us, raw_us;
    for (int round = 0; round < rounds; ++round) {
        double began = cpu_us();
        for (int i = 0; i < repeats; ++i) check(q.find().or_throw().back().pets.size() == pets_each);
        ours_us.push_back((cpu_us() - began) / repeats);
        began = cpu_us();
        for (int i = 0; i < repeats; ++i) theirs.preload();
        raw_us.push_back((cpu_us() - began) / repeats);
    }
    const double mine = median(ours_us), other = median(raw_us);
    std::printf("{\"bench\": \"orm preload 100x3\", \"us\": %.1f, \"raw_us\": %.1f, \"ratio\": %.2f}\n", mine, other,
                mine / other);
}
