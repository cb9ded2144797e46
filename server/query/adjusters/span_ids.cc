// SPDX-License-Identifier: Apache-2.0
#include "query/adjusters/adjusters.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace skua::query {
namespace {

constexpr std::string_view kNoIdsLeft = "cannot assign unique span ID, too many spans in the trace";

// Counts up from 1: new ids are small, so that they are seen to be made here, and the same in every read.
class FreshIds {
public:
    explicit FreshIds(std::unordered_set<model::SpanId> taken) : taken_(std::move(taken)) {}
    // Zero when there is none left, which needs 2^64 spans.
    model::SpanId next() {
        do {
            ++last_;
        } while (last_ != 0 && taken_.contains({last_}));
        return {last_};
    }

private:
    std::unordered_set<model::SpanId> taken_;
    std::uint64_t last_ = 0;
};

}  // namespace

void unshare_span_ids(Trace& trace) {
    auto& spans = trace.batch.spans();
    std::unordered_set<model::SpanId> clients;
    for (const model::Span& span : spans) {
        if (span.kind == model::SpanKind::kClient) clients.insert(span.span_id);
    }
    if (std::none_of(spans.begin(), spans.end(), [&](const model::Span& span) {
            return span.kind == model::SpanKind::kServer && clients.contains(span.span_id);
        }))
        return;
    std::unordered_set<model::SpanId> taken;
    for (const model::Span& span : spans) taken.insert(span.span_id);
    FreshIds fresh(std::move(taken));
    std::unordered_map<model::SpanId, model::SpanId> renamed;
    std::unordered_set<model::SpanId> servers;  // new ids: these keep the client as their parent
    for (std::size_t i = 0; i < spans.size(); ++i) {
        model::Span& span = spans[i];
        if (span.kind != model::SpanKind::kServer || !clients.contains(span.span_id)) continue;
        const model::SpanId id = fresh.next();
        if (id.is_zero()) {
            trace.warn(i, std::string(kNoIdsLeft));
            continue;
        }
        renamed[span.span_id] = id;
        servers.insert(id);
        span.parent_span_id = span.span_id;
        span.span_id = id;
    }
    if (renamed.empty()) return;
    for (model::Span& span : spans) {
        const auto found = renamed.find(span.parent_span_id);
        if (found != renamed.end() && !servers.contains(span.span_id)) span.parent_span_id = found->second;
    }
}

}  // namespace skua::query
