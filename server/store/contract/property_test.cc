// SPDX-License-Identifier: Apache-2.0
// Random spans and random filters: a store's answers against those computed here from the spans as sent, with the
// filter language evaluated a second time in the plainest way.
#include "base/clock.h"
#include "store/contract/span_print.h"
#include "store/contract/span_text.h"
#include "store/contract/stores.h"
#include "store/copier.h"
#include "store/keys.h"
#include "store/naive/naive_store.h"
#include "store/staging.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::store::testing {
namespace {

constexpr unsigned kSeed = 20260101;

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    int below(int n) { return static_cast<int>(engine_() % static_cast<unsigned>(n)); }
    std::size_t index(std::size_t n) { return static_cast<std::size_t>(below(static_cast<int>(n))); }
    std::string pick(std::initializer_list<const char*> words) {
        return *(words.begin() + below(static_cast<int>(words.size())));
    }

private:
    std::mt19937 engine_;
};

std::string random_span(Random& random) {
    std::string line =
        fmt::format("span trace={:x} id={:x} parent={:x} service={} name={} kind={} start={}us dur={}us status={}",
                    1 + random.below(12), 1 + random.below(40), random.below(30), random.pick({"web", "db", "cache"}),
                    random.pick({"get", "put", "x"}), random.pick({"server", "client", "unspecified"}),
                    random.below(50), random.below(20), random.pick({"ok", "error", "unset"}));
    for (int i = random.below(3); i > 0; --i) {
        line += fmt::format(" {}{}={}", random.pick({"", "res:", "scope:"}), random.pick({"a", "b"}),
                            random.pick({"1", "int:1", "int:7", "double:2.5", "t", "bool:true"}));
    }
    line += "\n";
    if (random.below(4) == 0)
        line += fmt::format("event name={} at={}us a={}\n", random.pick({"e", "f"}), random.below(60),
                            random.pick({"1", "int:7"}));
    if (random.below(6) == 0)
        line += fmt::format("link trace={:x} id=1 b={}\n", 1 + random.below(12), random.pick({"t", "int:1"}));
    return line;
}

Literal random_literal(Random& random) {
    switch (random.below(4)) {
        case 0:
            return untyped(random.pick({"1", "7", "t", "true", "2.5"}));
        case 1:
            return integer(random.pick({"1", "7"}) == "1" ? 1 : 7);
        case 2:
            return text(random.pick({"1", "t"}));
        default:
            return number(2.5);
    }
}

Filter random_filter(Random& random, int depth) {
    switch (random.below(depth > 0 ? 8 : 5)) {
        case 0:
            return Filter::compare(Op::kEq, field(Level::kResource, Field::kService),
                                   untyped(random.pick({"web", "db"})));
        case 1:
            return Filter::compare(random.below(2) != 0 ? Op::kGte : Op::kLt, field(Level::kSpan, Field::kDuration),
                                   nanos(random.below(20) * 1000));
        case 2: {
            constexpr Level kLevels[] = {Level::kSpanOrResource, Level::kSpan, Level::kResource,  Level::kScope,
                                         Level::kEvent,          Level::kLink, Level::kEverywhere};
            constexpr Op kOps[] = {Op::kEq, Op::kNe, Op::kIn, Op::kNotIn};
            Filter f =
                Filter::compare(kOps[random.below(4)], attribute(kLevels[random.below(7)], random.pick({"a", "b"})),
                                random_literal(random));
            if (f.op == Op::kIn || f.op == Op::kNotIn) f.literals.push_back(random_literal(random));
            return f;
        }
        case 3:
            return Filter::exists(attribute(Level::kEverywhere, random.pick({"a", "b"})));
        case 4:
            return Filter::compare(Op::kRegex, field(Level::kSpan, Field::kName), untyped("t$"));
        case 5:
            return Filter::all_of({random_filter(random, depth - 1), random_filter(random, depth - 1)});
        case 6:
            return Filter::any_of({random_filter(random, depth - 1), random_filter(random, depth - 1)});
        default:
            return Filter::negation(random_filter(random, depth - 1));
    }
}

// The second opinion on random_filter's shapes.
std::vector<model::Value> values(const Reference& ref, const model::Span& span) {
    std::vector<model::Value> found;
    const auto take = [&](model::Attributes attributes, std::initializer_list<Level> levels) {
        if (std::find(levels.begin(), levels.end(), ref.level) == levels.end()) return;
        for (const auto& a : attributes) {
            if (a.key == ref.key) found.push_back(a.value);
        }
    };
    take(span.attributes, {Level::kSpan, Level::kSpanOrResource, Level::kEverywhere});
    take(span.resource->attributes, {Level::kResource, Level::kSpanOrResource, Level::kEverywhere});
    take(span.scope->attributes, {Level::kScope, Level::kEverywhere});
    for (const auto& e : span.events) take(e.attributes, {Level::kEvent, Level::kEverywhere});
    for (const auto& l : span.links) take(l.attributes, {Level::kLink, Level::kEverywhere});
    return found;
}

