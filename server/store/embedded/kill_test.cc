// SPDX-License-Identifier: Apache-2.0
// The real thing: a process under load is killed at random moments, again and again on one folder, while another
// remembers what was acknowledged. Proves less about the disk than the simulated one (the page cache survives a kill)
// and more about everything else: threads, files, start-up.
#include "base/clock.h"
#include "store/contract/span_text.h"
#include "store/embedded/store.h"
#include "store/testing_sparse.h"

#include <csignal>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skua::store::embedded {
namespace {

constexpr int kClients = 3;

const testing::SpanTextDecoder kDecoder;

base::Result<std::unique_ptr<EmbeddedStore>> open(const std::string& path, bool seal_always) {
    EmbeddedStoreOptions options;
    options.path = path;
    options.engine.decoder_for = [](model::Door, model::Encoding, std::uint16_t) { return &kDecoder; };
    options.engine.wal.ring.file_bytes = 1 << 20;
    // Each start seals what the one before left; some lives seal all the time besides.
    if (seal_always) options.engine.head_bytes_max = 1;
    // Merges are under way all the time, some of granules as they are, some anew.
    options.engine.compact_fanout = 2;
    options.engine.compact_rest_ns = 1'000'000;
    options.data.merge.small_part_bytes = 20'000;
    options.engine.reserve_bytes = 1 << 20;
    options.engine.retention.age_ns = 0;
    options.data.cache_bytes = 8 << 20;
    return EmbeddedStore::open(options, base::system_clock());
}

// In the child, until the kill: trace ids from `first` on, three clients at once; each acknowledged one goes out.
[[noreturn]] void load(const std::string& path, bool seal_always, std::uint64_t first, int out) {
    auto store = open(path, seal_always);
    if (!store.ok()) {
        (void)!::write(STDERR_FILENO, store.error().message.data(), store.error().message.size());
        ::_exit(3);
    }
    std::vector<std::thread> clients;
    for (int c = 0; c < kClients; ++c) {
        clients.emplace_back([&, c] {
            for (std::uint64_t id = first + static_cast<std::uint64_t>(c);; id += kClients) {
                const std::string text = fmt::format("span trace={:x} id=01 service=web name=n{} start=1ms k={}\n", id,
                                                     id % 7, std::string(id % 900, 'v'));
                if (!testing::append_text(**store, text).status.ok()) continue;
                // One write of 8 bytes to a pipe is whole or not at all.
                if (::write(out, &id, sizeof id) != sizeof id) ::_exit(4);
            }
        });
    }
    for (auto& client : clients) client.join();
    ::_exit(0);
}

struct Counter final : TraceSink {
    bool take(const model::TraceId& id, model::SpanBatch chunk) override {
        spans[id.low] += chunk.spans().size();
        return true;
    }
    std::map<std::uint64_t, std::size_t> spans;
};

TEST(Kill, NothingAcknowledgedIsLostOverTwoHundredKills) {
    const auto folder = std::filesystem::path(SKUA_BINARY_DIR) / ("kill_test." + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    const int kills = 200 / static_cast<int>(store::testing::sparse());
    std::mt19937_64 random(2024);
    std::vector<std::uint64_t> acked;
    std::uint64_t next = 1;
    for (int kill = 0; kill < kills; ++kill) {
        const bool seals = kill % 10 == 3;
        int pipe[2];
        ASSERT_EQ(::pipe(pipe), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            ::close(pipe[0]);
            load(folder.string(), seals, next, pipe[1]);
        }
        ::close(pipe[1]);
        // The moment is random in work done, not in time: after the n-th acknowledgement, or right in the start.
        const std::uint64_t wanted = random() % 10 == 0 ? 0 : random() % (seals ? 30 : 300);
        std::uint64_t id = 0;
        std::uint64_t highest = next;
        for (std::uint64_t got = 0; got < wanted && ::read(pipe[0], &id, sizeof id) == sizeof id; ++got) {
            acked.push_back(id);
            highest = std::max(highest, id);
        }
        ASSERT_EQ(::kill(child, SIGKILL), 0);
        while (::read(pipe[0], &id, sizeof id) == sizeof id) {
            acked.push_back(id);
            highest = std::max(highest, id);
        }
        ::close(pipe[0]);
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
        next = highest + 100;  // some of the last ones may be stored without an answer
        if (kill % 20 != 19 && kill + 1 != kills) continue;
        auto store = open(folder.string(), false);
        ASSERT_TRUE(store.ok()) << store.error().message;
        EXPECT_TRUE((*store)->recovery().damage.empty());
        EXPECT_TRUE((*store)->recovery().moved_to_lost.empty()) << (*store)->recovery().moved_to_lost.front();
        std::vector<model::TraceId> ids;
        for (const std::uint64_t one : acked) ids.push_back({0, one});
        Counter counter;
        ASSERT_TRUE((*store)->traces({}, ids, counter).ok());
        std::size_t lost = 0;
        for (const std::uint64_t one : acked) lost += counter.spans[one] == 0;
        ASSERT_EQ(lost, 0u) << "of " << acked.size() << " after " << kill + 1 << " kills";
        for (const auto& [trace, spans] : counter.spans) ASSERT_LE(spans, 1u) << "twice: " << trace;
    }
    RecordProperty("acknowledged", static_cast<int>(acked.size()));
    EXPECT_GT(acked.size(), 10'000 / store::testing::sparse());
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace skua::store::embedded
