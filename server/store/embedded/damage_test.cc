// SPDX-License-Identifier: Apache-2.0
// What a cosmic ray, a bad copy or a clumsy hand does to a folder: bits flip and files are cut, in every kind of file
// and every region of it. The start then refuses, naming the file, or the store opens; no answer is wrong, and what is
// missing was told.
#include "base/clock.h"
#include "store/contract/span_text.h"
#include "store/embedded/store.h"
#include "store/embedded/wal/wal_reader.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace skua::store::embedded {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::uint64_t kSpans = 30;
constexpr std::uint64_t kSealed = 20;  // the first of them, in two segments

const testing::SpanTextDecoder kDecoder;

std::string text_of(std::uint64_t i) {
    return fmt::format("span trace={:x} id=01 service=s{} name=n{} k=v{} start={}ms\n", i, i % 3, i % 5, i, i);
}

base::Result<std::unique_ptr<EmbeddedStore>> open(const fs::path& folder) {
    EmbeddedStoreOptions options;
    options.path = folder.string();
    options.engine.decoder_for = [](model::Door, model::Encoding, std::uint16_t) { return &kDecoder; };
    options.engine.wal.ring.file_bytes = 128 << 10;
    options.engine.wal.ring.spare_files = 0;
    options.engine.reserve_bytes = 0;
    options.engine.retention.age_ns = 0;
    options.engine.retention.free_min = 0;
    options.data.cache_bytes = 1 << 20;
    return EmbeddedStore::open(std::move(options), base::system_clock());
}

void append(EmbeddedStore& store, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i <= last; ++i) {
        ASSERT_TRUE(testing::append_text(store, text_of(i)).status.ok());
    }
}

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool is_marked(const fs::path& wal) {
    for (const auto& entry : fs::directory_iterator(wal)) {
        const std::string bytes = read_file(entry.path());
        const auto header = decode_file_header(std::string_view(bytes).substr(0, kWalBlock));
        if (!header.ok() || header->state != HeaderState::kValid) continue;
        const auto chunks = find_wal_chunks(bytes, header->header, 0);
        if (!chunks.empty() && chunks.back().header.payload_bytes == 0) return true;
    }
    return false;
}

// Value of k and name of each trace found.
struct Found final : TraceSink {
    bool take(const model::TraceId& id, model::SpanBatch chunk) override {
        for (const model::Span& span : chunk.spans()) {
            std::string& text = spans[id.low];
            text += span.name;
            for (const model::Attribute& one : span.attributes) text += fmt::format(" {}={}", one.key, one.value.text);
        }
        return true;
    }
    std::map<std::uint64_t, std::string> spans;
};

class Damage : public ::testing::Test {
protected:
    void SetUp() override {
        root_ = fs::path(SKUA_BINARY_DIR) / fmt::format("damage_test.{}", ::getpid());
        fs::remove_all(root_);
        const fs::path live = root_ / "live";
        for (const std::uint64_t first : {std::uint64_t{1}, kSealed / 2 + 1}) {
            auto store = open(live);
            ASSERT_TRUE(store.ok()) << store.error().message;
            append(**store, first, first + kSealed / 2 - 1);
            ASSERT_TRUE((*store)->close().ok());
        }
        auto store = open(live);
        ASSERT_TRUE(store.ok()) << store.error().message;
        append(**store, kSealed + 1, kSpans);
        // Idle for a second the log says that its last group was durable too.
        while (!is_marked(live / "wal")) std::this_thread::yield();
        sound_ = root_ / "sound";
        fs::copy(live, sound_, fs::copy_options::recursive);
        for (std::uint64_t i = 1; i <= kSpans; ++i) want_[i] = fmt::format("n{} k=v{}", i % 5, i);
    }
    void TearDown() override { fs::remove_all(root_); }