bool plain_equal(const model::Value& v, const Literal& l) {
    const bool numeric = v.type == model::ValueType::kInt || v.type == model::ValueType::kDouble;
    const double as_double = v.type == model::ValueType::kInt      ? static_cast<double>(v.integer)
                             : v.type == model::ValueType::kDouble ? v.number
                                                                   : 0;
    switch (l.type) {
        case LiteralType::kUntyped: {
            std::string form = v.type == model::ValueType::kString ? std::string(v.text)
                               : v.type == model::ValueType::kBool ? (v.boolean ? "true" : "false")
                               : v.type == model::ValueType::kInt  ? std::to_string(v.integer)
                                                                   : "2.5";  // the only double there is
            return form == l.text;
        }
        case LiteralType::kString:
            return v.type == model::ValueType::kString && v.text == l.text;
        case LiteralType::kInt:
            return numeric && as_double == static_cast<double>(l.integer);
        default:
            return numeric && as_double == l.number;
    }
}

bool plain(const Filter& f, const model::Span& span) {
    switch (f.op) {
        case Op::kAnd:
            return plain(f.children[0], span) && plain(f.children[1], span);
        case Op::kOr:
            return plain(f.children[0], span) || plain(f.children[1], span);
        case Op::kNot:
            return !plain(f.children[0], span);
        case Op::kExists:
            return !values(f.reference, span).empty();
        case Op::kRegex:
            return span.name == "get" || span.name == "put";
        case Op::kGte:
            return duration_key(span) >= static_cast<std::uint64_t>(f.literals[0].integer);
        case Op::kLt:
            return duration_key(span) < static_cast<std::uint64_t>(f.literals[0].integer);
        default:
            break;
    }
    if (f.reference.field == Field::kService) return service_key(*span.resource) == f.literals[0].text;
    const auto found = values(f.reference, span);
    const bool hit = std::any_of(found.begin(), found.end(), [&](const auto& v) {
        return std::any_of(f.literals.begin(), f.literals.end(), [&](const auto& l) { return plain_equal(v, l); });
    });
    return f.op == Op::kEq || f.op == Op::kIn ? hit : !found.empty() && !hit;
}

class StoreProperty : public ::testing::TestWithParam<StoreKind> {
protected:
    void send(const std::string& text) {
        ASSERT_TRUE(append_text(*store_, text).status.ok());
        ASSERT_TRUE(append_text(oracle_, text).status.ok());
        ++sent_requests_;
        model::RawBody raw;
        raw.bytes = text;
        Staging staging;
        ASSERT_TRUE(SpanTextDecoder().decode(raw, staging).ok());
        for (const model::Span& span : staging.batch().spans()) {
            if (printed_[span.trace_id].insert(print(span)).second) Copier(sent_).append(span);
        }
    }
    void fill(Random& random) {
        std::vector<std::string> texts;
        for (int body = 0; body < 40; ++body) {
            std::string text;
            for (int i = random.below(8); i >= 0; --i) text += random_span(random);
            send(text);
            // What clients do when an answer got lost: the same again, at once or later; or some of it in another
            // request.
            if (random.below(5) == 0) send(text);
            if (random.below(5) == 0 && !texts.empty()) send(texts[random.index(texts.size())]);
            if (random.below(5) == 0 && !texts.empty()) send(random_span(random) + texts[random.index(texts.size())]);
            texts.push_back(text);
        }
    }

    std::vector<SearchKey> plain_search(const Filter& filter, const TimeRange& window) {
        std::map<model::TraceId, std::uint64_t> newest;
        for (const model::Span& span : sent_.spans()) {
            if (!window.contains(span.start_ns) || !plain(filter, span)) continue;
            auto& start = newest[span.trace_id];
            start = std::max(start, span.start_ns);
        }
        std::vector<SearchKey> keys;
        for (const auto& [id, start] : newest) keys.push_back({start, id});
        std::sort(keys.rbegin(), keys.rend());
        return keys;
    }

