// SPDX-License-Identifier: Apache-2.0
// What is on a span, who sees it, and where its parent comes from.
#include "otel/tests/fixture.h"

#include <thread>

#include <gmock/gmock.h>

namespace skua::otel::testing {
namespace {

TEST_F(Tracing, AttributesOfTheConventions) {
    auto db = open({.attributes = {{"team", "orders"}, {"shard", std::int64_t{3}}}});
    ASSERT_TRUE(add(db, "a"));
    static_cast<void>(recorder_.take());
    const unsigned line = __LINE__ + 1;
    ASSERT_TRUE(db.from<Note>().where(Note::c.stars >= 0).limit(7).find());
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    const seen_span& span = spans[0];
    expect_all(span.attributes, {{"db.system.name", "sqlite"},
                                 {"db.namespace", db.info().name_space},
                                 {"db.operation.name", "SELECT"},
                                 {"db.collection.name", "notes"},
                                 {"db.query.summary", "SELECT notes"},
                                 {"db.response.returned_rows", "1"},
                                 {"code.line.number", std::to_string(line)},
                                 {"team", "orders"},
                                 {"shard", "3"}});
    EXPECT_THAT(span.attributes.at("db.query.text"), ::testing::HasSubstr("WHERE"));
    EXPECT_THAT(span.attributes.at("db.query.text"), ::testing::HasSubstr("?"));
    EXPECT_THAT(span.attributes.at("code.file.path"), ::testing::EndsWith("attributes_test.cc"));
    EXPECT_EQ(span.attributes.count("code.function.name"), 1U);
    for (const char* absent : {"db.rows_affected", "skua.db.parameters.hash", "server.port", "error.type"}) {
        EXPECT_EQ(span.attributes.count(absent), 0U) << absent;
    }
    EXPECT_EQ(span.scope, "skua.otel");
    EXPECT_EQ(span.schema_url, "https://opentelemetry.io/schemas/1.44.0");
    EXPECT_NE(span.scope_version, "");
    EXPECT_GT(span.duration_ns, 0);
}

TEST_F(Tracing, RawSqlHasNoOperationOfItsOwn) {
    auto db = open();
    ASSERT_TRUE(db.raw<std::int64_t>("SELECT count(*) FROM notes WHERE title = 'x' AND stars > ?", 3).first());
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].attributes.at("db.query.text"), "SELECT count(*) FROM notes WHERE title = ? AND stars > ?");
    EXPECT_EQ(spans[0].attributes.at("db.query.summary"), "SELECT notes");
    EXPECT_EQ(spans[0].attributes.count("db.operation.name"), 0U);
    EXPECT_EQ(spans[0].attributes.count("db.collection.name"), 0U);
}

TEST_F(Tracing, TheSamplerSeesWhatIsKnownAtTheStart) {
    auto db = open();
    ASSERT_TRUE(db.from<Note>().find());
    const auto sampled = recorder_.sampled();
    ASSERT_EQ(sampled.count("SELECT notes"), 1U);
    for (const char* name : {"db.system.name", "db.namespace", "db.operation.name", "db.collection.name",
                             "db.query.summary", "db.query.text"}) {
        EXPECT_EQ(sampled.at("SELECT notes").count(name), 1U) << name;
    }
}

TEST_F(Tracing, OptionsOfGormsPlugin) {
    auto db =
        open({.db_system = "other_sql",
              .server_address = "db.example.org",
              .query_formatter = [](std::string_view text) { return "formatted " + std::string(text.substr(0, 6)); },
              .returned_rows = false,
              .call_site = false,
              .gorm_attributes = true});
    ASSERT_TRUE(add(db, "a"));
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    expect_all(spans[0].attributes, {{"db.system.name", "other_sql"},
                                     {"server.address", "db.example.org"},
                                     {"db.query.text", "formatted INSERT"},
                                     {"db.rows_affected", "1"}});
    EXPECT_EQ(spans[0].attributes.count("code.line.number"), 0U);
    EXPECT_EQ(spans[0].attributes.count("db.response.returned_rows"), 0U);

    auto silent = open({.query_text = false});
    ASSERT_TRUE(silent.from<Note>().find());
    EXPECT_EQ(recorder_.take().at(0).attributes.count("db.query.text"), 0U);

    auto throwing = open({.query_formatter = [](std::string_view) -> std::string { throw 1; }});
    ASSERT_TRUE(throwing.from<Note>().find());
    EXPECT_EQ(recorder_.take().at(0).attributes.count("db.query.text"), 0U);
}

