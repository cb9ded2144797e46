// SPDX-License-Identifier: Apache-2.0
// One trace as a reader sees it: its spans, and what the views found to say about them. Confined to one thread.
#pragma once

#include "model/span_batch.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace skua::query {

struct Trace {
    model::TraceId id;
    model::SpanBatch batch;
    std::vector<model::SpanBatch> chunks;  // without spans: what spans of `batch` point to, as it came in pieces
    // Per span, in the order found; empty, or as many as there are spans.
    std::vector<std::vector<std::string>> warnings;
    bool truncated = false;  // the limit on spans cut it

    void warn(std::size_t span, std::string warning) {
        warnings.resize(batch.spans().size());
        warnings[span].push_back(std::move(warning));
    }
    [[nodiscard]] const std::vector<std::string>& warnings_of(std::size_t span) const {
        static const std::vector<std::string> kNone;
        return span < warnings.size() ? warnings[span] : kNone;
    }
};

}  // namespace skua::query
