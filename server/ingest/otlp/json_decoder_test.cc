// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/json_decoder.h"

#include "ingest/otlp/encoder.h"
#include "ingest/testing.h"
#include "model/nested.h"

#include <gtest/gtest.h>

namespace skua::ingest {
namespace {

const std::string kIds = R"("traceId":"000102030405060708090a0b0c0d0e0f","spanId":"a0a1a2a3a4a5a6a7")";
constexpr std::string_view kHead = "resource\nscope\nspan 000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7";

Decoded in_pieces(std::string_view body) {
    model::RawBody raw;
    raw.bytes = body;
    Decoded out;
    out.counts = OtlpJsonDecoder(0).decode(raw, out.sink);
    return out;
}

// Read as one and in pieces, which must come to the same; of several faults another may be named where it is no JSON.
std::string text(const std::string& body) {
    const Decoded whole = decode(model::Encoding::kOtlpJson, body);
    const Decoded pieces = in_pieces(body);
    EXPECT_EQ(pieces.counts.ok(), whole.counts.ok()) << body;
    if (whole.counts.ok() || whole.counts.error().message.find("not JSON") == std::string::npos) {
        EXPECT_EQ(pieces.text(), whole.text()) << body;
    }
    return whole.text();
}
std::string spans(const std::string& list) {
    return R"({"resourceSpans":[{"scopeSpans":[{"spans":[)" + list + "]}]}]}";
}
std::string one_span(const std::string& members) {
    return spans("{" + kIds + (members.empty() ? "" : ",") + members + "}");
}
std::string attribute(const std::string& value) {
    return one_span(R"("attributes":[{"key":"k","value":)" + value + "}]");
}

constexpr std::string_view kFull = R"json({"ignored": {"a": [1, {}]}, "resourceSpans": [{
  "scopeSpans": [{
    "spans": [{
      "traceId": "000102030405060708090A0B0C0D0E0F", "spanId": "a0A1a2a3a4a5a6a7", "parentSpanId": "c0c1c2c3c4c5c6c7",
      "traceState": "ts=", "flags": 257, "name": "GET /caf\u00e9", "kind": "SPAN_KIND_SERVER",
      "startTimeUnixNano": "1544712660300000001", "endTimeUnixNano": 18446744073709551615,
      "attributes": [{"key": "k", "value": {"stringValue": "v"}}, {"value": {"intValue": "-7"}, "key": "i"}],
      "droppedAttributesCount": 3, "droppedEventsCount": 4, "droppedLinksCount": "5",
      "events": [{"timeUnixNano": "1", "name": "e", "attributes": [{"key": "a", "value": {"boolValue": true}}],
                  "droppedAttributesCount": 6}, {}],
      "links": [{"traceId": "0f0e0d0c0b0a09080706050403020100", "spanId": "b0b1b2b3b4b5b6b7", "traceState": "s",
                 "attributes": [{"key": "b"}], "droppedAttributesCount": 7, "flags": 769}],
      "status": {"code": 2, "message": "oops", "deprecatedCode": 1}
    }],
    "schemaUrl": "http://s",
    "scope": {"name": "sco", "version": "1", "attributes": [{"key": "c", "value": {"doubleValue": 1.5}}],
              "droppedAttributesCount": 2}
  }],
  "schemaUrl": "http://r",
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}], "droppedAttributesCount": 1}
}]})json";

constexpr std::string_view kFullDump = R"(resource dropped=1 schema="http://r"
  "service.name" string "shop"
scope name="sco" version="1" dropped=2 schema="http://s"
  "c" double 1.5
span 000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7 parent=c0c1c2c3c4c5c6c7 name="GET /caf\xc3\xa9" kind=2 start=1544712660300000001 end=18446744073709551615 state="ts=" flags=257 status=2 message="oops" dropped=3 dropped_events=4 dropped_links=5
  "k" string "v"
  "i" int -7
  event time=1 name="e" dropped=6
    "a" bool true
  event
  link 0f0e0d0c0b0a09080706050403020100 b0b1b2b3b4b5b6b7 state="s" flags=769 dropped=7
    "b" empty 
)";

TEST(OtlpJson, EveryFieldArrivesInAnyOrder) {
    EXPECT_EQ(text(std::string(kFull)), kFullDump);
    // and survives being written as protobuf
    const Decoded decoded = decode(model::Encoding::kOtlpJson, kFull);
    EXPECT_EQ(decode(model::Encoding::kOtlpProtobuf, encode_traces(decoded.sink.batch.spans())).text(), kFullDump);
}

