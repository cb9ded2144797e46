// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <skua/orm.hpp>
#include <skua/orm/mariadb.hpp>
#include <skua/orm/postgres.hpp>
#include <skua/orm/sqlite.hpp>
#ifdef WITH_OTEL
#include <skua/otel.hpp>
#include <skua/otel/provider.hpp>
#endif

namespace orm = skua::orm;

struct Note : orm::model<Note> {
    std::string text;
    SKUA_MODEL(Note, (text, "size:200"))
};

int main() {
    auto db = orm::open(orm::sqlite(":memory:")).or_throw();
#ifdef WITH_OTEL
    db.use(skua::otel::tracing()).or_throw();
#endif
    db.auto_migrate<Note>().or_throw();
    Note note{.text = "installed"};
    db.create(note).or_throw();
    const bool found = db.from<Note>().where(Note::c.text == "installed").count().or_throw() == 1;
    // Nobody listens there: a typed error, from each driver.
    const bool refused =
        orm::open(orm::postgres("host=/nonexistent dbname=x")).error().code == orm::errc::cannot_open &&
        orm::open(orm::mariadb("socket=/nonexistent/s user=x database=x")).error().code == orm::errc::cannot_open;
    std::printf("%s\n", found && refused ? "good" : "bad");
    return found && refused ? 0 : 1;
}
