// SPDX-License-Identifier: Apache-2.0
// Pieces of the plugin on their own: failures, hashes, facts of statements, and the path where nobody records.
#include "otel/src/tracing/failure.h"
#include "otel/src/tracing/listener.h"
#include "otel/src/tracing/parameters.h"
#include "otel/src/tracing/statement_facts.h"

#include <atomic>
#include <cstdlib>
#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {
std::atomic<std::size_t> allocations{0};
}

// Counts what the whole program allocates; a test looks at the difference.
void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* p = std::malloc(size)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}

namespace skua::otel {
namespace {

// The published vectors: key 00 01 … 0f, message 00 01 … of the given length.
TEST(SipHash, PublishedVectors) {
    const sip_key key{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
    std::string message;
    for (char c = 0; c < 15; ++c) message += c;
    EXPECT_EQ(siphash(key, ""), 0x726fdb47dd0e0e31U);
    EXPECT_EQ(siphash(key, message.substr(0, 8)), 0x93f5f5799a932462U);
    EXPECT_EQ(siphash(key, message), 0xa129ca6149be45e5U);
}

std::string hash(std::initializer_list<orm::value_view> values, const std::string& key = "k") {
    const auto out = parameter_hash(make_key(key), values.begin(), values.size());
    return {out.data(), out.size()};
}

TEST(ParameterHash, TellsKindsValuesAndBoundariesApart) {
    using v = orm::value_view;
    EXPECT_EQ(hash({v::text("a"), v::integer(1)}), hash({v::text("a"), v::integer(1)}));
    EXPECT_NE(hash({v::text("a")}), hash({v::text("a")}, "other key"));
    EXPECT_NE(hash({v::text("a"), v::text("bc")}), hash({v::text("ab"), v::text("c")}));
    EXPECT_NE(hash({v::text("a")}), hash({v::blob("a")}));
    EXPECT_NE(hash({v::integer(0)}), hash({v()}));
    EXPECT_NE(hash({v::integer(0)}), hash({v::boolean(false)}));
    EXPECT_NE(hash({v::real(0.0)}), hash({v::real(1.0)}));
    EXPECT_NE(hash({}), hash({v()}));
}

TEST(ParameterText, IsBounded) {
    using v = orm::value_view;
    EXPECT_EQ(parameter_text(v::text(std::string(1000, 'x'))).size(), max_parameter_text);
    EXPECT_EQ(parameter_text(v::blob("abc")), "(3 bytes)");
    EXPECT_EQ(parameter_text(v()), "NULL");
    EXPECT_EQ(parameter_text(v::boolean(true)), "true");
    EXPECT_EQ(parameter_text(v::integer(-5)), "-5");
}

orm::error error_of(orm::errc code, int native, const char* sqlstate, const char* message = "") {
    orm::error e;
    e.code = code;
    e.native_code = native;
    e.sqlstate = sqlstate;
    e.message = message;
    return e;
}

TEST(Failure, TypeAndCodePerDatabase) {
    const struct {
        const char* system;
        orm::error error;
        const char* type;
        const char* status_code;
        const char* description;
    } cases[] = {
        {"sqlite", error_of(orm::errc::sql_error, 1, "42000", "no such table: users"), "1", "1",
         "sql_error: no such table: users"},
        {"postgresql", error_of(orm::errc::sql_error, 7, "42P01", "relation \"x y\" does not exist"), "42P01", "42P01",
         "sql_error: relation \"?\" does not exist"},
        {"mariadb", error_of(orm::errc::duplicated_key, 1062, "23000", "Duplicate entry 'a@b' for key 'idx'"), "1062",
         "1062", "duplicated_key: Duplicate entry '?' for key 'idx'"},
        {"sqlite", error_of(orm::errc::timeout, 9, ""), "timeout", "9", "timeout"},
        {"sqlite", error_of(orm::errc::hook_failed, 0, "", "no name"), "hook_failed", "", "hook_failed: no name"},
        {"postgresql", error_of(orm::errc::connection_lost, 0, "08006"), "connection_lost", "08006", "connection_lost"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.description);
        const failure got = describe(c.error, c.system);
        EXPECT_EQ(got.type, c.type);
        EXPECT_EQ(got.status_code, c.status_code);
        EXPECT_EQ(got.description, c.description);
    }
}

TEST(Facts, AColumnComparedTwiceKeepsItsIndex) {
    tracing_options options;
    options.query_variables = true;
    orm::statement_info info;
    info.sql = "SELECT * FROM t WHERE age > ? AND age < ? AND name = ?";
    info.parameter_names = {"age", "age", "name"};
    const auto facts = facts_maker(options, {.system = "sqlite"}).of_statement(info);
    EXPECT_THAT(facts->parameter_keys,
                ::testing::ElementsAre("db.query.parameter.age", "db.query.parameter.1", "db.query.parameter.name"));
}

TEST(Facts, AreNamedAfterTheNextBestThing) {
    const tracing_options options;
    orm::statement_info info;
    info.raw = true;
    EXPECT_EQ(facts_maker(options, {.system = "sqlite", .name_space = "shop.db"}).of_statement(info)->name, "shop.db");
    EXPECT_EQ(facts_maker(options, {.system = "sqlite"}).of_statement(info)->name, "sqlite");
    EXPECT_EQ(facts_maker(options, {}).of_statement(info)->name, "other_sql");
    info.sql = "SELECT 1";
    EXPECT_EQ(facts_maker(options, {}).of_statement(info)->name, "SELECT");
}

TEST(FactsCache, KeepsAndForgets) {
    const tracing_options options;
    const facts_maker maker(options, {.system = "sqlite"});
    facts_cache cache;
    const auto ask = [&](const std::string& sql) {
        orm::statement_info info;
        info.sql = sql;
        info.raw = true;
        return cache.get_or_make(info, maker);
    };
    const auto first = ask("SELECT 0");
    EXPECT_EQ(ask("SELECT 0"), first);
    for (std::size_t i = 1; i < facts_cache::max_entries; ++i) static_cast<void>(ask("SELECT " + std::to_string(i)));
    EXPECT_EQ(ask("SELECT 0"), first);
    static_cast<void>(ask("SELECT one too many"));
    EXPECT_NE(ask("SELECT 0"), first);
    const std::string long_sql = "SELECT " + std::string(facts_cache::max_text, 'x');
    EXPECT_NE(ask(long_sql), ask(long_sql));
}

// With the API's own do-nothing providers, a statement costs no allocation (and no clock: see the bench).
TEST(NobodyRecords, AllocatesNothing) {
    auto options = std::make_shared<tracing_options>();
    listener plugin(options, {.system = "sqlite"}, orm::pool_monitor(nullptr));
    const orm::database_info database{.system = "sqlite"};
    const orm::context none;
    const orm::operation_info operation{"find", "User", "users"};
    orm::statement_info statement;
    statement.sql = "SELECT * FROM users";
    orm::driver_call outer;
    outer.event = orm::driver_event::operation;
    outer.database = &database;
    outer.handle_context = &none;
    outer.operation = &operation;
    orm::driver_call inner = outer;
    inner.event = orm::driver_event::execute;
    inner.statement = &statement;
    const auto run = [&] {
        orm::hook_slot outer_slot;
        orm::hook_slot inner_slot;
        plugin.begin(outer, outer_slot);
        plugin.begin(inner, inner_slot);
        EXPECT_FALSE(inner_slot.used());
        plugin.end(inner, inner_slot);
        plugin.end(outer, outer_slot);
    };
    run();
    const std::size_t before = allocations.load();
    for (int i = 0; i < 100; ++i) run();
    EXPECT_EQ(allocations.load(), before);
}

}  // namespace
}  // namespace skua::otel
