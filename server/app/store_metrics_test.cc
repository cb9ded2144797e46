// SPDX-License-Identifier: Apache-2.0
#include "app/store_metrics.h"

#include "app/storage.h"
#include "base/clock.h"
#include "ingest/decoders.h"
#include "store/embedded/store.h"

#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::app {
namespace {

using store::embedded::EmbeddedStore;
using ::testing::HasSubstr;

class StoreMetrics : public ::testing::Test {
protected:
    StoreMetrics() { std::filesystem::remove_all(path_); }
    ~StoreMetrics() override { std::filesystem::remove_all(path_); }

    std::unique_ptr<EmbeddedStore> open(bool merges) {
        StorageConfig config;
        config.path = path_.string();
        auto options = store_options(config, std::uint64_t{1} << 40);
        options.engine.reserve_bytes = 4096;
        options.engine.compact_fanout = merges ? 2 : 100;
        options.engine.compact_rest_ns = 1'000'000;
        auto opened = EmbeddedStore::open(std::move(options), base::system_clock());
        EXPECT_TRUE(opened.ok()) << opened.error().message;
        return opened.ok() ? std::move(opened).value() : nullptr;
    }
    static void add(EmbeddedStore& store, int trace) {
        const std::string body = fmt::format(
            R"({{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":"{:032x}","spanId":"{:016x}","name":"n"}}]}}]}}]}})",
            trace, trace);
        const model::RawBody raw{model::Door::kOtlpHttp, model::Encoding::kOtlpJson, body, 1};
        std::atomic<bool> done{false};
        store.append({}, raw, *ingest::decoder_for(raw.encoding), [&](const model::AppendOutcome& outcome) {
            EXPECT_TRUE(outcome.status.ok());
            done = true;
            done.notify_one();
        });
        done.wait(false);
    }
    static std::string metrics(const EmbeddedStore& store) {
        api::MetricsText text;
        write_store_metrics(text, store);
        return std::move(text).take();
    }

    const std::filesystem::path path_ =
        std::filesystem::temp_directory_path() / fmt::format("skua-store-metrics-{}", ::getpid());
};

TEST_F(StoreMetrics, SegmentsSetAsideAreCounted) {
    for (int segment = 1; segment <= 2; ++segment) {
        const auto store = open(false);
        ASSERT_NE(store, nullptr);
        add(*store, segment);
        EXPECT_THAT(metrics(*store), HasSubstr("\nskua_store_set_aside_segments 0\n"));
        ASSERT_TRUE(store->close().ok());
    }
    const auto damaged = *std::filesystem::directory_iterator(path_ / "seg");
    std::fstream file(damaged.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(32);
    file << "this is not what was written here";
    file.close();
    const auto store = open(true);
    ASSERT_NE(store, nullptr);
    while (store->engine_stats().set_aside_segments == 0) std::this_thread::yield();  // the test's time limit ends it
    EXPECT_THAT(metrics(*store), HasSubstr("\nskua_store_set_aside_segments 1\n"));
    EXPECT_THAT(metrics(*store), HasSubstr("\nskua_store_compactions_total 0\n"));
}

TEST_F(StoreMetrics, SpansThatCameTwiceAreCounted) {
    const auto store = open(false);
    ASSERT_NE(store, nullptr);
    for (const int trace : {1, 2, 1, 1}) add(*store, trace);
    EXPECT_THAT(metrics(*store), HasSubstr("\nskua_store_spans 2\n"));
    EXPECT_THAT(metrics(*store), HasSubstr("\nskua_store_duplicate_spans_total 2\n"));
}

}  // namespace
}  // namespace skua::app
