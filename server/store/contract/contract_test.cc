// SPDX-License-Identifier: Apache-2.0
// What every store must do, beyond the answers of the golden files.
#include "store/contract/span_print.h"
#include "store/contract/span_text.h"
#include "store/contract/stores.h"

#include <atomic>
#include <map>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::store::testing {
namespace {

const model::TraceId kOne{0, 1};

class StoreContract : public ::testing::TestWithParam<StoreKind> {
protected:
    void add(std::string_view text) {
        const auto outcome = append_text(*store_, text);
        ASSERT_TRUE(outcome.status.ok()) << outcome.status.error().message;
    }
    std::vector<model::TraceId> search(std::optional<Cursor> after = {}, std::size_t limit = 20) {
        SearchRequest request;
        request.limit = limit;
        request.after = after;
        page_ = store_->search({}, request).value();
        std::vector<model::TraceId> ids;
        for (const SearchKey& key : page_.traces) ids.push_back(key.trace_id);
        return ids;
    }

    std::unique_ptr<SpanStore> store_ = GetParam().make();
    SearchPage page_;
};

std::vector<std::string> sorted_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

TEST_P(StoreContract, EverythingASpanCarriesComesBack) {
    const std::string_view text = R"(
span trace=0a0000000000000001 id=0a parent=09 service=web res:empty=empty: res:n=int:-9223372036854775808 name="GET /" kind=server start=10ms dur=120ms status=error message=boom state=a=b flags=0x301 schema=https://x/1 dropped=7 unknown=ffff01 scope=lib@1.2 scope:s=bool:true z=double:-0 a=bytes:00ff a=again list=strings:x,y m=map:k=v
event name=retry at=20ms k=v k=int:1
event at=5ms
link trace=02 id=0b state=q k=double:1.5 flags=1
)";
    model::RawBody body;
    body.bytes = text;
    Collector sent;
    struct Sink final : model::SpanSink {
        explicit Sink(std::string& to) : out(to) {}
        void resource(const model::Resource&) override {}
        void scope(const model::Scope&) override {}
        void span(const model::Span& span) override { out += print(span) + "\n"; }
        std::string& out;
    };
    std::string want;
    Sink sink(want);
    ASSERT_TRUE(SpanTextDecoder().decode(body, sink).ok());
    add(text);
    EXPECT_EQ(read_trace(*store_, *model::TraceId::from_hex("0a0000000000000001")), want);
    EXPECT_NE(want.find("retry"), std::string::npos);
}

TEST_P(StoreContract, ABodyThatCannotBeReadLeavesNothingBehind) {
    const auto outcome = append_text(*store_, "span trace=01 id=01 service=web name=a\nnonsense\n");
    ASSERT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.status.error().code, base::Code::kInvalidArgument);
    EXPECT_EQ(outcome.counts.accepted_spans, 0U);
    EXPECT_EQ(read_trace(*store_, kOne), "");
    EXPECT_TRUE(store_->services({}).value().empty());
    EXPECT_EQ(store_->stats({}).value().spans, 0U);
}

TEST_P(StoreContract, ExactDuplicatesComeBackOnceAndAlmostDuplicatesTwice) {
    const std::string_view span = "span trace=01 id=01 service=web name=a start=1ms k=v\nevent name=e at=1ms\n";
    add(span);
    add(span);
    EXPECT_EQ(sorted_lines(read_trace(*store_, kOne)).size(), 1U);
    // One byte differs: in the span, in the event, in the resource.
    add("span trace=01 id=01 service=web name=a start=1ms k=w\nevent name=e at=1ms\n");
    add("span trace=01 id=01 service=web name=a start=1ms k=v\nevent name=f at=1ms\n");
    add("span trace=01 id=01 service=web res:x=y name=a start=1ms k=v\nevent name=e at=1ms\n");
    add("span trace=01 id=01 service=web name=a start=1ms k=v message=m\nevent name=e at=1ms\n");
    const auto lines = sorted_lines(read_trace(*store_, kOne));
    EXPECT_EQ(lines.size(), 5U);
    EXPECT_EQ(store_->summaries({}, {&kOne, 1}).value().at(0).spans, 5U);
}

