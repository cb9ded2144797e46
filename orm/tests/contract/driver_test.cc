// SPDX-License-Identifier: Apache-2.0
// What the engine asks of a driver directly: the same statement for many sets of values.
#include "contract.h"

#include <skua/orm/driver.hpp>

namespace contract {
namespace {

class counting_sink final : public orm::row_sink {
public:
    bool row(orm::row_source& source) override {
        codes.emplace_back(source.column(0).as_bytes());
        return true;
    }
    std::vector<std::string> codes;
};

class DriverSets : public Contract {
protected:
    DriverSets() {
        with<Language>();
        link = through->connect().or_throw();
    }
    std::string insert(const char* tail = "") const {
        std::string sql = "INSERT INTO languages (code, name) VALUES (";
        through->dialect().placeholder(sql, 1);
        sql += ", ";
        through->dialect().placeholder(sql, 2);
        return sql + ")" + tail;
    }
    std::int64_t count() { return open().from<Language>().count().or_throw(); }
    std::shared_ptr<orm::driver> through = driver();
    std::unique_ptr<orm::connection> link;
};

TEST_P(DriverSets, OneStatementForManySets) {
    constexpr std::size_t sets = 1500;
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < sets; ++i) codes.push_back("c" + std::to_string(i));
    std::vector<orm::value_view> values;
    for (const std::string& code : codes) {
        values.push_back(orm::value_view::text(code));
        values.push_back(orm::value_view::text("some name"));
    }
    auto statement = link->prepare(insert(), true).or_throw();
    link->simple(through->dialect().begin(true)).or_throw();
    const auto trips = through->round_trips();
    orm::exec_info told;
    link->execute_each(*statement, values, sets, nullptr, nullptr, told).or_throw();
    const auto used = through->round_trips() - trips;
    link->simple("COMMIT").or_throw();
    EXPECT_EQ(told.rows_affected, static_cast<std::int64_t>(sets));
    EXPECT_EQ(count(), static_cast<std::int64_t>(sets));
    if (is(database_kind::postgres)) {
        EXPECT_EQ(used, 6U) << "pipelines of 256";
    }
    if (is(database_kind::mariadb)) {
        EXPECT_EQ(used, 2U) << "arrays of 1000";
    }
}

TEST_P(DriverSets, EachSetReturnsItsRows) {
    const std::vector<orm::value_view> values{orm::value_view::text("a"), orm::value_view::text("A"),
                                              orm::value_view::text("b"), orm::value_view::text("B")};
    auto statement = link->prepare(insert(" RETURNING code"), true).or_throw();
    counting_sink sink;
    orm::exec_info told;
    link->execute_each(*statement, values, 2, &sink, nullptr, told).or_throw();
    EXPECT_EQ(sink.codes, (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(told.rows_returned, 2);
}

TEST_P(DriverSets, TheFirstFailureIsTold) {
    const std::vector<orm::value_view> values{orm::value_view::text("a"), orm::value_view::text("A"),
                                              orm::value_view::text("a"), orm::value_view::text("again"),
                                              orm::value_view::text("c"), orm::value_view::text("C")};
    auto statement = link->prepare(insert(), true).or_throw();
    link->simple(through->dialect().begin(true)).or_throw();
    orm::exec_info told;
    const orm::status s = link->execute_each(*statement, values, 3, nullptr, nullptr, told);
    ASSERT_FALSE(s);
    EXPECT_EQ(s.error().code, orm::errc::duplicated_key);
    link->simple("ROLLBACK").or_throw();
    EXPECT_EQ(count(), 0);
    orm::exec_info again;
    link->execute_each(*statement, std::span(values).first(2), 1, nullptr, nullptr, again).or_throw();
    EXPECT_EQ(count(), 1) << "the connection is as good as before";
}

TEST_P(DriverSets, NullsAndOtherKindsAmongTheSets) {
    const std::vector<orm::value_view> values{orm::value_view::text("a"),  orm::value_view(),
                                              orm::value_view::text("b"),  orm::value_view::text("B"),
                                              orm::value_view::integer(7), orm::value_view::integer(8)};
    link->simple("CREATE TABLE loose (code varchar(20), name varchar(20))").or_throw();
    std::string sql = insert();
    sql.replace(sql.find("languages"), 9, "loose");
    auto statement = link->prepare(sql, true).or_throw();
    orm::exec_info told;
    link->execute_each(*statement, values, 3, nullptr, nullptr, told).or_throw();
    EXPECT_EQ(told.rows_affected, 3);
    EXPECT_EQ(open().raw<std::int64_t>("SELECT count(*) FROM loose WHERE name IS NULL").first().or_throw(), 1);
    EXPECT_EQ(open().raw<std::string>("SELECT name FROM loose WHERE code = '7'").first().or_throw(), "8");
}

TEST_P(DriverSets, WrongDsnsAreTold) {
    for (const char* dsn : {"", "host", "=", "port=0", "no_such_key=1", "a=b=c ' '"}) {
        if (is(database_kind::sqlite)) break;
        const auto made = orm::open(driver_of(GetParam(), dsn), {.logger = orm::silent()});
        if (!made) {
            EXPECT_EQ(made.error().code, orm::errc::cannot_open) << dsn;
        }
    }
    if (!is(database_kind::sqlite)) {
        EXPECT_EQ(orm::open(driver_of(GetParam(), "nonsense")).error().code, orm::errc::cannot_open);
        const auto secret = orm::open(driver_of(GetParam(), "host=/nonexistent user=x password=sesame"));
        EXPECT_EQ(secret.error().to_string().find("sesame"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(Drivers, DriverSets,
                         ::testing::Values(database_kind::sqlite, database_kind::postgres, database_kind::mariadb),
                         [](const auto& made) { return to_string(made.param); });

}  // namespace
}  // namespace contract