TEST_F(Tracing, ParametersOnlyWhenAskedFor) {
    const auto ask = [&](tracing_options options) {
        auto db = open(std::move(options));
        EXPECT_TRUE(db.raw<std::int64_t>("SELECT id FROM notes WHERE title = ? AND stars > ?", "secret", 7).find());
        return recorder_.take().at(0).attributes;
    };
    for (const auto& [name, value] : ask({}))
        EXPECT_THAT(value, ::testing::Not(::testing::HasSubstr("secret"))) << name;
    expect_all(ask({.query_variables = true}), {{"db.query.parameter.0", "secret"}, {"db.query.parameter.1", "7"}});
    const auto listed = ask({.parameters = {"1"}});
    EXPECT_EQ(listed.at("db.query.parameter.1"), "7");
    EXPECT_EQ(listed.count("db.query.parameter.0"), 0U);

    auto db = open({.parameters = {"stars"}});
    ASSERT_TRUE(db.from<Note>().where(Note::c.title == std::string("secret") && Note::c.stars == 7).find());
    const auto by_column = recorder_.take().at(0).attributes;
    EXPECT_EQ(by_column.at("db.query.parameter.stars"), "7");
    EXPECT_EQ(by_column.count("db.query.parameter.title"), 0U);
}

TEST_F(Tracing, TheHashTellsEqualParametersFromOthers) {
    auto db = open({.parameter_hash = true});
    std::vector<std::string> hashes;
    for (const int stars : {7, 7, 8}) {
        ASSERT_TRUE(db.from<Note>().where(Note::c.stars == stars).find());
        hashes.push_back(recorder_.take().at(0).attributes.at("skua.db.parameters.hash"));
        EXPECT_EQ(hashes.back().size(), 16U);
    }
    EXPECT_EQ(hashes[0], hashes[1]);
    EXPECT_NE(hashes[0], hashes[2]);
}

TEST_F(Tracing, TheParentIsTheCurrentSpan) {
    auto db = open();
    auto outer = recorder_.tracer()->StartSpan("outer");
    {
        const opentelemetry::trace::Scope current(outer);
        ASSERT_TRUE(add(db, "a"));
        ASSERT_TRUE(db.transaction([&](orm::tx& tx) -> orm::status {
            auto mine = recorder_.tracer()->StartSpan("mine");
            const opentelemetry::trace::Scope inner(mine);
            const orm::status done = add(tx, "b");
            mine->End();
            return done;
        }));
    }
    outer->End();
    EXPECT_EQ(recorder_.tree(),
              "internal outer\n"
              "  client INSERT notes\n"
              "  internal transaction\n"
              "    internal mine\n"
              "      client INSERT notes\n"
              "    client COMMIT\n");
}

TEST_F(Tracing, ANamedParentWins) {
    auto db = open();
    auto named = recorder_.tracer()->StartSpan("named");
    auto current = recorder_.tracer()->StartSpan("current");
    const opentelemetry::trace::Scope scope(current);
    const auto bound = db.with(parent(named));
    ASSERT_TRUE(bound.from<Note>().find());
    ASSERT_TRUE(bound.transaction([](orm::tx& tx) { return add(tx, "x"); }));
    ASSERT_TRUE(db.with(parent(named->GetContext())).from<Note>().count());
    ASSERT_TRUE(db.from<Note>().count());
    named->End();
    current->End();
    EXPECT_EQ(recorder_.tree(),
              "internal named\n"
              "  client SELECT notes\n"
              "  internal transaction\n"
              "    client INSERT notes\n"
              "    client COMMIT\n"
              "  client SELECT notes\n"
              "internal current\n"
              "  client SELECT notes\n");
}

TEST_F(Tracing, ThreadsHaveTheirOwnCurrentSpan) {
    auto db = open();
    auto here = recorder_.tracer()->StartSpan("here");
    const opentelemetry::trace::Scope current(here);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&db, &here, i] {
            const orm::database bound = i % 2 == 0 ? db.with(parent(here)) : db;
            for (int n = 0; n < 50; ++n) EXPECT_TRUE(bound.from<Note>().where(Note::c.stars == n).count());
        });
    }
    for (std::thread& t : threads) t.join();
    here->End();
    std::size_t children = 0;
    std::size_t roots = 0;
    for (const seen_span& span : recorder_.take()) {
        if (span.name == "here") continue;
        (span.parent_id == std::string(16, '0') ? roots : children) += 1;
    }
    EXPECT_EQ(children, 100U);
    EXPECT_EQ(roots, 100U);
}

TEST_F(Tracing, SuppressedMeansNothing) {
    auto db = open();
    {
        const suppressed quiet;
        ASSERT_TRUE(add(db, "a"));
        ASSERT_TRUE(db.transaction([](orm::tx& tx) { return add(tx, "b"); }));
    }
    EXPECT_EQ(recorder_.tree(), "");
    EXPECT_EQ(recorder_.metrics().count("db.client.operation.duration"), 0U);
    ASSERT_TRUE(db.from<Note>().count());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
}

TEST(TracingSampledOut, MeasuresAllTheSame) {
    recorder none(recorder::sampling::nothing);
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    ASSERT_TRUE(db.use(tracing({.provider = none.tracers(), .meter_provider = none.meters()})));
    ASSERT_TRUE(db.raw<std::int64_t>("SELECT 1").first());
    EXPECT_TRUE(none.take().empty());
    EXPECT_EQ(none.metrics().at("db.client.operation.duration").at(0).count, 1U);
}

}  // namespace
}  // namespace skua::otel::testing
