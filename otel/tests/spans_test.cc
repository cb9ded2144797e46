// SPDX-License-Identifier: Apache-2.0
// Golden span trees: what each finisher leaves behind.
#include "otel/tests/fixture.h"

namespace skua::otel::testing {
namespace {

TEST_F(Tracing, FinishersOfOneStatementLeaveOneSpan) {
    auto db = open();
    ASSERT_TRUE(add(db, "first"));
    EXPECT_EQ(recorder_.tree(), "client INSERT notes\n");
    ASSERT_TRUE(db.from<Note>().find());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
    ASSERT_TRUE(db.from<Note>().first());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
    ASSERT_TRUE(db.from<Note>().count());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
    ASSERT_TRUE(db.from<Note>().pluck(Note::c.title));
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
    ASSERT_TRUE(db.from<Note>().where(Note::c.title == std::string("first")).update(Note::c.stars = 5));
    EXPECT_EQ(recorder_.tree(), "client UPDATE notes\n");
    ASSERT_TRUE(db.from<Note>().where(Note::c.stars == 5).remove());
    EXPECT_EQ(recorder_.tree(), "client UPDATE notes\n");  // soft delete
    ASSERT_TRUE(db.from<Note>().where(Note::c.stars == 5).unscoped().remove());
    EXPECT_EQ(recorder_.tree(), "client DELETE notes\n");
    ASSERT_TRUE(db.raw<std::int64_t>("SELECT 42").first());
    EXPECT_EQ(recorder_.tree(), "client SELECT\n");
    ASSERT_TRUE(db.raw<std::int64_t>("SELECT n.id FROM notes n JOIN auditeds a ON a.id = n.id").find());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes auditeds\n");
    ASSERT_TRUE(db.exec("UPDATE notes SET stars = ? WHERE id = ?", 1, 2));
    EXPECT_EQ(recorder_.tree(), "client UPDATE notes\n");
}

TEST_F(Tracing, AMissingRecordIsNoError) {
    auto db = open();
    const auto missing = db.from<Note>().first();
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, orm::errc::record_not_found);
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_FALSE(spans[0].failed);
    EXPECT_EQ(spans[0].attributes.at("db.response.returned_rows"), "0");
    EXPECT_EQ(spans[0].attributes.count("error.type"), 0U);
}

TEST_F(Tracing, ABatchIsOneStatementOrAnOperation) {
    auto db = open();
    std::vector<Note> few{{.title = "a"}, {.title = "b"}};
    ASSERT_TRUE(db.create(few));
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].name, "INSERT notes");
    EXPECT_EQ(spans[0].attributes.count("db.operation.batch.size"), 0U);  // several rows are one operation

    std::vector<Note> many(20'000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i].title = "m" + std::to_string(i);
    ASSERT_TRUE(db.create(many));
    const std::string tree = recorder_.tree();
    EXPECT_EQ(tree.substr(0, tree.find('\n')), "internal create notes");
    EXPECT_NE(tree.find("\n  client INSERT notes\n  client INSERT notes\n"), std::string::npos) << tree;
    EXPECT_EQ(tree.substr(tree.size() - 17), "\n  client COMMIT\n") << tree;
}

TEST_F(Tracing, TransactionsHaveASpanAndTheirEnd) {
    auto db = open();
    ASSERT_TRUE(db.transaction([](orm::tx& tx) -> orm::status {
        SKUA_TRY(add(tx, "a"));
        return add(tx, "b");
    }));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction\n"
              "  client INSERT notes\n"
              "  client INSERT notes\n"
              "  client COMMIT\n");
    ASSERT_FALSE(db.transaction([](orm::tx& tx) -> orm::status {
        SKUA_TRY(add(tx, "c"));
        return orm::fail("changed my mind");
    }));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction !hook_failed\n"
              "  client INSERT notes\n"
              "  client ROLLBACK\n");
    ASSERT_TRUE(db.transaction([](orm::tx& tx) -> orm::status { return orm::status(tx.from<Note>().count()); }));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction\n"
              "  client SELECT notes\n");  // nothing written, nothing committed
}

TEST_F(Tracing, SavepointsOnRequest) {
    const auto nested = [](const orm::database& db) {
        return db.transaction([](orm::tx& tx) -> orm::status {
            SKUA_TRY(add(tx, "outer"));
            const orm::status lost = tx.transaction([](orm::tx& inner) -> orm::status {
                SKUA_TRY(add(inner, "inner"));
                return orm::fail("not this");
            });
            return lost ? orm::fail("should have failed") : orm::ok;
        });
    };
    ASSERT_TRUE(nested(open()));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction\n"
              "  client INSERT notes\n"
              "  internal transaction !hook_failed\n"
              "    client INSERT notes\n"
              "  client COMMIT\n");
    ASSERT_TRUE(nested(open({.transactions = transaction_spans::all})));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction\n"
              "  client BEGIN\n"
              "  client INSERT notes\n"
              "  internal transaction !hook_failed\n"
              "    client SAVEPOINT\n"
              "    client INSERT notes\n"
              "    client ROLLBACK TO SAVEPOINT\n"
              "    client RELEASE SAVEPOINT\n"
              "  client COMMIT\n");
    ASSERT_TRUE(nested(open({.transactions = transaction_spans::none})));
    EXPECT_EQ(recorder_.tree(),
              "internal transaction\n"
              "  client INSERT notes\n"
              "  internal transaction !hook_failed\n"
              "    client INSERT notes\n");
}

