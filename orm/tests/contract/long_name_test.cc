// SPDX-License-Identifier: Apache-2.0
// Names that are longer than a database keeps: made by rule, and given by the user.
#include "contract.h"

#include <algorithm>

namespace contract {
namespace {

struct Depot {
    std::int64_t id = 0;
    SKUA_TABLE("a_table_that_others_refer_to_by_quite_a_long_name")
    SKUA_MODEL(Depot, (id))
};
// Of every kind one whose name is made by rule, and one that has it from us; all longer than 64.
struct Crate {
    std::int64_t id = 0;
    std::string where_it_was_packed_for_the_first_time, where_it_was_opened_for_the_first_time;
    std::int64_t how_many_things_are_in_it_altogether = 0, how_many_things_were_in_it_altogether = 0;
    std::int64_t the_depot_where_it_was_seen_for_the_last_time_id = 0;
    std::int64_t the_depot_where_it_was_seen_for_the_first_time_id = 0;
    orm::one<Depot> the_depot_where_it_was_seen_for_the_last_time, the_depot_where_it_was_seen_for_the_first_time;
    SKUA_TABLE("crates_that_are_known_by_quite_a_long_name")
    SKUA_MODEL(Crate, (id),
               (where_it_was_packed_for_the_first_time,
                "size:40;index;unique;uniqueIndex:,composite:of_both_of_them_"
                "together_as_they_are"),
               (where_it_was_opened_for_the_first_time,
                "size:40;uniqueIndex:,composite:of_both_of_them_together_as_they_are;index:idx_that_its_author_gave_a_"
                "name_that_is_much_longer_than_any_database_keeps"),
               (how_many_things_are_in_it_altogether, "check:how_many_things_are_in_it_altogether >= 0"),
               (how_many_things_were_in_it_altogether,
                "check:chk_that_its_author_gave_a_name_that_is_much_longer_than_any_database_keeps,"
                "how_many_things_were_in_it_altogether >= 0"),
               (the_depot_where_it_was_seen_for_the_last_time_id), (the_depot_where_it_was_seen_for_the_first_time_id),
               (the_depot_where_it_was_seen_for_the_last_time),
               (the_depot_where_it_was_seen_for_the_first_time,
                "constraint:fk_that_its_author_gave_a_name_that_is_much_longer_than_any_database_keeps"))
};
constexpr const char* given_index = "idx_that_its_author_gave_a_name_that_is_much_longer_than_any_database_keeps";
constexpr const char* given_check = "chk_that_its_author_gave_a_name_that_is_much_longer_than_any_database_keeps";
constexpr const char* given_key = "fk_that_its_author_gave_a_name_that_is_much_longer_than_any_database_keeps";
constexpr const char* made_index =
    "idx_crates_that_are_known_by_quite_a_long_name_where_it_was_packed_for_the_first_time";

struct Wide {
    std::int64_t id = 0;
    std::int64_t a_column = 0;
    SKUA_MODEL(Wide, (id),
               (a_column, "column:a_column_with_a_name_of_more_letters_than_any_server_keeps_of_it_which_is_bad"))
};

TEST_P(Contract, TestLongNamesMigrateOnce) {
    auto db = with<Depot, Crate>();
    for (const auto& step : db.plan_migration<Depot, Crate>().or_throw())
        ADD_FAILURE() << "a second migration does nothing; got " << step.sql;
    wire log(db);
    db.auto_migrate<Depot, Crate>().or_throw();
    EXPECT_TRUE(log.take().empty());
}

// By the names as they are written, whatever the database made of them.
TEST_P(Contract, TestLongNamesOfMigrator) {
    auto db = with<Depot, Crate>();
    auto by = db.migrator();
    for (const char* name : {made_index, given_index}) {
        EXPECT_TRUE(by.has_index<Crate>(name).or_throw()) << name;
        by.drop_index<Crate>(name).or_throw();
        EXPECT_FALSE(by.has_index<Crate>(name).or_throw()) << name;
        by.create_index<Crate>(name).or_throw();
        EXPECT_TRUE(by.has_index<Crate>(name).or_throw()) << name;
    }
    for (const char* name : {"chk_crates_that_are_known_by_quite_a_long_name_how_many_things_are_in_it_altogether",
                             "fk_crates_that_are_known_by_quite_a_long_name_the_depot_where_it_was_seen_for_the_last_"
                             "time",
                             given_check, given_key}) {
        EXPECT_TRUE(by.has_constraint<Crate>(name).or_throw()) << name;
        by.drop_constraint<Crate>(name).or_throw();
        EXPECT_FALSE(by.has_constraint<Crate>(name).or_throw()) << name;
        by.create_constraint<Crate>(name).or_throw();
        EXPECT_TRUE(by.has_constraint<Crate>(name).or_throw()) << name;
    }
    by.rename_index<Crate>(given_index, "idx_short").or_throw();
    EXPECT_TRUE(by.has_index<Crate>("idx_short").or_throw());
    by.rename_index<Crate>("idx_short", given_index).or_throw();
    EXPECT_TRUE(db.plan_migration<Crate>().or_throw().empty());
}

TEST_P(Contract, TestLongNamesInErrors) {
    auto db = with<Depot, Crate>();
    Depot depot;
    db.create(depot).or_throw();
    Crate a{.where_it_was_packed_for_the_first_time = "x",
            .the_depot_where_it_was_seen_for_the_last_time_id = depot.id,
            .the_depot_where_it_was_seen_for_the_first_time_id = depot.id};
    db.create(a).or_throw();
    a.id = 0;
    const orm::error e = db.omit(orm::associations).create(a).error();
    EXPECT_EQ(e.code, orm::errc::duplicated_key);
    EXPECT_LE(e.constraint.size(), 64U) << e.message;
    const orm::error of_both = [&] {
        db.migrator()
            .drop_constraint<Crate>(
                "uni_crates_that_are_known_by_quite_a_long_name_where_it_was_packed_for_"
                "the_first_time")
            .or_throw();
        return db.create(a).error();
    }();
    EXPECT_EQ(of_both.code, orm::errc::duplicated_key);
    EXPECT_TRUE(of_both.constraint.starts_with("idx_crates_that_are_known_by_quite_a_long_name_")) << of_both.message;
    EXPECT_NE(of_both.message.find("where_it_was_packed_for_the_first_time, "), std::string::npos) << of_both.message;
}

// Tables and columns are called by their names: what the server would cut silently is refused.
TEST_P(Contract, TestTooLongColumnIsRefused) {
    auto db = open();
    const orm::status made = db.auto_migrate<Wide>();
    if (is(database_kind::sqlite)) {
        EXPECT_TRUE(made) << "it has no limit";
        EXPECT_TRUE(db.plan_migration<Wide>().or_throw().empty());
        return;
    }
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, orm::errc::invalid_value);
    EXPECT_NE(made.error().message.find("a_column_with_a_name_of_more_letters"), std::string::npos)
        << made.error().message;
    EXPECT_FALSE(db.migrator().has_table<Wide>().or_throw()) << "nothing half done";
}

}  // namespace
}  // namespace contract
