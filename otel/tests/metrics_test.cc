// SPDX-License-Identifier: Apache-2.0
#include "otel/tests/fixture.h"

#include <gmock/gmock.h>

namespace skua::otel::testing {
namespace {

double value_of(const std::vector<seen_point>& points, const std::string& state) {
    for (const seen_point& p : points) {
        const auto found = p.attributes.find("db.client.connection.state");
        if (found != p.attributes.end() && found->second == state) return p.value;
    }
    ADD_FAILURE() << "no point for " << state;
    return -1;
}

TEST_F(Tracing, DurationsAreTheSpans) {
    auto db = open({.attributes = {{"team", "orders"}}});
    ASSERT_TRUE(db.from<Note>().find());
    ASSERT_TRUE(db.from<Note>().find());
    double spans_s = 0;
    for (const seen_span& span : recorder_.take()) spans_s += static_cast<double>(span.duration_ns) * 1e-9;
    const auto points = recorder_.metrics().at("db.client.operation.duration");
    ASSERT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].count, 2U);
    EXPECT_NEAR(points[0].sum, spans_s, 1e-12);
    expect_all(points[0].attributes, {{"db.system.name", "sqlite"},
                                      {"db.operation.name", "SELECT"},
                                      {"db.collection.name", "notes"},
                                      {"db.query.summary", "SELECT notes"},
                                      {"team", "orders"}});
    EXPECT_EQ(points[0].attributes.count("db.query.text"), 0U);
    EXPECT_EQ(points[0].attributes.count("error.type"), 0U);
}

TEST_F(Tracing, FailuresAreMeasuredApart) {
    auto db = open();
    ASSERT_FALSE(db.exec("UPDATE nowhere SET a = 1"));
    const auto points = recorder_.metrics().at("db.client.operation.duration");
    ASSERT_EQ(points.size(), 1U);
    expect_all(points[0].attributes, {{"error.type", "1"}, {"db.response.status_code", "1"}});
}

TEST_F(Tracing, ThePoolIsObserved) {
    auto db = open();
    ASSERT_TRUE(db.from<Note>().find());
    auto metrics = recorder_.metrics();
    EXPECT_EQ(value_of(metrics.at("db.client.connection.count"), "idle"), 1);
    EXPECT_EQ(value_of(metrics.at("db.client.connection.count"), "used"), 0);
    EXPECT_EQ(metrics.at("db.client.connection.max").at(0).value, 1);
    EXPECT_EQ(metrics.at("db.client.connection.pending_requests").at(0).value, 0);
    EXPECT_EQ(metrics.at("db.client.connection.timeouts").at(0).value, 0);
    EXPECT_EQ(metrics.at("db.client.connection.wait_time").at(0).count, 1U);
    EXPECT_EQ(metrics.at("db.client.connection.use_time").at(0).count, 1U);
    EXPECT_EQ(metrics.at("db.client.connection.max").at(0).attributes.at("db.client.connection.pool.name"),
              db.info().pool_name);
    EXPECT_EQ(metrics.count("go.sql.connections_open"), 0U);

    auto tx = db.begin().or_throw();
    metrics = recorder_.metrics();
    EXPECT_EQ(value_of(metrics.at("db.client.connection.count"), "used"), 1);
    EXPECT_EQ(value_of(metrics.at("db.client.connection.count"), "idle"), 0);
}

TEST_F(Tracing, GormsNamesOnRequest) {
    auto db = open({.gorm_attributes = true});
    const auto metrics = recorder_.metrics();
    EXPECT_EQ(metrics.at("go.sql.connections_max_open").at(0).value, 1);
    EXPECT_EQ(metrics.at("go.sql.connections_open").at(0).value, 1);
}

TEST_F(Tracing, WithoutMetricsThereAreNone) {
    auto db = open({.metrics = false});
    ASSERT_TRUE(db.from<Note>().find());
    EXPECT_TRUE(recorder_.metrics().empty());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
}

TEST_F(Tracing, WithoutTracesOnlyMetrics) {
    auto db = open({.traces = false});
    ASSERT_TRUE(db.transaction([](orm::tx& tx) { return add(tx, "x"); }));
    EXPECT_EQ(recorder_.tree(), "");
    EXPECT_EQ(recorder_.metrics().at("db.client.operation.duration").size(), 2U);  // INSERT, COMMIT
}

TEST_F(Tracing, AClosedDatabaseIsNotObserved) {
    {
        auto db = open();
        ASSERT_TRUE(db.from<Note>().find());
        EXPECT_EQ(recorder_.metrics().count("db.client.connection.count"), 1U);
    }
    // The callbacks are gone; a collection that called them would read freed memory.
    const auto metrics = recorder_.metrics();
    EXPECT_EQ(metrics.count("db.client.operation.duration"), 1U);
}

}  // namespace
}  // namespace skua::otel::testing
