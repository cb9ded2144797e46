// SPDX-License-Identifier: Apache-2.0
#include "query/trace_query.h"

#include "query/go_syntax.h"

namespace skua::query {
namespace {

using store::Field;
using store::Filter;
using store::Level;
using store::Op;

Filter equals(Level level, Field field, std::string value) {
    return Filter::compare(Op::kEq, store::field(level, field), store::untyped(std::move(value)));
}

std::string lower(std::string text) {
    for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return text;
}

struct FieldTag {
    std::string_view key;
    Level level;
    Field field;
};
constexpr FieldTag kFieldTags[] = {
    {"span.kind", Level::kSpan, Field::kKind},
    {"scope.name", Level::kScope, Field::kName},
    {"scope.version", Level::kScope, Field::kVersion},
    {"otel.scope.name", Level::kScope, Field::kName},
    {"otel.scope.version", Level::kScope, Field::kVersion},
    {"otel.status_description", Level::kSpan, Field::kStatusMessage},
    {"w3c.tracestate", Level::kSpan, Field::kTraceState},
    {"event", Level::kEvent, Field::kName},  // Jaeger's first log field
};

// What the key stands for besides an attribute of that name; nothing when it is only that.
std::optional<Filter> special(const std::string& key, const std::string& value) {
    const Filter is_error = equals(Level::kSpan, Field::kStatus, "error");
    if (key == "error") {
        const auto wanted = parse_bool(value);
        if (!wanted.ok()) return std::nullopt;
        return *wanted ? is_error : Filter::negation(is_error);
    }
    if (key == "span.status") {
        const std::string word = lower(value);
        return equals(Level::kSpan, Field::kStatus, word == "ok" || word == "error" ? word : "unset");
    }
    if (key == "otel.status_code") {
        if (value != "OK" && value != "ERROR") return std::nullopt;
        return equals(Level::kSpan, Field::kStatus, lower(value));
    }
    for (const FieldTag& tag : kFieldTags) {
        if (tag.key == key) return equals(tag.level, tag.field, value);
    }
    constexpr std::string_view kResource = "resource.";
    if (key.starts_with(kResource) && key.size() > kResource.size()) {
        return Filter::compare(Op::kEq, store::attribute(Level::kResource, key.substr(kResource.size())),
                               store::untyped(value));
    }
    return std::nullopt;
}

Filter duration(Op op, std::int64_t ns) {
    return Filter::compare(op, store::field(Level::kSpan, Field::kDuration), store::nanos(ns));
}

}  // namespace

Filter tag_filter(const std::string& key, const std::string& value) {
    Filter plain = Filter::compare(Op::kEq, store::attribute(Level::kEverywhere, key), store::untyped(value));
    auto other = special(key, value);
    return other ? Filter::any_of({std::move(plain), std::move(*other)}) : plain;
}

Filter to_filter(const TraceQuery& query) {
    if (query.filter) return *query.filter;
    std::vector<Filter> all;
    if (!query.service.empty()) all.push_back(equals(Level::kResource, Field::kService, query.service));
    if (!query.operation.empty()) all.push_back(equals(Level::kSpan, Field::kName, query.operation));
    if (query.min_duration_ns) all.push_back(duration(Op::kGte, *query.min_duration_ns));
    if (query.max_duration_ns) all.push_back(duration(Op::kLte, *query.max_duration_ns));
    for (const auto& [key, value] : query.attributes) all.push_back(tag_filter(key, value));
    return Filter::all_of(std::move(all));
}

}  // namespace skua::query
