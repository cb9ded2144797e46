// SPDX-License-Identifier: Apache-2.0
// testdata/*.trace: spans, questions, and after ---- the answers. A new case is a new text file. UPDATE_GOLDEN=1
// writes the answers of the first store.
//
//   search [filter=(…)] [from=10ms] [to=1s] [limit=5]    trace ID    summary ID…    services    operations SERVICE
//   [KIND] dependencies [from=] [to=]
#include "base/golden.h"

#include "store/contract/filter_text.h"
#include "store/contract/span_print.h"
#include "store/contract/span_text.h"
#include "store/contract/stores.h"

#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::store::testing {
namespace {

std::string at(std::uint64_t ns) {
    const auto offset = static_cast<std::int64_t>(ns - kTextEpochNs);
    return offset % 1'000'000 == 0 ? fmt::format("{}ms", offset / 1'000'000) : fmt::format("{}ns", offset);
}

struct Window {
    TimeRange range;
    std::size_t limit = 20;
    std::string filter;
};

Window read_window(const std::vector<std::string>& words) {
    Window window;
    for (const std::string& word : words) {
        const auto value = word.substr(word.find('=') + 1);
        if (word.starts_with("from="))
            window.range.min_ns = kTextEpochNs + static_cast<std::uint64_t>(offset_ns(value));
        if (word.starts_with("to=")) window.range.max_ns = kTextEpochNs + static_cast<std::uint64_t>(offset_ns(value));
        if (word.starts_with("limit=")) window.limit = static_cast<std::size_t>(offset_ns(value));
    }
    return window;
}

std::string search(const SpanStore& store, std::string_view line) {
    // The filter has quotes of its own: it is the rest of the line.
    const std::size_t filter_at = line.find("filter=");
    const Window window = read_window(tokens(line.substr(0, filter_at)));
    Predicate predicate;
    if (filter_at != std::string_view::npos) {
        auto filter = read_filter(line.substr(filter_at + 7));
        if (!filter.ok()) return filter.error().message + "\n";
        auto compiled = Predicate::compile(std::move(filter).value());
        if (!compiled.ok()) return compiled.error().message + "\n";
        predicate = std::move(compiled).value();
    }
    SearchRequest request;
    request.window = window.range;
    request.limit = window.limit;
    request.predicate = &predicate;
    const auto page = store.search({}, request);
    if (!page.ok()) return page.error().message + "\n";
    std::string out;
    for (const SearchKey& key : page->traces) out += fmt::format("{:02x} at {}\n", key.trace_id.low, at(key.start_ns));
    if (page->traces.empty()) out += "nothing\n";
    if (page->next) out += fmt::format("of {}\n", page->total);
    return out;
}

std::string summary(const SpanStore& store, const std::vector<std::string>& words) {
    std::vector<model::TraceId> ids;
    for (std::size_t i = 1; i < words.size(); ++i) ids.push_back(*model::TraceId::from_hex(words[i]));
    std::string out;
    const auto answered = store.summaries({}, ids);
    for (const TraceSummary& s : *answered) {
        out += fmt::format("{:02x} root={}/{} {}..{} spans={} errors={} orphans={}", s.trace_id.low, s.root_service,
                           s.root_name, at(s.start_ns), at(s.end_ns), s.spans, s.errors, s.orphans);
        for (const ServiceCount& c : s.services) out += fmt::format(" {}:{}/{}", c.name, c.spans, c.errors);
        out += "\n";
    }
    return out;
}

std::string answer(const SpanStore& store, std::string_view line) {
    const std::vector<std::string> words = tokens(line);
    std::string out;
    if (words[0] == "search") return search(store, line);
    if (words[0] == "summary") return summary(store, words);
    if (words[0] == "trace") {
        Collector collector;
        const model::TraceId id = *model::TraceId::from_hex(words[1]);
        EXPECT_TRUE(store.traces({}, {&id, 1}, collector).ok());
        for (const auto& chunk : collector.chunks) {
            for (const auto& span : chunk.spans())
                out += fmt::format("{:02x} {} at {}\n", span.span_id.value, span.name, at(span.start_ns));
        }
        return out;
    }
    if (words[0] == "services") {
        const auto answered = store.services({});
        for (const std::string& name : *answered) out += name + "\n";
        return out;
    }
    if (words[0] == "operations") {
        std::optional<std::string_view> kind;
        if (words.size() > 2) kind = words[2] == "none" ? "" : std::string_view(words[2]);
        const auto answered = store.operations({}, words.at(1), kind);
        for (const Operation& o : *answered) out += fmt::format("{} [{}]\n", o.name, o.kind);
        return out;
    }
    if (words[0] == "dependencies") {
        const auto answered = store.dependencies({}, read_window(words).range);
        for (const DependencyEdge& e : *answered) {
            out += fmt::format("{} -> {} {}\n", e.parent, e.child, e.calls);
        }
        return out;
    }
    return "unknown question\n";
}

std::string play(SpanStore& store, const std::string& input) {
    std::string answers;
    std::string spans;
    std::istringstream lines(input);
    for (std::string line; std::getline(lines, line);) {
        const bool is_span = line.empty() || line[0] == '#' || line.starts_with("span") || line.starts_with("event") ||
                             line.starts_with("link");
        if (is_span) {
            spans += line + "\n";
            continue;
        }
        if (!spans.empty()) {
            const auto outcome = append_text(store, spans);
            EXPECT_TRUE(outcome.status.ok()) << outcome.status.error().message;
            spans.clear();
        }
        answers += "> " + line + "\n" + answer(store, line);
    }
    EXPECT_EQ(answers.find("unknown question"), std::string::npos);
    return answers;
}

class StoreGolden : public ::testing::TestWithParam<StoreKind> {};

TEST_P(StoreGolden, AnswersAsWritten) {
    base::testing::expect_golden_folder("server/store/contract/testdata", 6, [](const std::string& input) {
        const auto store = GetParam().make();
        return play(*store, input);
    });
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreGolden, ::testing::ValuesIn(all_stores()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace skua::store::testing
