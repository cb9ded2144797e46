// SPDX-License-Identifier: Apache-2.0
// Tables that are there and models that have changed.
#include "fixture.h"

#include <gtest/gtest.h>

namespace one {
struct Thing {
    std::int64_t id = 0;
    std::string name;
    std::optional<std::string> note;
    int count = 0;
    SKUA_TABLE("things")
    SKUA_MODEL(Thing, (id), (name, "index"), (note), (count))
};
}  // namespace one
namespace two {
struct Thing {
    std::int64_t id = 0;
    std::optional<std::string> name;
    std::string note;
    double count = 0;
    int added = 0;
    SKUA_TABLE("things")
    SKUA_MODEL(Thing, (id), (name, "index"), (note), (count, "default:1.5;check:chk_count,count < 100"),
               (added, "default:7"))
};
}  // namespace two

namespace {

using words = std::vector<std::string>;

class Tables : public ::testing::Test {
protected:
    Tables() {
        db.auto_migrate<one::Thing>().or_throw();
        for (const char* name : {"a", "b"}) {
            one::Thing t;
            t.name = name;
            t.note = std::string("note ") + name;
            t.count = 3;
            db.create(t).or_throw();
        }
        db.exec("DELETE FROM things WHERE id = 2").or_throw();
    }
    words what(const orm::migration_plan& plan) {
        words out;
        for (const auto& s : plan)
            if (out.empty() || out.back() != s.what) out.push_back(s.what);
        return out;
    }
    orm::database db = memory();
};

TEST_F(Tables, MigrateTwiceEmitsNothing) {
    db.auto_migrate<Company, User, Pet>().or_throw();
    EXPECT_TRUE((db.plan_migration<Company, User, Pet, one::Thing>().or_throw().empty()));
    heard log;
    db.driver_hooks().add("log", listener{&log}).or_throw();
    db.auto_migrate<Company, User, Pet, one::Thing>().or_throw();
    for (const std::string& line : log.lines) EXPECT_EQ(line.find("execute ALTER"), std::string::npos) << line;
}

TEST_F(Tables, APlanListsEachDifferenceAndWhatItMayLose) {
    const auto plan = db.plan_migration<two::Thing>().or_throw();
    ASSERT_FALSE(plan.empty());
    EXPECT_NE(plan[0].what.find("alter column things.name: allow NULL"), std::string::npos) << plan[0].what;
    EXPECT_NE(plan[0].what.find("things.count: type INTEGER to real"), std::string::npos) << plan[0].what;
    EXPECT_NE(plan[0].what.find("create constraint chk_count"), std::string::npos) << plan[0].what;
    EXPECT_TRUE(plan[0].alters);
    EXPECT_TRUE(plan[0].loses_data);
    EXPECT_TRUE(plan[0].rebuilds);
}

TEST_F(Tables, ColumnsThatAreThereStayUnlessAlterIsAsked) {
    db.auto_migrate<two::Thing>().or_throw();
    auto types = db.migrator().column_types<two::Thing>().or_throw();
    EXPECT_EQ(types.at(1).name, "name");
    EXPECT_FALSE(types.at(1).nullable);
    EXPECT_EQ(types.at(3).type, "INTEGER");
    EXPECT_EQ(types.at(4).name, "added");
    EXPECT_TRUE(db.migrator().has_constraint<two::Thing>("chk_count").or_throw()) << "what is missing is added";
    EXPECT_EQ(db.exec("UPDATE things SET count = 100").error().code, orm::errc::check_violated);

    db.auto_migrate<two::Thing>({.alter = true}).or_throw();
    types = db.migrator().column_types<two::Thing>().or_throw();
    EXPECT_TRUE(types.at(1).nullable);
    EXPECT_FALSE(types.at(2).nullable);
    EXPECT_EQ(types.at(3).type, "REAL");
    EXPECT_EQ(types.at(3).standard, "1.5");
    const auto t = db.find<two::Thing>(1).or_throw();
    EXPECT_EQ(t.name, "a");
    EXPECT_EQ(t.note, "note a");
    EXPECT_EQ(t.count, 3.0);
    EXPECT_EQ(t.added, 7);
    EXPECT_TRUE(db.plan_migration<two::Thing>().or_throw().empty());
}

TEST_F(Tables, ATableMadeAnewKeepsIndexesTriggersViewsAndItsCounter) {
    db.exec("CREATE TABLE log (x text)").or_throw();
    db.exec("CREATE TRIGGER tr AFTER INSERT ON things BEGIN INSERT INTO log VALUES (new.name); END").or_throw();
    db.exec("CREATE VIEW v AS SELECT name FROM things").or_throw();
    db.auto_migrate<two::Thing>({.alter = true}).or_throw();
    EXPECT_TRUE(db.migrator().has_index<two::Thing>("idx_things_name").or_throw());
    two::Thing t;
    t.name = "c";
    db.create(t).or_throw();
    EXPECT_EQ(t.id, 3) << "2 was used once";
    EXPECT_EQ(db.raw<std::string>("SELECT x FROM log").first().or_throw(), "c");
    EXPECT_EQ(db.raw<std::string>("SELECT name FROM v").find().or_throw().size(), 2U);
    EXPECT_EQ(db.raw<int>("SELECT foreign_keys FROM pragma_foreign_keys").first().or_throw(), 1);
}

TEST_F(Tables, AFailedMigrationChangesNothing) {
    db.exec("UPDATE things SET note = NULL").or_throw();
    const auto r = db.auto_migrate<two::Thing>({.alter = true});
    EXPECT_EQ(r.error().code, orm::errc::not_null_violated);
    EXPECT_TRUE(db.find<one::Thing>(1));
    EXPECT_FALSE(db.migrator().has_table("things__new").or_throw());
    EXPECT_FALSE(db.migrator().has_column(two::Thing::c.added).or_throw());
    EXPECT_EQ(db.raw<int>("SELECT foreign_keys FROM pragma_foreign_keys").first().or_throw(), 1);
}

TEST_F(Tables, ATableIsNotMadeAnewInsideATransaction) {
    const auto r =
        db.transaction([](orm::tx& t) -> orm::status { return t.auto_migrate<two::Thing>({.alter = true}); });
    EXPECT_EQ(r.error().code, orm::errc::unsupported);
    EXPECT_TRUE(db.find<one::Thing>(1));
}

TEST_F(Tables, TablesColumnsAndIndexesOneByOne) {
    const auto m = db.migrator();
    EXPECT_TRUE(m.has_table<one::Thing>().or_throw());
    EXPECT_EQ(m.tables().or_throw(), words{"things"});
    EXPECT_EQ(m.current_database(), "main");
    m.rename_table("things", "items").or_throw();
    EXPECT_FALSE(m.has_table<one::Thing>().or_throw());
    m.rename_table("items", "things").or_throw();

    EXPECT_FALSE(m.has_column(two::Thing::c.added).or_throw());
    m.add_column(two::Thing::c.added).or_throw();
    EXPECT_TRUE(m.has_column<one::Thing>("added").or_throw());
    m.rename_column<one::Thing>("added", "extra").or_throw();
    EXPECT_TRUE(m.has_column<one::Thing>("extra").or_throw());
    m.drop_column<one::Thing>("extra").or_throw();
    EXPECT_FALSE(m.has_column<one::Thing>("extra").or_throw());
    m.alter_column(two::Thing::c.count).or_throw();
    EXPECT_EQ(m.column_types<one::Thing>().or_throw().at(3).type, "REAL");
    EXPECT_EQ(m.alter_column(two::Thing::c.added).error().code, orm::errc::invalid_field);

    EXPECT_TRUE(m.has_index<one::Thing>("idx_things_name").or_throw());
    m.rename_index<one::Thing>("idx_things_name", "other").or_throw();
    EXPECT_TRUE(m.has_index<one::Thing>("other").or_throw());
    m.drop_index<one::Thing>("other").or_throw();
    m.create_index<one::Thing>("idx_things_name").or_throw();
    EXPECT_TRUE(m.has_index<one::Thing>("idx_things_name").or_throw());
    EXPECT_EQ(m.create_index<one::Thing>("nope").error().code, orm::errc::invalid_value);
    m.drop_column(one::Thing::c.name).or_throw();
    EXPECT_FALSE(m.has_index<one::Thing>("idx_things_name").or_throw()) << "it was of that column";
    EXPECT_EQ(db.raw<std::string>("SELECT note FROM things").first().or_throw(), "note a");

    m.drop_table<one::Thing>().or_throw();
    m.drop_table<one::Thing>().or_throw();
    m.create_table<two::Thing>().or_throw();
    EXPECT_TRUE(m.has_table("things").or_throw());
}

TEST_F(Tables, ConstraintsOfATableThatIsThere) {
    const auto m = db.migrator();
    EXPECT_FALSE(m.has_constraint<two::Thing>("chk_count").or_throw());
    m.create_constraint<two::Thing>("chk_count").or_throw();
    EXPECT_TRUE(m.has_constraint<two::Thing>("chk_count").or_throw());
    EXPECT_EQ(db.exec("UPDATE things SET count = 100").error().code, orm::errc::check_violated);
    m.drop_constraint<two::Thing>("chk_count").or_throw();
    EXPECT_FALSE(m.has_constraint<two::Thing>("chk_count").or_throw());
    EXPECT_TRUE(db.exec("UPDATE things SET count = 100"));
    EXPECT_EQ(m.create_constraint<two::Thing>("nope").error().code, orm::errc::invalid_value);
}

TEST_F(Tables, MigrateView) {
    const auto m = db.migrator();
    m.create_view("busy", db.from<one::Thing>().where(one::Thing::c.count > 2 && one::Thing::c.name != "it's"))
        .or_throw();
    EXPECT_EQ(db.from<one::Thing>().table("busy").count().or_throw(), 1);
    m.drop_view("busy").or_throw();
    m.drop_view("busy").or_throw();
    EXPECT_FALSE(db.from<one::Thing>().table("busy").count());
}

TEST_F(Tables, ADryRunSendsNothing) {
    heard log;
    db.driver_hooks().add("log", listener{&log}).or_throw();
    const auto dry = db.session({.dry_run = true});
    EXPECT_FALSE(dry.plan_migration<two::Thing>().or_throw().empty());
    dry.auto_migrate<two::Thing>({.alter = true}).or_throw();
    for (const std::string& line : log.lines) EXPECT_EQ(line.find("ALTER"), std::string::npos) << line;
    EXPECT_FALSE(db.migrator().has_column(two::Thing::c.added).or_throw());
}

}  // namespace
