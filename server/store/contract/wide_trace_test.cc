// SPDX-License-Identifier: Apache-2.0
// One trace of 100,000 spans, sent in pieces among the spans of other traces: it comes back whole and in order.
#include "store/contract/span_print.h"
#include "store/contract/span_text.h"
#include "store/contract/stores.h"
#include "store/keys.h"
#include "store/testing_sparse.h"

#include <algorithm>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::store::testing {
namespace {

const model::TraceId kWide{1, 2};

class WideTrace : public ::testing::TestWithParam<StoreKind> {
protected:
    // Span i starts i microseconds after the epoch; requests come latest first.
    void send_all() {
        const std::string wide = kWide.to_hex();
        for (std::uint64_t end = spans_; end > 0; end -= kPerRequest) {
            std::string body;
            for (std::uint64_t i = end - kPerRequest; i < end; ++i) {
                body += fmt::format(
                    "span trace={} id={:x} parent={:x} service=s{} name=n{} start={}us dur=5us status={} k=int:{} "
                    "text=value-{}\n",
                    wide, i + 1, i / 7, i % 5, i % 11, i, i % 100 == 3 ? "error" : "ok", i, i * 7919);
            }
            body += fmt::format("span trace={:x} id=1 service=other name=n start={}us\n", end + 10, end);
            ASSERT_TRUE(append_text(*store_, body).status.ok());
        }
    }

    static constexpr std::uint64_t kPerRequest = 1000;
    const std::uint64_t spans_ = 100'000 / sparse();
    std::unique_ptr<SpanStore> store_ = GetParam().make();
};

TEST_P(WideTrace, ComesBackWhole) {
    send_all();
    struct Check final : TraceSink {
        bool take(const model::TraceId& id, model::SpanBatch chunk) override {
            EXPECT_EQ(id, kWide);
            for (const model::Span& span : chunk.spans()) {
                const bool is_right = span.span_id.value == seen + 1 && span.parent_span_id.value == seen / 7 &&
                                      span.start_ns == kTextEpochNs + seen * 1000 &&
                                      span.name == fmt::format("n{}", seen % 11) && span.attributes.size() == 2 &&
                                      span.attributes[0].value.integer == static_cast<std::int64_t>(seen) &&
                                      span.attributes[1].value.text == fmt::format("value-{}", seen * 7919) &&
                                      service_key(*span.resource) == fmt::format("s{}", seen % 5);
                if (!is_right && wrong++ == 0) ADD_FAILURE() << "span " << seen << " is " << print(span);
                ++seen;
            }
            return true;
        }
        std::uint64_t seen = 0;
        std::uint64_t wrong = 0;
    } check;
    const base::Status read = store_->traces({}, {&kWide, 1}, check);
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(check.seen, spans_);
    EXPECT_EQ(check.wrong, 0U);

    const auto summaries = store_->summaries({}, {&kWide, 1});
    ASSERT_TRUE(summaries.ok()) << summaries.error().message;
    ASSERT_EQ(summaries->size(), 1U);
    const TraceSummary& summary = summaries->front();
    EXPECT_EQ(summary.spans, spans_);
    EXPECT_EQ(summary.errors, spans_ / 100);
    EXPECT_EQ(summary.root_name, "n0");
    EXPECT_EQ(summary.start_ns, kTextEpochNs);
    EXPECT_EQ(summary.services.size(), 5U);

    SearchRequest request;
    request.limit = 1000;
    const auto page = store_->search({}, request);
    ASSERT_TRUE(page.ok()) << page.error().message;
    EXPECT_EQ(page->traces.size(), 1 + spans_ / kPerRequest);
    EXPECT_EQ(std::count_if(page->traces.begin(), page->traces.end(),
                            [](const SearchKey& key) { return key.trace_id == kWide; }),
              1);
}

INSTANTIATE_TEST_SUITE_P(Stores, WideTrace, ::testing::ValuesIn(all_stores()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace skua::store::testing
