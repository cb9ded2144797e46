// SPDX-License-Identifier: Apache-2.0
// The data half against the naive store: the same random spans, unsealed, sealed and both, must give the same answers.
#include "store/embedded/read/view_reader.h"

#include "base/clock.h"
#include "store/duplicates.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/segment/stored_segment.h"
#include "store/embedded/testing.h"
#include "store/naive/naive_store.h"
#include "store/testing_sparse.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

struct Collector final : TraceSink {
    bool take(const model::TraceId& id, model::SpanBatch chunk) override {
        ids.push_back(id);
        chunks.push_back(std::move(chunk));
        return true;
    }
    [[nodiscard]] std::vector<const model::Span*> spans() const {
        std::vector<const model::Span*> out;
        for (const auto& chunk : chunks) {
            for (const model::Span& span : chunk.spans()) out.push_back(&span);
        }
        return out;
    }
    std::vector<model::TraceId> ids;
    std::vector<model::SpanBatch> chunks;
};

class Pair {
public:
    explicit Pair(const RandomSpans& options, const SpanDataOptions& data_options = {})
        : maker(options), naive({}, base::system_clock()), data(data_options) {
        open();
    }

    // To both stores, alternating between the shards.
    void add(const model::SpanBatch& batch) {
        naive.append({}, body_of(batch), decoder, [](const model::AppendOutcome& o) { EXPECT_TRUE(o.status.ok()); });
        const std::size_t shard = next_shard++ % kHeadShards;
        auto rows = head->stage(shard, body_of(batch), decoder);
        ASSERT_TRUE(rows.ok()) << rows.error().message;
        head->commit(shard, rows.value());
        counts[shard] = rows->end;
        for (const model::Span& span : batch.spans()) all_ids.push_back(span.trace_id);
    }
    void seal() {
        SealInput input;
        input.head = {1, head, counts};
        auto entries = data.seal(input, files);
        ASSERT_TRUE(entries.ok()) << entries.error().message;
        for (const SegmentEntry& entry : entries.value()) {
            ASSERT_TRUE(data.verify(disk, entry).ok());
            auto segment = data.open(disk, entry);
            ASSERT_TRUE(segment.ok()) << segment.error().message;
            segments.push_back(segment.value());
        }
        open();
    }
    // Merges the segments [first, last).
    void merge(std::size_t first, std::size_t last) {
        CompactInput input;
        input.inputs.assign(segments.begin() + static_cast<std::ptrdiff_t>(first),
                            segments.begin() + static_cast<std::ptrdiff_t>(last));
        input.lineage.level = input.inputs.front()->entry().level + 1;
        auto entries = data.compact(input, files);
        ASSERT_TRUE(entries.ok()) << entries.error().message;
        Segments merged;
        for (const SegmentEntry& entry : entries.value()) {
            const auto status = data.verify(disk, entry);
            ASSERT_TRUE(status.ok()) << status.error().message;
            auto segment = data.open(disk, entry);
            ASSERT_TRUE(segment.ok()) << segment.error().message;
            merged.push_back(segment.value());
        }
        const auto at = segments.erase(segments.begin() + static_cast<std::ptrdiff_t>(first),
                                       segments.begin() + static_cast<std::ptrdiff_t>(last));
        segments.insert(at, merged.begin(), merged.end());
    }
    ViewReader reader(const ReadLimits& limits = {}) {
        auto view = std::make_shared<View>();
        view->heads.push_back({1, head, counts});
        view->segments = std::make_shared<const Segments>(segments);
        return {view, base::system_clock(), limits};
    }

    SpanMaker maker;
    NaiveStore naive;
    BatchDecoder decoder;
    SpanData data;
    MemDisk disk{std::uint64_t{1} << 30};
    DiskFiles files{disk};
    std::shared_ptr<Head> head;
    std::array<std::uint32_t, kHeadShards> counts{};
    Segments segments;
    std::size_t next_shard = 0;
    std::vector<model::TraceId> all_ids;

private:
    void open() {
        head = data.new_head(1).value();
        counts = {};
    }
};