TEST(OtlpJson, SnakeCaseIsTaken) {
    EXPECT_EQ(text(R"({"resource_spans":[{"schema_url":"r","scope_spans":[{"schema_url":"s","spans":[{
        "trace_id":"000102030405060708090a0b0c0d0e0f","span_id":"a0a1a2a3a4a5a6a7","start_time_unix_nano":"5",
        "parent_span_id":"0000000000000001","dropped_links_count":1,"trace_state":"t",
        "attributes":[{"key":"k","value":{"array_value":{"values":[{"string_value":"x"}]}}}]}]}]}]})"),
              "resource schema=\"r\"\nscope schema=\"s\"\nspan 000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7 "
              "parent=0000000000000001 start=5 state=\"t\" dropped_links=1\n  \"k\" array [\"x\"]\n");
}

TEST(OtlpJson, EmptyAndNull) {
    for (const std::string body :
         {"{}", R"({"resourceSpans":[]})", R"({"resourceSpans":null})", R"({"resourceSpans":[{}]})",
          R"({"resourceSpans":[{"scopeSpans":[{"spans":[]}]}]})"}) {
        EXPECT_EQ(text(body), "") << body;
    }
    EXPECT_EQ(
        text(one_span(R"("name":null,"kind":null,"startTimeUnixNano":null,"attributes":null,"events":null,"links":null,
                               "status":null,"flags":null,"parentSpanId":null,"parentSpanId":"")")),
        std::string(kHead) + "\n");
}

TEST(OtlpJson, AttributeValuesOfEveryType) {
    const struct {
        std::string value;
        std::string_view want;
    } cases[] = {
        {"null", "empty "},
        {"{}", "empty "},
        {R"({"stringValue":null})", "empty "},
        {R"({"newKindValue":1})", "empty "},
        {R"({"stringValue":""})", "string \"\""},
        {R"({"boolValue":false})", "bool false"},
        {R"({"intValue":9223372036854775807})", "int 9223372036854775807"},
        {R"({"intValue":"-9223372036854775808"})", "int -9223372036854775808"},
        {R"({"intValue":1e3})", "int 1000"},
        {R"({"doubleValue":2})", "double 2"},
        {R"({"doubleValue":"-2.5e-7"})", "double -2.5e-7"},
        {R"({"doubleValue":"NaN"})", "double json: unsupported value: NaN"},
        {R"({"doubleValue":"Infinity"})", "double json: unsupported value: +Inf"},
        {R"({"doubleValue":"-Infinity"})", "double json: unsupported value: -Inf"},
        {R"({"bytesValue":""})", "bytes "},
        {R"({"bytesValue":"+/8="})", "bytes +/8="},
        {R"({"bytesValue":"-_8"})", "bytes +/8="},
        {R"({"bytesValue":"Zg=="})", "bytes Zg=="},
        {R"({"arrayValue":{}})", "array []"},
        {R"({"arrayValue":{"values":[{"intValue":1},{},{"bytesValue":"Zg"},{"arrayValue":{"values":[{"boolValue":true}]}}]}})",
         R"(array [1,null,"Zg==",[true]])"},
        {R"({"kvlistValue":{"values":[{"key":"b","value":{"kvlistValue":{}}},{"key":"a","value":{"doubleValue":1.5}}]}})",
         R"(map {"a":1.5,"b":{}})"},
        {R"({"stringValue":"a","intValue":1})", "int 1"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(text(attribute(c.value)), std::string(kHead) + "\n  \"k\" " + std::string(c.want) + "\n");
    }
}

TEST(OtlpJson, EnumsByNumberAndName) {
    for (const std::string kind : {"3", "\"3\"", "\"SPAN_KIND_CLIENT\"", "3.0"}) {
        EXPECT_EQ(text(one_span("\"kind\":" + kind)), std::string(kHead) + " kind=3\n");
    }
    EXPECT_EQ(text(one_span("\"kind\":42")), std::string(kHead) + " kind=42\n");
    for (const std::string code : {"1", "\"STATUS_CODE_OK\""}) {
        EXPECT_EQ(text(one_span("\"status\":{\"code\":" + code + "}")), std::string(kHead) + " status=1\n");
    }
}

TEST(OtlpJson, SpansWithoutIdsAreRejected) {
    EXPECT_EQ(text(spans(R"({"name":"x"},{)" + kIds + R"(},{"traceId":"01000000000000000000000000000000"})")),
              std::string(kHead) + "\nrejected 2: resourceSpans[0].scopeSpans[0].spans[0].traceId: is zero\n");
}

TEST(OtlpJson, RefusalsNameThePlace) {
    const std::string span = "resourceSpans[0].scopeSpans[0].spans[0]";
    std::string deep = R"({"intValue":1})";
    for (int i = 0; i <= model::kNestingMax; ++i) deep = R"({"arrayValue":{"values":[)" + deep + "]}}";
    const struct {
        std::string body;
        std::string want;
    } cases[] = {
        {"", "not JSON: "},
        {"{", "not JSON: "},
        {"{\"a\":\"\xff\"}", "not JSON: "},
        {"[]", "got an array; want an object"},
        {"5", "got a number; want an object"},
        {R"({"resourceSpans":{}})", "resourceSpans: got an object; want an array"},
        {R"({"resourceSpans":[null]})", "resourceSpans[0]: got null; want a value"},
        {R"({"resourceSpans":[{},7]})", "resourceSpans[1]: got a number; want an object"},
        {spans("{" + kIds + R"(},{"traceId":"00"})"),
         "resourceSpans[0].scopeSpans[0].spans[1].traceId: got 2 characters; want 32 hexadecimal digits"},
        {spans(R"({"traceId":"0001020304050607080g0a0b0c0d0e0f"})"),
         span + ".traceId: got '0001020304050607080g0a0b0c0d0e0f'; want 32 hexadecimal digits"},
        {spans(R"({"spanId":7})"), span + ".spanId: got a number; want a string"},
        {one_span(R"("startTimeUnixNano":-1)"), span + ".startTimeUnixNano: got -1; want an unsigned 64-bit integer"},
        {one_span(R"("endTimeUnixNano":"x")"), span + ".endTimeUnixNano: got 'x'; want an unsigned 64-bit integer"},
        {one_span(R"("endTimeUnixNano":1.5)"), span + ".endTimeUnixNano: got 1.5; want an unsigned 64-bit integer"},
        {one_span(R"("endTimeUnixNano":1e300)"),
         span + ".endTimeUnixNano: got 1e+300; want an unsigned 64-bit integer"},
        {one_span(R"("flags":4294967296)"), span + ".flags: got 4294967296; want an unsigned 32-bit integer"},
        {one_span(R"("kind":"SPAN_KIND_X")"), span + ".kind: got 'SPAN_KIND_X'; want one of SPAN_KIND_*"},
        {one_span(R"("kind":true)"), span + ".kind: got a boolean; want a 64-bit integer"},
        {one_span(R"("status":{"code":3000000000})"), span + ".status.code: got 3000000000; want a 32-bit integer"},
        {one_span(R"("links":[{"spanId":"1"}])"),
         span + ".links[0].spanId: got 1 characters; want 16 hexadecimal digits"},
        {one_span(R"("events":[{},{"attributes":[{"key":1}]}])"),
         span + ".events[1].attributes[0].key: got a number; want a string"},
        {attribute(R"({"boolValue":1})"), span + ".attributes[0].value.boolValue: got a number; want a boolean"},
        {attribute(R"({"doubleValue":"1x"})"), span + ".attributes[0].value.doubleValue: got '1x'; want a number"},
        {attribute(R"({"bytesValue":"a*"})"), span + ".attributes[0].value.bytesValue: got 'a*'; want base64"},
        {attribute(R"({"bytesValue":"abcde"})"),
         span + ".attributes[0].value.bytesValue: got 5 base64 digits; one is missing"},
        {attribute(R"({"arrayValue":{"values":[{},{"intValue":[]}]}})"),
         span + ".attributes[0].value.arrayValue.values[1].intValue: got an array; want a 64-bit integer"},
        {attribute(deep), "nests too deep; want at most 32 levels"},
    };
    for (const auto& c : cases) {
        const Decoded got = decode(model::Encoding::kOtlpJson, c.body);
        ASSERT_FALSE(got.counts.ok()) << c.body;
        EXPECT_EQ(got.counts.error().code, base::Code::kInvalidArgument);
        const std::string& message = got.counts.error().message;
        EXPECT_EQ(message.rfind("cannot read OTLP JSON request: ", 0), 0U) << message;
        EXPECT_NE(message.find(c.want), std::string::npos) << message << "\nwant " << c.want;
    }
}

TEST(OtlpJson, InPiecesEverythingIsCheckedToo) {
    const std::string_view refused[] = {
        "",
        "x",
        "{",
        "{}x",
        "[]",
        R"({"resourceSpans":[}]})",
        R"({"resourceSpans":[{}})",
        R"({"resourceSpans":[{]])",
        R"({"resourceSpans":[{},]})",
        R"({"resourceSpans":[null]})",
        R"({"resourceSpans":[1]})",
        R"({"resourceSpans":{}})",
        R"({"other":nonsense})",
        R"({"other":[1,})",
        R"({other:1})",
        R"({"a":1 "b":2})",
        R"({"resourceSpans":[{"other":tru}]})",
        R"({"resourceSpans":[{"scopeSpans":[{"other":01}]}]})",
        R"({"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a}]}]}]})",
        "{\"resource\xffSpans\":[]}",
        "{\"other\":\"\xff\"}",
    };
    for (const std::string_view body : refused) {
        const Decoded got = in_pieces(body);
        ASSERT_FALSE(got.counts.ok()) << body;
        EXPECT_EQ(got.counts.error().code, base::Code::kInvalidArgument);
        EXPECT_FALSE(decode(model::Encoding::kOtlpJson, body).counts.ok()) << body;
    }
    // Keys and strings with quotes and escapes in them.
    const std::string odd =
        R"( { "a\"]}" : "}\\" , "resource\u0053pans" : [ {"scopeSpans":[{"spans":[ {"traceId":)"
        R"("000102030405060708090a0b0c0d0e0f","spanId":"a0a1a2a3a4a5a6a7","name":"\\\"[{"} ]}]} ] } )";
    EXPECT_EQ(in_pieces(odd).text(), decode(model::Encoding::kOtlpJson, odd).text());
    EXPECT_EQ(in_pieces(odd).sink.batch.spans().size(), 1U);
}

