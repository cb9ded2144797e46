// SPDX-License-Identifier: Apache-2.0
// Hints and comments.
#include "contract.h"

#include <skua/orm/plugins/hints.hpp>

namespace contract {
namespace {

namespace hints = orm::hints;

TEST_P(Contract, HintsAreRendered) {
    auto db = with<Language>();
    const auto sql = [](const auto& q) { return plain_sql(q.to_sql().or_throw().sql); };
    const auto q = db.from<Language>();
    EXPECT_EQ(sql(q.clauses(hints::comment("from the report"))),
              "SELECT \"code\", \"name\" FROM \"languages\" /* from the report */");
    EXPECT_EQ(sql(q.clauses(hints::comment_before("a */ DROP"))),
              "/* a * / DROP */ SELECT \"code\", \"name\" FROM \"languages\"");
    EXPECT_EQ(sql(q.clauses(hints::optimizer("SeqScan(languages)"))),
              "SELECT /*+ SeqScan(languages) */ \"code\", \"name\" FROM \"languages\"");
    EXPECT_EQ(sql(q.clauses(hints::force_index({"PRIMARY", "other`s"}))),
              "SELECT \"code\", \"name\" FROM \"languages\" FORCE INDEX (\"PRIMARY\", \"other\"\"s\")");
    const auto forced = q.clauses(hints::force_index("PRIMARY")).find();
    EXPECT_EQ(forced.has_value(), is(database_kind::mariadb));
    EXPECT_EQ(q.clauses(hints::not_indexed()).find().has_value(), is(database_kind::sqlite));
}

TEST_P(Contract, HintsRun) {
    auto db = with<Language>();
    Language lang{.code = "a", .name = "one"};
    db.create(lang).or_throw();
    const auto q = db.from<Language>()
                       .where(Language::c.code == "a")
                       .clauses(hints::comment("one ? two"))
                       .clauses(hints::optimizer("x"));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(q.first().or_throw().name, "one");
    EXPECT_EQ(q.clauses(hints::comment_before("run time")).count().or_throw(), 1);
    EXPECT_EQ(q.update(Language::c.name = "two").or_throw().rows_affected, 1);
    EXPECT_EQ(q.remove().or_throw().rows_affected, 1);
}

}  // namespace
}  // namespace contract
