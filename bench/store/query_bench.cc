// SPDX-License-Identifier: Apache-2.0
// Queries on the folder of a stopped server, in this process; or a folder whose log is full and nothing is sealed.
// store_query_bench DIR [--queries=200] [--only=NAME] [--cold]     JSON lines {name, p50_ms, p99_ms, found}
// store_query_bench DIR --fill-log=BYTES             {"spans":…, "bytes":…}; the process ends as if killed
//
// Each query draws its own window, trace or value. --cold: files are dropped from the page cache before each (of this
// folder alone), and the store's own cache is 1 byte.
#include "base/clock.h"
#include "ingest/decoders.h"
#include "store/embedded/store.h"
#include "store/generator.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <future>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace skua::bench {
namespace {

using store::attribute;
using store::Field;
using store::Filter;
using store::Level;
using store::Op;
using store::embedded::EmbeddedStore;
using store::embedded::EmbeddedStoreOptions;

[[noreturn]] void fail(const std::string& message) {
    fmt::print(stderr, "store_query_bench: {}\n", message);
    std::exit(1);
}

struct Options {
    std::string path;
    int queries = 200;
    std::string only;  // of the query classes; empty: all
    bool cold = false;
    std::uint64_t fill_log = 0;
};

EmbeddedStoreOptions store_options(const Options& options) {
    EmbeddedStoreOptions out;
    out.path = options.path;
    out.engine.decoder_for = [](model::Door, model::Encoding encoding, std::uint16_t) {
        return ingest::decoder_for(encoding);
    };
    out.engine.retention.age_ns = 0;
    if (options.cold) out.data.cache_bytes = 1;
    return out;
}

void forget_pages(const std::string& path) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
        if (!entry.is_regular_file()) continue;
        const int fd = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0) continue;
        (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        ::close(fd);
    }
}

// Spans of some traces, and what of them queries ask for.
struct Sample final : store::TraceSink {
    bool take(const model::TraceId& id, model::SpanBatch chunk) override {
        if (ids.empty() || !(ids.back() == id)) ids.push_back(id);
        spans += chunk.spans().size();
        for (const model::Span& span : chunk.spans()) {
            for (const model::Attribute& one : span.attributes) {
                if (one.key == "app.order.id") orders.emplace_back(one.value.text);
            }
        }
        return true;
    }
    std::vector<model::TraceId> ids;
    std::vector<std::string> orders;
    std::uint64_t spans = 0;
};

class Queries {
public:
    Queries(const Options& options, EmbeddedStore& opened) : options_(options), store_(opened) {}

    void run() {
        find_range();
        services_ = *store_.services({});
        for (int i = 0; i < 40; ++i) {
            const auto page = search({}, window(0.02), 20);
            std::vector<model::TraceId> ids;
            for (const auto& key : page.traces) ids.push_back(key.trace_id);
            if (!store_.traces({}, ids, sample_).ok()) fail("cannot read a sample");
        }
        if (sample_.ids.empty()) fail("there are no traces");
        by_id();
        lists();
        searches();
    }

private:
    std::uint64_t draw(std::uint64_t n) { return random_() % n; }

    void timed(const std::string& name, const std::function<std::size_t()>& query) {
        if (!options_.only.empty() && options_.only != name) return;
        std::vector<double> ms;
        std::size_t found = 0;
        for (int i = 0; i < options_.queries; ++i) {
            if (options_.cold) forget_pages(options_.path);
            const std::int64_t start = base::system_clock().monotonic_ns();
            found += query();
            ms.push_back(static_cast<double>(base::system_clock().monotonic_ns() - start) / 1e6);
        }
        std::sort(ms.begin(), ms.end());
        const auto at = [&](double share) {
            return ms[static_cast<std::size_t>(static_cast<double>(ms.size() - 1) * share)];
        };
        fmt::print("{{\"name\":\"{}\",\"p50_ms\":{:.3f},\"p99_ms\":{:.3f},\"found\":{:.2f}}}\n", name, at(0.5),
                   at(0.99), static_cast<double>(found) / options_.queries);
        std::fflush(stdout);
    }

