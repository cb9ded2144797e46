// SPDX-License-Identifier: Apache-2.0
// What a span is found by: service, name and duration as Jaeger's sanitizers would leave them. The stored span itself
// is never changed. All functions are pure; returned views point into the argument or to constants.
#pragma once

#include "model/span.h"

#include <cstdint>
#include <limits>
#include <string_view>

namespace skua::store {

// "service.name", or missing-service-name, empty-service-name, service-name-wrong-type (also for invalid UTF-8, which
// Jaeger turns into bytes).
std::string_view service_key(const model::Resource& resource);
// The span's name, or empty-span-name, or invalid-span-name (invalid UTF-8).
std::string_view name_key(const model::Span& span);
// At least 1 ns: an end at or before the start counts as start + 1.
constexpr std::uint64_t end_key(std::uint64_t start_ns, std::uint64_t end_ns) {
    if (end_ns > start_ns) return end_ns;
    return start_ns == std::numeric_limits<std::uint64_t>::max() ? start_ns : start_ns + 1;
}
constexpr std::uint64_t duration_key(std::uint64_t start_ns, std::uint64_t end_ns) {
    return end_ns > start_ns ? end_ns - start_ns : 1;
}
inline std::uint64_t end_key(const model::Span& span) {
    return end_key(span.start_ns, span.end_ns);
}
inline std::uint64_t duration_key(const model::Span& span) {
    return duration_key(span.start_ns, span.end_ns);
}
// "unspecified", "internal", …; numbers unknown to us are "unspecified".
std::string_view kind_word(model::SpanKind kind);
// As the lists of operations give it: like kind_word, but "" for unspecified.
std::string_view operation_kind(model::SpanKind kind);
// "unset", "ok", "error".
std::string_view status_word(model::StatusCode code);

const model::Value* find(model::Attributes attributes, std::string_view key);
bool is_valid_utf8(std::string_view text);

}  // namespace skua::store
