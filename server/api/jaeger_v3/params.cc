// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v3/params.h"

#include "query/go_syntax.h"
#include "query/json_input.h"

#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace skua::api::jaeger_v3 {
namespace {

constexpr std::size_t kDefaultDepth = 100;

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

// A parameter that was given, under whichever name.
struct Parameter {
    std::string_view name;
    std::string_view text;
};

// The first that is there and not empty.
std::optional<Parameter> find(const HttpRequest& request, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        const std::string_view text = request.parameter(name).value_or("");
        if (!text.empty()) return Parameter{name, text};
    }
    return std::nullopt;
}

std::string_view text_of(const HttpRequest& request, std::initializer_list<std::string_view> names) {
    const auto parameter = find(request, names);
    return parameter ? parameter->text : std::string_view();
}

// Nothing when it was not given.
template <class Parse>
auto read(const HttpRequest& request, std::initializer_list<std::string_view> names, Parse parse)
    -> base::Result<std::optional<std::remove_cvref_t<decltype(parse(std::string_view()).value())>>> {
    using Value = std::remove_cvref_t<decltype(parse(std::string_view()).value())>;
    const auto parameter = find(request, names);
    if (!parameter) return std::optional<Value>();
    auto value = parse(parameter->text);
    if (!value.ok()) return invalid(fmt::format("malformed parameter {}: {}", parameter->name, value.error().message));
    return std::optional<Value>(std::move(value).value());
}

base::Status read_attributes(const HttpRequest& request, query::TraceQuery& query) {
    SKUA_ASSIGN_OR_RETURN(auto attributes, read(request, {"query.attributes"}, query::parse_string_map));
    if (!attributes) return {};
    for (auto& [key, value] : *attributes) {
        if (key.empty()) return invalid("malformed parameter query.attributes: a key is empty");
        query.attributes.emplace_back(std::move(key), std::move(value));
    }
    return {};
}

base::Status read_window(const HttpRequest& request, query::TraceQuery& query) {
    SKUA_ASSIGN_OR_RETURN(const auto from,
                          read(request, {"query.startTimeMin", "query.start_time_min"}, query::parse_rfc3339));
    SKUA_ASSIGN_OR_RETURN(const auto to,
                          read(request, {"query.startTimeMax", "query.start_time_max"}, query::parse_rfc3339));
    if (!from || !to) return invalid("query.startTimeMin and query.startTimeMax are required");
    if (*from > *to) return invalid("query.startTimeMin must be before query.startTimeMax");
    query.window = {*from, *to};
    return {};
}

bool has_legacy_fields(const query::TraceQuery& query) {
    return !query.service.empty() || !query.operation.empty() || !query.attributes.empty() || query.min_duration_ns ||
           query.max_duration_ns;
}

}  // namespace

base::Result<SearchParams> read_search_params(const HttpRequest& request) {
    SearchParams params;
    query::TraceQuery& query = params.query;
    query.service = text_of(request, {"query.serviceName", "query.service_name"});
    query.operation = text_of(request, {"query.operationName", "query.operation_name"});
    SKUA_RETURN_IF_ERROR(read_attributes(request, query));
    SKUA_ASSIGN_OR_RETURN(query.filter, read(request, {"query.filter"}, query::parse_filter));
    SKUA_RETURN_IF_ERROR(read_window(request, query));
    const auto parse_depth = [](std::string_view text) { return query::parse_uint(text, 32); };
    SKUA_ASSIGN_OR_RETURN(const auto depth,
                          read(request, {"query.searchDepth", "query.search_depth", "query.num_traces"}, parse_depth));
    query.limit = depth.value_or(0) == 0 ? kDefaultDepth : static_cast<std::size_t>(*depth);
    SKUA_ASSIGN_OR_RETURN(const auto shortest,
                          read(request, {"query.durationMin", "query.duration_min"}, query::parse_duration));
    SKUA_ASSIGN_OR_RETURN(const auto longest,
                          read(request, {"query.durationMax", "query.duration_max"}, query::parse_duration));
    if (shortest.value_or(0) != 0) query.min_duration_ns = shortest;
    if (longest.value_or(0) != 0) query.max_duration_ns = longest;
    SKUA_ASSIGN_OR_RETURN(const auto raw, read(request, {"query.rawTraces", "query.raw_traces"}, query::parse_bool));
    params.raw = raw.value_or(false);
    if (query.min_duration_ns && query.max_duration_ns && *query.max_duration_ns < *query.min_duration_ns) {
        return invalid("query.durationMin must not be greater than query.durationMax");
    }
    if (query.filter && has_legacy_fields(query)) {
        return invalid(
            "query.filter cannot be combined with a service, an operation, attributes or durations outside it");
    }
    return params;
}

base::Result<bool> read_trace_params(const HttpRequest& request) {
    SKUA_RETURN_IF_ERROR(read(request, {"startTime", "start_time"}, query::parse_rfc3339));
    SKUA_RETURN_IF_ERROR(read(request, {"endTime", "end_time"}, query::parse_rfc3339));
    SKUA_ASSIGN_OR_RETURN(const auto raw, read(request, {"rawTraces", "raw_traces"}, query::parse_bool));
    return raw.value_or(false);
}

base::Result<store::TimeRange> read_dependency_params(const HttpRequest& request) {
    SKUA_ASSIGN_OR_RETURN(const auto start, read(request, {"startTime", "start_time"}, query::parse_rfc3339));
    SKUA_ASSIGN_OR_RETURN(const auto end, read(request, {"endTime", "end_time"}, query::parse_rfc3339));
    if (!start) return invalid("start_time is required");
    if (!end) return invalid("end_time is required");
    if (*end <= *start) return invalid("end_time must be after start_time");
    return store::TimeRange{*start, *end};
}

std::string_view span_kind(const HttpRequest& request) {
    return text_of(request, {"spanKind", "span_kind"});
}

}  // namespace skua::api::jaeger_v3
