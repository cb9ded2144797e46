// SPDX-License-Identifier: Apache-2.0
// CPU of the encode path per span by stage, bytes per span by part, and latencies of queries over what was sealed.
// Prints JSON lines: name, value, unit, command.
//
// Usage: store_bench [--shape=A] [--spans=300000] [--per-request=512] [--rounds=3]
#include "ingest/otlp/protobuf_decoder.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/segment/segment_writer.h"
#include "store/embedded/testing.h"
#include "store/generator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <time.h>

namespace skua::bench {
namespace {

using store::embedded::ArenaPool;
using store::embedded::DiskFiles;
using store::embedded::HeadLimits;
using store::embedded::MemoryHead;
using store::embedded::SealInput;
using store::embedded::SealStats;
using store::embedded::write_segment;

struct Options {
    Shape shape = Shape::kWeb;
    std::uint64_t spans = 300'000;
    std::size_t per_request = 512;
    int rounds = 3;
    std::string command;
};

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void report(const Options& options, std::string_view name, double value, std::string_view unit) {
    std::printf("{\"name\":\"%.*s\",\"value\":%.4f,\"unit\":\"%.*s\",\"command\":\"%s\"}\n",
                static_cast<int>(name.size()), name.data(), value, static_cast<int>(unit.size()), unit.data(),
                options.command.c_str());
}

struct Load {
    std::vector<std::string> bodies;
    std::uint64_t spans = 0;
    std::uint64_t bytes = 0;
};

Load make_load(const Options& options) {
    GeneratorOptions g;
    g.shape = options.shape;
    g.spans_per_request = options.per_request;
    Generator generator(g);
    Load load;
    while (generator.spans() < options.spans) load.bodies.push_back(generator.next());
    load.spans = generator.spans();
    load.bytes = generator.bytes();
    return load;
}

struct CountingSink final : model::SpanSink {
    void resource(const model::Resource&) override {}
    void scope(const model::Scope&) override {}
    void span(const model::Span& s) override { total += s.attributes.size(); }
    std::uint64_t total = 0;
};

model::RawBody body_of(const std::string& bytes) {
    model::RawBody body;
    body.bytes = bytes;
    return body;
}

[[noreturn]] void fail(const base::Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    std::exit(1);
}

std::unique_ptr<store::embedded::Disk> make_disk(const Options&) {
    return std::make_unique<store::embedded::MemDisk>(std::uint64_t{4} << 30);
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void bench_write(const Options& options, const Load& load) {
    const ingest::OtlpProtobufDecoder decoder;
    ArenaPool pool;
    const double per_span = 1e9 / static_cast<double>(load.spans);
    std::vector<double> walk;
    std::vector<double> stage;
    std::vector<double> order;
    std::vector<double> encode;
    std::vector<double> index;
    SealStats stats;
    double head_bytes = 0;
    for (int round = 0; round <= options.rounds; ++round) {
        CountingSink sink;
        double begin = cpu_seconds();
        for (const std::string& body : load.bodies) (void)decoder.decode(body_of(body), sink).ok();
        const double walked = cpu_seconds() - begin;
        const auto head_owner = std::make_shared<MemoryHead>(pool, HeadLimits{});
        MemoryHead& head = *head_owner;
        begin = cpu_seconds();
        for (const std::string& body : load.bodies) {
            auto rows = head.stage(0, body_of(body), decoder);
            if (!rows.ok()) fail(rows.error());
            head.commit(0, rows.value());
        }
        const double staged = cpu_seconds() - begin;
        head_bytes = static_cast<double>(head.bytes());
        stats = {};
        const auto disk = make_disk(options);
        DiskFiles files(*disk);
        SealInput input;
        input.head.head = head_owner;
        input.head.rows = {head.shard(0).rows_end(), 0};
        const auto entry = write_segment(input, files, &stats);
        if (!entry.ok()) fail(entry.error());
        if (round == 0) continue;  // the first one takes its pages
        order.push_back(stats.order_seconds * per_span);
        encode.push_back(stats.encode_seconds * per_span);
        index.push_back(stats.index_seconds * per_span);
        walk.push_back(walked * per_span);
        stage.push_back(staged * per_span);
    }
    report(options, "walk", median(walk), "ns/span");
    report(options, "walk_intern_append", median(stage), "ns/span");
    report(options, "seal_order", median(order), "ns/span");
    report(options, "seal_encode", median(encode), "ns/span");
    report(options, "seal_index", median(index), "ns/span");
    std::uint64_t total = 0;
    for (const auto& [part, bytes] : stats.part_bytes) {
        report(options, "bytes " + part, static_cast<double>(bytes) / static_cast<double>(load.spans), "B/span");
        total += bytes;
    }
    report(options, "bytes", static_cast<double>(total) / static_cast<double>(load.spans), "B/span");
    report(options, "head_bytes", head_bytes / static_cast<double>(load.spans), "B/span");
    report(options, "otlp_bytes", static_cast<double>(load.bytes) / static_cast<double>(load.spans), "B/span");
}

int run(int argc, char** argv) {
    Options options;
    for (int i = 0; i < argc; ++i) {
        const std::string_view arg = argv[i];
        options.command += (i == 0 ? "" : " ") + std::string(i == 0 ? "store_bench" : arg);
        const auto value = [&] { return std::strtoull(arg.substr(arg.find('=') + 1).data(), nullptr, 10); };
        if (arg.starts_with("--shape=") && arg.size() == 9 && !shape_from(arg[8], options.shape)) return 2;
        if (arg.starts_with("--spans=")) options.spans = value();
        if (arg.starts_with("--per-request=")) options.per_request = static_cast<std::size_t>(value());
        if (arg.starts_with("--rounds=")) options.rounds = std::max(1, static_cast<int>(value()));
    }
    const Load load = make_load(options);
    bench_write(options, load);
    return 0;
}

}  // namespace
}  // namespace skua::bench

int main(int argc, char** argv) {
    return skua::bench::run(argc, argv);
}
