// SPDX-License-Identifier: Apache-2.0
#include "model/ids.h"

#include "base/hex.h"

namespace skua::model {
namespace {

std::uint64_t load_big_endian(const char* bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
}

void append_big_endian(std::string& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xff));
}

}  // namespace

std::optional<TraceId> TraceId::from_bytes(std::string_view bytes) {
    if (bytes.size() != 16) return std::nullopt;
    return TraceId{load_big_endian(bytes.data()), load_big_endian(bytes.data() + 8)};
}

std::optional<TraceId> TraceId::from_hex(std::string_view text) {
    if (text.empty() || text.size() > 32) return std::nullopt;
    std::string padded(32 - text.size(), '0');
    padded += text;
    const auto bytes = base::from_hex(padded);
    return bytes ? from_bytes(*bytes) : std::nullopt;
}

std::string TraceId::to_bytes() const {
    std::string bytes;
    append_big_endian(bytes, high);
    append_big_endian(bytes, low);
    return bytes;
}

std::string TraceId::to_hex() const {
    return base::to_hex(to_bytes());
}

std::string TraceId::to_short_hex() const {
    return high == 0 ? SpanId{low}.to_hex() : to_hex();
}

std::optional<SpanId> SpanId::from_bytes(std::string_view bytes) {
    if (bytes.size() != 8) return std::nullopt;
    return SpanId{load_big_endian(bytes.data())};
}

std::optional<SpanId> SpanId::from_hex(std::string_view text) {
    if (text.empty() || text.size() > 16) return std::nullopt;
    std::string padded(16 - text.size(), '0');
    padded += text;
    const auto bytes = base::from_hex(padded);
    return bytes ? from_bytes(*bytes) : std::nullopt;
}

std::string SpanId::to_bytes() const {
    std::string bytes;
    append_big_endian(bytes, value);
    return bytes;
}

std::string SpanId::to_hex() const {
    return base::to_hex(to_bytes());
}

}  // namespace skua::model
