// SPDX-License-Identifier: Apache-2.0
#include "store/naive/naive_store.h"

#include "base/clock.h"
#include "store/contract/span_print.h"
#include "store/contract/span_text.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::store {
namespace {

std::string span(int trace, int id, std::string_view service = "web") {
    return fmt::format("span trace={:x} id={:x} service={} name=a start={}ms\n", trace, id, service, trace);
}

TEST(NaiveStore, KeepsTheNewestTracesWhole) {
    NaiveLimits limits;
    limits.max_traces = 2;
    NaiveStore store(limits, base::system_clock());
    for (int i = 1; i <= 4; ++i) {
        ASSERT_TRUE(testing::append_text(store, span(i, 1, fmt::format("s{}", i)) + span(i, 2, "web")).status.ok());
    }
    const auto stats = store.stats({}).value();
    EXPECT_EQ(stats.traces, 2U);
    EXPECT_EQ(stats.spans, 4U);
    EXPECT_EQ(stats.evicted_traces, 2U);
    // Names of what is gone are gone too.
    EXPECT_EQ(store.services({}).value(), (std::vector<std::string>{"s3", "s4", "web"}));
    EXPECT_EQ(testing::read_trace(store, {0, 1}), "");
}

TEST(NaiveStore, StaysWithinItsBytes) {
    NaiveLimits limits;
    limits.max_bytes = 100'000;
    NaiveStore store(limits, base::system_clock());
    for (int i = 1; i <= 500; ++i) {
        ASSERT_TRUE(testing::append_text(store, span(i, 1)).status.ok());
        ASSERT_LE(store.stats({}).value().bytes, limits.max_bytes);
    }
    const auto stats = store.stats({}).value();
    EXPECT_GT(stats.traces, 10U);
    EXPECT_EQ(stats.traces + stats.evicted_traces, 500U);
    EXPECT_NE(testing::read_trace(store, {0, 500}), "");
}

TEST(NaiveStore, RefusesABodyLargerThanItself) {
    NaiveLimits limits;
    limits.max_bytes = 10'000;
    NaiveStore store(limits, base::system_clock());
    const auto outcome = testing::append_text(
        store, fmt::format("span trace=01 id=01 service=web name={} start=1ms\n", std::string(20'000, 'x')));
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.error().code, base::Code::kTooLarge);
    EXPECT_EQ(store.stats({}).value().traces, 0U);
}

TEST(NaiveStore, ATraceThatOutgrowsTheBudgetGoes) {
    NaiveLimits limits;
    limits.max_bytes = 50'000;
    NaiveStore store(limits, base::system_clock());
    for (int i = 1; i <= 300; ++i) ASSERT_TRUE(testing::append_text(store, span(1, i)).status.ok());
    EXPECT_LE(store.stats({}).value().bytes, limits.max_bytes);
    EXPECT_GE(store.stats({}).value().evicted_traces, 1U);
}

TEST(NaiveStore, BoundsTenants) {
    NaiveLimits limits;
    limits.max_tenants = 2;
    NaiveStore store(limits, base::system_clock());
    model::RequestContext context;
    for (const char* name : {"a", "b"}) {
        context.tenant = name;
        ASSERT_TRUE(testing::append_text(store, span(1, 1), context).status.ok());
    }
    context.tenant = "c";
    const auto outcome = testing::append_text(store, span(1, 1), context);
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.error().code, base::Code::kResourceExhausted);
}

}  // namespace
}  // namespace skua::store
