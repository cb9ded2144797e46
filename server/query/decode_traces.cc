// SPDX-License-Identifier: Apache-2.0
#include "query/decode_traces.h"

#include "store/copier.h"
#include "store/staging.h"

#include <unordered_map>

namespace skua::query {

base::Result<std::vector<Trace>> decode_traces(const model::Decoder& decoder, const model::RawBody& body) {
    store::Staging staging;
    SKUA_RETURN_IF_ERROR(decoder.decode(body, staging));
    const auto& spans = staging.batch().spans();
    std::vector<Trace> traces;
    std::unordered_map<model::TraceId, std::size_t> index;
    for (const model::Span& span : spans) {
        if (index.try_emplace(span.trace_id, traces.size()).second) traces.emplace_back().id = span.trace_id;
    }
    std::vector<store::Copier> copiers;
    copiers.reserve(traces.size());
    for (Trace& trace : traces) copiers.emplace_back(trace.batch);
    for (const model::Span& span : spans) copiers[index[span.trace_id]].append(span);
    return traces;
}

}  // namespace skua::query
