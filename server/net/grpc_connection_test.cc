// SPDX-License-Identifier: Apache-2.0
// What a gRPC client library would not send. Calls as they are made: grpc_server_test.cc.
#include "net/grpc_connection.h"

#include "net/grpc_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

namespace skua::net {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string frame(char type, char flags, char stream, std::string_view payload) {
    std::string out = {static_cast<char>(payload.size() >> 16U),
                       static_cast<char>(payload.size() >> 8U),
                       static_cast<char>(payload.size()),
                       type,
                       flags,
                       0,
                       0,
                       0,
                       stream};
    return out.append(payload);
}
std::string literal(std::string_view name, std::string_view value) {
    std::string out = {0, static_cast<char>(name.size())};
    out.append(name);
    out += static_cast<char>(value.size());
    return out.append(value);
}
std::string headers(std::string_view content_type = "application/grpc", std::string_view method = "POST",
                    std::string_view encoding = "identity") {
    return frame(1, 4, 1,
                 literal(":method", method) + literal(":scheme", "http") + literal(":path", "/a.B/Echo") +
                     literal(":authority", "a") + literal("content-type", content_type) +
                     literal("grpc-encoding", encoding));
}
std::string data_frame(std::string_view bytes, bool is_end = true) {
    return frame(0, is_end ? 1 : 0, 1, bytes);
}
const std::string kHello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "");

// Frames as text: header fields decoded, data as it is.
std::string readable(std::string_view bytes) {
    std::string out;
    nghttp2_hd_inflater* inflater = nullptr;
    nghttp2_hd_inflate_new(&inflater);
    const auto byte = [&](std::size_t i) -> std::size_t { return static_cast<unsigned char>(bytes[i]); };
    while (bytes.size() >= 9) {
        const std::size_t size = byte(0) << 16U | byte(1) << 8U | byte(2);
        std::string_view payload = bytes.substr(9, size);
        if (byte(3) == 0) out.append(payload) += '\n';
        while (byte(3) == 1 && !payload.empty()) {
            nghttp2_nv field;
            int flags = 0;
            const auto* in = reinterpret_cast<const std::uint8_t*>(payload.data());
            const ssize_t n = nghttp2_hd_inflate_hd2(inflater, &field, &flags, in, payload.size(), 1);
            if (n < 0) break;
            payload.remove_prefix(static_cast<std::size_t>(n));
            if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
                out.append(reinterpret_cast<const char*>(field.name), field.namelen).append(": ");
                out.append(reinterpret_cast<const char*>(field.value), field.valuelen) += '\n';
            }
            if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) nghttp2_hd_inflate_end_headers(inflater);
        }
        bytes.remove_prefix(9 + size);
    }
    nghttp2_hd_inflate_del(inflater);
    return out;
}

class GrpcConnectionTest : public ::testing::Test {
protected:
    GrpcConnectionTest() {
        RpcMethods methods;
        methods["/a.B/Echo"] = [this](const api::RpcRequest& request, const api::RpcRespond& respond) {
            messages_.emplace_back(request.message);
            respond({{}, 0, "answer of " + messages_.back()});
        };
        GrpcLimits limits;
        limits.message_bytes = 1000;
        shared_ = std::make_unique<GrpcShared>(budget_, "test", std::move(methods), limits);
        connection_ = std::make_shared<GrpcConnection>(*shared_, [] {});
        connection_->set_owner(connection_);
    }
    // What comes back, `piece` bytes at a time.
    std::string talk(std::string_view bytes, std::size_t piece = 100'000) {
        std::string out;
        for (; !bytes.empty() && is_alive_; bytes.remove_prefix(std::min(piece, bytes.size()))) {
            is_alive_ = connection_->feed(bytes.substr(0, piece));
            connection_->output(out, 1 << 20);
        }
        return out;
    }

    ByteBudget budget_{1 << 20};
    std::unique_ptr<GrpcShared> shared_;
    std::shared_ptr<GrpcConnection> connection_;
    std::vector<std::string> messages_;
    bool is_alive_ = true;
};

