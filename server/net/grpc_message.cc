// SPDX-License-Identifier: Apache-2.0
#include "net/grpc_message.h"

#include <algorithm>

#include <fmt/format.h>

namespace skua::net {
namespace {

constexpr std::size_t kBodyFirst = 64 * 1024;
constexpr std::size_t kTextMax = 4096;

}  // namespace

base::Status GrpcMessageReader::take(std::string_view bytes, ByteLease& lease) {
    while (prefix_size_ < kGrpcPrefixBytes) {
        if (bytes.empty()) return {};
        prefix_[prefix_size_++] = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        if (prefix_size_ == kGrpcPrefixBytes) SKUA_RETURN_IF_ERROR(read_prefix());
    }
    if (bytes.empty()) return {};
    if (bytes.size() > length_ - body_.size()) {
        return base::Error{base::Code::kInvalidArgument, "cannot read the request: more than one message"};
    }
    if (!make_room(body_.size() + bytes.size(), lease)) {
        return base::Error{base::Code::kResourceExhausted, "cannot take the request: too many bytes in flight"};
    }
    body_.append(bytes);
    return {};
}

base::Status GrpcMessageReader::read_prefix() {
    if (prefix_[0] > 1) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("cannot read the request: compression flag {}; want 0 or 1", prefix_[0])};
    }
    length_ = 0;
    for (std::size_t i = 1; i < kGrpcPrefixBytes; ++i) length_ = length_ << 8U | prefix_[i];
    if (length_ <= bytes_max_) return {};
    return base::Error{
        base::Code::kTooLarge,
        fmt::format("cannot take the request: message of {} bytes; want at most {}", length_, bytes_max_)};
}

// Doubles from a small start up to what is needed.
bool GrpcMessageReader::make_room(std::size_t bytes, ByteLease& lease) {
    if (bytes <= body_.capacity() && lease.bytes() >= bytes) return true;
    const std::size_t want = std::max(bytes, std::min(length_, std::max(body_.capacity() * 2, kBodyFirst)));
    if (!lease.grow_to(want)) return false;
    body_.reserve(want);
    return true;
}

std::string grpc_frame(std::string_view message) {
    std::string out;
    out.reserve(kGrpcPrefixBytes + message.size());
    out += '\0';
    for (int shift = 24; shift >= 0; shift -= 8)
        out += static_cast<char>(message.size() >> static_cast<unsigned>(shift));
    out += message;
    return out;
}

std::string grpc_message_text(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, kTextMax)) {
        if (c >= ' ' && c <= '~' && c != '%') {
            out += c;
        } else {
            fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

}  // namespace skua::net
