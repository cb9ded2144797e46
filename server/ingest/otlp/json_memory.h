// SPDX-License-Identifier: Apache-2.0
// What reading a JSON body takes in memory, besides the body itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skua::ingest {

// Bodies up to here are parsed as one, larger ones span by span (or metric by metric).
inline constexpr std::size_t kWholeJsonBytesMax = std::size_t{1} << 20;

enum class JsonKind : std::uint8_t { kSpans, kMetrics };

// The most that OtlpJsonDecoder or count_metrics_json hold at once for this body, whatever it is: about fifteen times
// the bytes of a body that is parsed as one, else of its largest span, resource and scope. Large bodies are looked
// through for it.
std::size_t json_memory_bytes(std::string_view body, JsonKind kind);

}  // namespace skua::ingest