TEST_F(GrpcConnectionTest, AMessageMayComeByteByByte) {
    EXPECT_THAT(talk(kHello + headers() + data_frame(grpc_frame("hello")), 1), HasSubstr("answer of hello"));
    EXPECT_TRUE(is_alive_);
    EXPECT_TRUE(connection_->is_idle());
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(GrpcConnectionTest, WhoSpeaksHttp1IsToldSo) {
    const std::string answer = talk("POST /v1/traces HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_FALSE(is_alive_);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_THAT(answer, HasSubstr("this port speaks gRPC over HTTP/2"));
}

TEST_F(GrpcConnectionTest, WhoSpeaksTlsIsCut) {
    EXPECT_THAT(talk("\x16\x03\x01"), IsEmpty());
    EXPECT_FALSE(is_alive_);
}

TEST_F(GrpcConnectionTest, BadRequestsNeverReachTheHandler) {
    struct Case {
        const char* name;
        std::string bytes;
        std::string want;
    };
    const Case cases[] = {
        {"two messages", headers() + data_frame(grpc_frame("a") + grpc_frame("b")), "more than one message"},
        {"half a message", headers() + data_frame(grpc_frame("hello").substr(0, 7)), "no whole message"},
        {"no message", headers() + data_frame(""), "no whole message"},
        {"too large", headers() + data_frame(std::string_view("\0\0\0\x03\xe9", 5), false),
         "message of 1001 bytes; want at most 1000"},
        {"bad flag", headers() + data_frame(std::string_view("\7\0\0\0\1a", 6)), "compression flag 7; want 0 or 1"},
        {"unknown coding", headers("application/grpc", "POST", "brotli") + data_frame(grpc_frame("a")),
         "unknown grpc-encoding brotli"},
        {"flag without coding", headers() + data_frame(std::string_view("\1\0\0\0\1a", 6)),
         "compressed, but no grpc-encoding"},
        {"not gRPC", headers("application/json") + data_frame("{}"), ":status: 415"},
        {"not POST", headers("application/grpc", "GET") + data_frame(""), ":status: 405"},
    };
    for (const Case& c : cases) {
        SCOPED_TRACE(c.name);
        connection_ = std::make_shared<GrpcConnection>(*shared_, [] {});
        connection_->set_owner(connection_);
        EXPECT_THAT(readable(talk(kHello + c.bytes)), HasSubstr(c.want));
        EXPECT_THAT(messages_, IsEmpty());
        EXPECT_EQ(budget_.used(), 0U);
    }
}

TEST_F(GrpcConnectionTest, ACallThatStandsStillIsEnded) {
    talk(kHello + headers() + data_frame(grpc_frame("hello").substr(0, 7), false));
    EXPECT_FALSE(connection_->is_idle());
    EXPECT_TRUE(connection_->tick());  // it moved since the last one
    EXPECT_TRUE(connection_->tick());
    std::string out;
    connection_->output(out, 1 << 20);
    EXPECT_TRUE(connection_->is_idle());
    EXPECT_EQ(budget_.used(), 0U);
}

TEST_F(GrpcConnectionTest, WhoSaysNothingIsEnded) {
    talk("PRI * HTTP");
    EXPECT_TRUE(connection_->tick());
    EXPECT_FALSE(connection_->tick());
}

TEST_F(GrpcConnectionTest, ShutDownEndsWhenTheCallsHave) {
    std::string out = talk(kHello + headers() + data_frame(grpc_frame("hello").substr(0, 7), false));
    connection_->shut_down();
    connection_->output(out, 1 << 20);
    EXPECT_FALSE(connection_->is_over());
    EXPECT_TRUE(is_alive_);
    EXPECT_THAT(talk(data_frame(grpc_frame("hello").substr(7))), HasSubstr("answer of hello"));
    EXPECT_TRUE(connection_->is_over());
}

TEST(GrpcMessageText, KeepsPrintableAscii) {
    EXPECT_EQ(grpc_message_text("a%b\n\xc3\xa4"), "a%25b%0A%C3%A4");
}

}  // namespace
}  // namespace skua::net
