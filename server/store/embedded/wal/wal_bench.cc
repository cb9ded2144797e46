// SPDX-License-Identifier: Apache-2.0
// Commits of the WAL against plain pwrite + fdatasync, one JSON line each.
//   store_wal_bench FOLDER [seconds of each, 3]
#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/io/posix_disk.h"
#include "store/embedded/wal/wal.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <semaphore>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>

namespace skua::store::embedded {
namespace {

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double now_seconds() {
    return static_cast<double>(base::system_clock().monotonic_ns()) * 1e-9;
}

void report(const std::string& what, std::size_t bytes, std::size_t in_flight, std::uint64_t commits,
            std::uint64_t requests, double seconds, double cpu) {
    const auto d = [](std::uint64_t n) { return static_cast<double>(n); };
    fmt::print(
        "{{\"what\":\"{}\",\"bytes\":{},\"in_flight\":{},\"commits_per_s\":{:.0f},\"requests_per_s\":{:.0f},"
        "\"mb_per_s\":{:.0f},\"cpu_us_per_commit\":{:.0f},\"cpu_us_per_request\":{:.1f}}}\n",
        what, bytes, in_flight, d(commits) / seconds, d(requests) / seconds,
        d(requests) * static_cast<double>(bytes) / seconds / 1e6, cpu * 1e6 / d(commits), cpu * 1e6 / d(requests));
}

void baseline(Disk& disk, std::size_t bytes, double seconds) {
    constexpr std::uint64_t kFile = 16 << 20;
    auto file = disk.open("baseline", {.access = Access::kCreate});
    if (!file.ok()) std::abort();
    AlignedBuffer block(std::max<std::size_t>(bytes, 1 << 20));
    std::memset(block.data(), 'x', block.size());
    for (std::uint64_t at = 0; at < kFile; at += 1 << 20) (void)(*file)->write_at(at, {block.data(), 1 << 20});
    (void)(*file)->sync();
    const double start = now_seconds();
    const double cpu = cpu_seconds();
    std::uint64_t commits = 0;
    std::uint64_t at = 0;
    for (; now_seconds() - start < seconds; ++commits) {
        if (at + bytes > kFile) at = 0;
        if (!(*file)->write_at(at, {block.data(), bytes}).ok() || !(*file)->sync().ok()) std::abort();
        at += AlignedBuffer::round_up(bytes);
    }
    report("pwrite+fdatasync", bytes, 1, commits, commits, now_seconds() - start, cpu_seconds() - cpu);
    (void)disk.unlink("baseline");
}

class Clients final : public WalListener {
public:
    struct Slot final : WalTicket {};
    explicit Clients(std::ptrdiff_t in_flight) : free_(in_flight) {}
    void group_done(std::vector<std::unique_ptr<WalTicket>>& tickets, const base::Status& status) override {
        if (!status.ok()) std::abort();
        done_ += tickets.size();
        free_.release(static_cast<std::ptrdiff_t>(tickets.size()));
    }
    std::counting_semaphore<> free_;
    std::atomic<std::uint64_t> done_{0};
};

void wal(Disk& disk, Durability durability, const char* name, std::size_t bytes, std::size_t in_flight,
         double seconds) {
    if (const auto left = disk.list(kWalFolder); left.ok()) {
        for (const auto& entry : *left) (void)disk.unlink(std::string(kWalFolder) + "/" + entry.name);
    }
    Clients clients(static_cast<std::ptrdiff_t>(in_flight));
    WalOptions options;
    options.durability = durability;
    Wal log(disk, StoreId{}, options, base::system_clock(), clients);
    std::uint64_t generation = 1;
    log.start_generation(generation, 1);
    for (int i = 0; i < 4; ++i) (void)log.ring().prepare();
    std::thread leader([&log] { log.run_leader(); });
    const std::string body(bytes, 'x');
    WalRecord record;
    record.body = body;
    const auto run = [&](double how_long) {
        for (const double start = now_seconds(); now_seconds() - start < how_long;) {
            clients.free_.acquire();
            if (!log.enqueue(record, std::make_unique<Clients::Slot>()).ok()) std::abort();
            if (log.generation_bytes() > (128 << 20)) {
                ++generation;
                log.start_generation(generation, generation);
                if (generation > 2) log.release(generation - 2);
            }
        }
    };
    run(seconds / 2);  // until the ring is warm
    const WalStats before = log.stats();
    const std::uint64_t done = clients.done_;
    const double start = now_seconds();
    const double cpu = cpu_seconds();
    run(seconds);
    report(name, bytes, in_flight, log.stats().commits - before.commits, clients.done_ - done, now_seconds() - start,
           cpu_seconds() - cpu);
    log.stop();
    leader.join();
}

}  // namespace
}  // namespace skua::store::embedded

int main(int argc, char** argv) {
    using namespace skua::store::embedded;
    if (argc < 2) {
        fmt::print(stderr, "usage: store_wal_bench FOLDER [seconds]\n");
        return 2;
    }
    const double seconds = argc > 2 ? std::atof(argv[2]) : 3;
    auto disk = PosixDisk::open(argv[1]);
    if (!disk.ok()) {
        fmt::print(stderr, "{}\n", disk.error().message);
        return 1;
    }
    fmt::print("{{\"write_mode\":\"{}\"}}\n", (*disk)->describe());
    (void)(*disk)->make_dir(kWalFolder);
    struct Shape {
        std::size_t bytes, in_flight;
    };
    for (const Shape shape : {Shape{4464, 64}, Shape{4464, 1}, Shape{35712, 64}, Shape{285696, 16}, Shape{285696, 1}}) {
        baseline(**disk, shape.bytes, seconds);
        wal(**disk, Durability::kDurable, "wal durable", shape.bytes, shape.in_flight, seconds);
        wal(**disk, Durability::kInterval, "wal interval", shape.bytes, shape.in_flight, seconds);
        wal(**disk, Durability::kOff, "wal off", shape.bytes, shape.in_flight, seconds);
    }
    return 0;
}
