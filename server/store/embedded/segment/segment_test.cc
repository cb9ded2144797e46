// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/span_data.h"
#include "store/embedded/segment/stored_segment.h"
#include "store/embedded/testing.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace skua::store::embedded {
namespace {

struct SegmentTest : ::testing::Test {
    MemDisk disk{std::uint64_t{1} << 26};
    DiskFiles files{disk};
    SpanData data{SpanDataOptions{}};
    BatchDecoder decoder;

    SegmentEntry seal(const model::SpanBatch& batch) {
        const auto head = data.new_head(1).value();
        const auto rows = head->stage(0, body_of(batch), decoder);
        EXPECT_TRUE(rows.ok());
        head->commit(0, rows.value());
        SealInput input;
        input.head = {1, head, {rows->end, 0}};
        input.lineage.generation_min = input.lineage.generation_max = 1;
        input.lineage.arrival_min_ns = 5;
        input.lineage.arrival_max_ns = 6;
        for (std::size_t i = 0; i < input.lineage.store_id.size(); ++i)
            input.lineage.store_id[i] = static_cast<unsigned char>(i);
        auto entries = data.seal(input, files);
        EXPECT_TRUE(entries.ok());
        return entries.value().empty() ? SegmentEntry{} : entries.value().front();
    }
};

TEST_F(SegmentTest, FormatIsTheDocumentedOne) {
    model::SpanBatch batch;
    const model::Attribute service{"service.name", model::Value::of_string("s")};
    const model::Attribute k{"k", model::Value::of_string("v")};
    model::Resource resource;
    resource.attributes = {&service, 1};
    model::Span span;
    span.trace_id = {1, 2};
    span.span_id = {3};
    span.name = "GET /";
    span.kind = model::SpanKind::kServer;
    span.start_ns = 1'000'000;
    span.end_ns = 3'000'500;
    span.attributes = {&k, 1};
    batch.append(span, batch.copy(resource), batch.copy(model::Scope{}));
    const SegmentEntry entry = seal(batch);
    const std::string hex = base::to_hex(read_whole(disk, entry.files.front().name, 1 << 20).value());
    std::string lines;
    for (std::size_t i = 0; i < hex.size(); i += 128) lines += hex.substr(i, 128) + "\n";
    std::ifstream page(SKUA_SOURCE_DIR "/docs/formats/segment.md");
    std::stringstream text;
    text << page.rdbuf();
    EXPECT_NE(text.str().find("## Example"), std::string::npos);
    EXPECT_NE(text.str().find("```\n" + lines + "```"), std::string::npos) << lines;
}

TEST_F(SegmentTest, AnEmptyHeadMakesNoSegment) {
    SealInput input;
    input.head.head = data.new_head(1).value();
    EXPECT_TRUE(data.seal(input, files).value().empty());
}

TEST_F(SegmentTest, EntryComesBackFromTheFooter) {
    SpanMaker maker({.seed = 3});
    SegmentEntry entry = seal(maker.batch(50));
    StoreId store{};
    for (std::size_t i = 0; i < store.size(); ++i) store[i] = static_cast<unsigned char>(i);
    auto described = data.describe(disk, entry.files.front().name, store);
    ASSERT_TRUE(described.ok()) << described.error().message;
    entry.generation_min = entry.generation_max = 1;
    entry.arrival_min_ns = 5;
    entry.arrival_max_ns = 6;
    EXPECT_EQ(*described.value(), entry);
    EXPECT_EQ(data.describe(disk, entry.files.front().name, StoreId{}).error().code, base::Code::kCorruption);
}

TEST_F(SegmentTest, AnotherVersionIsRefusedByNumber) {
    Footer footer;
    footer.version = 7;
    std::string bytes;
    footer.encode(bytes);
    const auto read = Footer::decode(bytes, "x.seg");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, base::Code::kInvalidArgument);
    EXPECT_NE(read.error().message.find("version 7"), std::string::npos);
    SegmentEntry entry;
    entry.format_version = 7;
    EXPECT_EQ(data.open(disk, entry).error().code, base::Code::kInvalidArgument);
}

TEST_F(SegmentTest, ExactDuplicatesAreWrittenOnce) {
    SpanMaker maker({.seed = 4});
    model::SpanBatch batch = maker.batch(30);
    const model::SpanBatch once = maker.batch(10);
    for (int i = 0; i < 3; ++i) {
        for (const model::Span& span : once.spans())
            batch.append(span, batch.copy(*span.resource), batch.copy(*span.scope));
    }
    EXPECT_EQ(seal(batch).rows, 40U);
}

}  // namespace
}  // namespace skua::store::embedded