void expect_same_traces(Pair& pair) {
    Collector want;
    Collector got;
    ASSERT_TRUE(pair.naive.traces({}, pair.all_ids, want).ok());
    const auto status = pair.reader().traces({}, pair.all_ids, got);
    ASSERT_TRUE(status.ok()) << status.error().message;
    const auto a = want.spans();
    const auto b = got.spans();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) ASSERT_TRUE(same_content(*a[i], *b[i])) << i << " " << a[i]->name;
}

std::vector<Filter> filters() {
    const auto attr = [](Op op, Level level, const char* key, Literal value) {
        return Filter::compare(op, attribute(level, key), std::move(value));
    };
    std::vector<Filter> out;
    out.push_back(Filter::compare(Op::kEq, field(Level::kResource, Field::kService), text("service-1")));
    out.push_back(Filter::compare(Op::kEq, field(Level::kResource, Field::kService), text("missing-service-name")));
    out.push_back(
        Filter::all_of({Filter::compare(Op::kEq, field(Level::kResource, Field::kService), text("service-2")),
                        Filter::compare(Op::kGt, field(Level::kSpan, Field::kDuration), nanos(900'000'000))}));
    out.push_back(Filter::compare(Op::kEq, field(Level::kSpan, Field::kStatus), text("error")));
    out.push_back(Filter::compare(Op::kEq, field(Level::kSpan, Field::kName), text("operation-3")));
    out.push_back(Filter::compare(Op::kRegex, field(Level::kSpan, Field::kStatusMessage), text("-[12]$")));
    for (const Level level : {Level::kSpanOrResource, Level::kSpan, Level::kResource, Level::kScope, Level::kEvent,
                              Level::kLink, Level::kEverywhere}) {
        out.push_back(attr(Op::kEq, level, "key.1", text("text-3")));
        out.push_back(attr(Op::kEq, level, "key.2", untyped("3")));
        out.push_back(attr(Op::kNe, level, "key.3", untyped("true")));
        out.push_back(attr(Op::kGt, level, "key.4", number(60)));
        out.push_back(Filter::exists(attribute(level, "key.5")));
        out.push_back(Filter::negation(Filter::exists(attribute(level, "key.6"))));
        out.push_back(attr(Op::kRegex, level, "key.7", text("text-[0-9]{5}")));
        out.push_back(attr(Op::kEq, level, "absent", text("x")));
    }
    out.push_back(attr(Op::kEq, Level::kResource, "host.name", text("text-1")));
    out.push_back(attr(Op::kEq, Level::kSpan, "key.2", integer(4)));
    out.push_back(attr(Op::kEq, Level::kSpan, "key.4", number(12.5)));
    out.push_back(attr(Op::kEq, Level::kSpan, "key.0", boolean(true)));
    out.push_back(Filter::some(
        Level::kEvent, Filter::all_of({Filter::compare(Op::kEq, field(Level::kEvent, Field::kName), text("text-2")),
                                       Filter::exists(attribute(Level::kEvent, "key.2"))})));
    out.push_back(Filter::any_of(
        {attr(Op::kEq, Level::kSpan, "key.1", text("text-1")), attr(Op::kEq, Level::kLink, "key.1", text("text-1"))}));
    Filter in = attr(Op::kIn, Level::kSpan, "key.8", text("text-1"));
    in.literals.push_back(integer(2));
    out.push_back(in);
    in.op = Op::kNotIn;
    out.push_back(in);
    return out;
}

