// SPDX-License-Identifier: Apache-2.0
#include "ingest/jaeger/translate.h"

#include "model/nested.h"

#include <limits>

#include <gtest/gtest.h>

namespace skua::ingest::jaeger {
namespace {

using model::Attribute;
using model::Value;
using Tags = std::vector<Attribute>;

std::string text(model::Attributes attributes) {
    std::string out;
    for (const Attribute& a : attributes) {
        out.append(out.empty() ? "" : " ").append(a.key).append("=");
        model::append_string_form(out, a.value);
    }
    return out;
}

Attribute str(std::string_view key, std::string_view value) {
    return {key, Value::of_string(value)};
}
Attribute flag(std::string_view key, bool value) {
    return {key, Value::of_bool(value)};
}
Attribute num(std::string_view key, std::int64_t value) {
    return {key, Value::of_int(value)};
}

TEST(JaegerTranslate, KindAndStatus) {
    constexpr auto kServer = model::SpanKind::kServer;
    constexpr auto kClient = model::SpanKind::kClient;
    constexpr auto kNone = model::SpanKind::kUnspecified;
    constexpr auto kUnset = model::StatusCode::kUnset;
    constexpr auto kOk = model::StatusCode::kOk;
    constexpr auto kError = model::StatusCode::kError;
    const Attribute server = str("span.kind", "server");
    const Attribute client = str("span.kind", "client");
    const struct {
        Tags tags;
        model::SpanKind kind;
        model::StatusCode code;
        std::string_view message;
        std::string_view rest;
    } cases[] = {
        {{}, kNone, kUnset, "", ""},
        {{str("a", "b"), server}, kServer, kUnset, "", "a=b"},
        {{str("span.kind", "internal")}, model::SpanKind::kInternal, kUnset, "", ""},
        {{str("span.kind", "producer")}, model::SpanKind::kProducer, kUnset, "", ""},
        {{str("span.kind", "consumer")}, model::SpanKind::kConsumer, kUnset, "", ""},
        {{server, client}, kClient, kUnset, "", ""},
        {{str("span.kind", "ServeR")}, kNone, kUnset, "", "span.kind=ServeR"},
        {{num("span.kind", 2)}, kNone, kUnset, "", "span.kind=2"},
        {{flag("error", true)}, kNone, kError, "", ""},
        {{flag("error", false)}, kNone, kUnset, "", "error=false"},
        {{str("error", "true")}, kNone, kUnset, "", "error=true"},
        {{flag("error", true), str("otel.status_description", "why"), str("http.status_message", "m")},
         kNone,
         kError,
         "why",
         "http.status_message=m"},
        {{flag("error", true), str("http.status_message", "m")}, kNone, kError, "m", "http.status_message=m"},
        {{flag("error", true), str("otel.status_code", "OK")}, kNone, kError, "", ""},
        {{str("otel.status_code", "ok"), str("otel.status_description", "d")}, kNone, kOk, "d", ""},
        {{str("otel.status_code", "Error")}, kNone, kError, "", ""},
        {{str("otel.status_code", "UNSET"), num("http.status_code", 500)}, kNone, kUnset, "", "http.status_code=500"},
        {{str("otel.status_code", "?")}, kNone, kUnset, "", "otel.status_code=?"},
        {{num("http.status_code", 404), client}, kClient, kError, "", "http.status_code=404"},
        {{num("http.status_code", 404), server}, kServer, kUnset, "", "http.status_code=404"},
        {{num("http.status_code", 404)}, kNone, kError, "", "http.status_code=404"},
        {{str("http.status_code", "503"), server, str("http.status_message", "m")},
         kServer,
         kError,
         "m",
         "http.status_code=503 http.status_message=m"},
        {{str("http.status_code", "503x")}, kNone, kUnset, "", "http.status_code=503x"},
        {{num("http.status_code", 200)}, kNone, kUnset, "", "http.status_code=200"},
        {{num("http.status_code", 398)}, kNone, kUnset, "", "http.status_code=398"},
        {{num("http.status_code", 399)}, kNone, kError, "", "http.status_code=399"},
        {{num("http.status_code", 99)}, kNone, kError, "", "http.status_code=99"},
        {{flag("error", false), num("http.status_code", 500)}, kNone, kError, "", "error=false http.status_code=500"},
        {{str("k", "1"), str("k", "2")}, kNone, kUnset, "", "k=1 k=2"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(text(c.tags));
        SpanBuilder builder;
        builder.attributes = c.tags;
        translate_tags(builder);
        EXPECT_EQ(builder.span.kind, c.kind);
        EXPECT_EQ(builder.span.status_code, c.code);
        EXPECT_EQ(builder.span.status_message, c.message);
        EXPECT_EQ(text(builder.attributes), c.rest);
    }
}

TEST(JaegerTranslate, Process) {
    const struct {
        std::string_view name;
        Tags tags;
        std::string_view want;
    } cases[] = {
        {"", {}, ""},
        {"shop", {}, "service.name=shop"},
        {"shop", {str("a", "b")}, "service.name=shop a=b"},
        {"shop", {str("service.name", "other")}, "service.name=other"},
        {"s", {str("hostname", "h"), str("ip", "i")}, "service.name=s host.name=h ip=i"},
        {"s", {str("hostname", "h"), str("host.name", "g")}, "service.name=s hostname=h host.name=g"},
        {"", {str("jaeger.version", "Go-2.9")}, "opencensus.exporterversion=Jaeger-Go-2.9"},
        {"", {num("jaeger.version", 2)}, "jaeger.version=2"},
        {"",
         {str("jaeger.version", "1"), str("opencensus.exporterversion", "x")},
         "jaeger.version=1 opencensus.exporterversion=x"},
    };
    for (const auto& c : cases) {
        Tags tags = c.tags;
        std::deque<std::string> texts;
        translate_process(c.name, tags, texts);
        EXPECT_EQ(text(tags), c.want);
    }
}

TEST(JaegerTranslate, Scope) {
    SpanBuilder builder;
    builder.attributes = {str("otel.scope.name", "lib"), str("a", "b"), str("otel.scope.version", "1.2"),
                          str("otel.library.name", "old")};
    const ScopeName scope = take_scope(builder);
    EXPECT_EQ(scope.name, "lib");
    EXPECT_EQ(scope.version, "1.2");
    EXPECT_EQ(text(builder.attributes), "a=b otel.library.name=old");
    builder.attributes = {str("otel.scope.version", "1.2")};
    EXPECT_EQ(take_scope(builder).version, "");
    EXPECT_EQ(text(builder.attributes), "otel.scope.version=1.2");
}

TEST(JaegerTranslate, References) {
    const model::TraceId here{0, 1};
    const model::TraceId there{0, 2};
    const struct {
        std::uint64_t parent;
        std::vector<Reference> references;
        std::uint64_t want_parent;
        std::string_view want_links;
    } cases[] = {
        {7, {}, 7, ""},
        {7, {{true, here, {7}}}, 7, ""},
        {0, {{true, here, {7}}}, 7, ""},
        {0, {{false, here, {6}}, {true, here, {7}}, {true, here, {8}}}, 7, "1/6 follows_from, 1/8 child_of, "},
        {0, {{false, here, {6}}}, 6, "1/6 follows_from, "},
        {0, {{true, there, {6}}, {false, there, {6}}}, 0, "2/6 child_of, 2/6 follows_from, "},
        {7, {{true, there, {7}}, {true, here, {6}}}, 7, "2/7 child_of, 1/6 child_of, "},
    };
    for (const auto& c : cases) {
        SpanBuilder builder;
        builder.span.trace_id = here;
        builder.span.parent_span_id = {c.parent};
        translate_references(builder, c.references);
        const model::Span& span = builder.finish({}, {});
        EXPECT_EQ(span.parent_span_id.value, c.want_parent);
        std::string links;
        for (const model::Link& l : span.links) {
            ASSERT_EQ(l.attributes.size(), 1U);
            EXPECT_EQ(l.attributes[0].key, "opentracing.ref_type");
            links += std::to_string(l.trace_id.low) + "/" + std::to_string(l.span_id.value) + " " +
                     std::string(l.attributes[0].value.text) + ", ";
        }
        EXPECT_EQ(links, c.want_links);
    }
}

TEST(JaegerTranslate, LogsBecomeEvents) {
    SpanBuilder builder;
    const auto add = [&](std::uint64_t time, const Tags& fields) {
        const std::size_t first = builder.part_attributes.size();
        builder.part_attributes.insert(builder.part_attributes.end(), fields.begin(), fields.end());
        add_log(builder, time, first);
    };
    add(1, {str("event", "first"), str("a", "b")});
    add(2, {str("c", "d"), num("event", 5)});
    add(3, {str("event", "old"), str("event", "new")});
    const model::Span& span = builder.finish({}, {});
    ASSERT_EQ(span.events.size(), 3U);
    EXPECT_EQ(span.events[0].name, "first");
    EXPECT_EQ(text(span.events[0].attributes), "a=b");
    EXPECT_EQ(span.events[1].name, "");
    EXPECT_EQ(text(span.events[1].attributes), "c=d event=5");
    EXPECT_EQ(span.events[2].name, "new");
    EXPECT_EQ(text(span.events[2].attributes), "");
}

TEST(JaegerTranslate, TimesStayInRange) {
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
    constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(to_ns(0), 0U);
    EXPECT_EQ(to_ns(-1), 0U);
    EXPECT_EQ(to_ns(1544712660300001), 1544712660300001000U);
    EXPECT_EQ(to_ns(18446744073709551), 18446744073709551000U);
    EXPECT_EQ(to_ns(18446744073709552), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(to_ns(kMax), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(add_saturating(kMax, 1), kMax);
    EXPECT_EQ(add_saturating(kMin, -1), kMin);
    EXPECT_EQ(add_saturating(5, -7), -2);
}

}  // namespace
}  // namespace skua::ingest::jaeger
