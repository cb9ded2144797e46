// SPDX-License-Identifier: Apache-2.0
// The ORM against a raw sqlite3 C loop with cached statements: same process, same library, same open flags, rounds
// interleaved, CPU time of the thread, median of the rounds. One JSON object per line.
#include "raw_sqlite.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <skua/orm.hpp>
#include <skua/orm/sqlite.hpp>
#include <sqlite3.h>
#ifdef SKUA_BENCH_SOCI
#include "soci_peer.h"
#endif

namespace orm = skua::orm;

namespace {
thread_local std::size_t allocations = 0;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept {
    std::free(p);
}
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept {
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
constexpr int batch_rows = 100;
constexpr int threads = 8;

using raw_sqlite::check;
using raw_sqlite::cpu_us;
using raw_sqlite::median;

constexpr const char* create_table =
    "CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT, created_at datetime NOT NULL, updated_at datetime NOT "
    "NULL, deleted_at datetime, name text NOT NULL, age integer NOT NULL, email text, company_id integer, active "
    "numeric NOT NULL); CREATE INDEX d ON users (deleted_at)";

// The same SQL, flags and struct.
class raw {
public:
    raw() {
        raw_sqlite::run(db_, create_table);
        insert_ = prepare(
            "INSERT INTO users (created_at, updated_at, deleted_at, name, age, email, company_id, active) VALUES "
            "(?,?,?,?,?,?,?,?)");
        batch_ = prepare(batch_text());
        update_ = prepare("UPDATE users SET name = ?, age = ? WHERE id = ?");
        select_ = prepare(
            "SELECT id, created_at, updated_at, deleted_at, name, age, email, company_id, active FROM users WHERE id = "
            "? AND deleted_at IS "
            "NULL LIMIT ?");
        scan_ = prepare(
            "SELECT id, created_at, updated_at, deleted_at, name, age, email, company_id, active FROM users WHERE "
            "deleted_at IS NULL");
    }
    void insert() {
        bind_user(insert_, 0);
        check(sqlite3_step(insert_) == SQLITE_DONE);
        last_ = sqlite3_last_insert_rowid(db_);
        sqlite3_reset(insert_);
    }
    static std::string batch_text() {
        std::string sql =
            "INSERT INTO users (created_at, updated_at, deleted_at, name, age, email, company_id, active) VALUES ";
        for (int i = 0; i < batch_rows; ++i) sql += i ? ",(?,?,?,?,?,?,?,?)" : "(?,?,?,?,?,?,?,?)";
        return sql;
    }
    void insert_batch() {
        int at = 0;
        for (int i = 0; i < batch_rows; ++i, at += 8) bind_user(batch_, at);
        check(sqlite3_step(batch_) == SQLITE_DONE);
        last_ = sqlite3_last_insert_rowid(db_);
        sqlite3_reset(batch_);
    }
    void update(int id) {
        sqlite3_bind_text(update_, 1, "another name", 12, SQLITE_STATIC);
        sqlite3_bind_int(update_, 2, 19);
        sqlite3_bind_int64(update_, 3, id);
        check(sqlite3_step(update_) == SQLITE_DONE && sqlite3_changes(db_) == 1);
        sqlite3_reset(update_);
    }
    void select(int id) {
        sqlite3_bind_int64(select_, 1, id);
        sqlite3_bind_int64(select_, 2, 1);
        check(sqlite3_step(select_) == SQLITE_ROW);
        User r;
        read(select_, r);
        sqlite3_reset(select_);
        check(r.id == id);
    }
    void scan() {
        std::vector<User> all;
        while (sqlite3_step(scan_) == SQLITE_ROW) read(scan_, all.emplace_back());
        sqlite3_reset(scan_);
        check(!all.empty());
    }

private:
    sqlite3_stmt* prepare(const std::string& sql) { return raw_sqlite::prepare(db_, sql); }
    static void bind_user(sqlite3_stmt* s, int at) {
        raw_sqlite::bind_times(s, at + 1);
        sqlite3_bind_text(s, at + 4, "a user's name", 13, SQLITE_STATIC);
        sqlite3_bind_int(s, at + 5, 18);
        sqlite3_bind_text(s, at + 6, "somebody@example.org", 20, SQLITE_STATIC);
        sqlite3_bind_null(s, at + 7);
        sqlite3_bind_int(s, at + 8, 1);
    }
    static void read(sqlite3_stmt* s, User& u) {
        raw_sqlite::base(s, 0, u);
        raw_sqlite::text(s, 4, u.name);
        u.age = sqlite3_column_int(s, 5);
        if (sqlite3_column_type(s, 6) != SQLITE_NULL) raw_sqlite::text(s, 6, u.email.emplace());
        if (sqlite3_column_type(s, 7) != SQLITE_NULL) u.company_id = sqlite3_column_int64(s, 7);
        u.active = sqlite3_column_int(s, 8) != 0;
    }
    sqlite3* db_ = raw_sqlite::open();
    sqlite3_stmt *insert_ = nullptr, *batch_ = nullptr, *update_ = nullptr, *select_ = nullptr, *scan_ = nullptr;
    std::int64_t last_ = 0;
};

template <class Ours, class Theirs>
void compare(const char* name, int count, Ours ours, Theirs theirs) {
    raw_sqlite::compare(name, "orm_sqlite_bench", rounds, count, ours, theirs);
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

void report(const char* name, double value, const char* unit, double baseline) {
    std::printf(
        "{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"baseline\":%.3f,\"ratio\":%.3f,\"command\":\"orm_"
        "sqlite_bench\"}\n",
        name, value, unit, baseline, baseline > 0 ? value / baseline : 0.0);
}

// The fifth operation of go-orm-benchmarks: 100 rows at once.
void read_slice(orm::database& db) {
    std::vector<double> took;
    for (int r = 0; r < rounds; ++r) {
        const double from = cpu_us();
        for (int i = 0; i < 40; ++i)
            check(db.from<User>().where(User::c.id > 0).limit(100).find().or_throw().size() == 100);
        took.push_back((cpu_us() - from) / 40);
    }
    report("orm/sqlite/read_slice_of_100", median(took), "us", 0);
}

#ifdef SKUA_BENCH_SOCI
// Another library's way, against the same loops in C.
void compare_soci(raw& c) {
    peer::soci_users soci(create_table);
    for (int i = 0; i < rows; ++i) soci.insert();
    const auto each = [](auto fn) {
        return [fn] {
            for (int i = 1; i <= ops; ++i) fn(i);
        };
    };
    const auto raw_select = each([&](int i) { c.select(i); });
    compare("soci/sqlite/select_by_key", ops, each([&](int i) { soci.select(i); }), raw_select);
    compare("soci/sqlite/select_by_key_not_held", ops, each([&](int i) { soci.plain_select(i); }), raw_select);
    compare(
        "soci/sqlite/scan_per_row", rows, [&] { check(soci.scan() >= rows); }, [&] { c.scan(); });
    compare("soci/sqlite/update_by_key", ops, each([&](int i) { soci.update(i); }), each([&](int i) { c.update(i); }));
    compare("soci/sqlite/insert", ops, each([&](int) { soci.insert(); }), each([&](int) { c.insert(); }));
}
#endif

double wall_us() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

// Reads by key from a file: the baseline is one thread doing the work of all.
void on_threads() {
    char folder[] = "/tmp/skua_orm_bench_XXXXXX";
    check(mkdtemp(folder) != nullptr);
    const std::string file = std::string(folder) + "/bench.db";
    {
        auto db = orm::open(orm::sqlite(file), {.max_open = threads}).or_throw();
        db.auto_migrate<User>().or_throw();
        std::vector<User> users(1000, User{.name = "a user's name", .age = 18});
        db.create(users).or_throw();
        const auto work = [&] {
            for (int i = 0; i < 5000; ++i) check(db.find<User>(1 + i % 1000).or_throw().age == 18);
        };
        work();
        const double t0 = wall_us();
        for (int i = 0; i < threads; ++i) work();
        const double t1 = wall_us();
        std::vector<std::thread> all;
        for (int i = 0; i < threads; ++i) all.emplace_back(work);
        for (std::thread& t : all) t.join();
        report("orm/sqlite/select_by_key_on_8_threads", (wall_us() - t1) / threads / 5000, "wall_us",
               (t1 - t0) / threads / 5000);
    }
    std::filesystem::remove_all(folder);
}

// 50 tables, then the same again with nothing to do.
template <int N>
struct Table {
    static constexpr char label[] = {'t', static_cast<char>('0' + N / 10), static_cast<char>('0' + N % 10)};
    std::int64_t id = 0;
    std::string name;
    int age = 0;
    std::optional<std::string> note;
    SKUA_TABLE(std::string_view(label, sizeof label))
    SKUA_MODEL(Table, (id), (name, "index"), (age), (note))
};
template <int... I>
void migrate_tables(orm::database& db, std::integer_sequence<int, I...>) {
    db.auto_migrate<Table<I>...>().or_throw();
}
void migrate_many() {
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
    const double t0 = cpu_us();
    migrate_tables(db, std::make_integer_sequence<int, 50>());
    const double t1 = cpu_us();
    migrate_tables(db, std::make_integer_sequence<int, 50>());
    report("orm/sqlite/migrate_50_tables", (t1 - t0) / 1000, "ms", 0);
    report("orm/sqlite/migrate_50_tables_again", (cpu_us() - t1) / 1000, "ms", (t1 - t0) / 1000);
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
#ifdef SKUA_BENCH_SOCI
    {
        raw fresh;  // of as many rows
        for (int i = 0; i < rows; ++i) fresh.insert();
        compare_soci(fresh);
    }
#endif
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
    compare(
        "orm/sqlite/insert_batch_per_row", ops,
        [&] {
            std::vector<User> users(
                batch_rows, User{.name = "a user's name", .age = 18, .email = "somebody@example.org", .active = true});
            for (int i = 0; i < ops / batch_rows; ++i) {
                for (User& u : users) u.id = 0;
                db.create(users).or_throw();
            }
        },
        [&] {
            for (int i = 0; i < ops / batch_rows; ++i) c.insert_batch();
        });
    compare(
        "orm/sqlite/update_by_key", ops,
        [&] {
            for (int i = 1; i <= ops; ++i)
                db.from<User>()
                    .where(User::c.id == i)
                    .unscoped()
                    .update_columns(User::c.name = "another name", User::c.age = 19)
                    .or_throw();
        },
        [&] {
            for (int i = 1; i <= ops; ++i) c.update(i);
        });
    read_slice(db);
    on_threads();
    migrate_many();
    count_allocations("orm/sqlite/allocations_of_first", 1,
                      [&] { check(db.from<User>().where(User::c.id == 7).first().or_throw().id == 7); });
    count_allocations("orm/sqlite/allocations_of_insert", 0, [&] {
        User u{.name = "a user's name", .age = 18};
        db.create(u).or_throw();
    });
    count_allocations("orm/sqlite/allocations_of_update", 0,
                      [&] { db.from<User>().where(User::c.id == 7).update(User::c.age = 3).or_throw(); });
    count_allocations("orm/sqlite/allocations_of_find_by_key", 1, [&] { check(db.find<User>(7).or_throw().id == 7); });
}
