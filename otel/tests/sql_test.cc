// SPDX-License-Identifier: Apache-2.0
// Our own cases: dialects, things that must not be taken for something else, bounds and broken text.
#include "otel/src/sql/sanitize.h"
#include "otel/src/sql/summary.h"

#include <gtest/gtest.h>

namespace skua::otel::sql {
namespace {

struct text_case {
    const char* system;
    const char* sql;
    const char* want;
};

TEST(Sanitize, KnowsDialects) {
    static constexpr text_case cases[] = {
        {"sqlite", "SELECT \"a b\", `c`, [d] FROM t WHERE e = ?1 AND f = :g AND h = @i AND j = $k",
         "SELECT \"a b\", `c`, [d] FROM t WHERE e = ?1 AND f = :g AND h = @i AND j = $k"},
        {"sqlite", "SELECT x'00ff', X'AB'", "SELECT ?, ?"},
        {"sqlite", "SELECT 'C:\\' , 1", "SELECT ? , ?"},  // a backslash is only a character
        {"mysql", "SELECT 'it\\'s', \"also\\\"text\", 2 # secret\n, `n`", "SELECT ?, ?, ? \n, `n`"},
        {"mariadb", "SELECT 1 /* a */ + 2", "SELECT ?  + ?"},
        {"postgresql", "SELECT $1::text, $$a'b$$, $tag$ $$ $tag$, E'a\\'b', a->>'k', b @> '{}', U&'\\0041'",
         "SELECT $1::text, ?, ?, ?, a->>?, b @> ?, ?"},
        {"postgresql", "SELECT a[1:2] /* x /* y */ z */ FROM t", "SELECT a[?:?]  FROM t"},
        {"sqlite", "SELECT a /* x /* y */ FROM t", "SELECT a  FROM t"},
        {"other_sql", "SELECT TRUE, false, t.c, NULL, DATE '2020-01-01', N'ü'", "SELECT ?, ?, t.c, NULL, DATE ?, ?"},
        {"other_sql", "SELECT a-1, a - 1, 1_000, 12abc", "SELECT a?, a - ?, ?, ?"},
        {"other_sql", "SELECT * FROM t WHERE a IN (?, ?, ?) AND b IN (1, c, 2) AND d NOT IN (  1 ,\n2 )",
         "SELECT * FROM t WHERE a IN (?) AND b IN (?, c, ?) AND d NOT IN (?)"},
        {"other_sql", "SELECT * FROM t WHERE a IN (SELECT 1, 2)", "SELECT * FROM t WHERE a IN (SELECT ?, ?)"},
    };
    for (const text_case& c : cases) {
        SCOPED_TRACE(c.sql);
        EXPECT_EQ(sanitize(c.sql, dialect_of(c.system), 4096), c.want);
    }
}

TEST(Sanitize, NeverShowsAnUnfinishedLiteral) {
    static constexpr const char* unfinished[] = {"SELECT 'secret",     "SELECT E'secret\\", "SELECT $$secret",
                                                 "SELECT $t$secret$t", "SELECT /* secret",  "SELECT -- secret",
                                                 "SELECT X'secret",    "SELECT 'a''secret"};
    for (const char* sql : unfinished) {
        SCOPED_TRACE(sql);
        EXPECT_EQ(sanitize(sql, dialect_of("postgresql"), 4096).find("secret"), std::string::npos);
    }
}

TEST(Sanitize, CutsAtACharacterAndKeepsLiteralsHiddenAtTheCut) {
    EXPECT_EQ(sanitize("SELECT \xc3\xa4\xc3\xa4", {}, 10), "SELECT \xc3\xa4");
    EXPECT_EQ(sanitize("SELECT abcdef", {}, 9), "SELECT ab");
    const std::string long_secret = "SELECT '" + std::string(100, 's') + "'";
    EXPECT_EQ(sanitize(long_secret, {}, 9), "SELECT ?");
    EXPECT_EQ(sanitize(long_secret, {}, 0), "");
}

TEST(Summarize, OwnCases) {
    static constexpr text_case cases[] = {
        {"sqlite", "", ""},
        {"sqlite", "  -- nothing\n", ""},
        {"sqlite", "UPDATE users SET a = 1 WHERE id = 2", "UPDATE users"},
        {"sqlite", "UPDATE OR IGNORE users SET a = 1", "UPDATE users"},
        {"postgresql", "UPDATE ONLY t SET a = x.a FROM x, y WHERE t.id = x.id", "UPDATE t x y"},
        {"sqlite", "DELETE FROM \"a b\".\"C\" WHERE id IN (SELECT id FROM old)", "DELETE \"a b\".\"C\" SELECT old"},
        {"sqlite", "INSERT OR REPLACE INTO t(a) VALUES (1)", "INSERT t"},
        {"sqlite", "REPLACE INTO t VALUES (1)", "REPLACE t"},
        {"sqlite", "SELECT upper(replace(a, 'x', 'y')) FROM t", "SELECT t"},
        {"sqlite", "INSERT INTO t(a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", "INSERT t"},
        {"mysql", "INSERT INTO t(a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2", "INSERT t"},
        {"postgresql", "SELECT * FROM jobs WHERE a IS DISTINCT FROM b FOR UPDATE SKIP LOCKED", "SELECT jobs"},
        {"postgresql", "SELECT EXTRACT(YEAR FROM at), trim(both ' ' from n) FROM t", "SELECT t"},
        {"postgresql", "SELECT * FROM generate_series(1, 3) g, LATERAL f(g), t", "SELECT t"},
        {"sqlite", "WITH recent AS (SELECT * FROM orders) SELECT * FROM recent JOIN users u ON 1",
         "SELECT orders SELECT users"},
        {"sqlite", "WITH a AS (SELECT 1), b(x) AS (SELECT 2 FROM a) SELECT * FROM b, c", "SELECT SELECT SELECT c"},
        {"sqlite", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n",
         "SELECT SELECT"},
        {"postgresql", "WITH moved AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM moved",
         "DELETE a INSERT b SELECT"},
        {"sqlite", "(SELECT a FROM t) UNION (SELECT b FROM u)", "SELECT t SELECT u"},
        {"sqlite", "SELECT 1; DELETE FROM t; ", "SELECT DELETE t"},
        {"sqlite", "PRAGMA table_info(users)", "PRAGMA table_info"},
        {"sqlite", "VACUUM", "VACUUM"},
        {"sqlite", "SAVEPOINT sp_1", "SAVEPOINT"},
        {"sqlite", "EXPLAIN QUERY PLAN SELECT * FROM t", "EXPLAIN SELECT t"},
        {"sqlite", "CREATE INDEX ON t (a)", "CREATE INDEX"},
        {"postgresql", "DROP INDEX CONCURRENTLY IF EXISTS i; SELECT 1", "DROP INDEX i SELECT"},
        {"microsoft.sql_server", "MERGE INTO target t USING source s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1",
         "MERGE target source"},
        {"mysql", "TRUNCATE TABLE logs", "TRUNCATE logs"},
        {"sqlite", "SELECT a.select, b FROM t ORDER BY x, y", "SELECT t"},
    };
    for (const text_case& c : cases) {
        SCOPED_TRACE(c.sql);
        EXPECT_EQ(summarize(c.sql, dialect_of(c.system)), c.want);
    }
}

TEST(Summarize, CutsBetweenWords) {
    const std::string name(250, 'n');
    EXPECT_EQ(summarize("SELECT * FROM " + name + ", b", {}), "SELECT");
    EXPECT_EQ(summarize("SELECT * FROM " + std::string(248, 'n') + ", b", {}), "SELECT " + std::string(248, 'n'));
    EXPECT_EQ(summarize("SELECT * FROM a, " + std::string(300, 'n') + ", b", {}), "SELECT a");
}

TEST(Summarize, SurvivesAnything) {
    EXPECT_EQ(summarize(std::string(100'000, '('), {}), "");
    EXPECT_EQ(summarize(std::string(100'000, ')') + "SELECT", {}), "");
    std::string every_byte;
    for (int c = 0; c < 256; ++c) every_byte += static_cast<char>(c);
    for (std::size_t i = 0; i < every_byte.size(); ++i) {
        const std::string text = "SELECT " + every_byte.substr(i) + every_byte;
        EXPECT_LE(summarize(text, dialect_of("postgresql")).size(), max_summary);
        EXPECT_LE(sanitize(text, dialect_of("mysql"), 64).size(), 64U);
    }
}

TEST(WithoutValues, KeepsNamesOnly) {
    static constexpr struct {
        const char* message;
        const char* want;
    } cases[] = {
        {"no such table: users", "no such table: users"},
        {"near \"FROM\": syntax error", "near \"FROM\": syntax error"},
        {"near \"'top secret'\": syntax error", "near \"?\": syntax error"},
        {"invalid input syntax for type integer: \"12 abc\"", "invalid input syntax for type integer: \"?\""},
        {"Duplicate entry 'a@b.c' for key 'idx_users_email'", "Duplicate entry '?' for key 'idx_users_email'"},
        {"value 42 out of range for int4", "value ? out of range for int4"},
        {"unfinished 'secret stuff", "unfinished '?'"},
    };
    for (const auto& c : cases) EXPECT_EQ(without_values(c.message), c.want);
    EXPECT_LE(without_values(std::string(1000, 'x')).size(), 256U);
}

}  // namespace
}  // namespace skua::otel::sql
