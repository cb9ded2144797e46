// SPDX-License-Identifier: Apache-2.0
// Reads from replicas, writes to the source; hints for the planner. The replica is another file here, with other rows.
#include <cstdio>
#include <filesystem>

#include <skua/orm.hpp>
#include <skua/orm/plugins/dbresolver.hpp>
#include <skua/orm/plugins/hints.hpp>
#include <skua/orm/sqlite.hpp>

namespace orm = skua::orm;
namespace resolver = skua::orm::dbresolver;
namespace hints = skua::orm::hints;

struct User : orm::model<User> {
    std::string name;
    SKUA_MODEL(User, (name, "index"))
};

int main() {
    const auto folder = std::filesystem::temp_directory_path() / "skua_replicas_example";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    const std::string source = folder / "source.db", replica = folder / "replica.db";
    {
        auto db = orm::open(orm::sqlite(replica)).or_throw();
        db.auto_migrate<User>().or_throw();
        User u{.name = "of the replica"};
        db.create(u).or_throw();
    }
    auto db = orm::open(orm::sqlite(source)).or_throw();
    db.use(resolver::plugin({.replicas = {orm::sqlite(replica)}, .policy = resolver::round_robin()})).or_throw();
    db.auto_migrate<User>().or_throw();
    User u{.name = "of the source"};
    db.create(u).or_throw();

    const auto q = db.from<User>().clauses(hints::comment("the example"));
    const std::string here = q.first().or_throw().name;
    const std::string there = q.clauses(resolver::write).first().or_throw().name;
    std::printf("read: %s; read where it is written: %s\n%s\n", here.c_str(), there.c_str(),
                q.clauses(hints::indexed_by("idx_users_name")).to_sql().or_throw().sql.c_str());
    std::filesystem::remove_all(folder);
    return here == "of the replica" && there == "of the source" ? 0 : 1;
}
