// SPDX-License-Identifier: Apache-2.0
#include "store/generator.h"

#include "store/proto_writer.h"

#include <algorithm>
#include <array>
#include <deque>
#include <string_view>
#include <vector>

#include <fmt/core.h>

namespace skua::bench {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): small, seedable, the same everywhere.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31);
    }
    std::uint64_t below(std::uint64_t n) { return next() % n; }
    bool one_in(std::uint64_t n) { return below(n) == 0; }
    // Small numbers more often: roughly Zipf with exponent 1.
    std::uint64_t skewed(std::uint64_t n) {
        const std::uint64_t a = below(n);
        const std::uint64_t b = below(n);
        return std::min({a, b, below(n)});
    }

private:
    std::uint64_t state_;
};

struct Profile {
    std::size_t services;
    std::size_t operations;  // of one service
    std::size_t min_spans;
    std::size_t max_spans;
    std::size_t resource_attributes;
};

constexpr Profile kProfiles[] = {
    {20, 12, 3, 37, 15}, {8, 8, 8, 8, 6}, {40, 20, 3, 37, 30}, {500, 10, 3, 37, 15}, {20, 12, 3, 37, 15},
};
constexpr std::string_view kServiceNames[] = {
    "checkout", "cart",   "payment", "catalog", "shipping", "frontend", "gateway",   "currency", "email", "inventory",
    "pricing",  "search", "session", "account", "orders",   "ratings",  "recommend", "discount", "tax",   "fraud"};
constexpr std::string_view kResources[] = {"orders",   "items",  "users",  "carts",   "payments", "products",
                                           "sessions", "quotes", "labels", "reviews", "coupons",  "refunds"};
constexpr std::string_view kMethods[] = {"GET", "POST", "GET", "PUT", "GET", "DELETE"};

enum Kind : std::uint8_t { kInternal = 1, kServer, kClient, kProducer, kConsumer };

struct PlannedSpan {
    std::uint32_t service;
    std::uint32_t operation;
    std::uint32_t parent;  // index in the trace; itself for the root
    std::uint64_t start_ns;
    std::uint64_t end_ns;
    std::uint64_t id;
    Kind kind;
    bool error;
};

}  // namespace

struct Generator::State {
    explicit State(const GeneratorOptions& o)
        : options(o), profile(kProfiles[static_cast<std::size_t>(o.shape)]), random(o.seed) {
        pending.resize(profile.services * kInstances);
        resources.reserve(pending.size());
        for (std::size_t i = 0; i < pending.size(); ++i) resources.push_back(make_resource(i));
        clock_ns = o.start_ns;
    }

    static constexpr std::size_t kInstances = 3;

    struct Pending {
        std::string spans;  // serialized Span fields of a ScopeSpans
        std::size_t count = 0;
    };

    std::string service_name(std::size_t service) const {
        const std::string_view base = kServiceNames[service % std::size(kServiceNames)];
        return service < std::size(kServiceNames) ? std::string(base) : fmt::format("{}-{}", base, service);
    }

    std::string uuid() {
        const std::uint64_t a = random.next();
        const std::uint64_t b = random.next();
        return fmt::format("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a >> 32, a >> 16 & 0xFFFF, a & 0xFFF, b >> 52,
                           b & 0xFFFFFFFFFFFF);
    }

