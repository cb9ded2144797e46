// SPDX-License-Identifier: Apache-2.0
// Trace and span ids: numbers of 128 and 64 bits, big endian on every wire. Zero means "none".
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace skua::model {

struct TraceId {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    // Exactly 16 bytes, big endian.
    static std::optional<TraceId> from_bytes(std::string_view bytes);
    // 1 to 32 hex digits of either case; short text is padded with zeros on the left, so that a 64-bit id and its
    // zero-extended form are the same trace (Jaeger's rule).
    static std::optional<TraceId> from_hex(std::string_view text);
    [[nodiscard]] std::string to_bytes() const;
    // Always 32 digits (OTLP JSON, api_v3).
    [[nodiscard]] std::string to_hex() const;
    // 16 digits when the high half is zero, else 32 (Jaeger's v1 JSON).
    [[nodiscard]] std::string to_short_hex() const;
    [[nodiscard]] bool is_zero() const { return high == 0 && low == 0; }

    friend auto operator<=>(const TraceId&, const TraceId&) = default;  // NOLINT(modernize-use-nullptr)
};

struct SpanId {
    std::uint64_t value = 0;

    // Exactly 8 bytes, big endian.
    static std::optional<SpanId> from_bytes(std::string_view bytes);
    // 1 to 16 hex digits of either case.
    static std::optional<SpanId> from_hex(std::string_view text);
    [[nodiscard]] std::string to_bytes() const;
    // Always 16 digits.
    [[nodiscard]] std::string to_hex() const;
    [[nodiscard]] bool is_zero() const { return value == 0; }

    friend auto operator<=>(const SpanId&, const SpanId&) = default;  // NOLINT(modernize-use-nullptr)
};

}  // namespace skua::model

template <>
struct std::hash<skua::model::TraceId> {
    std::size_t operator()(const skua::model::TraceId& id) const noexcept {
        // Ids are random already; the multiplication spreads those made by counters.
        return static_cast<std::size_t>((id.high ^ id.low) * 0x9E3779B97F4A7C15ULL);
    }
};
template <>
struct std::hash<skua::model::SpanId> {
    std::size_t operator()(const skua::model::SpanId& id) const noexcept {
        return static_cast<std::size_t>(id.value * 0x9E3779B97F4A7C15ULL);
    }
};