void expect_same_searches(Pair& pair, std::uint64_t start, std::uint64_t spread) {
    const TimeRange windows[] = {
        {}, {start + spread / 4, start + spread / 2}, {start + spread * 2, start + spread * 3}};
    std::size_t matches = 0;
    for (Filter& filter : filters()) {
        SCOPED_TRACE(std::string(to_string(filter.op)) + " " + std::string(to_string(filter.reference.level)) + "." +
                     filter.reference.key);
        auto predicate = Predicate::compile(filter);
        ASSERT_TRUE(predicate.ok()) << predicate.error().message;
        for (const TimeRange& window : windows) {
            SearchRequest request;
            request.window = window;
            request.predicate = &predicate.value();
            request.limit = 3;
            for (int pages = 0; pages < 30; ++pages) {
                auto want = pair.naive.search({}, request);
                auto got = pair.reader().search({}, request);
                ASSERT_TRUE(got.ok()) << got.error().message;
                ASSERT_EQ(got->traces, want->traces) << "page " << pages;
                ASSERT_EQ(got->next.has_value(), want->next.has_value());
                ASSERT_LE(got->total, want->total);
                if (got->total_exact) {
                    ASSERT_EQ(got->total, want->total);
                }
                matches += got->traces.size();
                if (!want->next) break;
                request.after = want->next;
            }
        }
    }
    EXPECT_GT(matches, 500U);
}

void expect_same_tables(Pair& pair, std::uint64_t start, std::uint64_t spread) {
    EXPECT_EQ(pair.reader().services({}).value(), pair.naive.services({}).value());
    const std::vector<std::string> services = pair.naive.services({}).value();
    for (const std::string& service : services) {
        EXPECT_EQ(pair.reader().operations({}, service, std::nullopt).value(),
                  pair.naive.operations({}, service, std::nullopt).value());
        EXPECT_EQ(pair.reader().operations({}, service, "server").value(),
                  pair.naive.operations({}, service, "server").value());
    }
    std::vector<model::TraceId> ids = pair.all_ids;
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    ids.push_back({1, 1});
    EXPECT_EQ(pair.reader().summaries({}, ids).value(), pair.naive.summaries({}, ids).value());
    for (const TimeRange& range : {TimeRange{}, TimeRange{start, start + spread * 2},
                                   TimeRange{start + spread / 8, start + spread}, TimeRange{start + spread / 2}}) {
        EXPECT_EQ(pair.reader().dependencies({}, range).value(), pair.naive.dependencies({}, range).value());
    }
}

// REQUIRES: no span is in two segments, or twice in a head.
void expect_same_rollups(Pair& pair, std::uint64_t start, std::uint64_t spread) {
    for (const TimeRange& range : {TimeRange{}, TimeRange{start - kRollupMinuteNs, start + spread / 2}}) {
        const auto want = pair.naive.rollups({}, range, std::nullopt).value();
        EXPECT_FALSE(want.empty());
        EXPECT_EQ(pair.reader().rollups({}, range, std::nullopt).value(), want);
        EXPECT_EQ(pair.reader().rollups({}, range, "service-1").value(),
                  pair.naive.rollups({}, range, "service-1").value());
    }
}

