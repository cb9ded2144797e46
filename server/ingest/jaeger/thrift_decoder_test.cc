// SPDX-License-Identifier: Apache-2.0
#include "ingest/jaeger/thrift_decoder.h"

#include "base/hex.h"
#include "ingest/jaeger/thrift_writer.h"
#include "ingest/otlp/encoder.h"
#include "ingest/testing.h"

#include <functional>

#include <gtest/gtest.h>

namespace skua::ingest {
namespace {

using jaeger::ThriftProtocol;
using jaeger::ThriftType;
using jaeger::ThriftWriter;
using model::Encoding;

constexpr ThriftProtocol kBinary = ThriftProtocol::kBinary;
constexpr ThriftProtocol kCompact = ThriftProtocol::kCompact;

std::string text(Encoding encoding, const std::string& body) {
    return decode(encoding, body).text();
}

void tag(ThriftWriter& w, std::string_view key, std::string_view value) {
    w.begin().text(1, key).i32(2, 0).text(3, value).end();
}

// Required fields only; `more` writes the others.
void span(ThriftWriter& w, std::int64_t id, const std::function<void(ThriftWriter&)>& more = {}) {
    w.begin().i64(1, 0x0102).i64(2, -1).i64(3, id).i64(4, 0).text(5, "op");
    w.i32(7, 3).i64(8, 1544712660300000).i64(9, 1500);
    if (more) more(w);
    w.end();
}

void batch(ThriftWriter& w, int id, std::size_t spans_count, const std::function<void(ThriftWriter&)>& spans) {
    w.structure(id);
    w.structure(1).text(1, "shop").list(2, 2);
    tag(w, "hostname", "h");
    tag(w, "ip", "1.2.3.4");
    w.end();
    w.list(2, spans_count);
    spans(w);
    w.i64(3, 9).structure(4).i64(1, 0).end();  // seqNo, stats
    w.end();
}

std::string agent_message(ThriftProtocol protocol, std::size_t spans_count,
                          const std::function<void(ThriftWriter&)>& spans) {
    ThriftWriter w(protocol);
    w.message("emitBatch", 4).begin();
    batch(w, 1, spans_count, spans);
    w.end();
    return w.out;
}

void full_spans(ThriftWriter& w) {
    span(w, 0xa0, [](ThriftWriter& s) {
        s.list(10, 16);
        s.begin().text(1, "s").i32(2, 0).text(3, "text").end();
        s.begin().text(1, "d").i32(2, 1).number(4, 1.5).end();
        s.begin().text(1, "b").i32(2, 2).boolean(5, true).end();
        s.begin().text(1, "l").i32(2, 3).i64(6, -42).end();
        s.begin().text(1, "y").i32(2, 4).text(7, "\xff").end();
        s.begin().text(1, "?").i32(2, 9).end();
        s.begin().text(1, "none").i32(2, 0).end();
        s.begin().i32(2, 0).text(1, "order").text(3, "any").boolean(77, false).end();
        tag(s, "span.kind", "client");
        s.begin().text(1, "error").i32(2, 2).boolean(5, true).end();
        tag(s, "otel.status_description", "oops");
        tag(s, "otel.scope.name", "lib");
        tag(s, "otel.scope.version", "2");
        for (int i = 0; i < 3; ++i) tag(s, "k", "v");
        s.list(11, 1).begin().i64(1, 1544712660300001).list(2, 2);
        tag(s, "event", "hit");
        tag(s, "a", "b");
        s.end();
        s.list(6, 2);
        s.begin().i32(1, 0).i64(2, 0x0102).i64(3, -1).i64(4, 0xb0).end();
        s.begin().i32(1, 1).i64(2, 5).i64(3, 0).i64(4, 0xc0).end();
    });
    span(w, 0, {});
    span(w, 0xa1, [](ThriftWriter& s) { s.boolean(12, true).text(99, "new").list(98, 0); });
}

constexpr std::string_view kFullDump = R"(resource
  "service.name" string "shop"
  "host.name" string "h"
  "ip" string "1.2.3.4"
scope name="lib" version="2"
span ffffffffffffffff0000000000000102 00000000000000a0 parent=00000000000000b0 name="op" kind=3 start=1544712660300000000 end=1544712660301500000 flags=1 status=2 message="oops"
  "s" string "text"
  "d" double 1.5
  "b" bool true
  "l" int -42
  "y" bytes /w==
  "?" string "<Unknown Jaeger TagType \"9\">"
  "none" string ""
  "order" string "any"
  "k" string "v"
  "k" string "v"
  "k" string "v"
  event time=1544712660300001000 name="hit"
    "a" string "b"
  link 00000000000000000000000000000005 00000000000000c0
    "opentracing.ref_type" string "follows_from"
scope
span ffffffffffffffff0000000000000102 00000000000000a1 name="op" start=1544712660300000000 end=1544712660301500000 flags=1
rejected 1: spans[1]: span id is zero
)";

TEST(JaegerThrift, EverythingArrivesInBothProtocols) {
    EXPECT_EQ(text(Encoding::kJaegerAgentCompact, agent_message(kCompact, 3, full_spans)), kFullDump);
    EXPECT_EQ(text(Encoding::kJaegerAgentBinary, agent_message(kBinary, 3, full_spans)), kFullDump);
    // the same batch without the message around it
    ThriftWriter w(kBinary);
    w.begin();
    batch(w, 1, 3, full_spans);
    EXPECT_EQ(text(Encoding::kJaegerBatchBinary, w.out.substr(3)), kFullDump);
}

// By hand, from the two specifications.
TEST(JaegerThrift, KnownBytes) {
    const std::string want =
        "resource\n  \"service.name\" string \"s\"\nscope\nspan 00000000000000000000000000000001 0000000000000002 "
        "name=\"n\" start=3000 end=7000\n";
    const std::string binary =
        "80010001 00000009 656d69744261746368 00000000"  // call, "emitBatch", 0
        "0c0001 0c0001 0b0001 00000001 73 00 0f0002 0c 00000001"
        "0a0001 0000000000000001 0a0002 0000000000000000 0a0003 0000000000000002 0a0004 0000000000000000"
        "0b0005 00000001 6e 080007 00000000 0a0008 0000000000000003 0a0009 0000000000000004 00 00 00";
    const std::string old = "00000009 656d69744261746368 04 00000000" + binary.substr(binary.find("0c0001 0c0001"));
    const std::string compact =
        "82 81 00 09 656d69744261746368"
        "1c 1c 18 01 73 00 19 1c 16 02 16 00 16 04 16 00 18 01 6e 25 00 16 06 16 08 00 00 00";
    const auto bytes = [](std::string digits) {
        std::erase(digits, ' ');
        return base::from_hex(digits).value();
    };
    EXPECT_EQ(text(Encoding::kJaegerAgentBinary, bytes(binary)), want);
    EXPECT_EQ(text(Encoding::kJaegerAgentBinary, bytes(old)), want);
    EXPECT_EQ(text(Encoding::kJaegerAgentCompact, bytes(compact)), want);
}

TEST(JaegerThrift, ProcessMayStandBehindTheSpans) {
    for (const ThriftProtocol protocol : {kBinary, kCompact}) {
        ThriftWriter w(protocol);
        w.message("emitBatch", 1).begin().structure(1).list(2, 1);
        span(w, 5);
        w.structure(1).text(1, "late").end().end().end();
        EXPECT_EQ(text(protocol == kBinary ? Encoding::kJaegerAgentBinary : Encoding::kJaegerAgentCompact, w.out),
                  "resource\n  \"service.name\" string \"late\"\nscope\nspan ffffffffffffffff0000000000000102 "
                  "0000000000000005 name=\"op\" start=1544712660300000000 end=1544712660301500000 flags=1\n");
    }
}

TEST(JaegerThrift, RefusalsNameThePlace) {
    const auto agent = [](const std::function<void(ThriftWriter&)>& write) {
        ThriftWriter w(kBinary);
        w.message("emitBatch", 4).begin();
        write(w);
        w.end();
        return w.out;
    };
    const auto one_span = [](const std::function<void(ThriftWriter&)>& more) {
        return agent_message(kBinary, 1, [&](ThriftWriter& w) { span(w, 1, more); });
    };
    ThriftWriter zipkin(kBinary);
    zipkin.message("emitZipkinBatch", 4);
    ThriftWriter reply(kBinary);
    reply.message("emitBatch", 2);
    const struct {
        std::string body;
        std::string_view want;
    } cases[] = {
        {"", "malformed Thrift message: cut short at byte 0"},
        {agent_message(kCompact, 0, [](ThriftWriter&) {}),
         "malformed Thrift message: this is Thrift's compact protocol, which goes to port 6831; want the binary one at "
         "byte 0"},
        {zipkin.out, "got a message named 'emitZipkinBatch'; want emitBatch"},
        {reply.out, "got a message of type 2; want 1 (call) or 4 (oneway)"},
        {agent([](ThriftWriter&) {}), "required field batch is missing"},
        {agent([](ThriftWriter& w) { w.structure(1).end(); }), "required field process is missing"},
        {agent([](ThriftWriter& w) { w.structure(1).structure(1).text(1, "s").end().end(); }),
         "required field spans is missing"},
        {agent([](ThriftWriter& w) { w.structure(1).structure(1).end().list(2, 0).end(); }),
         "process: required field serviceName is missing"},
        {agent([](ThriftWriter& w) {
             w.structure(1).structure(1).text(1, "s").list(2, 1).begin().text(1, "k").end().end().list(2, 0).end();
         }),
         "process.tags: required field vType is missing"},
        {agent_message(kBinary, 1, [](ThriftWriter& w) { w.begin().i64(1, 1).i32(2, 1).end(); }),
         "spans[0]: required field traceIdHigh is missing"},
        {one_span([](ThriftWriter& w) { w.list(10, 1).begin().i32(2, 0).end(); }),
         "spans[0].tags: required field key is missing"},
        {one_span([](ThriftWriter& w) { w.list(11, 1).begin().i64(1, 0).end(); }),
         "spans[0].logs: required field fields is missing"},
        {one_span([](ThriftWriter& w) { w.list(6, 1).begin().i64(2, 0).end(); }),
         "spans[0].references: required field refType is missing"},
        {one_span([](ThriftWriter& w) {
             w.list(10, 1, ThriftType::kBool);
             w.out += '\1';
         }),
         "spans[0].tags: elements are not structs"},
    };
    for (const auto& c : cases) {
        const Decoded got = decode(Encoding::kJaegerAgentBinary, c.body);
        ASSERT_FALSE(got.counts.ok()) << c.want;
        EXPECT_EQ(got.counts.error().code, base::Code::kInvalidArgument);
        EXPECT_EQ(got.counts.error().message, "cannot read Jaeger batch: " + std::string(c.want));
    }
}

TEST(JaegerThrift, AnyCutAndAnyFlippedBitIsReadWithoutHarm) {
    for (const Encoding encoding : {Encoding::kJaegerAgentBinary, Encoding::kJaegerAgentCompact}) {
        const std::string whole =
            agent_message(encoding == Encoding::kJaegerAgentBinary ? kBinary : kCompact, 3, full_spans);
        for (std::size_t i = 0; i < whole.size(); ++i) {
            // the last byte ends the arguments, behind the batch
            EXPECT_EQ(decode(encoding, whole.substr(0, i)).counts.ok(), i + 1 == whole.size()) << i;
            for (int bit = 0; bit < 8; ++bit) {
                std::string flipped = whole;
                flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
                const Decoded got = decode(encoding, flipped);
                if (!got.counts.ok()) continue;
                EXPECT_EQ(decode(Encoding::kOtlpProtobuf, encode_traces(got.sink.batch.spans())).text(),
                          dump(got.sink.batch));
            }
        }
    }
}

}  // namespace
}  // namespace skua::ingest