    // Start times of the newest and the oldest trace, by halving.
    void find_range() {
        const auto newest = search({}, {}, 1);
        if (newest.traces.empty()) fail("there are no traces");
        newest_ns_ = newest.traces[0].start_ns;
        std::uint64_t low = 0;
        std::uint64_t high = newest_ns_;
        while (high - low > 1'000'000'000) {
            const std::uint64_t middle = low + (high - low) / 2;
            (search({}, {0, middle}, 1).traces.empty() ? low : high) = middle;
        }
        oldest_ns_ = low;
    }
    store::TimeRange window(double share) {
        const std::uint64_t all = newest_ns_ - oldest_ns_ + 1;
        const auto size = static_cast<std::uint64_t>(static_cast<double>(all) * share);
        const std::uint64_t from = oldest_ns_ + draw(all - size + 1);
        return {from, from + size};
    }
    store::SearchPage search(const Filter& filter, store::TimeRange range, std::size_t limit) {
        const auto predicate = store::Predicate::compile(filter);
        if (!predicate.ok()) fail(predicate.error().message);
        store::SearchRequest request;
        request.window = range;
        request.predicate = &*predicate;
        request.limit = limit;
        auto page = store_.search({}, request);
        if (!page.ok()) fail(page.error().message);
        return std::move(page).value();
    }
    // The newest 20, whole.
    std::size_t whole(const Filter& filter, store::TimeRange range = {}) {
        std::vector<model::TraceId> ids;
        for (const auto& key : search(filter, range, 20).traces) ids.push_back(key.trace_id);
        Sample got;
        if (!store_.traces({}, ids, got).ok()) fail("cannot read traces");
        return ids.size();
    }

    void by_id() {
        timed("trace by id", [&] {
            Sample got;
            const model::TraceId id = sample_.ids[draw(sample_.ids.size())];
            if (!store_.traces({}, {&id, 1}, got).ok() || got.spans == 0) fail("a trace is gone");
            return std::size_t{1};
        });
        timed("absent trace id", [&] {
            Sample got;
            const model::TraceId id{random_(), random_()};
            if (!store_.traces({}, {&id, 1}, got).ok()) fail("cannot look for a trace");
            return got.ids.size();
        });
    }
    void lists() {
        timed("services", [&] { return store_.services({})->size(); });
        timed("operations", [&] { return store_.operations({}, service(), std::nullopt)->size(); });
    }
    const std::string& service() { return services_[draw(services_.size())]; }
    Filter of_service() {
        return Filter::compare(Op::kEq, store::field(Level::kResource, Field::kService), store::text(service()));
    }
    static Filter error(std::string status) {
        return Filter::compare(Op::kEq, store::field(Level::kSpan, Field::kStatus), store::text(std::move(status)));
    }
    static Filter longer_than(std::int64_t ms) {
        return Filter::compare(Op::kGte, store::field(Level::kSpan, Field::kDuration), store::nanos(ms * 1'000'000));
    }
    void searches() {
        timed("service, newest 20", [&] { return whole(of_service()); });
        timed("service, newest 20 of a window", [&] { return whole(of_service(), window(0.05)); });
        if (!sample_.orders.empty()) {
            timed("rare attribute", [&] {
                const std::string& order = sample_.orders[draw(sample_.orders.size())];
                return whole(
                    Filter::compare(Op::kEq, attribute(Level::kEverywhere, "app.order.id"), store::text(order)));
            });
        }
        timed("absent attribute value", [&] {
            return whole(Filter::compare(Op::kEq, attribute(Level::kEverywhere, "app.order.id"),
                                         store::text(fmt::format("none-{}", random_()))));
        });
        timed("absent attribute", [&] {
            return whole(Filter::exists(attribute(Level::kEverywhere, fmt::format("no.such.key.{}", random_()))));
        });
        timed("duration", [&] { return whole(longer_than(200 + static_cast<std::int64_t>(draw(800)))); });
        timed("service and duration", [&] {
            return whole(Filter::all_of({of_service(), longer_than(100 + static_cast<std::int64_t>(draw(400)))}));
        });
        timed("service and error", [&] { return whole(Filter::all_of({of_service(), error("error")})); });
        timed("not this service", [&] { return whole(Filter::negation(of_service())); });
        timed("regex on the route", [&] {
            return whole(Filter::compare(Op::kRegex, attribute(Level::kSpan, "http.route"),
                                         store::text(fmt::format("{}.*id", "aeiou"[draw(5)]))));
        });
        timed("substring of url.path", [&] {
            return whole(Filter::compare(Op::kRegex, attribute(Level::kSpan, "url.path"),
                                         store::text(std::to_string(100 + draw(900)))));
        });
        timed("page 50 of a service", [&] {
            const auto predicate = store::Predicate::compile(of_service());
            store::SearchRequest request;
            request.predicate = &*predicate;
            std::size_t pages = 0;
            for (; pages < 50; ++pages) {
                auto page = store_.search({}, request);
                if (!page.ok()) fail(page.error().message);
                if (!page->next) break;
                request.after = page->next;
            }
            return pages;
        });
    }