TEST(QueryMemory, EndsSearchesWithWhatIsCertainOrNamesTheLimit) {
    RandomSpans options;
    options.traces = 4000;
    options.plain = true;  // no times far in the future: parts follow each other
    Pair pair(options);
    for (int part = 0; part < 3; ++part) {
        options.start_ns += 100'000'000'000;  // newer than those before
        options.seed += 1;
        pair.maker = SpanMaker(options);
        for (int i = 0; i < 20; ++i) pair.add(pair.maker.batch(100));
        if (part < 2) pair.seal();
    }
    SearchRequest request;
    request.limit = 100'000;
    const SearchPage want = pair.naive.search({}, request).value();
    int truncated = 0;
    int refused = 0;
    int whole = 0;
    const auto is_prefix = [](const std::vector<SearchKey>& some, std::span<const SearchKey> all) {
        return some.size() <= all.size() && std::equal(some.begin(), some.end(), all.begin());
    };
    for (std::uint64_t limit = 1000; limit < (std::uint64_t{1} << 26); limit += limit / 4) {
        const auto got = pair.reader({limit}).search({}, request);
        ASSERT_TRUE(got.ok()) << got.error().message;
        if (!got->truncated) {
            ++whole;
            EXPECT_EQ(got->traces, want.traces);
            continue;
        }
        ++truncated;
        ASSERT_FALSE(got->traces.empty());
        ASSERT_LT(got->traces.size(), want.traces.size());
        EXPECT_TRUE(is_prefix(got->traces, want.traces));
        EXPECT_FALSE(got->total_exact);
        ASSERT_TRUE(got->next.has_value());
        EXPECT_EQ(got->next->last, got->traces.back());
        // From there on it gets further, or says that it cannot.
        SearchRequest rest = request;
        rest.after = got->next;
        const auto more = pair.reader({limit}).search({}, rest);
        if (more.ok()) {
            EXPECT_TRUE(is_prefix(more->traces, std::span(want.traces).subspan(got->traces.size())));
            EXPECT_FALSE(more->traces.empty());
            continue;
        }
        ++refused;
        EXPECT_EQ(more.error().code, base::Code::kResourceExhausted);
        EXPECT_NE(more.error().message.find(" " + std::to_string(limit) + " "), std::string::npos)
            << more.error().message;
    }
    EXPECT_GT(truncated, 0);
    EXPECT_GT(refused, 0);
    EXPECT_GT(whole, 0);
}

TEST(QueryMemory, RefusesATraceThatTakesMore) {
    RandomSpans options;
    options.traces = 1;
    Pair pair(options);
    for (int i = 0; i < 30; ++i) {
        pair.add(pair.maker.batch(100));
        if (i == 14) pair.seal();
    }
    const std::vector<model::TraceId> ids{pair.all_ids.front()};
    Collector enough;
    EXPECT_TRUE(pair.reader().traces({}, ids, enough).ok());
    Collector none;
    const auto status = pair.reader({1'000'000}).traces({}, ids, none);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, base::Code::kResourceExhausted);
    EXPECT_NE(status.error().message.find(" 1000000 "), std::string::npos) << status.error().message;
    EXPECT_FALSE(pair.reader({1'000'000}).summaries({}, ids).ok());
    EXPECT_FALSE(pair.reader({1'000'000}).dependencies({}, {}).ok());
}

class AgainstNaive : public ::testing::TestWithParam<int> {};

// 0: all in the head; 1: all sealed; 2: half of each, duplicates in both; 3: odd spans of one large trace.
TEST_P(AgainstNaive, SameAnswers) {
    RandomSpans options;
    options.seed = static_cast<std::uint64_t>(GetParam()) + 1;
    options.traces = GetParam() == 3 ? 1 : 60;
    if (GetParam() == 1) options.spread_ns = 400'000'000'000;  // several minutes
    Pair pair(options);
    model::SpanBatch again;
    const int batches = GetParam() == 3 ? 100 : 30;
    for (int i = 0; i < batches; ++i) {
        model::SpanBatch batch = pair.maker.batch(GetParam() == 3 ? 100 : 40);
        pair.add(batch);
        if (i % 7 == 0) pair.add(batch);
        if (i == 3) again = std::move(batch);
        if (GetParam() == 2 && i % 10 == 9) pair.seal();
    }
    if (GetParam() == 1 || GetParam() == 3) pair.seal();
    if (GetParam() == 2) pair.add(again);
    expect_same_traces(pair);
    if (GetParam() == 1 || GetParam() == 3) expect_same_rollups(pair, options.start_ns, options.spread_ns);
    if (GetParam() == 3) return;
    expect_same_searches(pair, options.start_ns, options.spread_ns);
    expect_same_tables(pair, options.start_ns, options.spread_ns);
}
INSTANTIATE_TEST_SUITE_P(All, AgainstNaive, ::testing::Range(0, 4));

std::uint64_t rows_of(const Pair& pair) {
    std::uint64_t rows = 0;
    for (const auto& segment : pair.segments) rows += segment->entry().rows;
    return rows;
}

