// SPDX-License-Identifier: Apache-2.0
#include "api/jaeger_v1/search_params.h"

#include "query/go_syntax.h"
#include "query/json_input.h"
#include "query/trace_id.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/core.h>

namespace skua::api::jaeger_v1 {
namespace {

constexpr std::int64_t kMicrosecond = 1'000;
constexpr std::int64_t kMillisecond = 1'000'000;
constexpr std::int64_t kDay = 86'400'000'000'000;
constexpr std::int64_t kSearchLookback = 2 * kDay;
constexpr std::int64_t kDependencyLookback = kDay;
constexpr std::size_t kMaxTraceIds = 1'000;

base::Error invalid(std::string message) {
    return {base::Code::kInvalidArgument, std::move(message)};
}

base::Error bad_parameter(std::string_view name, const base::Error& error) {
    return invalid(fmt::format("unable to parse param '{}': {}", name, error.message));
}

std::string_view text_of(const HttpRequest& request, std::string_view name) {
    return request.parameter(name).value_or("");
}

// What does not fit is the first or the last moment there is.
std::int64_t scaled(std::int64_t value, std::int64_t unit) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    if (value > kMax / unit) return kMax;
    if (value < -(kMax / unit)) return -kMax;
    return value * unit;
}

// ns; `missing` when the parameter is empty or not there.
base::Result<std::int64_t> read_number(const HttpRequest& request, std::string_view name, std::int64_t unit,
                                       std::int64_t missing) {
    const std::string_view text = text_of(request, name);
    if (text.empty()) return missing;
    const auto value = query::parse_int(text);
    if (!value.ok()) return bad_parameter(name, value.error());
    return scaled(*value, unit);
}

base::Result<std::int64_t> read_duration(const HttpRequest& request, std::string_view name) {
    const std::string_view text = text_of(request, name);
    if (text.empty()) return std::int64_t{0};
    auto value = query::parse_duration(text);
    if (!value.ok()) return bad_parameter(name, value.error());
    return value;
}

base::Result<bool> read_bool(const HttpRequest& request, std::string_view name) {
    const std::string_view text = text_of(request, name);
    if (text.empty()) return false;
    auto value = query::parse_bool(text);
    if (!value.ok()) return bad_parameter(name, value.error());
    return value;
}

using Tags = std::vector<std::pair<std::string, std::string>>;

// The last of equal keys counts, as in Go's map.
void set(Tags& tags, std::string key, std::string value) {
    const auto found = std::find_if(tags.begin(), tags.end(), [&](const auto& tag) { return tag.first == key; });
    if (found != tags.end()) {
        found->second = std::move(value);
    } else {
        tags.emplace_back(std::move(key), std::move(value));
    }
}

base::Result<Tags> read_tags(const HttpRequest& request) {
    Tags tags;
    for (const std::string_view tag : request.parameters("tag")) {
        const std::size_t colon = tag.find(':');
        if (colon == std::string_view::npos) {
            return invalid(fmt::format("malformed 'tag' parameter, expecting key:value, received: {}", tag));
        }
        set(tags, std::string(tag.substr(0, colon)), std::string(tag.substr(colon + 1)));
    }
    for (const std::string_view json : request.parameters("tags")) {
        auto map = query::parse_string_map(json);
        if (!map.ok()) return invalid("malformed 'tags' parameter, cannot unmarshal JSON: " + map.error().message);
        for (auto& [key, value] : *map) set(tags, std::move(key), std::move(value));
    }
    // A key that is empty names no attribute.
    for (const auto& [key, value] : tags) {
        if (key.empty())
            return invalid(fmt::format("malformed 'tag' parameter, expecting key:value, received: :{}", value));
    }
    return tags;
}

std::uint64_t since_epoch(std::int64_t ns) {
    return ns < 0 ? 0 : static_cast<std::uint64_t>(ns);
}

}  // namespace

base::Result<SearchParams> read_search_params(const HttpRequest& request, const base::Clock& clock) {
    SearchParams params;
    query::TraceQuery& query = params.query;
    const std::int64_t now = clock.now_ns();
    query.service = text_of(request, "service");
    query.operation = text_of(request, "operation");
    SKUA_ASSIGN_OR_RETURN(const std::int64_t start, read_number(request, "start", kMicrosecond, now - kSearchLookback));
    SKUA_ASSIGN_OR_RETURN(const std::int64_t end, read_number(request, "end", kMicrosecond, now));
    SKUA_ASSIGN_OR_RETURN(query.attributes, read_tags(request));
    std::int64_t limit = 100;
    if (const std::string_view text = text_of(request, "limit"); !text.empty()) {
        SKUA_ASSIGN_OR_RETURN(limit, query::parse_int(text, 32));
    }
    SKUA_ASSIGN_OR_RETURN(const std::int64_t shortest, read_duration(request, "minDuration"));
    SKUA_ASSIGN_OR_RETURN(const std::int64_t longest, read_duration(request, "maxDuration"));
    for (const std::string_view text : request.parameters("traceID")) {
        const auto id = query::parse_trace_id(text);
        if (!id.ok()) return invalid("cannot parse traceID param: " + id.error().message);
        params.trace_ids.push_back(*id);
    }
    SKUA_ASSIGN_OR_RETURN(params.raw, read_bool(request, "raw"));

    if (params.trace_ids.empty() && query.service.empty()) return invalid("parameter 'service' is required");
    if (params.trace_ids.size() > kMaxTraceIds)
        return invalid(fmt::format("too many 'traceID' parameters; want at most {}", kMaxTraceIds));
    if (limit <= 0) return invalid("invalid parameter: limit must be greater than 0");
    if (start > end) return invalid("invalid parameter: start time must be before end time");
    if (shortest != 0 && longest != 0 && longest < shortest)
        return invalid("'maxDuration' should be greater than 'minDuration'");
    query.window = {since_epoch(start), since_epoch(end)};
    query.limit = static_cast<std::size_t>(limit);
    if (shortest != 0) query.min_duration_ns = shortest;
    if (longest != 0) query.max_duration_ns = longest;
    return params;
}

base::Result<store::TimeRange> read_dependency_params(const HttpRequest& request, const base::Clock& clock) {
    SKUA_ASSIGN_OR_RETURN(const std::int64_t end, read_number(request, "endTs", kMillisecond, clock.now_ns()));
    SKUA_ASSIGN_OR_RETURN(const std::int64_t lookback,
                          read_number(request, "lookback", kMillisecond, kDependencyLookback));
    const std::int64_t start = lookback > 0 && end < std::numeric_limits<std::int64_t>::min() + lookback
                                   ? 0
                                   : end - std::max<std::int64_t>(lookback, 0);
    return store::TimeRange{since_epoch(start), since_epoch(end)};
}

base::Result<bool> read_trace_params(const HttpRequest& request) {
    SKUA_RETURN_IF_ERROR(read_number(request, "start", kMicrosecond, 0));
    SKUA_RETURN_IF_ERROR(read_number(request, "end", kMicrosecond, 0));
    return read_bool(request, "raw");
}

}  // namespace skua::api::jaeger_v1
