// SPDX-License-Identifier: Apache-2.0
// Spans as text, for tests: a body that SpanTextDecoder reads like any other. One line each:
//
//   span trace=01 id=0a parent=09 service=web name="GET /" kind=server start=10ms dur=120ms status=error message=boom
//        http.method=GET code=int:5 res:host.name=h scope=lib@1.2 scope:k=v state=x=y flags=1 schema=url
//   event name=retry at=20ms k=v          (of the span above; times are offsets from kTextEpochNs)
//   link trace=02 id=0b state=x k=v
//
// Values: text, or int:5 double:1.5 bool:true bytes:0aff empty: strings:a,b map:k=v,k2=v2. Quotes take spaces, and
// \" \\ \n \xHH inside. Lines that start with # and empty lines are skipped.
#pragma once

#include "model/ingest.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::testing {

inline constexpr std::uint64_t kTextEpochNs = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z

class SpanTextDecoder final : public model::Decoder {
public:
    base::Result<model::DecodeCounts> decode(const model::RawBody& body, model::SpanSink& sink) const override;
};

// One word per token; quotes removed, escapes undone.
std::vector<std::string> tokens(std::string_view line);
// "10ms", "1s", "500us", "7ns", "7": in ns.
std::int64_t offset_ns(std::string_view text);

// Appends `text` to the writer and waits: all stores here call `done` before append returns or soon after.
model::AppendOutcome append_text(model::SpanWriter& writer, std::string_view text,
                                 const model::RequestContext& context = {});

}  // namespace skua::store::testing
