// SPDX-License-Identifier: Apache-2.0
#include "ingest/otlp/protobuf_decoder.h"

#include "base/hex.h"
#include "ingest/otlp/encoder.h"
#include "ingest/testing.h"
#include "model/nested.h"

#include <initializer_list>
#include <random>

#include <gtest/gtest.h>

namespace skua::ingest {
namespace {

// Bytes by hand: hex text, and length-delimited fields around it.
std::string hex(std::string_view digits) {
    std::string packed;
    for (const char c : digits) {
        if (c != ' ') packed += c;
    }
    return base::from_hex(packed).value();
}
std::string varint(std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
}
std::string len(std::uint32_t field, const std::string& body) {
    return varint(field << 3 | 2) + varint(body.size()) + body;
}
std::string request(const std::string& spans) {
    return len(1, len(2, spans));
}
std::string one_span(const std::string& body) {
    return request(len(2, body));
}

const std::string kIds = hex("0a10 000102030405060708090a0b0c0d0e0f 1208 a0a1a2a3a4a5a6a7");
constexpr std::string_view kIdsText = "span 000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7";

std::string text(const std::string& body) {
    return decode(model::Encoding::kOtlpProtobuf, body).text();
}

// Everything OTLP has, with an unknown field in each message that keeps them.
std::string full_request() {
    const std::string unknown = hex("fa0704 deadbeef");  // field 127
    const std::string attribute = hex("0a016b 1203 0a0176");
    const std::string event = hex("09 0100000000000000 120165") + len(3, attribute) + hex("2007") + unknown;
    const std::string link = hex("0a10 0f0e0d0c0b0a09080706050403020100 1208 b0b1b2b3b4b5b6b7 1a0173") +
                             len(4, attribute) + hex("2808 35 01030000") + unknown;
    const std::string span = kIds +
                             hex("1a0374733d 2208 c0c1c2c3c4c5c6c7 2a0547 4554202f 3002 39 0a00000000000000 41 "
                                 "1400000000000000") +
                             len(9, attribute) + len(9, hex("0a01691202 1807")) + hex("5003") + len(11, event) +
                             hex("6004") + len(13, link) + hex("7005") + len(15, hex("1203 6f6f70 1802") + unknown) +
                             hex("8501 01010000") + unknown;
    const std::string scope = hex("0a0373636f 120231 30") + len(3, attribute) + hex("2002") + unknown;
    const std::string resource =
        len(1, hex("0a0c") + "service.name" + hex("1206 0a04") + "shop") + hex("1001") + unknown;
    return len(1, len(1, resource) + len(2, len(1, scope) + len(2, span) + len(3, "http://s") + unknown) +
                      len(3, "http://r") + unknown);
}

constexpr std::string_view kFullDump =
    R"(resource dropped=1 schema="http://r" unknown=fa0704deadbeef outer_unknown=fa0704deadbeef
  "service.name" string "shop"
scope name="sco" version="10" dropped=2 schema="http://s" unknown=fa0704deadbeef outer_unknown=fa0704deadbeef
  "k" string "v"
span 000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7 parent=c0c1c2c3c4c5c6c7 name="GET /" kind=2 start=10 end=20 state="ts=" flags=257 status=2 message="oop" dropped=3 dropped_events=4 dropped_links=5 unknown=fa0704deadbeef status_unknown=fa0704deadbeef
  "k" string "v"
  "i" int 7
  event time=1 name="e" dropped=7 unknown=fa0704deadbeef
    "k" string "v"
  link 0f0e0d0c0b0a09080706050403020100 b0b1b2b3b4b5b6b7 state="s" flags=769 dropped=8 unknown=fa0704deadbeef
    "k" string "v"
)";

TEST(OtlpProtobuf, EveryFieldArrives) {
    EXPECT_EQ(text(full_request()), kFullDump);
}

TEST(OtlpProtobuf, EncoderGivesTheSameBack) {
    const Decoded first = decode(model::Encoding::kOtlpProtobuf, full_request());
    const std::string encoded = encode_traces(first.sink.batch.spans());
    EXPECT_EQ(base::to_hex(encoded), base::to_hex(full_request()));
}

TEST(OtlpProtobuf, EmptyAndEmptyParts) {
    EXPECT_EQ(text(""), "");
    EXPECT_EQ(text(len(1, "")), "");
    EXPECT_EQ(text(request("")), "");
    EXPECT_EQ(text(one_span(kIds)), "resource\nscope\n" + std::string(kIdsText) + "\n");
}

// What a sink hears, one letter a call.
class Letters final : public model::SpanSink {
public:
    void resource(const model::Resource&) override { heard += 'R'; }
    void scope(const model::Scope&) override { heard += 'S'; }
    void span(const model::Span& span) override {
        heard += span.resource != nullptr && span.scope != nullptr ? 's' : '?';
    }
    std::string heard;
};

TEST(OtlpProtobuf, TheSinkHearsEachResourceAndScopeBeforeItsFirstSpan) {
    const std::string span = len(2, kIds);
    const std::string empty = len(2, "") + len(2, len(1, ""));
    const std::string body = len(1, "") + len(1, empty + len(2, span + span) + len(2, len(2, "")) + len(2, span)) +
                             len(1, len(1, "")) + len(1, len(2, span));
    Letters sink;
    const auto counts = OtlpProtobufDecoder().decode({{}, model::Encoding::kOtlpProtobuf, body, 0}, sink);
    ASSERT_TRUE(counts.ok());
    EXPECT_EQ(sink.heard, "RSssSsRSs");
    EXPECT_EQ(counts->rejected_spans, 1U);
}

TEST(OtlpProtobuf, FieldsComeInAnyOrderAndTheLastOneCounts) {
    const std::string span = hex("fa07012a") + hex("8501 02000000") + hex("2a0162") + hex("a00601") +
                             len(11, hex("120165")) + len(9, hex("1203 0a0176 0a016b")) + len(15, hex("1801")) +
                             len(15, hex("120178")) + kIds + hex("2a0161");
    const std::string resource = len(1, hex("0a0161 1202 1001"));
    const std::string body = len(1, len(3, "old") + len(2, len(2, span) + len(1, hex("0a0173"))) +
                                        len(1, len(1, hex("0a0162 1202 1001"))) + len(3, "new") + len(1, resource));
    EXPECT_EQ(text(body), "resource schema=\"new\"\n  \"a\" bool true\nscope name=\"s\"\n" + std::string(kIdsText) +
                              " name=\"a\" flags=2 message=\"x\" unknown=fa07012aa00601\n  \"k\" string \"v\"\n  event "
                              "name=\"e\"\n");
}

TEST(OtlpProtobuf, AttributeValuesOfEveryType) {
    std::string array;
    model::append_element(array, model::Value::of_int(1));
    model::append_element(array, model::Value::of_string("two"));
    const struct {
        std::string key_value;
        std::string_view want;
    } cases[] = {
        {hex("0a016b 1200"), "\"k\" empty "},
        {hex("0a016b"), "\"k\" empty "},
        {"", "\"\" empty "},
        {hex("0a016b 1202 0a00"), "\"k\" string \"\""},
        {hex("0a016b 1203 0a01ff"), "\"k\" string \"\\xff\""},
        {hex("0a016b 1202 1000"), "\"k\" bool false"},
        {hex("0a016b 120b 18feffffffffffffffff01"), "\"k\" int -2"},
        {hex("0a016b 1209 21 000000000000f83f"), "\"k\" double 1.5"},
        {hex("0a016b 1202 2a00"), "\"k\" array []"},
        {hex("0a016b") + len(2, len(5, array)), "\"k\" array [1,\"two\"]"},
        {hex("0a016b") + len(2, len(6, len(1, hex("0a0161 1202 1001")))), "\"k\" map {\"a\":true}"},
        {hex("0a016b 1203 3a01ff"), "\"k\" bytes /w=="},
        {hex("0a016b 1202 4007"), "\"k\" opaque 4007"},
        {hex("0a016b 1204 18011002"), "\"k\" bool true"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(text(one_span(kIds + len(9, c.key_value))),
                  "resource\nscope\n" + std::string(kIdsText) + "\n  " + std::string(c.want) + "\n");
    }
}

TEST(OtlpProtobuf, SpansWithoutIdsAreRejectedAndTheOthersTaken) {
    const std::string zero_trace = hex("0a10 00000000000000000000000000000000 1208 a0a1a2a3a4a5a6a7");
    const Decoded got =
        decode(model::Encoding::kOtlpProtobuf,
               request(len(2, zero_trace) + len(2, kIds) + len(2, hex("0a10 000102030405060708090a0b0c0d0e0f"))));
    ASSERT_TRUE(got.counts.ok());
    EXPECT_EQ(got.counts->accepted_spans, 1U);
    EXPECT_EQ(got.counts->rejected_spans, 2U);
    EXPECT_EQ(got.counts->rejected_reason, "resource_spans[0].scope_spans[0].spans[0].trace_id: is zero");
    EXPECT_EQ(got.sink.batch.spans().size(), 1U);
}

TEST(OtlpProtobuf, RefusalsNameThePlace) {
    std::string deep;
    for (int i = 0; i <= model::kNestingMax; ++i) deep = len(1, len(5, deep));
    const struct {
        std::string body;
        std::string_view want;
    } cases[] = {
        {one_span(hex("0a0f 000102030405060708090a0b0c0d0e")),
         "resource_spans[0].scope_spans[0].spans[0].trace_id: got 15 bytes; want 16"},
        {request(len(2, kIds) + len(2, kIds + hex("1207 a0a1a2a3a4a5a6"))),
         "resource_spans[0].scope_spans[0].spans[1].span_id: got 7 bytes; want 8"},
        {one_span(kIds + hex("2201ff")),
         "resource_spans[0].scope_spans[0].spans[0].parent_span_id: got 1 bytes; want 8"},
        {one_span(kIds + len(13, "") + len(13, hex("0a0101"))),
         "resource_spans[0].scope_spans[0].spans[0].links[1].trace_id: got 1 bytes; want 16"},
        {one_span(kIds + hex("2805")), "resource_spans[0].scope_spans[0].spans[0]: field 5 has wire type 0"},
        {one_span(kIds + hex("2a05")), "resource_spans[0].scope_spans[0].spans[0]: malformed protobuf: cut short"},
        {one_span(kIds + len(9, len(2, len(5, deep)))),
         "resource_spans[0].scope_spans[0].spans[0].attributes: value of '' nests too deep; want at most 32 levels"},
        {one_span(kIds + len(11, len(3, hex("0a0161 1204 2a020a09")))),
         "resource_spans[0].scope_spans[0].spans[0].events[0].attributes: malformed value of 'a'"},
        {one_span(kIds + len(9, hex("0a05"))),
         "resource_spans[0].scope_spans[0].spans[0].attributes: malformed KeyValue"},
        {len(1, len(1, hex("0801"))), "resource_spans[0].resource: field 1 has wire type 0"},
        {len(1, "") + len(1, len(2, len(1, hex("1001")))),
         "resource_spans[1].scope_spans[0].scope: field 2 has wire type 0"},
        {hex("0801"), "field 1 has wire type 0"},
        {"{\"resourceSpans\":[]}", "malformed protobuf: unknown pbf field type exception"},
        {hex("0affffffffff7f"), "resource_spans[0]: malformed protobuf: cut short"},
    };
    for (const auto& c : cases) {
        const Decoded got = decode(model::Encoding::kOtlpProtobuf, c.body);
        ASSERT_FALSE(got.counts.ok()) << c.want;
        EXPECT_EQ(got.counts.error().code, base::Code::kInvalidArgument);
        EXPECT_EQ(got.counts.error().message, "cannot read OTLP request: " + std::string(c.want));
    }
}

TEST(OtlpProtobuf, NestingUpToTheBoundIsTaken) {
    std::string body;
    for (int i = 1; i < model::kNestingMax; ++i) body = len(1, len(5, body));
    EXPECT_TRUE(decode(model::Encoding::kOtlpProtobuf, one_span(kIds + len(9, len(2, len(5, body))))).counts.ok());
}

TEST(OtlpProtobuf, ListsAreBounded) {
    std::string attributes;
    for (int i = 0; i < (1 << 18); ++i) attributes += hex("4a00");
    EXPECT_TRUE(decode(model::Encoding::kOtlpProtobuf, one_span(kIds + attributes)).counts.ok());
    EXPECT_EQ(text(one_span(kIds + attributes + len(11, len(3, "")))),
              "cannot read OTLP request: resource_spans[0].scope_spans[0].spans[0].events[0].attributes: got more than "
              "262144 attributes\n");
    std::string events;
    for (int i = 0; i < (1 << 16); ++i) events += hex("5a00");
    EXPECT_EQ(
        text(one_span(kIds + events + hex("5a00"))),
        "cannot read OTLP request: resource_spans[0].scope_spans[0].spans[0].events[65536]: got more than 65536 events "
        "in a span\n");
}

TEST(OtlpProtobuf, AnyCutAndAnyFlippedBitIsReadWithoutHarm) {
    const std::string whole = full_request();
    std::size_t refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
        refused += decode(model::Encoding::kOtlpProtobuf, whole.substr(0, i)).counts.ok() ? 0U : 1U;
        for (int bit = 0; bit < 8; ++bit) {
            std::string flipped = whole;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            const Decoded got = decode(model::Encoding::kOtlpProtobuf, flipped);
            if (!got.counts.ok()) continue;
            const std::string encoded = encode_traces(got.sink.batch.spans());
            EXPECT_EQ(text(encoded), dump(got.sink.batch)) << i << " " << bit;
        }
    }
    EXPECT_EQ(refused, whole.size() - 1);  // only nothing at all is a request
}

// Requests with random content in every field: what is decoded, encoded and decoded again is the same.
class RandomRequest {
public:
    explicit RandomRequest(unsigned seed) : random_(seed) {}
    model::SpanBatch make() {
        model::SpanBatch batch;
        for (std::size_t r = below(3) + 1; r > 0; --r) {
            const model::Resource* resource =
                batch.copy(model::Resource{attributes(batch), number(), text(batch), unknown(), unknown()});
            for (std::size_t s = below(3) + 1; s > 0; --s) {
                const model::Scope* scope = batch.copy(model::Scope{text(batch), text(batch), attributes(batch),
                                                                    number(), text(batch), unknown(), unknown()});
                for (std::size_t n = below(4) + 1; n > 0; --n) batch.append(span(batch), resource, scope);
            }
        }
        return batch;
    }

private:
    std::size_t below(std::size_t n) { return random_() % n; }
    std::uint32_t number() { return below(2) == 0 ? 0 : static_cast<std::uint32_t>(random_()); }
    std::string_view text(model::SpanBatch& batch) {
        std::string out(below(20), ' ');
        for (char& c : out) c = static_cast<char>(random_());
        return batch.copy(out);
    }
    static std::string_view unknown_bytes() {
        static const std::string bytes = hex("fa0704deadbeef a00601 ca3e00 f03e 01");
        return bytes;
    }
    std::string_view unknown() { return below(4) == 0 ? unknown_bytes() : std::string_view{}; }
    model::Value value(model::SpanBatch& batch, int depth) {
        switch (below(depth < 3 ? 8 : 6)) {
            case 0:
                return model::Value{};
            case 1:
                return model::Value::of_string(text(batch));
            case 2:
                return model::Value::of_bool(below(2) == 0);
            case 3:
                return model::Value::of_int(static_cast<std::int64_t>(random_()));
            case 4:
                return model::Value::of_double(static_cast<double>(random_()) / 7);
            case 5:
                return model::Value::of_bytes(text(batch));
            default:
                break;
        }
        std::string body;
        const bool is_map = below(2) == 0;
        for (std::size_t i = below(4); i > 0; --i) {
            if (is_map) {
                model::append_entry(body, text(batch), value(batch, depth + 1));
            } else {
                model::append_element(body, value(batch, depth + 1));
            }
        }
        return model::Value::with_text(is_map ? model::ValueType::kMap : model::ValueType::kArray, batch.copy(body));
    }
    model::Attributes attributes(model::SpanBatch& batch) {
        const std::span<model::Attribute> list = batch.allocate<model::Attribute>(below(4));
        for (model::Attribute& a : list) a = {text(batch), value(batch, 0)};
        return list;
    }
    model::Span span(model::SpanBatch& batch) {
        model::Span s;
        s.trace_id = {random_(), random_() | 1};
        s.span_id = {random_() | 1};
        s.parent_span_id = {below(2) == 0 ? 0 : random_()};
        s.trace_state = text(batch);
        s.flags = number();
        s.name = text(batch);
        s.kind = static_cast<model::SpanKind>(static_cast<std::int32_t>(number()));
        s.start_ns = random_();
        s.end_ns = number();
        s.attributes = attributes(batch);
        s.dropped_attributes_count = number();
        const std::span<model::Event> events = batch.allocate<model::Event>(below(3));
        for (model::Event& e : events) e = {random_(), text(batch), attributes(batch), number(), unknown()};
        s.events = events;
        s.dropped_events_count = number();
        const std::span<model::Link> links = batch.allocate<model::Link>(below(3));
        for (model::Link& l : links) {
            l = {{random_(), 0}, {random_()}, text(batch), attributes(batch), number(), number(), unknown()};
        }
        s.links = links;
        s.dropped_links_count = number();
        s.status_code = static_cast<model::StatusCode>(below(4));
        s.status_message = text(batch);
        s.unknown_fields = unknown();
        s.status_unknown_fields = unknown();
        return s;
    }

