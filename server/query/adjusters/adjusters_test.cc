// SPDX-License-Identifier: Apache-2.0
// testdata/*.trace: spans, an adjuster, and after ---- the spans it leaves with their warnings. UPDATE_GOLDEN=1 writes.
#include "query/adjusters/adjusters.h"

#include "base/golden.h"
#include "model/nested.h"
#include "query/go_syntax.h"
#include "query/sanitizer.h"
#include "store/contract/span_text.h"
#include "store/staging.h"

#include <sstream>

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace skua::query {
namespace {

std::string attributes(model::Attributes list) {
    std::string out;
    for (const auto& a : list) {
        std::string value;
        model::append_string_form(value, a.value);
        out += fmt::format(" {}={}{}", a.key, a.value.type == model::ValueType::kBytes ? "bytes:" : "", value);
    }
    return out;
}

std::string offset(std::uint64_t ns) {
    return format_duration(static_cast<std::int64_t>(ns - store::testing::kTextEpochNs));
}

std::string print(const Trace& trace) {
    std::string out;
    for (std::size_t i = 0; i < trace.batch.spans().size(); ++i) {
        const model::Span& s = trace.batch.spans()[i];
        out +=
            fmt::format("span id={:x} parent={:x} name={} {}..{} [{}] resource[{}] scope[{}]\n", s.span_id.value,
                        s.parent_span_id.value, s.name, offset(s.start_ns), offset(s.end_ns), attributes(s.attributes),
                        attributes(s.resource->attributes), attributes(s.scope->attributes));
        for (const auto& e : s.events)
            out += fmt::format("  event {} at {}{}\n", e.name, offset(e.time_ns), attributes(e.attributes));
        for (const auto& l : s.links) out += fmt::format("  link {:x}{}\n", l.trace_id.low, attributes(l.attributes));
        for (const auto& w : trace.warnings_of(i)) out += "  warning: " + w + "\n";
    }
    return out;
}

void run(Trace& trace, const std::string& what) {
    if (what == "sanitize") return sanitize(trace);
    if (what == "unshare_span_ids") return unshare_span_ids(trace);
    if (what == "sort_collections") return sort_collections(trace);
    if (what == "drop_duplicates") return drop_duplicates(trace);
    if (what.starts_with("correct_clock_skew ")) return correct_clock_skew(trace, *parse_duration(what.substr(19)));
    if (what == "normalize_ip_attributes") return normalize_ip_attributes(trace);
    if (what == "move_library_attributes") return move_library_attributes(trace);
    if (what == "drop_empty_links") return drop_empty_links(trace);
    if (what == "all") return adjust(trace);
    FAIL() << "unknown adjuster " << what;
}

Trace read(const std::string& spans) {
    store::Staging staging;
    model::RawBody body;
    body.bytes = spans;
    EXPECT_TRUE(store::testing::SpanTextDecoder().decode(body, staging).ok());
    Trace trace;
    trace.batch = std::move(staging.batch());
    return trace;
}

std::string play(const std::string& input) {
    std::string spans;
    std::string answers;
    std::istringstream lines(input);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("> ")) {
            spans += line + "\n";
            continue;
        }
        Trace trace = read(spans);
        run(trace, line.substr(2));
        answers += line + "\n" + print(trace);
    }
    return answers;
}

TEST(Adjusters, AsWritten) {
    base::testing::expect_golden_folder("server/query/testdata", 6, play);
}

TEST(Adjusters, DeepTracesAndCirclesEnd) {
    std::string spans;
    for (int i = 1; i <= 20'000; ++i) {
        spans += fmt::format("span trace=1 id={:x} parent={:x} service=s res:host.name=h{} name=a start={}us dur=1us\n",
                             i, i - 1, i % 2, i % 7);
    }
    spans +=
        "span trace=1 id=fffffe parent=ffffff service=s name=a start=1us\nspan trace=1 id=ffffff parent=fffffe "
        "service=s name=a start=1us\n";
    Trace trace = read(spans);
    adjust(trace, {.max_clock_skew_ns = 1'000'000'000});
    EXPECT_EQ(trace.batch.spans().size(), 20'002U);
}

}  // namespace
}  // namespace skua::query
