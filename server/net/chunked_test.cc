// SPDX-License-Identifier: Apache-2.0
#include "net/chunked.h"

#include <string>

#include <gtest/gtest.h>

namespace skua::net {
namespace {

struct Decoded {
    ChunkedDecoder::State state = ChunkedDecoder::State::kNeedMore;
    std::string body;
    std::size_t consumed = 0;
};

Decoded decode(std::string_view wire, std::size_t piece) {
    ChunkedDecoder decoder;
    Decoded out;
    for (std::size_t at = 0; at < wire.size() && out.state == ChunkedDecoder::State::kNeedMore;) {
        const std::string_view part = wire.substr(at, piece);
        std::size_t used = 0;
        while (used < part.size() && out.state == ChunkedDecoder::State::kNeedMore) {
            const auto step = decoder.feed(part.substr(used));
            out.body += step.data;
            out.state = step.state;
            used += step.consumed;
        }
        at += used;
        out.consumed = at;
    }
    return out;
}

TEST(ChunkedDecoder, ReadsBodiesHoweverTheyArrive) {
    struct Case {
        std::string_view wire;
        std::string_view body;
        std::string_view rest;
    };
    const Case cases[] = {
        {"0\r\n\r\n", "", ""},
        {"3\r\nabc\r\n0\r\n\r\n", "abc", ""},
        {"3\r\nabc\r\n0\r\n\r\nGET /", "abc", "GET /"},
        {"1\r\na\r\nA\r\n0123456789\r\n00\r\n\r\n", "a0123456789", ""},
        {"3;name=value\r\nabc\r\n0;x\r\nTrailer: 1\r\nOther: 2\r\n\r\n", "abc", ""},
    };
    for (const Case& c : cases) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, c.wire.size()}) {
            SCOPED_TRACE(std::string(c.wire) + " in pieces of " + std::to_string(piece));
            const Decoded got = decode(c.wire, piece);
            EXPECT_EQ(got.state, ChunkedDecoder::State::kDone);
            EXPECT_EQ(got.body, c.body);
            EXPECT_EQ(c.wire.substr(got.consumed), c.rest);
        }
    }
}

TEST(ChunkedDecoder, RefusesWhatIsNoChunk) {
    const std::string long_extension = "1;" + std::string(20000, 'x');
    const std::string endless_trailers = "0\r\n" + std::string(20000, 'x');
    for (const std::string_view wire :
         {std::string_view("\r\n"), std::string_view("g\r\n"), std::string_view("-1\r\n"), std::string_view("3\nabc"),
          std::string_view("3\r\nabcd\r\n"), std::string_view("123456789\r\n"), std::string_view("3\r\nabc\n"),
          std::string_view("0\r\nX: 1\n\n"), std::string_view(long_extension), std::string_view(endless_trailers)}) {
        SCOPED_TRACE(wire.substr(0, 20));
        EXPECT_EQ(decode(wire, wire.size()).state, ChunkedDecoder::State::kBroken);
    }
}

}  // namespace
}  // namespace skua::net