TEST_F(Tracing, ATransactionByHandEndsWhereItBegan) {
    auto db = open();
    auto outer = recorder_.tracer()->StartSpan("outer");
    auto tx = [&] {
        const opentelemetry::trace::Scope current(outer);
        return db.begin().or_throw();
    }();
    ASSERT_TRUE(add(tx, "alone"));
    ASSERT_TRUE(tx.commit());
    outer->End();
    EXPECT_EQ(recorder_.tree(),
              "internal outer\n"
              "  client COMMIT\n"
              "client INSERT notes\n");
}

TEST_F(Tracing, HooksAreParentedToTheirOperation) {
    auto db = open();
    Audited one{.name = "x"};
    ASSERT_TRUE(db.create(one));
    EXPECT_EQ(recorder_.tree(),
              "internal create auditeds\n"
              "  client INSERT auditeds\n"
              "  client INSERT notes\n"
              "  client COMMIT\n");
}

TEST_F(Tracing, AFailureBeforeTheWireHasASpanToo) {
    auto db = open();
    Audited no{.name = "no"};
    ASSERT_FALSE(db.create(no));
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].kind + " " + spans[0].name, "internal create auditeds");
    EXPECT_TRUE(spans[0].failed);
    EXPECT_EQ(spans[0].attributes.at("error.type"), "hook_failed");
}

TEST_F(Tracing, ErrorsSayWhatAndNeverTheValue) {
    auto db = open();
    ASSERT_TRUE(add(db, "top secret"));
    static_cast<void>(recorder_.take());
    ASSERT_FALSE(add(db, "top secret"));
    auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_TRUE(spans[0].failed);
    EXPECT_EQ(spans[0].attributes.at("error.type"), "2067");
    EXPECT_EQ(spans[0].attributes.at("db.response.status_code"), "2067");
    EXPECT_EQ(spans[0].description, "duplicated_key idx_notes_title (notes.title)");

    ASSERT_FALSE(db.raw<std::int64_t>("SELECT missing FROM notes WHERE title = 'top secret'").find());
    spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_EQ(spans[0].attributes.at("error.type"), "1");
    EXPECT_EQ(spans[0].attributes.at("db.query.text"), "SELECT missing FROM notes WHERE title = ?");
    EXPECT_EQ(spans[0].description, "invalid_field: no such column: missing");
    EXPECT_TRUE(spans[0].events.empty());
}

TEST_F(Tracing, AStackAndAFilterOnRequest) {
    auto db = open(
        {.stack_trace = true, .error_filter = [](const orm::error& e) { return e.code != orm::errc::duplicated_key; }});
    ASSERT_TRUE(add(db, "a"));
    ASSERT_FALSE(add(db, "a"));
    for (const seen_span& span : recorder_.take()) EXPECT_FALSE(span.failed);
    ASSERT_FALSE(db.exec("SELECT nonsense FROM nowhere"));
    const auto spans = recorder_.take();
    ASSERT_EQ(spans.size(), 1U);
    EXPECT_TRUE(spans[0].failed);
    ASSERT_EQ(spans[0].events, std::vector<std::string>{"exception"});
    EXPECT_EQ(spans[0].event_attributes.at("exception.type"), "1");
    EXPECT_NE(spans[0].event_attributes.at("exception.stacktrace"), "");
}

TEST_F(Tracing, AMigrationIsOneSpanWithItsDefinitions) {
    auto db = orm::open(orm::sqlite(":memory:"), {.logger = orm::silent()}).or_throw();
    ASSERT_TRUE(db.use(tracing({.provider = recorder_.tracers(), .metrics = false})));
    ASSERT_TRUE(db.auto_migrate<Note>());
    const std::string tree = recorder_.tree();
    EXPECT_EQ(tree.substr(0, tree.find('\n')), "internal auto_migrate") << tree;
    EXPECT_NE(tree.find("  client CREATE TABLE notes\n"), std::string::npos) << tree;
    EXPECT_NE(tree.find("  client CREATE UNIQUE INDEX"), tree.find("  client CREATE INDEX")) << tree;
    EXPECT_EQ(tree.find("SELECT"), std::string::npos) << tree;
    EXPECT_EQ(tree.find("PRAGMA"), std::string::npos) << tree;

    ASSERT_TRUE(db.auto_migrate<Note>());
    EXPECT_EQ(recorder_.tree(), "internal auto_migrate\n");  // nothing was missing
}

TEST_F(Tracing, OperationSpansAlwaysOrNever) {
    const auto transact = [](const orm::database& db) {
        return db.transaction([](orm::tx& tx) { return add(tx, "t"); });
    };
    auto always = open({.operations = operation_spans::always});
    ASSERT_TRUE(always.from<Note>().count());
    EXPECT_EQ(recorder_.tree(), "internal count notes\n  client SELECT notes\n");
    auto never = open({.operations = operation_spans::never});
    ASSERT_TRUE(transact(never));
    EXPECT_EQ(recorder_.tree(), "client INSERT notes\nclient COMMIT\n");
}

TEST_F(Tracing, ADryRunLeavesNothing) {
    auto db = open();
    ASSERT_TRUE(db.session({.dry_run = true}).from<Note>().find());
    EXPECT_EQ(recorder_.tree(), "");
}

TEST_F(Tracing, TheSamePluginTwiceIsRefused) {
    auto db = open();
    const orm::status again = db.use(tracing({.provider = recorder_.tracers()}));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, orm::errc::already_registered);
    ASSERT_TRUE(db.from<Note>().count());
    EXPECT_EQ(recorder_.tree(), "client SELECT notes\n");
}

}  // namespace
}  // namespace skua::otel::testing