// Merges that copy every granule, encode every one anew, join what they may, or a mixture; then merges of merges.
class MergedAgainstNaive : public ::testing::TestWithParam<int> {};

TEST_P(MergedAgainstNaive, SameAnswers) {
    SpanDataOptions data;
    data.merge.small_part_bytes = GetParam() == 1 ? std::uint64_t{1} << 40 : GetParam() == 3 ? 20'000 : 0;
    data.merge.fragments_min = GetParam() == 2 ? 2 : 3;
    data.merge.head_bytes = GetParam() == 3 ? 1 : std::uint64_t{32} << 20;
    RandomSpans options;
    options.seed = static_cast<std::uint64_t>(GetParam()) + 100;
    options.traces = GetParam() == 3 ? 10 : 80;
    Pair pair(options, data);
    std::vector<model::SpanBatch> sent;
    for (int i = 0; i < 24; ++i) {
        sent.push_back(pair.maker.batch(GetParam() == 3 && i % 8 == 0 ? 200 : 30));
        pair.add(sent.back());
        // Sent again: into the same segment, the next one, a much later one.
        if (i % 6 == 5) pair.add(sent[static_cast<std::size_t>(i)]);
        if (i % 6 == 3) pair.add(sent[static_cast<std::size_t>(i) - 3]);
        if (i % 10 == 9) pair.add(sent[static_cast<std::size_t>(i) / 4]);
        if (i % 3 == 2) pair.seal();
    }
    pair.add(sent[7]);
    ASSERT_EQ(pair.segments.size(), 8U);
    const std::uint64_t before = rows_of(pair);
    pair.merge(1, 4);
    pair.merge(2, 5);
    ASSERT_FALSE(HasFatalFailure());
    expect_same_traces(pair);
    expect_same_searches(pair, options.start_ns, options.spread_ns);
    // With heads of one granule spans seldom meet.
    const bool joins = GetParam() != 3;
    if (joins) {
        EXPECT_LT(rows_of(pair), before) << "duplicates within the inputs are gone";
    }
    pair.merge(0, 3);
    ASSERT_FALSE(HasFatalFailure());
    expect_same_traces(pair);
    expect_same_tables(pair, options.start_ns, options.spread_ns);
    pair.seal();
    pair.merge(0, pair.segments.size());
    ASSERT_FALSE(HasFatalFailure());
    expect_same_traces(pair);
    if (joins) expect_same_rollups(pair, options.start_ns, options.spread_ns);
    expect_same_tables(pair, options.start_ns, options.spread_ns);
    std::uint64_t spans = 0;
    for (const model::SpanBatch& batch : sent) spans += batch.spans().size();
    if (joins) {
        EXPECT_EQ(rows_of(pair), spans) << "what was sent is stored once";
    }
}
INSTANTIATE_TEST_SUITE_P(All, MergedAgainstNaive, ::testing::Range(0, 4));