    std::string make_resource(std::size_t index) {
        const std::size_t service = index / kInstances;
        std::string out;
        ProtoWriter w(out);
        const std::string name = service_name(service);
        const std::string pod = fmt::format("{}-{:x}-{:05x}", name, random.below(1U << 30), random.below(1U << 20));
        w.attribute(1, "service.name", name);
        w.attribute(1, "service.version", std::string_view(index % 2 == 0 ? "2.14.1" : "2.14.2"));
        w.attribute(1, "service.instance.id", uuid());
        w.attribute(1, "telemetry.sdk.language", std::string_view(service % 2 == 0 ? "go" : "java"));
        w.attribute(1, "telemetry.sdk.name", std::string_view("opentelemetry"));
        w.attribute(1, "telemetry.sdk.version", std::string_view("1.38.0"));
        const std::array<std::pair<std::string_view, std::string>, 9> more = {{
            {"deployment.environment.name", "production"},
            {"host.name", fmt::format("ip-10-0-{}-{}.internal", random.below(256), random.below(256))},
            {"os.type", "linux"},
            {"process.runtime.name", service % 2 == 0 ? "go" : "OpenJDK Runtime Environment"},
            {"k8s.namespace.name", "shop"},
            {"k8s.pod.name", pod},
            {"k8s.node.name", fmt::format("node-{}", random.below(40))},
            {"cloud.region", "eu-central-1"},
            {"process.pid", ""},
        }};
        std::size_t count = 6;
        for (const auto& [key, value] : more) {
            if (count++ >= profile.resource_attributes) break;
            if (value.empty()) {
                w.attribute(1, key, static_cast<std::int64_t>(random.below(30000) + 1));
            } else {
                w.attribute(1, key, value);
            }
        }
        for (; count < profile.resource_attributes; ++count) {
            w.attribute(1, fmt::format("k8s.label.{}", count), fmt::format("value-{}-{}", count, random.below(4)));
        }
        return out;
    }

    std::size_t trace_length() {
        ++traces;
        if (options.shape == Shape::kWide) {
            if (traces == 1) return 100'000;
            if (traces % 100 == 0) return 2'000;
        }
        if (profile.min_spans == profile.max_spans) return profile.min_spans;
        // Mean about 10.6 of 3 to 37.
        const std::size_t range = profile.max_spans - profile.min_spans + 1;
        return profile.min_spans + std::min({random.below(range), random.below(range), random.below(range) + 5});
    }

