// SPDX-License-Identifier: Apache-2.0
#include "query/trace_id.h"

#include "query/go_syntax.h"

#include <cstdint>
#include <optional>
#include <string>

#include <fmt/core.h>

namespace skua::query {
namespace {

std::optional<std::uint32_t> base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
    if (c == '+' || c == '-') return 62U;
    if (c == '/' || c == '_') return 63U;
    return std::nullopt;
}

std::optional<std::string> from_base64(std::string_view text) {
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    std::string bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : text) {
        const auto value = base64_value(c);
        if (!value) return std::nullopt;
        bits = (bits << 6 | *value) & 0xffffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    return bytes;
}

}  // namespace

base::Result<model::TraceId> parse_trace_id(std::string_view text) {
    if (const auto id = model::TraceId::from_hex(text)) return *id;
    // 11 or 12 characters hold 8 bytes, 22 to 24 hold 16.
    const bool could_be_base64 = text.size() == 11 || text.size() == 12 || (text.size() >= 22 && text.size() <= 24);
    if (const auto bytes = could_be_base64 ? from_base64(text) : std::nullopt) {
        if (bytes->size() == 16) return *model::TraceId::from_bytes(*bytes);
        if (bytes->size() == 8) return model::TraceId{0, model::SpanId::from_bytes(*bytes)->value};
    }
    if (text.size() > 32) {
        return base::Error{base::Code::kInvalidArgument,
                           fmt::format("TraceID cannot be longer than 32 hex characters: {}", text)};
    }
    // Jaeger reads the two halves one after the other and reports the half it stumbled over.
    const std::size_t high = text.size() > 16 ? text.size() - 16 : 0;
    const bool high_is_bad = high > 0 && !model::SpanId::from_hex(text.substr(0, high));
    return base::Error{base::Code::kInvalidArgument,
                       fmt::format("strconv.ParseUint: parsing {}: invalid syntax",
                                   quote(high_is_bad ? text.substr(0, high) : text.substr(high)))};
}

}  // namespace skua::query
