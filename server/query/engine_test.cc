// SPDX-License-Identifier: Apache-2.0
#include "query/engine.h"

#include "store/contract/span_text.h"
#include "store/naive/naive_store.h"

#include <gtest/gtest.h>

namespace skua::query {
namespace {

class EngineTest : public ::testing::Test {
protected:
    void add(std::string_view text) { ASSERT_TRUE(store::testing::append_text(store_, text).status.ok()); }
    Trace trace(bool raw, EngineOptions options = {}) {
        return std::move(Engine(store_, base::system_clock(), options).trace({}, {0, 1}, raw)).value();
    }

    store::NaiveStore store_{{.chunk_spans = 2}, base::system_clock()};
};

TEST_F(EngineTest, RawIsSanitizedButNotAdjusted) {
    add("span trace=01 id=01 name=a start=1ms b=1 a=2\n");
    const Trace raw = trace(true);
    EXPECT_EQ(raw.batch.spans()[0].attributes[0].key, "b");
    EXPECT_EQ(raw.batch.spans()[0].resource->attributes[0].value.text, "missing-service-name");
    EXPECT_EQ(raw.warnings_of(0).size(), 1U);
    EXPECT_EQ(trace(false).batch.spans()[0].attributes[0].key, "a");
}

TEST_F(EngineTest, LongTracesAreCutWithAWarning) {
    for (int i = 1; i <= 7; ++i)
        add("span trace=01 id=0" + std::to_string(i) + " service=a name=a start=1ms dur=1ms\n");
    EXPECT_EQ(trace(false).batch.spans().size(), 7U);
    const Trace cut = trace(false, {.max_trace_spans = 3});
    EXPECT_EQ(cut.batch.spans().size(), 3U);
    EXPECT_TRUE(cut.truncated);
    EXPECT_EQ(cut.warnings_of(0), std::vector<std::string>{"trace has more than 3 spans, showing first 3 spans only"});
}

TEST_F(EngineTest, AnswersHaveABound) {
    for (int i = 1; i <= 7; ++i)
        add("span trace=01 id=0" + std::to_string(i) + " service=a name=a start=1ms dur=1ms\n");
    const auto refused = Engine(store_, base::system_clock(), {.max_answer_spans = 6}).trace({}, {0, 1}, false);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::kTooLarge);
}

TEST_F(EngineTest, AbsentTracesAreNotFound) {
    const auto absent = Engine(store_, base::system_clock()).trace({}, {0, 1}, false);
    ASSERT_FALSE(absent.ok());
    EXPECT_EQ(absent.error().code, base::Code::kNotFound);
    EXPECT_EQ(absent.error().message, "trace not found");
}

TEST_F(EngineTest, SearchKeepsItsDepth) {
    for (int i = 1; i <= 5; ++i)
        add("span trace=0" + std::to_string(i) + " id=01 service=a name=a start=1ms dur=1ms\n");
    TraceQuery query;
    query.limit = 100;
    const Engine engine(store_, base::system_clock(), {.max_search_depth = 3});
    const auto page = engine.search({}, query);
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->traces.size(), 3U);
    EXPECT_EQ(page->total, 5U);
    const auto summaries = engine.summaries({}, *page);
    ASSERT_TRUE(summaries.ok());
    EXPECT_EQ(summaries->front().trace_id, (model::TraceId{0, 5}));
    query.filter =
        store::Filter::compare(store::Op::kRegex, store::attribute(store::Level::kSpan, "k"), store::untyped("("));
    EXPECT_EQ(engine.search({}, query).error().code, base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace skua::query
