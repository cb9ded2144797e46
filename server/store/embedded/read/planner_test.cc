// SPDX-License-Identifier: Apache-2.0
// Which granules a search for a service's slow spans looks at.
#include "store/embedded/read/planner.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/read/sources.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/testing.h"
#include "store/keys.h"
#include "store/rollup.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kStart = 1'700'000'000'000'000'000;
constexpr std::uint64_t kMs = 1'000'000;
constexpr int kSpans = 11'000;  // three granules

// Traces of one span, in the order of time. Mostly 1 ms; of service "b" a few are longer, of "c" the late ones.
std::uint64_t duration_of(char service, int i) {
    if (i == 1 || i == 10'000) return 700 * kMs;  // of "b"
    if (service == 'c' && i > kSpans / 2) return 90 * kMs;
    return kMs;
}
model::SpanBatch spans(std::uint64_t start_ns) {
    model::SpanBatch batch;
    const model::Scope* const scope = batch.copy(model::Scope{});
    std::vector<const model::Resource*> resources;
    for (const char* const name : {"a", "b", "c"}) {
        const model::Attribute service{"service.name", model::Value::of_string(name)};
        model::Resource resource;
        resource.attributes = {&service, 1};
        resources.push_back(batch.copy(resource));
    }
    for (int i = 0; i < kSpans; ++i) {
        model::Span span;
        span.trace_id = {start_ns, static_cast<std::uint64_t>(i) + 1};
        span.span_id = {static_cast<std::uint64_t>(i) + 1};
        span.name = i % 2 == 0 ? "read" : "write";
        span.start_ns = start_ns + static_cast<std::uint64_t>(i) * kMs;
        span.end_ns = span.start_ns + duration_of("abc"[i % 3], i);
        batch.append(span, resources[static_cast<std::size_t>(i % 3)], scope);
    }
    return batch;
}

Filter longer_than(std::uint64_t ns) {
    return Filter::compare(Op::kGte, field(Level::kSpan, Field::kDuration), nanos(static_cast<std::int64_t>(ns)));
}
Filter slow(const std::string& service, std::uint64_t ns) {
    return Filter::all_of(
        {Filter::compare(Op::kEq, field(Level::kResource, Field::kService), text(service)), longer_than(ns)});
}

class PlannerTest : public ::testing::Test {
protected:
    // Merges copy granules, however small.
    static SpanDataOptions copying() {
        SpanDataOptions options;
        options.merge.small_part_bytes = 0;
        return options;
    }
    std::shared_ptr<const Segment> seal(std::uint64_t start_ns) {
        const model::SpanBatch batch = spans(start_ns);
        const auto head = data.new_head(1).value();
        const auto rows = head->stage(0, body_of(batch), decoder);
        EXPECT_TRUE(rows.ok());
        head->commit(0, *rows);
        SealInput input;
        input.head = {1, head, {rows->end, 0}};
        return open(data.seal(input, files).value().front());
    }
    std::shared_ptr<const Segment> merge(Segments inputs) {
        CompactInput input;
        input.inputs = std::move(inputs);
        input.lineage.level = 1;
        return open(data.compact(input, files).value().front());
    }
    std::shared_ptr<const Segment> open(const SegmentEntry& entry) {
        const auto whole = data.verify(disk, entry);
        EXPECT_TRUE(whole.ok()) << whole.error().message;
        return data.open(disk, entry).value();
    }
    // The same file as it was written before there were longest spans.
    std::shared_ptr<const Segment> without_longest(const Segment& from) {
        SegmentEntry entry = from.entry();
        const std::string name = entry.files.front().name;
        std::string bytes = read_whole(disk, name, 1 << 26).value();
        Footer footer = static_cast<const StoredSegment&>(from).meta().value()->footer;
        std::string old;
        footer.encode(old);
        bytes.resize(bytes.size() - old.size() - kTailBytes);
        std::erase_if(footer.sections, [](const Section& s) { return s.id == SectionId::kLongestSpans; });
        std::string made;
        footer.encode(made);
        ByteWriter w(bytes);
        w.bytes(made);
        w.u32(static_cast<std::uint32_t>(made.size()));
        w.u32(crc32c(made));
        w.bytes(kSegmentMagic);
        entry.files.front() = {name + ".old", bytes.size()};
        EXPECT_TRUE(write_whole(disk, entry.files.front().name, bytes).ok());
        return open(entry);
    }
    static std::vector<bool> candidates(const Segment& segment, const Filter& filter) {
        const auto& stored = static_cast<const StoredSegment&>(segment);
        return Planner::make(filter).value()->candidates(stored, *stored.meta().value()).value();
    }
    // Looked at one by one: granules with such a span, as exact as buckets are.
    static std::vector<bool> true_ones(const Segment& segment, const std::string& service, std::uint64_t ns) {
        const auto opened = OpenSegment::open(segment).value();
        std::vector<bool> out(opened->meta().granules.size(), false);
        for (std::uint32_t g = 0; g < out.size(); ++g) {
            const auto granule = opened->granule(g).value();
            model::SpanBatch objects;
            for (std::uint32_t row = 0; row < granule->info().rows; ++row) {
                const model::Span span = granule->span(row, objects).value();
                if (service_key(*span.resource) == service &&
                    duration_bucket(duration_key(span)) >= duration_bucket(ns))
                    out[g] = true;
            }
        }
        return out;
    }

    MemDisk disk{std::uint64_t{1} << 28};
    DiskFiles files{disk};
    SpanData data{copying()};
    BatchDecoder decoder;
};

constexpr std::uint64_t kThresholds[] = {0, kMs / 2, 2 * kMs, 80 * kMs, 500 * kMs, 2000 * kMs};

TEST_F(PlannerTest, SlowSpansOfAServiceAreLookedForWhereTheyAre) {
    const auto segment = seal(kStart);
    for (const std::string service : {"a", "b", "c", "none"}) {
        for (const std::uint64_t ns : kThresholds)
            EXPECT_EQ(candidates(*segment, slow(service, ns)), true_ones(*segment, service, ns))
                << service << " " << ns;
    }
    const auto count = [&](const std::string& service, std::uint64_t ns) {
        const auto found = candidates(*segment, slow(service, ns));
        return std::count(found.begin(), found.end(), true);
    };
    EXPECT_EQ(count("a", 2 * kMs), 0) << "though each granule has longer ones of others";
    EXPECT_GT(count("c", 80 * kMs), 0);
    EXPECT_LT(count("c", 80 * kMs), count("c", kMs / 2));
}

TEST_F(PlannerTest, MergesKeepIt) {
    const auto merged = merge({seal(kStart), seal(kStart + kSpans * kMs)});
    ASSERT_EQ(merged->entry().rows, 2 * kSpans);
    for (const std::string service : {"a", "b", "c"}) {
        for (const std::uint64_t ns : kThresholds)
            EXPECT_EQ(candidates(*merged, slow(service, ns)), true_ones(*merged, service, ns)) << service << " " << ns;
    }
}

TEST_F(PlannerTest, SegmentsThatDoNotKnowItAreLookedThrough) {
    const auto old = without_longest(*seal(kStart));
    const auto count = [](const std::vector<bool>& found) { return std::count(found.begin(), found.end(), true); };
    const auto suspects = count(candidates(*old, longer_than(2 * kMs)));
    ASSERT_GT(suspects, 0);
    EXPECT_EQ(count(candidates(*old, slow("a", 2 * kMs))), suspects) << "those with long spans of anyone";
    // Merged with one that knows, they stay suspects; the others do not become any.
    const auto merged = merge({old, seal(kStart + kSpans * kMs)});
    EXPECT_EQ(count(candidates(*merged, slow("a", 2 * kMs))), suspects);
}

}  // namespace
}  // namespace skua::store::embedded
