// SPDX-License-Identifier: Apache-2.0
#include "store/duplicates.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/head/row_reader.h"
#include "store/embedded/testing.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

struct HeadTest : ::testing::Test {
    ArenaPool pool;
    HeadLimits limits;
    BatchDecoder decoder;
    std::unique_ptr<MemoryHead> head = std::make_unique<MemoryHead>(pool, limits);

    StagedRows add(const model::SpanBatch& batch) {
        auto rows = head->stage(0, body_of(batch), decoder);
        EXPECT_TRUE(rows.ok()) << rows.error().message;
        head->commit(0, rows.value());
        return rows.value();
    }
    void expect_rows(const StagedRows& rows, const model::SpanBatch& batch) {
        RowReader reader(head->shard(0));
        ASSERT_EQ(rows.end - rows.begin, batch.spans().size());
        for (std::uint32_t i = rows.begin; i < rows.end; ++i) {
            const model::Span& got = reader.read(i);
            const model::Span& want = batch.spans()[i - rows.begin];
            ASSERT_EQ(got.trace_id, want.trace_id) << i;
            ASSERT_TRUE(same_content(got, want)) << "row " << i << " " << want.name;
            ASSERT_TRUE(same_content(*got.resource, *want.resource));
            ASSERT_TRUE(same_content(*got.scope, *want.scope));
        }
    }
};

TEST_F(HeadTest, EverythingSentComesBack) {
    SpanMaker maker({.seed = 7});
    std::vector<std::pair<StagedRows, model::SpanBatch>> all;
    for (int i = 0; i < 40; ++i) {
        model::SpanBatch batch = maker.batch(100);
        const StagedRows rows = add(batch);
        all.emplace_back(rows, std::move(batch));
    }
    for (const auto& [rows, batch] : all) expect_rows(rows, batch);
}

TEST_F(HeadTest, SpansBeyondTheBoundsOfFieldsAndShapesComeBackToo) {
    limits.fields = 4;
    limits.templates = 20;
    limits.interned_bytes = 2000;
    limits.fields_of_span = 3;
    head = std::make_unique<MemoryHead>(pool, limits);
    SpanMaker maker({.seed = 8});
    for (int i = 0; i < 20; ++i) {
        const model::SpanBatch batch = maker.batch(50);
        auto rows = head->stage(0, body_of(batch), decoder);
        if (!rows.ok()) {  // its dictionary is full
            EXPECT_EQ(rows.error().code, base::Code::kResourceExhausted);
            EXPECT_TRUE(head->wants_seal());
            continue;
        }
        head->commit(0, rows.value());
        expect_rows(rows.value(), batch);
    }
    EXPECT_TRUE(head->wants_seal());
}

// A body that fills the table of resources is refused, leaves nothing that a later one could trip over, and has the
// head replaced.
TEST_F(HeadTest, KeysOfPackedAttributesAreKnown) {
    limits.fields_of_span = 3;
    head = std::make_unique<MemoryHead>(pool, limits);
    SpanMaker maker({.seed = 9});
    const model::SpanBatch batch = maker.batch(200);
    EXPECT_FALSE(head->shard(0).may_be_packed(batch.spans().front().name));
    add(batch);
    std::size_t seen = 0;
    const auto expect_all = [&](model::Attributes attributes) {
        for (const model::Attribute& attribute : attributes) {
            ++seen;
            EXPECT_TRUE(head->shard(0).may_be_packed(attribute.key)) << attribute.key;
        }
    };
    for (const model::Span& span : batch.spans()) {
        if (span.attributes.size() > limits.fields_of_span) expect_all(span.attributes);
        for (const model::Event& event : span.events) expect_all(event.attributes);
        for (const model::Link& link : span.links) expect_all(link.attributes);
    }
    EXPECT_GT(seen, 100u);
    EXPECT_FALSE(head->shard(0).may_be_packed("never sent"));
}

