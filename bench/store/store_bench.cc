// SPDX-License-Identifier: Apache-2.0
// CPU of the encode path per span by stage, bytes per span by part, and latencies of queries over what was sealed.
// Prints JSON lines: name, value, unit, command.
//
// Usage: store_bench [--shape=A] [--spans=300000] [--per-request=512] [--rounds=3] [--segments=0] [--merge=0] [--only=]
//   --rounds=0 does not measure writing; --only=rare asks only the queries with that in their names
//   --merge=8 merges eight neighbours at a time, on every level, before asking
#include "base/clock.h"
#include "ingest/otlp/protobuf_decoder.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/io/mem_disk.h"
#include "store/embedded/read/view_reader.h"
#include "store/embedded/segment/segment_writer.h"
#include "store/embedded/segment/span_data.h"
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
    std::size_t segments = 0;  // to ask
    std::size_t merge = 0;     // so many neighbours at a time
    std::string only;          // of the queries
    std::string command;
};

double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

void report(const Options& options, const std::string& name, double value, std::string_view unit) {
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

double wall_seconds() {
    timespec t{};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// Seals `segments` heads of options.spans each and asks them.
class QueryBench {
public:
    explicit QueryBench(const Options& options) : options_(options), disk_(make_disk(options)), files_(*disk_) {
        GeneratorOptions g;
        g.shape = options.shape;
        g.spans_per_request = options.per_request;
        Generator generator(g);
        const ingest::OtlpProtobufDecoder decoder;
        auto segments = std::make_shared<store::embedded::Segments>();
        std::uint64_t wanted = 0;
        for (std::size_t i = 0; i <= options.segments; ++i) {
            auto head = std::static_pointer_cast<MemoryHead>(data_.new_head(i).value());
            wanted += options.spans;
            while (generator.spans() < wanted) {
                const std::string& body = generator.next();
                IdSink sink{ids_, random_ids_};
                (void)decoder.decode(body_of(body), sink).ok();
                auto rows = head->stage(0, body_of(body), decoder);
                if (!rows.ok()) fail(rows.error());
                head->commit(0, rows.value());
            }
            SealInput input;
            input.head.head = head;
            input.head.rows = {head->shard(0).rows_end(), 0};
            if (i == options.segments) {  // the last one stays unsealed
                view_->heads.push_back(input.head);
                break;
            }
            auto entries = data_.seal(input, files_);
            if (!entries.ok()) fail(entries.error());
            for (const auto& entry : entries.value()) {
                auto segment = data_.open(*disk_, entry);
                if (!segment.ok()) fail(segment.error());
                segments->push_back(segment.value());
            }
        }
        if (options.merge > 1) merge(*segments);
        view_->segments = segments;
        std::uint64_t bytes = 0;
        for (const auto& segment : *segments) bytes += segment->entry().files.front().bytes;
        report(options_, "bytes at rest", static_cast<double>(bytes) / static_cast<double>(generator.spans()),
               "B/span");
    }

    void merge(store::embedded::Segments& segments) {
        using store::embedded::Segments;
        const double begin = cpu_seconds();
        std::uint64_t written = 0;
        std::uint64_t rows = 0;
        for (const auto& segment : segments) rows += segment->entry().rows;
        while (segments.size() >= options_.merge) {
            Segments next;
            for (std::size_t i = 0; i < segments.size(); i += options_.merge) {
                if (segments.size() - i < options_.merge) {
                    next.insert(next.end(), segments.begin() + static_cast<std::ptrdiff_t>(i), segments.end());
                    break;
                }
                store::embedded::CompactInput input;
                input.inputs.assign(segments.begin() + static_cast<std::ptrdiff_t>(i),
                                    segments.begin() + static_cast<std::ptrdiff_t>(i + options_.merge));
                auto entries = data_.compact(input, files_);
                if (!entries.ok()) fail(entries.error());
                for (const auto& entry : entries.value()) {
                    written += entry.files.front().bytes;
                    auto segment = data_.open(*disk_, entry);
                    if (!segment.ok()) fail(segment.error());
                    next.push_back(segment.value());
                }
                for (const auto& gone : input.inputs) (void)disk_->unlink(gone->entry().files.front().name).ok();
            }
            segments = std::move(next);
        }
        const double per_span = 1.0 / static_cast<double>(rows);
        report(options_, "merge", (cpu_seconds() - begin) * 1e9 * per_span, "ns/span");
        report(options_, "merge written", static_cast<double>(written) * per_span, "B/span");
        report(options_, "segments", static_cast<double>(segments.size()), "segments");
    }

    void run() {
        using namespace store;  // NOLINT: the filter's builders
        const auto service = [](const char* name) {
            return Filter::compare(Op::kEq, field(Level::kResource, Field::kService), text(name));
        };
        trace("trace by id");
        absent("trace by absent id");
        search("search newest 20", {}, 20, true);
        search("search service newest 20", service("cart"), 20, true);
        search("search service and error",
               Filter::all_of(
                   {service("cart"), Filter::compare(Op::kEq, field(Level::kSpan, Field::kStatus), text("error"))}),
               20, false);
        search("search absent service", service("nobody"), 20, false);
        search("search duration", Filter::compare(Op::kGt, field(Level::kSpan, Field::kDuration), nanos(380'000'000)),
               20, false);
        search("search service and duration",
               Filter::all_of({service("cart"),
                               Filter::compare(Op::kGt, field(Level::kSpan, Field::kDuration), nanos(300'000'000))}),
               20, false);
        search("search rare attribute",
               Filter::compare(Op::kEq, attribute(Level::kSpan, "client.port"), integer(40'001)), 20, false);
        search("search attribute miss",
               Filter::compare(Op::kEq, attribute(Level::kEverywhere, "app.order.id"), text("none")), 20, false);
        search("search route regex",
               Filter::compare(Op::kRegex, attribute(Level::kSpan, "http.route"), text("coup.ns")), 20, false);
        search("search substring of url.path miss",
               Filter::compare(Op::kRegex, attribute(Level::kSpan, "url.path"), text("nothing")), 20, false);
        search(
            "search negation",
            Filter::all_of({service("cart"), Filter::negation(Filter::exists(attribute(Level::kSpan, "http.route")))}),
            20, false);
        search("search absent attribute", Filter::exists(attribute(Level::kEverywhere, "no.such.key")), 20, false);
        search("search service and error miss",
               Filter::all_of(
                   {service("nobody"), Filter::compare(Op::kEq, field(Level::kSpan, Field::kStatus), text("error"))}),
               20, false);
        search("search service, page 50", service("cart"), 1000, false);
        timed("summaries of 20", 50, [&](int i) {
            std::vector<model::TraceId> ids;
            for (std::size_t k = 0; k < 20; ++k)
                ids.push_back(ids_[(static_cast<std::size_t>(i) * 7919 + k * 104'729) % ids_.size()]);
            const auto all = reader().summaries({}, ids);
            return all.ok() && all->size() == 20;
        });
        timed("rollups", 5, [&](int) { return reader().rollups({}, {}, "cart").ok(); });
        timed("dependencies", 3, [&](int) { return reader().dependencies({}, {}).ok(); });
        timed("services", 50, [&](int) { return reader().services({}).ok(); });
        timed("operations", 50, [&](int) { return reader().operations({}, "cart", std::nullopt).ok(); });
        report(options_, "cache", static_cast<double>(data_.bytes()) / 1e6, "MB");
    }

private:
    struct IdSink final : model::SpanSink {
        IdSink(std::vector<model::TraceId>& to, std::uint64_t& every) : ids(to), count(every) {}
        void resource(const model::Resource&) override {}
        void scope(const model::Scope&) override {}
        void span(const model::Span& s) override {
            if (++count % 500 == 0) ids.push_back(s.trace_id);
        }
        std::vector<model::TraceId>& ids;
        std::uint64_t& count;
    };
    struct Counter final : store::TraceSink {
        bool take(const model::TraceId&, model::SpanBatch chunk) override {
            spans += chunk.spans().size();
            return true;
        }
        std::uint64_t spans = 0;
    };

    store::embedded::ViewReader reader() const { return {view_, base::system_clock()}; }

    template <class F>
    void timed(const std::string& name, int rounds, F&& f) {
        if (name.find(options_.only) == std::string::npos) return;
        std::vector<double> times;
        std::vector<double> cpu;  // on a machine that others use too, the truer one
        const double first = wall_seconds();
        // A slow one is asked less often.
        for (int i = 0; i < rounds && (i < 3 || wall_seconds() - first < 10); ++i) {
            const double begin = wall_seconds();
            const double begin_cpu = cpu_seconds();
            if (!f(i)) std::exit(1);
            times.push_back((wall_seconds() - begin) * 1e3);
            cpu.push_back((cpu_seconds() - begin_cpu) * 1e3);
        }
        std::sort(times.begin(), times.end());
        report(options_, name + " p50", times[times.size() / 2], "ms");
        report(options_, name + " p99", times[times.size() * 99 / 100], "ms");
        report(options_, name + " cpu p50", median(cpu), "ms");
        std::fflush(stdout);
    }
    void trace(const std::string& name) {
        timed(name, 200, [&](int i) {
            Counter counter;
            return reader().traces({}, {&ids_[static_cast<std::size_t>(i) * 7919 % ids_.size()], 1}, counter).ok() &&
                   counter.spans > 0;
        });
    }
    void absent(const std::string& name) {
        timed(name, 200, [&](int i) {
            Counter counter;
            const model::TraceId id{77, static_cast<std::uint64_t>(i) * 0x9E3779B97F4A7C15ULL};
            return reader().traces({}, {&id, 1}, counter).ok() && counter.spans == 0;
        });
    }
    void search(const std::string& name, const store::Filter& filter, std::size_t limit, bool whole) {
        auto predicate = store::Predicate::compile(filter);
        if (!predicate.ok()) fail(predicate.error());
        std::size_t found = 0;
        timed(name, 40, [&](int) {
            store::SearchRequest request;
            request.predicate = &predicate.value();
            request.limit = limit;
            const auto page = reader().search({}, request);
            if (!page.ok()) fail(page.error());
            found = page->traces.size();
            if (!whole) return true;
            std::vector<model::TraceId> ids;
            for (const auto& key : page->traces) ids.push_back(key.trace_id);
            Counter counter;
            return reader().traces({}, ids, counter).ok();
        });
        if (name.find(options_.only) != std::string::npos)
            report(options_, name + " found", static_cast<double>(found), "traces");
    }

    const Options& options_;
    std::unique_ptr<store::embedded::Disk> disk_;
    DiskFiles files_;
    store::embedded::SpanData data_{store::embedded::SpanDataOptions{}};
    std::shared_ptr<store::embedded::View> view_ = std::make_shared<store::embedded::View>();
    std::vector<model::TraceId> ids_;
    std::uint64_t random_ids_ = 0;
};

int run(int argc, char** argv) {
    Options options;
    for (int i = 0; i < argc; ++i) {
        const std::string_view arg = argv[i];
        options.command += (i == 0 ? "" : " ") + std::string(i == 0 ? "store_bench" : arg);
        const auto value = [&] { return std::strtoull(arg.substr(arg.find('=') + 1).data(), nullptr, 10); };
        if (arg.starts_with("--shape=") && arg.size() == 9 && !shape_from(arg[8], options.shape)) return 2;
        if (arg.starts_with("--spans=")) options.spans = value();
        if (arg.starts_with("--per-request=")) options.per_request = static_cast<std::size_t>(value());
        if (arg.starts_with("--only=")) options.only = arg.substr(7);
        if (arg.starts_with("--segments=")) options.segments = static_cast<std::size_t>(value());
        if (arg.starts_with("--merge=")) options.merge = static_cast<std::size_t>(value());
        if (arg.starts_with("--rounds=")) options.rounds = static_cast<int>(value());
    }
    if (options.rounds > 0) bench_write(options, make_load(options));
    if (options.segments > 0) QueryBench(options).run();
    return 0;
}

}  // namespace
}  // namespace skua::bench

int main(int argc, char** argv) {
    return skua::bench::run(argc, argv);
}
