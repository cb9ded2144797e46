// SPDX-License-Identifier: Apache-2.0
// Jaeger's tags find a span by either view of it.
#include "query/trace_query.h"

#include "store/contract/span_text.h"
#include "store/predicate.h"
#include "store/staging.h"

#include <gtest/gtest.h>

namespace skua::query {
namespace {

constexpr std::string_view kSpans = R"(
span trace=01 id=01 service=web name=a kind=server status=error message=boom state=x=1 scope=lib@1.0 n=int:5 d=double:0.5 error=yes
event name=retry at=1ms why=late
link trace=09 id=09 rel=child
span trace=02 id=02 service=db name=b kind=client status=ok res:host.name=h1 error=bool:true
span trace=03 id=03 name=c resource.host.name=literal scope:team=red
)";

std::string found(const store::Filter& filter) {
    const auto predicate = store::Predicate::compile(filter);
    if (!predicate.ok()) return predicate.error().message;
    store::Staging staging;
    model::RawBody body;
    body.bytes = kSpans;
    EXPECT_TRUE(store::testing::SpanTextDecoder().decode(body, staging).ok());
    std::string names;
    for (const auto& span : staging.batch().spans()) {
        if (predicate->matches(span)) names += span.name;
    }
    return names;
}

TEST(TagFilter, BothViews) {
    struct Case {
        std::string key, value, want;
    };
    const Case kCases[] = {
        {"n", "5", "a"},
        {"d", "0.5", "a"},
        {"why", "late", "a"},
        {"rel", "child", "a"},
        {"team", "red", "c"},
        {"host.name", "h1", "b"},
        {"error", "true", "ab"},   // the status of a, the attribute of b
        {"error", "false", "bc"},  // everything whose status is not Error
        {"error", "yes", "a"},     // no boolean: the attribute only
        {"span.status", "ERROR", "a"},
        {"span.status", "OK", "b"},
        {"span.status", "whatever", "c"},
        {"otel.status_code", "ERROR", "a"},
        {"otel.status_code", "OK", "b"},
        {"otel.status_code", "UNSET", ""},
        {"otel.status_description", "boom", "a"},
        {"span.kind", "server", "a"},
        {"span.kind", "client", "b"},
        {"scope.name", "lib", "a"},
        {"otel.scope.name", "lib", "a"},
        {"otel.scope.version", "1.0", "a"},
        {"w3c.tracestate", "x=1", "a"},
        {"event", "retry", "a"},
        {"resource.host.name", "h1", "b"},
        {"resource.host.name", "literal", "c"},
        {"service.name", "web", "a"},
        {"absent", "x", ""},
    };
    for (const Case& c : kCases) EXPECT_EQ(found(tag_filter(c.key, c.value)), c.want) << c.key << "=" << c.value;
}

TEST(ToFilter, AllPartsHoldOnOneSpan) {
    TraceQuery query;
    EXPECT_EQ(found(to_filter(query)), "abc");
    query.service = "missing-service-name";
    EXPECT_EQ(found(to_filter(query)), "c");
    query.service = "web";
    query.operation = "a";
    query.attributes = {{"n", "5"}, {"span.kind", "server"}};
    EXPECT_EQ(found(to_filter(query)), "a");
    query.min_duration_ns = 2;
    EXPECT_EQ(found(to_filter(query)), "");  // a span without length counts as 1 ns
    query.min_duration_ns = 1;
    query.max_duration_ns = 1;
    EXPECT_EQ(found(to_filter(query)), "a");
    query.filter = store::Filter::any_of({});
    EXPECT_EQ(found(to_filter(query)), "");
}

}  // namespace
}  // namespace skua::query
