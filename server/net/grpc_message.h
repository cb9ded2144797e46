// SPDX-License-Identifier: Apache-2.0
// Internal to net/: puts one length-prefixed message together from pieces of any size, and how a call's end is written.
// Format: gRPC over HTTP2 (PROTOCOL-HTTP2.md of the gRPC project): a byte "compressed", four of length, the message.
#pragma once

#include "base/result.h"
#include "net/byte_budget.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skua::net {

inline constexpr std::size_t kGrpcPrefixBytes = 5;

class GrpcMessageReader {
public:
    explicit GrpcMessageReader(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    // Memory is taken from `lease` as bytes arrive, not when a length is claimed. kTooLarge: the claimed length;
    // kResourceExhausted: the budget; kInvalidArgument: a bad flag, or more than one message.
    base::Status take(std::string_view bytes, ByteLease& lease);
    [[nodiscard]] bool is_complete() const { return prefix_size_ == kGrpcPrefixBytes && body_.size() == length_; }
    [[nodiscard]] bool is_compressed() const { return prefix_[0] == 1; }
    [[nodiscard]] const std::string& body() const { return body_; }
    void clear() { body_ = std::string(); }

private:
    base::Status read_prefix();
    [[nodiscard]] bool make_room(std::size_t bytes, ByteLease& lease);

    const std::size_t bytes_max_;
    std::array<unsigned char, kGrpcPrefixBytes> prefix_{};
    std::size_t prefix_size_ = 0;
    std::size_t length_ = 0;
    std::string body_;
};

// Prefix and message, uncompressed.
std::string grpc_frame(std::string_view message);
// The value of grpc-message: every byte but printable ASCII, and '%', percent-encoded. Cut at 4 KiB.
std::string grpc_message_text(std::string_view text);

}  // namespace skua::net