    std::unique_ptr<SpanStore> store_ = GetParam().make();
    NaiveStore oracle_{NaiveLimits{}, base::system_clock()};
    int sent_requests_ = 0;
    model::SpanBatch sent_;
    std::map<model::TraceId, std::set<std::string>> printed_;
};

TEST_P(StoreProperty, AnswersAreThoseOfAPlainWalk) {
    Random random(kSeed);
    fill(random);
    for (const auto& [id, lines] : printed_) {
        std::string text = read_trace(*store_, id);
        std::set<std::string> got;
        for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
            got.insert(text.substr(at, end - at));
        EXPECT_EQ(got, lines);
    }
    std::size_t hits = 0;
    for (int i = 0; i < 400; ++i) {
        SCOPED_TRACE(fmt::format("seed {} filter {}", kSeed, i));
        const Filter filter = random_filter(random, 3);
        TimeRange window;
        window.min_ns = kTextEpochNs + static_cast<std::uint64_t>(random.below(30)) * 1000;
        window.max_ns = window.min_ns + static_cast<std::uint64_t>(random.below(40)) * 1000;
        auto predicate = Predicate::compile(filter);
        ASSERT_TRUE(predicate.ok()) << predicate.error().message;
        SearchRequest request;
        request.window = window;
        request.predicate = &*predicate;
        request.limit = 100;
        const auto page = store_->search({}, request);
        ASSERT_TRUE(page.ok());
        EXPECT_EQ(page->traces, plain_search(filter, window));
        hits += page->traces.size();
    }
    EXPECT_GT(hits, 400U);  // the filters are not all empty
}

std::string text_of(const std::vector<RollupCell>& cells) {
    std::string out;
    for (const RollupCell& cell : cells) {
        out += fmt::format("{} {} {} {}: {} spans {} errors {} sum {} max\n", cell.minute_ns, cell.key.service,
                           cell.key.name, cell.key.kind, cell.spans, cell.errors, cell.duration_sum_ns,
                           cell.duration_max_ns);
    }
    return out;
}

TEST_P(StoreProperty, WhatCameTwiceIsCountedOnce) {
    Random random(kSeed + 1);
    fill(random);
    ASSERT_GT(sent_requests_, 50) << "some were sent again";
    std::vector<model::TraceId> ids;
    for (const auto& [id, lines] : printed_) ids.push_back(id);
    const auto summaries = store_->summaries({}, ids).value();
    const auto expected = oracle_.summaries({}, ids).value();
    ASSERT_EQ(summaries.size(), ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        EXPECT_EQ(summaries[i].trace_id, expected[i].trace_id);
        EXPECT_EQ(summaries[i].spans, printed_[ids[i]].size());
        EXPECT_EQ(summaries[i].spans, expected[i].spans);
        EXPECT_EQ(summaries[i].errors, expected[i].errors);
        EXPECT_EQ(summaries[i].orphans, expected[i].orphans);
        EXPECT_EQ(summaries[i].start_ns, expected[i].start_ns);
        EXPECT_EQ(summaries[i].end_ns, expected[i].end_ns);
        EXPECT_EQ(summaries[i].root_name, expected[i].root_name);
    }
    const auto edges = [](const SpanStore& store) {
        std::string out;
        for (const DependencyEdge& edge : store.dependencies({}, {}).value())
            out += fmt::format("{} -> {}: {}\n", edge.parent, edge.child, edge.calls);
        return out;
    };
    EXPECT_EQ(edges(*store_), edges(oracle_));
    EXPECT_NE(edges(oracle_), "");
    const auto rollups = store_->rollups({}, {}, {}).value();
    const auto right = oracle_.rollups({}, {}, {}).value();
    ASSERT_FALSE(right.empty());
    const std::string& kind = GetParam().name;
    if (kind.find("sealing") == std::string::npos && kind.find("merging") == std::string::npos) {
        EXPECT_EQ(text_of(rollups), text_of(right));
        const auto stats = store_->stats({}).value();
        EXPECT_EQ(stats.spans, oracle_.stats({}).value().spans);
        EXPECT_EQ(stats.duplicate_spans, oracle_.stats({}).value().duplicate_spans);
        return;
    }
    // Copies in different segments are told apart when these are merged; until then no count is too small.
    ASSERT_EQ(rollups.size(), right.size());
    for (std::size_t i = 0; i < right.size(); ++i) {
        EXPECT_EQ(rollups[i].key, right[i].key);
        EXPECT_GE(rollups[i].spans, right[i].spans);
        EXPECT_EQ(rollups[i].duration_max_ns, right[i].duration_max_ns);
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreProperty, ::testing::ValuesIn(all_stores()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace skua::store::testing