TEST_P(StoreContract, ATraceComesInOrderWhateverTheOrderOfArrival) {
    add("span trace=01 id=03 service=web name=c start=3ms\n");
    add("span trace=01 id=01 service=web name=a start=1ms\nspan trace=02 id=05 service=web name=x start=0ms\n");
    add("span trace=01 id=04 service=web name=d start=2ms\nspan trace=01 id=02 service=db name=b start=2ms\n");
    Collector collector;
    const std::vector<model::TraceId> ids = {{0, 2}, {0, 9}, kOne, {0, 2}};
    ASSERT_TRUE(store_->traces({}, ids, collector).ok());
    std::string names;
    for (const auto& chunk : collector.chunks) {
        EXPECT_FALSE(chunk.spans().empty());
        for (const auto& span : chunk.spans()) names += span.name;
    }
    EXPECT_EQ(names, "xabdc");
}

TEST_P(StoreContract, ASinkThatHasEnoughEndsTheRead) {
    for (int i = 0; i < 6; ++i) add(fmt::format("span trace={:02x} id=01 service=web name=a start=1ms\n", i + 1));
    Collector collector;
    collector.stop_after_chunks = 2;
    const std::vector<model::TraceId> ids = {{0, 1}, {0, 2}, {0, 3}};
    ASSERT_TRUE(store_->traces({}, ids, collector).ok());
    EXPECT_EQ(collector.chunks.size(), 2U);
}

// What was found for a value of one field must not answer for the same bits of another: 1 and true, 1 and the smallest
// double. Whichever field of a key comes first.
TEST_P(StoreContract, AKeyWithSeveralTypesIsAskedTypeByType) {
    const std::string_view kinds[][3] = {{"bool:true", "int:1", "double:4.9406564584124654e-324"},
                                         {"int:1", "double:4.9406564584124654e-324", "bool:true"},
                                         {"double:4.9406564584124654e-324", "bool:true", "int:1"}};
    std::string body;
    int id = 0;
    std::map<std::string_view, std::set<std::string>> with;  // "<key> <value>": traces
    for (int round = 0; round < 4; ++round) {                // so that every field varies
        for (std::size_t k = 0; k < 3; ++k) {
            for (const std::string_view value : kinds[k]) {
                ++id;
                const std::string other = value.starts_with("bool")  ? "bool:false"
                                          : value.starts_with("int") ? "int:2"
                                                                     : "double:2.5";
                const std::string_view used = round % 2 == 0 ? value : std::string_view(other);
                body += fmt::format("span trace={:x} id=1 service=web name=a start={}ms k{}={}\n", id, id, k, used);
                if (round % 2 == 0) with[value].insert(fmt::format("k{} {}", k, id));
            }
        }
    }
    add(body);
    const std::pair<std::string_view, Literal> questions[] = {{"int:1", integer(1)}, {"bool:true", boolean(true)}};
    for (const auto& [value, literal] : questions) {
        for (int k = 0; k < 3; ++k) {
            SCOPED_TRACE(fmt::format("k{} = {}", k, value));
            const auto predicate =
                Predicate::compile(Filter::compare(Op::kEq, attribute(Level::kSpan, fmt::format("k{}", k)), literal));
            ASSERT_TRUE(predicate.ok()) << predicate.error().message;
            SearchRequest request;
            request.predicate = &*predicate;
            request.limit = 100;
            std::set<std::string> found;
            for (const SearchKey& key : store_->search({}, request).value().traces)
                found.insert(fmt::format("k{} {}", k, key.trace_id.low));
            std::set<std::string> want;
            for (const std::string& one : with[value]) {
                if (one.starts_with(fmt::format("k{} ", k))) want.insert(one);
            }
            EXPECT_EQ(found, want);
            EXPECT_EQ(want.size(), 2U);
        }
    }
}

TEST_P(StoreContract, PagesJoinToTheWholeAnswer) {
    for (int i = 1; i <= 7; ++i) {
        // Two traces share a start: the id decides.
        add(fmt::format("span trace={:02x} id=01 service=web name=a start={}ms\n", i, i / 2));
    }
    const auto whole = search();
    ASSERT_EQ(whole.size(), 7U);
    EXPECT_EQ(whole.front(), (model::TraceId{0, 7}));
    EXPECT_FALSE(page_.next);
    std::vector<model::TraceId> joined;
    std::optional<Cursor> cursor;
    do {
        for (const auto& id : search(cursor, 3)) joined.push_back(id);
        // Who stops early knows a lower bound, and says so.
        if (page_.total_exact || GetParam().name.starts_with("naive")) {
            EXPECT_EQ(page_.total, 7U);
        } else {
            EXPECT_GE(page_.total, joined.size());
            EXPECT_LE(page_.total, 7U);
        }
        EXPECT_FALSE(page_.data_changed);
        cursor = page_.next;
    } while (cursor);
    EXPECT_EQ(joined, whole);
}

