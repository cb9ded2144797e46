// SPDX-License-Identifier: Apache-2.0
// Spans back as text with everything they carry, so that tests compare whole spans and show what differs.
#pragma once

#include "store/span_store.h"

#include <string>
#include <vector>

namespace skua::store::testing {

std::string print(const model::Span& span);

// Collects whole traces.
class Collector final : public TraceSink {
public:
    bool take(const model::TraceId& id, model::SpanBatch chunk) override;
    // One line per span, in the order they came.
    [[nodiscard]] std::string text() const;

    std::vector<model::TraceId> ids;  // of each chunk
    std::vector<model::SpanBatch> chunks;
    std::size_t stop_after_chunks = 0;  // 0: never
};

// The trace as text; an error's message when there is one.
std::string read_trace(const SpanReader& reader, const model::TraceId& id);

}  // namespace skua::store::testing
