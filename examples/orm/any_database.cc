// SPDX-License-Identifier: Apache-2.0
// The same program on SQLite, PostgreSQL and MariaDB:
//     orm_any_database
//     orm_any_database postgres "host=localhost dbname=shop"
//     orm_any_database mariadb "mariadb://shop@localhost/shop"
#include <chrono>
#include <cstdio>
#include <string_view>

#include <skua/orm.hpp>
#include <skua/orm/mariadb.hpp>
#include <skua/orm/postgres.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;

struct Note : orm::model<Note> {
    std::string title;
    int stars = 0;
    SKUA_MODEL(Note, (title, "size:100;uniqueIndex"), (stars, "check:stars >= 0"))
};

int main(int argc, char** argv) {
    const std::string_view kind = argc > 2 ? argv[1] : "sqlite";
    const char* dsn = argc > 2 ? argv[2] : ":memory:";
    auto opened = orm::open(kind == "postgres"  ? orm::postgres(dsn)
                            : kind == "mariadb" ? orm::mariadb(dsn)
                                                : orm::sqlite(dsn));
    if (!opened) {
        std::fprintf(stderr, "%s\n", opened.error().to_string().c_str());
        return 1;
    }
    auto db = *opened;
    db.auto_migrate<Note>().or_throw();
    Note note{.title = "hello", .stars = 3};
    db.create(note, orm::on_conflict(Note::c.title).update(Note::c.stars)).or_throw();

    // What a database refuses is told the same way by all of them.
    Note twice{.title = "hello"};
    const orm::error why = db.create(twice).error();
    std::printf("%s: %s\n", db.info().system.c_str(), why.to_string().c_str());

    // A deadline for each statement made with the handle.
    auto hurried = db.with(orm::context{}.timeout(std::chrono::seconds(2)));
    std::printf("%lld notes with stars\n",
                static_cast<long long>(hurried.from<Note>().where(Note::c.stars > 0).count().or_throw()));
    return why.code == orm::errc::duplicated_key ? 0 : 1;
}
