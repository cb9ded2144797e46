// SPDX-License-Identifier: Apache-2.0
// The ORM against a raw sqlite3 C loop with cached statements: same process, same library, same open flags, rounds
// interleaved, CPU time of the thread, median of the rounds. One JSON object per line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <new>
#include <string>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <sqlite3.h>

namespace orm = skua::orm;

namespace {
std::size_t allocations = 0;
}
void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}

struct User : orm::model<User> {
    std::string name;
    int age = 0;
    std::optional<std::string> email;
    std::optional<std::int64_t> company_id;
    bool active = false;
    SKUA_MODEL(User, (name), (age), (email), (company_id), (active))
};

namespace {

constexpr int rounds = 15;
constexpr int ops = 4000;
constexpr int rows = 10000;

double cpu_us() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

void check(bool good) {
    if (!good) std::abort();
}

// What a careful C programmer writes: statements prepared once, text copied out, times kept as text.
class raw {
public:
    struct row {
        std::int64_t id = 0, company = 0;
        std::string created, updated, deleted, name, email;
        int age = 0;
        bool active = false;
    };
    raw() {
        check(sqlite3_open_v2(":memory:", &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                              nullptr) == SQLITE_OK);
        check(sqlite3_exec(db_,
                           "CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT, created_at datetime NOT NULL, "
                           "updated_at datetime "
                           "NOT NULL, deleted_at datetime, name text NOT NULL, age integer NOT NULL, email text, "
                           "company_id integer, active "
                           "numeric NOT NULL); CREATE INDEX d ON users (deleted_at)",
                           nullptr, nullptr, nullptr) == SQLITE_OK);
        insert_ = prepare(
            "INSERT INTO users (created_at, updated_at, deleted_at, name, age, email, company_id, active) VALUES "
            "(?,?,?,?,?,?,?,?)");
        select_ = prepare(
            "SELECT id, created_at, updated_at, deleted_at, name, age, email, company_id, active FROM users WHERE id = "
            "? AND deleted_at IS "
            "NULL LIMIT ?");
        scan_ = prepare(
            "SELECT id, created_at, updated_at, deleted_at, name, age, email, company_id, active FROM users WHERE "
            "deleted_at IS NULL");
    }
    void insert() {
        timespec now{};
        clock_gettime(CLOCK_REALTIME, &now);
        static constexpr char time[] =
            "2026-11-22 22:07:59.123456789+00:00";  // formatting it is not counted against us
        constexpr int n = sizeof time - 1;
        sqlite3_bind_text(insert_, 1, time, n, SQLITE_STATIC);
        sqlite3_bind_text(insert_, 2, time, n, SQLITE_STATIC);
        sqlite3_bind_null(insert_, 3);
        sqlite3_bind_text(insert_, 4, "a user's name", 13, SQLITE_STATIC);
        sqlite3_bind_int(insert_, 5, 18);
        sqlite3_bind_text(insert_, 6, "somebody@example.org", 20, SQLITE_STATIC);
        sqlite3_bind_null(insert_, 7);
        sqlite3_bind_int(insert_, 8, 1);
        check(sqlite3_step(insert_) == SQLITE_DONE);
        last_ = sqlite3_last_insert_rowid(db_);
        sqlite3_reset(insert_);
    }
    void select(int id) {
        sqlite3_bind_int64(select_, 1, id);
        sqlite3_bind_int64(select_, 2, 1);
        check(sqlite3_step(select_) == SQLITE_ROW);
        row r;
        read(select_, r);
        sqlite3_reset(select_);
        check(r.id == id);
    }
    void scan() {
        std::vector<row> all;
        while (sqlite3_step(scan_) == SQLITE_ROW) read(scan_, all.emplace_back());
        sqlite3_reset(scan_);
        check(!all.empty());
    }

private:
    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* s = nullptr;
        check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) == SQLITE_OK);
        return s;
    }
    static void text(sqlite3_stmt* s, int i, std::string& to) {
        if (const auto* t = reinterpret_cast<const char*>(sqlite3_column_text(s, i)))
            to.assign(t, static_cast<std::size_t>(sqlite3_column_bytes(s, i)));
    }
    static void read(sqlite3_stmt* s, row& r) {
        r.id = sqlite3_column_int64(s, 0);
        text(s, 1, r.created);
        text(s, 2, r.updated);
        text(s, 3, r.deleted);
        text(s, 4, r.name);
        r.age = sqlite3_column_int(s, 5);
        text(s, 6, r.email);
        r.company = sqlite3_column_int64(s, 7);
        r.active = sqlite3_column_int(s, 8) != 0;
    }
    sqlite3* db_ = nullptr;
    sqlite3_stmt *insert_ = nullptr, *select_ = nullptr, *scan_ = nullptr;
    std::int64_t last_ = 0;
};

double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return v[v.size() / 2];
}

template <class Ours, class Theirs>
void compare(const char* name, int count, Ours ours, Theirs theirs) {
    std::vector<double> a, b, ratio;
    for (int r = 0; r < rounds; ++r) {
        const double t0 = cpu_us();
        theirs();
        const double t1 = cpu_us();
        ours();
        const double t2 = cpu_us();
        b.push_back((t1 - t0) / count);
        a.push_back((t2 - t1) / count);
        ratio.push_back((t2 - t1) / (t1 - t0));
    }
    std::printf(
        "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"us\",\"baseline\":%.3f,\"ratio\":%.3f,\"command\":\"orm_sqlite_"
        "bench\"}\n",
        name, median(a), median(b), median(ratio));
}

template <class F>
void count_allocations(const char* name, double strings, F once) {
    for (int i = 0; i < 10; ++i) once();
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) once();
    const double each = static_cast<double>(allocations - before) / 100;
    std::printf(
        "{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"allocations\",\"baseline\":%.0f,\"ratio\":%.2f,\"command\":\"orm_"
        "sqlite_bench\"}\n",
        name, each, strings, strings > 0 ? each / strings : 0.0);
}

}  // namespace

int main() {
    raw c;
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
    db.auto_migrate<User>().or_throw();
    for (int i = 0; i < rows; ++i) {
        c.insert();
        User u{.name = "a user's name", .age = 18, .email = "somebody@example.org", .active = true};
        db.create(u).or_throw();
    }
    compare(
        "orm/sqlite/select_by_key", ops,
        [&] {
            for (int i = 1; i <= ops; ++i) check(db.find<User>(i).or_throw().id == i);
        },
        [&] {
            for (int i = 1; i <= ops; ++i) c.select(i);
        });
    compare(
        "orm/sqlite/first_where_id", ops,
        [&] {
            for (int i = 1; i <= ops; ++i) check(db.from<User>().where(User::c.id == i).take().or_throw().id == i);
        },
        [&] {
            for (int i = 1; i <= ops; ++i) c.select(i);
        });
    compare(
        "orm/sqlite/scan_per_row", rows, [&] { check(!db.from<User>().find().or_throw().empty()); }, [&] { c.scan(); });
    compare(
        "orm/sqlite/insert", ops,
        [&] {
            for (int i = 0; i < ops; ++i) {
                User u{.name = "a user's name", .age = 18, .email = "somebody@example.org", .active = true};
                db.create(u).or_throw();
            }
        },
        [&] {
            for (int i = 0; i < ops; ++i) c.insert();
        });
    count_allocations("orm/sqlite/allocations_of_first", 1,
                      [&] { check(db.from<User>().where(User::c.id == 7).first().or_throw().id == 7); });
    count_allocations("orm/sqlite/allocations_of_find_by_key", 1, [&] { check(db.find<User>(7).or_throw().id == 7); });
}
