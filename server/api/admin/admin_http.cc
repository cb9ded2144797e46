// SPDX-License-Identifier: Apache-2.0
#include "api/admin/admin_http.h"

#include "api/http_error.h"
#include "api/json_text.h"

#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace skua::api {
namespace {

HttpResponse json_answer(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body);
    return response;
}

// A member more than Jaeger's answers have, when there is something to say.
std::string detail_member(const Health& health) {
    const std::string detail = health.detail();
    if (detail.empty()) return {};
    std::string out = R"(,"detail":)";
    append_json_text(out, detail);
    return out;
}

HttpResponse jaeger_health(const Health& health) {
    if (health.state() != ServerState::kReady) {
        return json_answer(
            503, fmt::format(R"({{"status":"Server not available","upSince":"0001-01-01T00:00:00Z","uptime":""{}}})",
                             detail_member(health)));
    }
    return json_answer(
        200, fmt::format(R"({{"status":"Server available","upSince":"{}","uptime":"{}"}})",
                         format_time(health.changed_ns()), format_duration(health.now_ns() - health.changed_ns())));
}

std::string_view collector_status(ServerState state) {
    switch (state) {
        case ServerState::kStarting:
            return "StatusStarting";
        case ServerState::kReady:
            return "StatusOK";
        case ServerState::kStopping:
            break;
    }
    return "StatusStopping";
}

HttpResponse collector_health(const Health& health) {
    const ServerState state = health.state();
    const bool is_ready = state == ServerState::kReady;
    return json_answer(is_ready ? 200 : 503,
                       fmt::format(R"({{"start_time":"{}","healthy":{},"status":"{}","status_time":"{}"{}}})",
                                   format_time(health.started_ns()), is_ready, collector_status(state),
                                   format_time(health.changed_ns()), detail_member(health)));
}

using Counter = std::atomic<std::uint64_t> DoorCounters::*;

// One family over all doors, with the collector's labels.
void door_family(MetricsText& out, const std::vector<const DoorCounters*>& doors, std::string_view name,
                 std::string_view help, Counter counter) {
    out.counter(name, help);
    for (const DoorCounters* door : doors) {
        out.sample({{"receiver", door->receiver}, {"transport", door->transport}},
                   (door->*counter).load(std::memory_order_relaxed));
    }
}

// The same numbers under the names that dashboards for Jaeger v1 and v2 know.
void known_families(MetricsText& out, const std::vector<const DoorCounters*>& doors) {
    door_family(out, doors, "otelcol_receiver_accepted_spans", "Spans taken", &DoorCounters::accepted_spans);
    door_family(out, doors, "otelcol_receiver_refused_spans", "Spans that cannot be stored",
                &DoorCounters::rejected_spans);
    door_family(out, doors, "otelcol_receiver_accepted_metric_points", "Metric data points received",
                &DoorCounters::metric_points);
    const auto v1 = [&](std::string_view name, std::string_view help, Counter counter) {
        out.counter(name, help);
        for (const DoorCounters* door : doors) {
            out.sample({{"format", door->format}, {"transport", door->transport}},
                       (door->*counter).load(std::memory_order_relaxed));
        }
    };
    v1("jaeger_collector_spans_received_total", "Spans taken", &DoorCounters::accepted_spans);
    v1("jaeger_collector_spans_rejected_total", "Spans that cannot be stored", &DoorCounters::rejected_spans);
}

std::uint64_t resident_bytes() {
    std::FILE* file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    unsigned long size = 0;
    unsigned long resident = 0;
    const int read = std::fscanf(file, "%lu %lu", &size, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void process_families(MetricsText& out, const Health& health) {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    out.counter("process_cpu_seconds_total", "Processor time used");
    out.sample({}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
    out.gauge("process_resident_memory_bytes", "Memory in use");
    out.sample({}, resident_bytes());
    out.gauge("process_start_time_seconds", "Start since the Unix epoch");
    out.sample({}, static_cast<double>(health.started_ns()) / 1e9);
}

HttpResponse metrics(const AdminSources& sources) {
    MetricsText out;
    out.gauge("skua_build_info", "Version of the server");
    out.sample({{"version", sources.build.version}, {"revision", sources.build.commit}}, std::uint64_t{1});
    door_family(out, sources.doors, "skua_door_requests_total", "Requests and datagrams received",
                &DoorCounters::requests);
    door_family(out, sources.doors, "skua_door_unreadable_requests_total", "Requests that could not be decoded",
                &DoorCounters::unreadable_requests);
    door_family(out, sources.doors, "skua_door_failed_requests_total", "Requests refused by the store",
                &DoorCounters::failed_requests);
    known_families(out, sources.doors);
    process_families(out, sources.health);
    if (sources.more) sources.more(out);
    HttpResponse response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = std::move(out).take();
    return response;
}

}  // namespace

std::string build_info_json(const BuildInfo& info) {
    std::string out = R"({"gitCommit":)";
    append_json_text(out, info.commit);
    out += R"(,"gitVersion":)";
    append_json_text(out, "v" + info.version);
    out += R"(,"buildDate":)";
    append_json_text(out, info.date);
    return out + "}";
}

HttpHandler admin_handler(AdminSources sources) {
    const auto shared = std::make_shared<const AdminSources>(std::move(sources));
    return [shared](const HttpRequest& request, const Respond& respond) {
        if (request.path == "/") return respond(jaeger_health(shared->health));
        if (request.path == "/metrics") return respond(metrics(*shared));
        if (request.path == "/version") return respond(json_answer(200, build_info_json(shared->build)));
        respond(page_not_found());
    };
}

HttpHandler health_check_handler(const Health& health) {
    return [&health](const HttpRequest& request, const Respond& respond) {
        if (request.path == "/" || request.path == "/status") return respond(collector_health(health));
        respond(page_not_found());
    };
}

}  // namespace skua::api