    std::vector<fs::path> files() {
        std::vector<fs::path> out;
        for (const auto& entry : fs::recursive_directory_iterator(sound_)) {
            const fs::path name = fs::relative(entry.path(), sound_);
            if (entry.is_regular_file() && name.has_parent_path()) out.push_back(name);
        }
        return out;
    }
    // Where bits flip: headers and records of the first blocks of log files, some sixty places of the others.
    std::vector<std::size_t> places(const fs::path& name) {
        const std::size_t size = fs::file_size(sound_ / name);
        std::vector<std::size_t> out;
        if (name.extension() != ".wal") {
            for (std::size_t at = 0; at < size; at += std::max<std::size_t>(size / 60, 1)) out.push_back(at);
            return out;
        }
        for (std::size_t block = 0; block < 6; ++block) {
            for (const std::size_t at : {3U, 9U, 20U, 40U, 60U, 66U, 100U, 150U, 2060U, 4000U})
                out.push_back(block * 4096 + at);
        }
        return out;
    }
    // Opens a copy with one file changed, and looks at everything.
    void look(const fs::path& name, const std::function<void(std::string&)>& change) {
        const fs::path folder = root_ / "damaged";
        fs::remove_all(folder);
        fs::copy(sound_, folder, fs::copy_options::recursive);
        std::string bytes = read_file(sound_ / name);
        change(bytes);
        std::ofstream(folder / name, std::ios::binary | std::ios::trunc) << bytes;
        auto store = open(folder);
        if (!store.ok()) {
            ++refused_;
            EXPECT_THAT(store.error().message, HasSubstr(name.filename().string()));
            return;
        }
        const RecoveryReport& report = (*store)->recovery();
        const bool told = !report.damage.empty() || !report.moved_to_lost.empty();
        std::vector<model::TraceId> ids;
        for (std::uint64_t i = 1; i <= kSpans; ++i) ids.push_back({0, i});
        Found found;
        if (const auto read = (*store)->traces({}, ids, found); !read.ok()) {
            ++unreadable_;
            EXPECT_THAT(read.error().message, HasSubstr(name.filename().string()));
        } else if (found.spans != want_) {
            ++told_;
            EXPECT_TRUE(told) << found.spans.size() << " of " << kSpans << " spans, and nothing said";
        }
        for (const auto& [trace, text] : found.spans) EXPECT_EQ(text, want_[trace]);
        SearchRequest all;
        all.limit = 100;
        if (const auto page = (*store)->search({}, all); page.ok() && !told) {
            EXPECT_EQ(page->traces.size(), kSpans);
        }
    }

    fs::path root_;
    fs::path sound_;
    std::map<std::uint64_t, std::string> want_;
    int refused_ = 0;     // the start named the file
    int unreadable_ = 0;  // a read did
    int told_ = 0;        // spans are missing, and the report says so
};

TEST_F(Damage, AFlippedBitAnywhereIsHarmlessOrNamed) {
    for (const fs::path& name : files()) {
        for (const std::size_t at : places(name)) {
            look(name, [&](std::string& bytes) { bytes[at] = static_cast<char>(bytes[at] ^ (1 << at % 8)); });
            if (HasFailure()) FAIL() << name << " at " << at;
        }
    }
    EXPECT_GT(refused_, 10);
    EXPECT_GT(unreadable_, 10);
    EXPECT_GT(told_, 3);
}

TEST_F(Damage, ACutFileIsHarmlessOrNamed) {
    for (const fs::path& name : files()) {
        const std::size_t size = fs::file_size(sound_ / name);
        for (const std::size_t left : {std::size_t{0}, std::size_t{7}, size / 50, size / 10, size / 3, size - 1}) {
            look(name, [&](std::string& bytes) { bytes.resize(std::min(left, size)); });
            if (HasFailure()) FAIL() << name << " cut to " << left;
        }
    }
    EXPECT_GT(refused_, 5);
}

TEST_F(Damage, ATornEndOfTheLogLosesOnlyWhatWasNotPromised) {
    // The last group half written, and nothing behind it: no answer can have been given for it.
    bool is_done = false;
    for (const fs::path& name : files()) {
        std::string bytes = read_file(sound_ / name);
        const std::size_t last = bytes.rfind(fmt::format("k=v{}", kSpans));
        if (name.extension() != ".wal" || last == std::string::npos) continue;
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(last), bytes.end(), '\0');
        std::ofstream(sound_ / name, std::ios::binary | std::ios::trunc) << bytes;
        is_done = true;
    }
    ASSERT_TRUE(is_done);
    const auto store = open(sound_);
    ASSERT_TRUE(store.ok()) << store.error().message;
    EXPECT_TRUE((*store)->recovery().damage.empty());
    EXPECT_GT((*store)->recovery().torn_chunks, 0u);
    std::vector<model::TraceId> ids;
    for (std::uint64_t i = 1; i <= kSpans; ++i) ids.push_back({0, i});
    Found found;
    ASSERT_TRUE((*store)->traces({}, ids, found).ok());
    want_.erase(kSpans);
    EXPECT_EQ(found.spans, want_);
}

}  // namespace
}  // namespace skua::store::embedded