    const Options& options_;
    EmbeddedStore& store_;
    std::mt19937_64 random_{7};
    std::uint64_t oldest_ns_ = 0;
    std::uint64_t newest_ns_ = 0;
    std::vector<std::string> services_;
    Sample sample_;
};

// Bodies of 512 spans until the log holds so much; no seal, no orderly end.
[[noreturn]] void fill_log(const Options& options) {
    EmbeddedStoreOptions wide = store_options(options);
    wide.engine.head_bytes_max = wide.engine.memory_bytes_max = std::uint64_t{1} << 40;
    wide.engine.wal_bytes_max = std::uint64_t{1} << 40;
    wide.engine.head_age_ns = INT64_MAX;
    wide.data.head.interned_bytes = std::size_t{1} << 34;
    auto opened = EmbeddedStore::open(std::move(wide), base::system_clock());
    if (!opened.ok()) fail(opened.error().message);
    Generator load({});
    while (load.bytes() < options.fill_log) {
        model::RawBody body;
        body.bytes = load.next();
        body.received_ns = base::system_clock().now_ns();
        std::promise<base::Status> done;
        (*opened)->append({}, body, *ingest::decoder_for(body.encoding),
                          [&](model::AppendOutcome outcome) { done.set_value(std::move(outcome.status)); });
        if (const base::Status status = done.get_future().get(); !status.ok()) fail(status.error().message);
    }
    fmt::print("{{\"spans\":{},\"bytes\":{},\"seals\":{}}}\n", load.spans(), load.bytes(),
               (*opened)->engine_stats().seals);
    std::fflush(stdout);
    ::_exit(0);
}

int run(int argc, char** argv) {
    Options options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view arg = argv[i];
        if (arg == "--cold") {
            options.cold = true;
        } else if (arg.starts_with("--queries=")) {
            options.queries = std::max(1, std::atoi(argv[i] + 10));
        } else if (arg.starts_with("--only=")) {
            options.only = arg.substr(7);
        } else if (arg.starts_with("--fill-log=")) {
            options.fill_log = std::strtoull(argv[i] + 11, nullptr, 10);
        } else if (options.path.empty() && !arg.starts_with("-")) {
            options.path = arg;
        } else {
            fail(fmt::format("unknown argument '{}'", arg));
        }
    }
    if (options.path.empty()) fail("want a folder");
    if (options.fill_log != 0) fill_log(options);
    auto opened = EmbeddedStore::open(store_options(options), base::system_clock());
    if (!opened.ok()) fail(opened.error().message);
    Queries(options, **opened).run();
    return 0;
}

}  // namespace
}  // namespace skua::bench

int main(int argc, char** argv) {
    return skua::bench::run(argc, argv);
}