TEST(Merge, CopiesGranulesAsTheyAre) {
    SpanDataOptions data;
    data.merge.small_part_bytes = 0;
    RandomSpans options;
    options.traces = 100'000;
    Pair pair(options, data);
    for (int i = 0; i < 3; ++i) {
        pair.add(pair.maker.batch(5000));
        pair.seal();
    }
    std::vector<std::string> files;
    for (const auto& segment : pair.segments)
        files.push_back(read_whole(pair.disk, segment->entry().files.front().name, 1 << 24).value());
    std::vector<std::shared_ptr<const SegmentMeta>> metas;
    for (const auto& segment : pair.segments)
        metas.push_back(static_cast<const StoredSegment&>(*segment).meta().value());
    pair.merge(0, 3);
    const auto& merged = static_cast<const StoredSegment&>(*pair.segments.front());
    const std::string bytes = read_whole(pair.disk, merged.entry().files.front().name, 1 << 24).value();
    const auto meta = merged.meta().value();
    std::size_t number = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        for (const GranuleInfo& from : metas[i]->granules) {
            const GranuleInfo& to = meta->granules.at(number++);
            ASSERT_EQ(bytes.substr(to.offset, to.bytes), files[i].substr(from.offset, from.bytes));
        }
    }
    EXPECT_LT(meta->granules.size(), number + 2) << "little else was written";
    // A merge of a broken input is an error, and nothing of it is copied.
    files.clear();
    pair.add(pair.maker.batch(500));
    pair.seal();
    const std::string name = pair.segments.back()->entry().files.front().name;
    std::string broken = read_whole(pair.disk, name, 1 << 24).value();
    broken[1000] = static_cast<char>(broken[1000] ^ 1);
    ASSERT_TRUE(pair.disk.unlink(name).ok());
    ASSERT_TRUE(write_whole(pair.disk, name, broken).ok());
    CompactInput input;
    const auto reopened = pair.data.open(pair.disk, pair.segments.back()->entry());
    input.inputs = {pair.segments.front(), reopened.value()};
    const auto merged_broken = pair.data.compact(input, pair.files);
    ASSERT_FALSE(merged_broken.ok());
    EXPECT_EQ(merged_broken.error().code, base::Code::kCorruption);
    EXPECT_NE(merged_broken.error().message.find(name), std::string::npos) << merged_broken.error().message;
}

TEST(ViewReader, EveryFlippedByteAndEveryCutIsNoticedOrHarmless) {
    RandomSpans options;
    options.traces = 4;
    Pair pair(options);
    pair.add(pair.maker.batch(60));
    pair.seal();
    const SegmentEntry entry = pair.segments.front()->entry();
    const std::string name = entry.files.front().name;
    const std::string good = read_whole(pair.disk, name, 1 << 24).value();
    const auto predicate =
        Predicate::compile(Filter::compare(Op::kEq, attribute(Level::kEverywhere, "key.1"), text("text-3")));
    Collector want;
    ASSERT_TRUE(pair.reader().traces({}, pair.all_ids, want).ok());
    const auto want_spans = want.spans();
    std::size_t noticed = 0;
    const auto check = [&](const std::string& bytes) {
        MemDisk disk(std::uint64_t{1} << 26);
        ASSERT_TRUE(disk.make_dir("seg").ok());
        ASSERT_TRUE(write_whole(disk, name, bytes).ok());
        SpanData data{SpanDataOptions{}};
        const bool bad = !data.verify(disk, entry).ok();
        noticed += bad ? 1 : 0;
        auto segment = data.open(disk, entry);
        ASSERT_TRUE(segment.ok());
        auto view = std::make_shared<View>();
        view->segments = std::make_shared<const Segments>(Segments{segment.value()});
        const ViewReader reader(view, base::system_clock());
        Collector got;
        if (reader.traces({}, pair.all_ids, got).ok()) {
            const auto got_spans = got.spans();
            ASSERT_EQ(got_spans.size(), want_spans.size());
            for (std::size_t i = 0; i < got_spans.size(); ++i) ASSERT_TRUE(same_content(*got_spans[i], *want_spans[i]));
        }
        SearchRequest request;
        request.predicate = &predicate.value();
        const auto page = reader.search({}, request);
        if (page.ok()) {
            EXPECT_EQ(page->traces, pair.reader().search({}, request)->traces);
        }
    };
    std::size_t tried = 0;
    for (std::size_t at = 0; at < good.size(); at += store::testing::sparse(), ++tried) {
        std::string bytes = good;
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8));
        check(bytes);
        if (::testing::Test::HasFatalFailure()) FAIL() << "byte " << at;
    }
    // The magic number at the start alone is not looked at by readers.
    EXPECT_GE(noticed + 8, tried);
    for (std::size_t size = 0; size < good.size(); size += 13 * store::testing::sparse()) check(good.substr(0, size));
}

}  // namespace
}  // namespace skua::store::embedded