TEST_P(StoreContract, ACursorSaysWhenDataChangedAndShowsNoTraceTwice) {
    for (int i = 1; i <= 4; ++i) add(fmt::format("span trace={:02x} id=01 service=web name=a start={}ms\n", i, i));
    ASSERT_EQ(search({}, 2), (std::vector<model::TraceId>{{0, 4}, {0, 3}}));
    const auto cursor = page_.next;
    ASSERT_TRUE(cursor);
    add("span trace=09 id=01 service=web name=a start=9ms\n");
    EXPECT_EQ(search(cursor, 5), (std::vector<model::TraceId>{{0, 2}, {0, 1}}));
    EXPECT_TRUE(page_.data_changed);
}

TEST_P(StoreContract, TenantsDoNotSeeEachOther) {
    model::RequestContext other;
    other.tenant = "other";
    ASSERT_TRUE(append_text(*store_, "span trace=01 id=01 service=theirs name=a start=1ms\n", other).status.ok());
    add("span trace=02 id=01 service=ours name=a start=1ms\n");
    EXPECT_EQ(store_->services({}).value(), std::vector<std::string>{"ours"});
    EXPECT_EQ(store_->services(other).value(), std::vector<std::string>{"theirs"});
    EXPECT_EQ(read_trace(*store_, kOne), "");
    EXPECT_EQ(search().size(), 1U);
}

TEST_P(StoreContract, CancelledAndLateCallsSaySo) {
    add("span trace=01 id=01 service=web name=a start=1ms\n");
    std::stop_source stop;
    model::RequestContext cancelled;
    cancelled.cancel = stop.get_token();
    stop.request_stop();
    model::RequestContext late;
    late.deadline_ns = 0;
    const auto code = [&](const model::RequestContext& context) {
        std::vector<base::Code> codes;
        Collector collector;
        codes.push_back(store_->traces(context, {&kOne, 1}, collector).error().code);
        codes.push_back(store_->search(context, {}).error().code);
        codes.push_back(store_->services(context).error().code);
        codes.push_back(store_->operations(context, "web", {}).error().code);
        codes.push_back(store_->summaries(context, {&kOne, 1}).error().code);
        codes.push_back(store_->dependencies(context, {}).error().code);
        return codes;
    };
    EXPECT_EQ(code(cancelled), std::vector<base::Code>(6, base::Code::kCancelled));
    EXPECT_EQ(code(late), std::vector<base::Code>(6, base::Code::kDeadlineExceeded));
}

TEST_P(StoreContract, WhatIsAcknowledgedIsSeenWhileOthersWrite) {
    constexpr int kWriters = 2;
    constexpr int kTraces = 40;
    std::atomic<int> failures{0};
    std::atomic<bool> stop{false};
    const auto writer = [&](int w) {
        for (int i = 0; i < kTraces; ++i) {
            const int id = w * kTraces + i + 1;
            append_text(
                *store_,
                fmt::format("span trace={0:x} id=01 service=s{1} name=a start={2}ms\nspan trace={0:x} id=02 parent=01 "
                            "service=s{1} name=b start={2}ms\n",
                            id, w, i));
            // Ours is there at once, whole.
            if (sorted_lines(read_trace(*store_, {0, static_cast<std::uint64_t>(id)})).size() != 2) ++failures;
        }
    };
    const auto reader = [&] {
        std::size_t seen = 0;
        while (!stop) {
            SearchRequest request;
            request.limit = 1000;
            const SearchPage page = store_->search({}, request).value();
            if (page.traces.size() < seen) ++failures;  // never fewer than before
            seen = page.traces.size();
            for (const SearchKey& key : page.traces) {
                // A body is there as a whole or not at all.
                if (sorted_lines(read_trace(*store_, key.trace_id)).size() != 2) ++failures;
            }
        }
    };
    std::thread reading(reader);
    std::vector<std::thread> writing;
    for (int w = 0; w < kWriters; ++w) writing.emplace_back(writer, w);
    for (std::thread& thread : writing) thread.join();
    stop = true;
    reading.join();
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(store_->stats({}).value().spans, static_cast<std::uint64_t>(2 * kWriters * kTraces));
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, ::testing::ValuesIn(all_stores()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace skua::store::testing