TEST_F(HeadTest, TooManyResourcesAreRefused) {
    constexpr std::uint64_t kTooMany = 64 * 2048 + 2;
    const auto batch_of = [](std::uint64_t first, std::uint64_t end) {
        model::SpanBatch batch;
        const model::Scope* scope = batch.copy(model::Scope{});
        for (std::uint64_t i = first; i < end; ++i) {
            const model::Attribute number{"n", model::Value::of_int(static_cast<std::int64_t>(i))};
            model::Resource resource;
            resource.attributes = {&number, 1};
            model::Span span;
            span.trace_id = {1, i + 1};
            span.span_id = {i + 1};
            span.name = "x";
            batch.append(span, batch.copy(resource), scope);
        }
        return batch;
    };
    const model::SpanBatch few = batch_of(0, 3);
    const StagedRows kept = add(few);
    const model::SpanBatch many = batch_of(0, kTooMany);
    auto refused = head->stage(0, body_of(many), decoder);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, base::Code::kResourceExhausted);
    EXPECT_NE(refused.error().message.find("too many resources"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(head->wants_seal());
    const model::SpanBatch last = batch_of(kTooMany - 1, kTooMany);
    EXPECT_FALSE(head->stage(0, body_of(last), decoder).ok());
    EXPECT_FALSE(head->stage(0, body_of(last), decoder).ok()) << "and is not remembered as if it were there";
    expect_rows(add(few), few);
    expect_rows(kept, few);
    // On a head that nothing was tried on there is no use in trying again.
    head = std::make_unique<MemoryHead>(pool, limits);
    EXPECT_EQ(head->stage(0, body_of(many), decoder).error().code, base::Code::kTooLarge);
    EXPECT_EQ(head->stage(0, body_of(last), decoder).error().code, base::Code::kResourceExhausted);
}

TEST_F(HeadTest, TextsLargerThanABlockComeBack) {
    SpanMaker maker({.seed = 9});
    model::SpanBatch batch = maker.batch(3);
    const std::string large(kArenaBlockBytes + 12345, 'q');
    model::Attribute attribute{"big", model::Value::of_string(large)};
    batch.spans()[1].attributes = {&attribute, 1};
    batch.spans()[2].attributes = {&attribute, 1};
    expect_rows(add(batch), batch);
}

TEST_F(HeadTest, UndoneAndKilledRowsAreReachedByNothing) {
    SpanMaker maker({.seed = 10, .traces = 1, .names = 1});
    const model::SpanBatch first = maker.batch(5);
    const model::SpanBatch undone = maker.batch(6);
    const model::SpanBatch killed = maker.batch(7);
    const model::SpanBatch last = maker.batch(8);
    add(first);
    auto rows = head->stage(0, body_of(undone), decoder);
    head->unstage(0, rows.value());
    auto dead = head->stage(0, body_of(killed), decoder);
    head->kill(0, dead.value());
    expect_rows(add(last), last);
    const HeadShard& shard = head->shard(0);
    std::size_t reached = 0;
    const std::uint32_t trace = shard.find_trace(first.spans()[0].trace_id);
    ASSERT_NE(trace, kNoRow);
    for (std::uint32_t row = shard.newest_of_trace(trace); row != kNoRow; row = shard.row(row).older_in_trace) {
        ++reached;
        EXPECT_FALSE(row >= dead.value().begin && row < dead.value().end);
    }
    EXPECT_EQ(reached, 13U);
    EXPECT_EQ(shard.find_trace({1, 2}), kNoRow);
}

TEST_F(HeadTest, ArenasAreReusedAndCounted) {
    SpanMaker maker({.seed = 11});
    add(maker.batch(10));
    const std::size_t bytes = pool.bytes();
    EXPECT_GE(head->bytes(), bytes);
    head = std::make_unique<MemoryHead>(pool, limits);
    EXPECT_EQ(pool.bytes(), bytes);
    add(maker.batch(10));
    EXPECT_EQ(pool.bytes(), bytes);
    head.reset();
    pool.trim();
    EXPECT_EQ(pool.bytes(), 0U);
}

}  // namespace
}  // namespace skua::store::embedded