    void plan_trace() {
        const std::size_t length = trace_length();
        clock_ns += options.trace_interval_ns / 2 + random.below(options.trace_interval_ns);
        plan.clear();
        plan.reserve(length);
        for (std::size_t i = 0; i < length; ++i) {
            PlannedSpan span{};
            span.id = random.next() | 1;
            if (i == 0) {
                span.service = static_cast<std::uint32_t>(random.skewed(profile.services));
                span.kind = kServer;
                span.start_ns = clock_ns;
                span.end_ns = clock_ns + 200'000 + random.below(1000) * random.below(400'000);
            } else {
                // Mostly deep rather than flat: the parent is one of the last few.
                const std::size_t back = 1 + random.skewed(std::min<std::size_t>(i, 6));
                span.parent = static_cast<std::uint32_t>(i - back);
                const PlannedSpan& parent = plan[span.parent];
                const bool remote = parent.kind == kClient;
                span.service = remote ? static_cast<std::uint32_t>(random.skewed(profile.services)) : parent.service;
                span.kind = remote ? kServer : (random.below(10) < 6 ? kClient : kInternal);
                const std::uint64_t room = parent.end_ns - parent.start_ns;
                span.start_ns = parent.start_ns + 1000 + random.below(room / 3 + 1);
                span.end_ns = span.start_ns + 1000 + random.below(room / 2 + 1);
            }
            span.operation = static_cast<std::uint32_t>(random.skewed(profile.operations));
            if (span.service % 4 == 3) {  // a clock of microseconds
                span.start_ns -= span.start_ns % 1000;
                span.end_ns -= span.end_ns % 1000;
            }
            plan.push_back(span);
        }
        if (random.below(100) < 3) {
            for (std::size_t i = plan.size() - 1;; i = plan[i].parent) {
                plan[i].error = true;
                if (plan[i].parent == i || random.one_in(3)) break;
            }
        }
    }

    void emit_trace() {
        std::array<char, 16> trace_id{};
        for (int half = 0; half < 2; ++half) {
            const std::uint64_t r = random.next();
            for (int i = 0; i < 8; ++i)
                trace_id[static_cast<std::size_t>(half * 8 + i)] = static_cast<char>(r >> (8 * i));
        }
        const std::size_t instance = random.below(kInstances);
        for (std::size_t i = 0; i < plan.size(); ++i) {
            Pending& to = pending[plan[i].service * kInstances + instance];
            message.clear();
            write_span(plan[i], i, std::string_view(trace_id.data(), trace_id.size()));
            ProtoWriter(to.spans).bytes(2, message);
            if (++to.count >= options.spans_per_request)
                ready.push_back(finish(plan[i].service * kInstances + instance));
        }
    }

    static std::string id_bytes(std::uint64_t id) {
        std::string out(8, '\0');
        for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<char>(id >> (8 * i));
        return out;
    }

    void write_span(const PlannedSpan& span, std::size_t index, std::string_view trace_id) {
        ProtoWriter w(message);
        w.bytes(1, trace_id);
        w.bytes(2, id_bytes(span.id));
        if (span.parent != index) w.bytes(4, id_bytes(plan[span.parent].id));
        const std::string_view noun = kResources[span.operation % std::size(kResources)];
        const std::string_view method = kMethods[span.operation % std::size(kMethods)];
        const std::string suffix =
            options.shape == Shape::kCardinality ? fmt::format("/v{}", span.operation) : std::string();
        const std::string route = fmt::format("/api/v1/{}/{{id}}{}", noun, suffix);
        const bool grpc = span.kind == kClient && span.operation % 3 == 0;
        const bool database = span.kind == kClient && !grpc;
        std::string name;
        if (span.kind == kServer) {
            name = fmt::format("{} {}", method, route);
        } else if (grpc) {
            name = fmt::format("shop.{}Service/Get{}", noun, span.operation);
        } else if (database) {
            name = fmt::format("SELECT shop.{}", noun);
        } else {
            name = fmt::format("{}.process{}", noun, span.operation);
        }
        w.bytes(5, name);
        w.uint(6, span.kind);
        w.fixed64(7, span.start_ns);
        w.fixed64(8, span.end_ns);
        if (options.shape == Shape::kDemoSmall) {
            small_attributes(w, span, method, route);
        } else {
            attributes(w, span, method, route, noun, grpc, database);
        }
        if (random.one_in(10) || span.error) write_event(w, span, noun);
        if (span.error) {
            std::string status;
            ProtoWriter s(status);
            s.bytes(2, "connection reset by peer");
            s.uint(3, 2);
            w.bytes(15, status);
        }
        w.fixed32(16, 0x101);
    }

    void small_attributes(ProtoWriter& w, const PlannedSpan& span, std::string_view method, std::string_view route) {
        w.attribute(9, "http.request.method", method);
        w.attribute(9, "http.route", route);
        w.attribute(9, "http.response.status_code", std::int64_t{span.error ? 500 : 200});
        w.attribute(9, "app.user.tier", std::string_view(random.one_in(5) ? "gold" : "basic"));
        w.attribute(9, "app.items", static_cast<std::int64_t>(random.below(12)));
        w.attribute(9, "thread.id", static_cast<std::int64_t>(random.below(16)));
    }

    void attributes(ProtoWriter& w, const PlannedSpan& span, std::string_view method, std::string_view route,
                    std::string_view noun, bool grpc, bool database) {
        const std::uint64_t number = random.below(1'000'000);
        if (span.kind == kServer) {
            w.attribute(9, "http.request.method", method);
            w.attribute(9, "http.route", route);
            w.attribute(9, "url.path", fmt::format("/api/v1/{}/{}", noun, number));
            w.attribute(9, "url.scheme", std::string_view("https"));
            w.attribute(9, "http.response.status_code",
                        std::int64_t{span.error ? 500 : (random.one_in(25) ? 404 : 200)});
            w.attribute(9, "client.address", fmt::format("203.0.{}.{}", random.below(32), random.below(256)));
            w.attribute(9, "client.port", static_cast<std::int64_t>(32768 + random.below(28000)));
            w.attribute(9, "server.address", std::string_view("shop.example.com"));
            w.attribute(9, "server.port", std::int64_t{443});
            w.attribute(9, "user_agent.original",
                        fmt::format("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
                                    "Chrome/{}.0.0.0 Safari/537.36",
                                    100 + random.skewed(30)));
            w.attribute(9, "network.protocol.version", std::string_view("1.1"));
            w.attribute(9, "session.id", fmt::format("s-{:08x}", random.below(20'000) * 2654435761U));
        } else if (grpc) {
            w.attribute(9, "rpc.system", std::string_view("grpc"));
            w.attribute(9, "rpc.service", fmt::format("shop.{}Service", noun));
            w.attribute(9, "rpc.method", fmt::format("Get{}", span.operation));
            w.attribute(9, "rpc.grpc.status_code", std::int64_t{span.error ? 14 : 0});
            w.attribute(9, "server.address",
                        fmt::format("{}-service-primary.shop-production.svc.eu-central-1.cluster.local", noun));
            w.attribute(9, "server.port", std::int64_t{8080});
            w.attribute(9, "network.peer.address", fmt::format("10.0.{}.{}", random.below(8), random.below(256)));
            w.attribute(9, "network.peer.port", static_cast<std::int64_t>(32768 + random.below(28000)));
            w.attribute(9, "network.transport", std::string_view("tcp"));
            w.attribute(9, "network.type", std::string_view("ipv4"));
            w.attribute(9, "thread.id", static_cast<std::int64_t>(random.below(64)));
            w.attribute(9, "thread.name", fmt::format("grpc-worker-{}", random.below(64)));
        } else if (database) {
            w.attribute(9, "db.system.name", std::string_view("postgresql"));
            w.attribute(9, "db.namespace", std::string_view("shop"));
            w.attribute(9, "db.collection.name", noun);
            w.attribute(9, "db.operation.name", std::string_view("SELECT"));
            w.attribute(9, "db.query.summary", fmt::format("SELECT {}", noun));
            w.attribute(9, "db.query.text",
                        fmt::format("SELECT id, state, total, created_at, updated_at FROM shop.{} WHERE id = $1 AND "
                                    "tenant = $2 ORDER BY created_at LIMIT 100",
                                    noun));
            w.attribute(9, "server.address", std::string_view("db.shop.internal"));
            w.attribute(9, "server.port", std::int64_t{5432});
            w.attribute(9, "network.peer.address", fmt::format("10.1.0.{}", random.below(16)));
            w.attribute(9, "db.response.returned_rows", static_cast<std::int64_t>(random.skewed(100)));
            w.attribute(9, "thread.id", static_cast<std::int64_t>(random.below(64)));
            w.attribute(9, "pool.name", std::string_view("primary"));
        } else {
            w.attribute(
                9, "code.function.name",
                fmt::format("com.example.shop.platform.{}.internal.service.DefaultOrderProcessingService.process{}",
                            noun, span.operation));
            w.attribute(9, "code.line.number", static_cast<std::int64_t>(100 + span.operation * 17));
            w.attribute(9, "thread.id", static_cast<std::int64_t>(random.below(64)));
            w.attribute(9, "thread.name", fmt::format("http-exec-{}", random.below(64)));
            w.attribute(9, "app.order.id", uuid());
            w.attribute(9, "app.tenant", fmt::format("tenant-{}", random.skewed(200)));
            w.attribute(9, "app.feature", std::string_view("standard"));
            w.attribute(9, "app.retry.count", static_cast<std::int64_t>(random.one_in(20) ? 1 : 0));
            w.attribute(9, "app.amount", static_cast<double>(random.below(100'000)) / 100);
            w.attribute(9, "app.currency", std::string_view(random.one_in(4) ? "USD" : "EUR"));
            w.attribute(9, "app.channel", std::string_view("web"));
            w.attribute(9, "app.region", std::string_view("eu"));
        }
        if (options.shape == Shape::kCardinality) {
            w.attribute(9, "app.request.id", uuid());
            w.attribute(9, "enduser.id", fmt::format("user-{}", random.below(5'000'000)));
            w.attribute(
                9, "url.full",
                fmt::format("https://shop.example.com/api/v1/{}/{}?ref={:x}", noun, number, random.below(1U << 24)));
        }
        if (options.shape == Shape::kEnterprise) enterprise_attributes(w, noun);
    }

    void enterprise_attributes(ProtoWriter& w, std::string_view noun) {
        std::string text = fmt::format("SELECT t0.id, t0.created_at FROM {} AS t0", noun);
        const std::uint64_t joins = 2 + random.skewed(10);
        for (std::uint64_t i = 0; i < joins; ++i)
            text += fmt::format(" LEFT JOIN detail_{0} AS t{0} ON t{0}.parent_id = t0.id", i + 1);
        w.attribute(9, "db.query.text.full", text);
        for (int i = 0; i < 11; ++i) {
            w.attribute(9, fmt::format("acme.dimension.{}", i), fmt::format("bucket-{}", random.skewed(30)));
        }
        w.attribute(9, "acme.cost.center", static_cast<std::int64_t>(random.below(400)));
    }

    void write_event(ProtoWriter& w, const PlannedSpan& span, std::string_view noun) {
        std::string event;
        ProtoWriter e(event);
        e.fixed64(1, span.start_ns + random.below(span.end_ns - span.start_ns + 1));
        if (span.error) {
            e.bytes(2, "exception");
            e.attribute(3, "exception.type", std::string_view("java.net.SocketException"));
            e.attribute(3, "exception.message", std::string_view("connection reset by peer"));
            std::string stack = "java.net.SocketException: connection reset by peer\n";
            const std::uint64_t frames = 8 + random.below(8);
            for (std::uint64_t i = 0; i < frames; ++i) {
                stack += fmt::format("\tat com.shop.{}.layer{}.Handler.invoke(Handler.java:{})\n", noun, i,
                                     40 + i * 3 + span.operation);
            }
            e.attribute(3, "exception.stacktrace", stack);
        } else {
            e.bytes(2, random.one_in(2) ? "message" : "cache.miss");
            e.attribute(3, "message.id", static_cast<std::int64_t>(random.below(1000)));
            e.attribute(3, "message.type", std::string_view("SENT"));
        }
        w.bytes(11, event);
    }

    std::string finish(std::size_t instance) {
        Pending& from = pending[instance];
        std::string scope;
        ProtoWriter s(scope);
        s.bytes(1, "io.opentelemetry.shop-instrumentation");
        s.bytes(2, "2.20.1");
        std::string scope_spans;
        ProtoWriter ss(scope_spans);
        ss.bytes(1, scope);
        scope_spans += from.spans;
        std::string resource_spans;
        ProtoWriter rs(resource_spans);
        rs.bytes(1, resources[instance]);
        rs.bytes(2, scope_spans);
        std::string body;
        ProtoWriter(body).bytes(1, resource_spans);
        ready_spans.push_back(from.count);
        from.spans.clear();
        from.count = 0;
        return body;
    }

    GeneratorOptions options;
    const Profile& profile;
    Random random;
    std::vector<Pending> pending;  // of each service instance
    std::vector<std::string> resources;
    std::vector<PlannedSpan> plan;
    std::string message;
    std::deque<std::string> ready;
    std::deque<std::size_t> ready_spans;
    std::string current;
    std::uint64_t clock_ns = 0;
    std::uint64_t traces = 0;
    std::uint64_t spans = 0;
    std::uint64_t bytes = 0;
};

bool shape_from(char letter, Shape& shape) {
    if (letter < 'A' || letter > 'E') return false;
    shape = static_cast<Shape>(letter - 'A');
    return true;
}

Generator::Generator(const GeneratorOptions& options) : state_(std::make_unique<State>(options)) {}
Generator::~Generator() = default;

const std::string& Generator::next() {
    State& s = *state_;
    while (s.ready.empty()) {
        s.plan_trace();
        s.emit_trace();
    }
    s.current = std::move(s.ready.front());
    s.ready.pop_front();
    s.spans += s.ready_spans.front();
    s.ready_spans.pop_front();
    s.bytes += s.current.size();
    return s.current;
}

std::uint64_t Generator::spans() const {
    return state_->spans;
}
std::uint64_t Generator::bytes() const {
    return state_->bytes;
}

}  // namespace skua::bench
