// SPDX-License-Identifier: Apache-2.0
// Nanoseconds of decoding per span, against finding where the spans are and nothing else. One JSON object per line.
//
// The request is made here: 512 spans of a shop, 8 to a trace, with the attributes, events and links that real
// instrumentation sends (about 450 bytes a span). Each figure is the best of several runs over 64 different requests.
#include "ingest/decoders.h"
#include "ingest/otlp/encoder.h"
#include "model/span_batch.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <protozero/pbf_reader.hpp>

namespace skua::ingest {
namespace {

using model::Attribute;
using model::Value;

constexpr std::size_t kSpans = 512;
constexpr std::size_t kRequests = 64;
constexpr int kRuns = 15;

class RequestMaker {
public:
    explicit RequestMaker(unsigned seed) : random_(seed) {}

    std::string make() {
        model::SpanBatch batch;
        const std::array<Attribute, 4> process = {{{"service.name", Value::of_string("checkout")},
                                                   {"service.version", Value::of_string("2.14.1")},
                                                   {"host.name", Value::of_string("shop-7d9f8b6c5d-x2x7k")},
                                                   {"telemetry.sdk.language", Value::of_string("cpp")}}};
        const model::Resource* resource = batch.copy(model::Resource{process});
        const model::Scope* scope = batch.copy(model::Scope{"skua.orm", "0.1.0"});
        model::TraceId trace;
        std::uint64_t parent = 0;
        for (std::size_t i = 0; i < kSpans; ++i) {
            if (i % 8 == 0) trace = {random_(), random_()};
            model::Span span = i % 8 == 0 ? server_span(batch) : database_span(batch, i);
            span.trace_id = trace;
            span.span_id = {random_() | 1};
            span.parent_span_id = {i % 8 == 0 ? 0 : parent};
            parent = span.span_id.value;
            span.flags = 257;
            span.start_ns = 1'790'000'000'000'000'000U + random_() % 1'000'000'000;
            span.end_ns = span.start_ns + random_() % 10'000'000;
            batch.append(span, resource, scope);
        }
        return encode_traces(batch.spans());
    }

private:
    std::string_view text(model::SpanBatch& batch, std::string_view prefix) {
        return batch.copy(std::string(prefix) + std::to_string(random_() % 100'000));
    }
    model::Span server_span(model::SpanBatch& batch) {
        attributes_ = {{"http.request.method", Value::of_string("GET")},
                       {"url.path", Value::of_string(text(batch, "/shop/orders/"))},
                       {"http.route", Value::of_string("/shop/orders/{id}")},
                       {"http.response.status_code", Value::of_int(200)},
                       {"client.address", Value::of_string(text(batch, "192.0.2."))},
                       {"user_agent.original", Value::of_string("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36")},
                       {"server.port", Value::of_int(8080)},
                       {"network.protocol.version", Value::of_string("1.1")},
                       {"session.id", Value::of_string(text(batch, "5f2d0c7a-9b1e-4a77-8c35-"))}};
        model::Span span;
        span.name = "GET /shop/orders/{id}";
        span.kind = model::SpanKind::kServer;
        span.attributes = attributes_;
        return span;
    }
    model::Span database_span(model::SpanBatch& batch, std::size_t i) {
        attributes_ = {{"db.system.name", Value::of_string("postgresql")},
                       {"db.namespace", Value::of_string("shop")},
                       {"db.operation.name", Value::of_string("SELECT")},
                       {"db.collection.name", Value::of_string("orders")},
                       {"db.query.text", Value::of_string("SELECT * FROM orders WHERE user_id = $1 AND status = $2")},
                       {"db.query.summary", Value::of_string("SELECT orders")},
                       {"db.response.returned_rows", Value::of_int(static_cast<std::int64_t>(random_() % 50))},
                       {"server.address", Value::of_string("db.internal")},
                       {"server.port", Value::of_int(5432)},
                       {"code.function.name", Value::of_string("shop::OrderRepository::find_open")}};
        model::Span span;
        span.name = "SELECT orders";
        span.kind = model::SpanKind::kClient;
        span.attributes = attributes_;
        event_attributes_ = {{"row", Value::of_int(1)}, {"note", Value::of_string(text(batch, "first row "))}};
        event_ = {1'790'000'000'000'000'000U, "fetch", event_attributes_};
        if (i % 4 == 1) span.events = {&event_, 1};
        return span;
    }

    std::mt19937_64 random_;
    std::vector<Attribute> attributes_;
    std::vector<Attribute> event_attributes_;
    model::Event event_;
};

class CountingSink final : public model::SpanSink {
public:
    void resource(const model::Resource& resource) override { attributes += resource.attributes.size(); }
    void scope(const model::Scope& scope) override { attributes += scope.attributes.size(); }
    void span(const model::Span& span) override {
        ++spans;
        attributes += span.attributes.size();
        for (const model::Event& e : span.events) attributes += e.attributes.size();
    }
    std::uint64_t spans = 0;
    std::uint64_t attributes = 0;
};

std::uint64_t find_spans(std::string_view body) {
    std::uint64_t spans = 0;
    protozero::pbf_reader request(body.data(), body.size());
    while (request.next(1)) {
        protozero::pbf_reader resource_spans = request.get_message();
        while (resource_spans.next(2)) {
            protozero::pbf_reader scope_spans = resource_spans.get_message();
            while (scope_spans.next(2)) {
                scope_spans.skip();
                ++spans;
            }
        }
    }
    return spans;
}

// Best of the runs, in nanoseconds per span; `pass` handles all requests and returns the spans it saw.
double best_ns_per_span(const std::function<std::uint64_t()>& pass) {
    double best = std::numeric_limits<double>::max();
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        const std::uint64_t spans = pass();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
        if (spans != kSpans * kRequests) return -1;
        best = std::min(best, took.count() / static_cast<double>(spans));
    }
    return best;
}

void report(const char* name, double value, const char* unit, double baseline) {
    std::printf(
        "{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\",\"baseline\":%.1f,\"ratio\":%.2f,"
        "\"command\":\"ingest_bench\"}\n",
        name, value, unit, baseline, baseline == 0 ? 0 : value / baseline);
}

int run() {
    std::vector<std::string> bodies;
    std::size_t bytes = 0;
    for (unsigned i = 0; i < kRequests; ++i) {
        bodies.push_back(RequestMaker(i + 1).make());
        bytes += bodies.back().size();
    }
    const double boundaries = best_ns_per_span([&] {
        std::uint64_t spans = 0;
        for (const std::string& body : bodies) spans += find_spans(body);
        return spans;
    });
    const model::Decoder& decoder = *decoder_for(model::Encoding::kOtlpProtobuf);
    const double walk = best_ns_per_span([&] {
        CountingSink sink;
        for (const std::string& body : bodies) {
            const auto counts = decoder.decode({model::Door::kOtlpGrpc, model::Encoding::kOtlpProtobuf, body, 0}, sink);
            if (!counts.ok()) return std::uint64_t{0};
        }
        return sink.spans;
    });
    report("ingest/otlp_protobuf/bytes", static_cast<double>(bytes) / (kSpans * kRequests), "B/span", 0);
    report("ingest/otlp_protobuf/walk", walk, "ns/span", boundaries);
    return walk > 0 && boundaries > 0 ? 0 : 1;
}

}  // namespace
}  // namespace skua::ingest

int main() {
    return skua::ingest::run();
}
