// SPDX-License-Identifier: Apache-2.0
// Spans that come again: the head takes them once.
#include "store/embedded/head/memory_head.h"
#include "store/embedded/head/seen_spans.h"
#include "store/embedded/testing.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

struct Duplicates : ::testing::Test {
    ArenaPool pool;
    HeadLimits limits;
    BatchDecoder decoder;
    std::atomic<std::uint64_t> dropped{0};
    std::shared_ptr<MemoryHead> head = make({});

    std::shared_ptr<MemoryHead> make(std::weak_ptr<const MemoryHead> before) {
        return std::make_shared<MemoryHead>(pool, limits, dropped, std::move(before));
    }
    void add(MemoryHead& to, std::size_t shard, const model::SpanBatch& batch) {
        auto rows = to.stage(shard, body_of(batch), decoder);
        ASSERT_TRUE(rows.ok()) << rows.error().message;
        EXPECT_EQ(rows->counts.accepted_spans, batch.spans().size()) << "the client is told that they were taken";
        to.commit(shard, rows.value());
    }
    static std::size_t linked(const MemoryHead& in) {
        std::size_t count = 0;
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            std::size_t in_chains = 0;
            for (std::uint32_t t = 0; t < in.shard(s).traces_end(); ++t) {
                std::uint32_t row = in.shard(s).newest_of_trace(t);
                for (; row != kNoRow; row = in.shard(s).row(row).older_in_trace) ++in_chains;
            }
            std::size_t marked = 0;
            for (std::uint32_t row = 0; row < in.shard(s).rows_end(); ++row) marked += in.shard(s).row(row).linked;
            EXPECT_EQ(in_chains, marked);
            count += marked;
        }
        return count;
    }
};

TEST_F(Duplicates, ARequestSentAgainIsTakenOnce) {
    SpanMaker maker({.seed = 3});
    for (int i = 0; i < 30; ++i) {
        const model::SpanBatch batch = maker.batch(100);
        add(*head, 0, batch);
        add(*head, 0, batch);  // at once
        add(*head, 1, batch);  // by the other shard
    }
    EXPECT_EQ(linked(*head), 3000U);
    EXPECT_EQ(head->duplicates(), 6000U);
    EXPECT_EQ(dropped, 6000U);
    // Much later: all of it.
    SpanMaker again({.seed = 3});
    for (int i = 0; i < 30; ++i) add(*head, 1, again.batch(100));
    EXPECT_EQ(linked(*head), 3000U);
}

TEST_F(Duplicates, ASpanTwiceInOneRequestIsTakenOnce) {
    SpanMaker maker({.seed = 4});
    model::SpanBatch batch = maker.batch(20);
    const std::vector<model::Span> once = batch.spans();
    batch.spans().insert(batch.spans().end(), once.begin(), once.end());
    add(*head, 0, batch);
    EXPECT_EQ(linked(*head), 20U);
}

TEST_F(Duplicates, OneByteMakesAnotherSpan) {
    SpanMaker maker({.seed = 5, .plain = true});
    model::SpanBatch batch = maker.batch(50);
    add(*head, 0, batch);
    for (model::Span& span : batch.spans()) span.name = batch.copy(std::string(span.name) + "x");
    add(*head, 0, batch);
    for (model::Span& span : batch.spans()) span.end_ns += 1;
    add(*head, 0, batch);
    const model::Resource* resource = batch.spans()[0].resource;
    model::Resource other = *resource;
    other.schema_url = "another";
    for (model::Span& span : batch.spans()) {
        if (span.resource == resource) span.resource = &other;
    }
    const auto of_other = std::count_if(batch.spans().begin(), batch.spans().end(),
                                        [&](const model::Span& span) { return span.resource == &other; });
    ASSERT_GT(of_other, 0);
    add(*head, 0, batch);
    EXPECT_EQ(linked(*head), 150U + static_cast<std::size_t>(of_other));
}

TEST_F(Duplicates, TheHeadBeforeIsLookedAtAsLongAsItLives) {
    SpanMaker maker({.seed = 6});
    const model::SpanBatch first = maker.batch(100);
    const model::SpanBatch second = maker.batch(100);
    add(*head, 0, first);
    auto next = make(head);
    add(*next, 0, first);
    add(*next, 1, second);
    EXPECT_EQ(linked(*next), 100U);
    head = nullptr;  // it is a segment now
    add(*next, 0, first);
    EXPECT_EQ(linked(*next), 200U);
}

TEST_F(Duplicates, RefusedRowsAreNoneToCompareWith) {
    SpanMaker maker({.seed = 7});
    const model::SpanBatch batch = maker.batch(100);
    auto rows = head->stage(0, body_of(batch), decoder);
    ASSERT_TRUE(rows.ok());
    head->kill(0, rows.value());  // the disk did not take them
    add(*head, 0, batch);
    EXPECT_EQ(linked(*head), 100U);
    EXPECT_EQ(dropped, 0U);
}

TEST_F(Duplicates, AHeadThatDoesNotAskKeepsThem) {
    SpanMaker maker({.seed = 8});
    const model::SpanBatch batch = maker.batch(100);
    MemoryHead plain(pool, limits);
    add(plain, 0, batch);
    add(plain, 0, batch);
    EXPECT_EQ(linked(plain), 200U);
}

// One id with ever other contents: taken, and never slow.
TEST_F(Duplicates, OneIdAgainAndAgainIsBounded) {
    model::SpanBatch batch;
    const model::Resource* resource = batch.copy(model::Resource{});
    const model::Scope* scope = batch.copy(model::Scope{});
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        model::Span span;
        span.trace_id = {1, 2};
        span.span_id = {3};
        span.start_ns = 1;
        span.end_ns = 2;
        span.status_message = batch.copy(std::to_string(i));
        batch.append(span, resource, scope);
    }
    add(*head, 0, batch);
    EXPECT_EQ(linked(*head), 20'000U);
}

TEST(SeenSpans, FindsWhatWasAddedThroughAllItsSizes) {
    const auto hash_of = [](SeenSpans::Place place) {
        std::uint64_t x = (std::uint64_t{place.row} * 2 + place.shard + 1) * 0x9E3779B97F4A7C15ULL;
        x = (x ^ (x >> 29)) * 0xD6E8FEB86659FD93ULL;
        return x ^ (x >> 32);
    };
    SeenSpans seen;
    constexpr std::uint32_t kCount = 20'000;
    for (std::uint32_t i = 0; i < kCount; ++i) {
        // Rows are not dense: those of refused requests are left out.
        const SeenSpans::Place place{i % 2, i < kCount / 2 ? i : i * 50};
        EXPECT_FALSE(seen.find(hash_of(place),
                               [&](SeenSpans::Place at) { return at.shard == place.shard && at.row == place.row; }));
        seen.add(hash_of(place), place, hash_of);
        for (const std::uint32_t back : {0U, i / 2, i}) {
            const SeenSpans::Place old{back % 2, back < kCount / 2 ? back : back * 50};
            ASSERT_TRUE(seen.find(hash_of(old), [&](SeenSpans::Place at) {
                return at.shard == old.shard && at.row == old.row;
            })) << back;
        }
    }
    std::size_t others = 0;
    for (std::uint32_t row = 0; row < 10'000; ++row) {
        seen.find(hash_of({0, 2'000'000 + row}), [&](SeenSpans::Place) {
            ++others;
            return false;
        });
    }
    EXPECT_LT(others, 1000U) << "the bits kept of a hash spare most looks at rows";
    EXPECT_LE(seen.bytes(), kCount * 4 * 4);
}

}  // namespace
}  // namespace skua::store::embedded