TEST(OtlpJson, TheMemoryItTakesIsKnownBefore) {
    const auto spans_of = [](std::size_t count, std::size_t text) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) list += ",";
            list += "{" + kIds + R"(,"name":")" + std::string(text, 'n') + R"("})";
        }
        return spans(list);
    };
    const std::string small = spans_of(100, 100);
    EXPECT_GE(json_memory_bytes(small, JsonKind::kSpans), 13 * small.size());
    EXPECT_LE(json_memory_bytes(small, JsonKind::kSpans), 16 * small.size() + (64 << 10));
    const std::string large = spans_of(20'000, 500);  // more than 10 MB, of small spans
    EXPECT_GT(large.size(), 10U << 20);
    EXPECT_LE(json_memory_bytes(large, JsonKind::kSpans), std::size_t{128} << 10);
    const std::string one = spans_of(1, 3 << 20);
    EXPECT_GE(json_memory_bytes(one, JsonKind::kSpans), 13 * one.size());
    // As spans they are large, as metrics they are one unknown member.
    EXPECT_GE(json_memory_bytes(large, JsonKind::kMetrics), 13 * large.size());
    // Text that is no JSON is measured as far as it goes.
    EXPECT_GE(json_memory_bytes(large.substr(0, large.size() - 3), JsonKind::kSpans), std::size_t{32} << 10);
    EXPECT_EQ(decode(model::Encoding::kOtlpJson, large).sink.batch.spans().size(), 20'000U);
}

TEST(OtlpJson, AnyCutAndAnyFlippedBitIsReadWithoutHarm) {
    const std::string whole(kFull);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_FALSE(decode(model::Encoding::kOtlpJson, whole.substr(0, i)).counts.ok()) << i;
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = whole;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const Decoded got = decode(model::Encoding::kOtlpJson, flipped);
            const Decoded pieces = in_pieces(flipped);
            ASSERT_EQ(pieces.counts.ok(), got.counts.ok()) << flipped;
            if (got.counts.ok()) {
                EXPECT_EQ(pieces.text(), got.text());
            }
            if (!got.counts.ok()) continue;
            EXPECT_EQ(decode(model::Encoding::kOtlpProtobuf, encode_traces(got.sink.batch.spans())).text(),
                      dump(got.sink.batch));
        }
    }
}

}  // namespace
}  // namespace skua::ingest