    std::mt19937_64 random_;
};

TEST(OtlpProtobuf, RandomBatchesSurviveEncodingAndDecoding) {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        const model::SpanBatch batch = RandomRequest(seed).make();
        const std::string encoded = encode_traces(batch.spans());
        const Decoded decoded = decode(model::Encoding::kOtlpProtobuf, encoded);
        ASSERT_EQ(decoded.text(), dump(batch));
        ASSERT_EQ(encode_traces(decoded.sink.batch.spans()), encoded);
        EXPECT_EQ(decoded.counts->accepted_spans, batch.spans().size());
    }
}

// What is written as nobody does means the same as in its usual form, wherever in the span it stands.
TEST(OtlpProtobuf, UnusualFormsMeanTheSame) {
    struct Case {
        const char* what;
        const char* usual;
        const char* unusual;
    };
    static constexpr Case kCases[] = {
        {"length in two bytes", "4a08 0a016b 1203 0a0176", "4a8800 0a016b 1203 0a0176"},
        {"length in three bytes", "4a08 0a016b 1203 0a0176", "4a888000 0a016b 1203 0a0176"},
        {"value before its key", "4a08 0a016b 1203 0a0176", "4a08 1203 0a0176 0a016b"},
        {"key given twice", "4a08 0a016b 1203 0a0176", "4a0b 0a0161 0a016b 1203 0a0176"},
        {"value given twice", "4a08 0a016b 1203 0a0176", "4a0a 0a016b 1205 1807 0a0176"},
        {"long integer", "4a07 0a016b 1202 1807", "4a09 0a016b 1204 18878000"},
        {"long boolean", "4a07 0a016b 1202 1001", "4a08 0a016b 1203 108100"},
        {"long kind", "3002", "30828000"},
        {"long tag", "2a0161", "aa00 0161"},
        {"empty id", "", "2200"},
        {"status in pieces", "7a02 1802", "7a00 7a02 1802"},
    };
    const std::string behind = hex("39 0a00000000000000 4a07 0a0162 1202 1809 8501 01010000");
    for (const Case& c : kCases) {
        SCOPED_TRACE(c.what);
        const std::string want = text(one_span(kIds + hex(c.usual) + behind));
        EXPECT_NE(want.find("flags=257"), std::string::npos) << want;
        EXPECT_EQ(text(one_span(kIds + hex(c.unusual) + behind)), want);
        EXPECT_EQ(text(one_span(hex(c.unusual) + behind + kIds)), want);
    }
    // Ten bytes of a negative number; as many with more bits than there are.
    const std::string minus = text(one_span(kIds + hex("4a10 0a016b 120b 18ffffffffffffffffff01")));
    EXPECT_NE(minus.find("\"k\" int -1"), std::string::npos) << minus;
    EXPECT_NE(text(one_span(kIds + hex("4a11 0a016b 120c 18ffffffffffffffffffff01"))).find("malformed"),
              std::string::npos);
}

}  // namespace
}  // namespace skua::ingest
