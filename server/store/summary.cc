// SPDX-License-Identifier: Apache-2.0
#include "store/summary.h"

#include "store/keys.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace skua::store {

TraceSummary summarize(std::span<const model::Span* const> spans) {
    TraceSummary summary;
    summary.trace_id = spans.front()->trace_id;
    summary.start_ns = spans.front()->start_ns;
    std::unordered_set<model::SpanId> ids;
    for (const model::Span* span : spans) ids.insert(span->span_id);

    std::map<std::string_view, ServiceCount> services;
    const model::Span* root = nullptr;
    for (const model::Span* span : spans) {
        const bool error = span->status_code == model::StatusCode::kError;
        const std::string_view service = service_key(*span->resource);
        ServiceCount& count = services[service];
        ++count.spans;
        ++summary.spans;
        if (error) {
            ++count.errors;
            ++summary.errors;
        }
        summary.start_ns = std::min(summary.start_ns, span->start_ns);
        summary.end_ns = std::max(summary.end_ns, end_key(*span));
        if (span->parent_span_id.is_zero()) {
            if (root == nullptr || span->start_ns < root->start_ns) root = span;
        } else if (!ids.contains(span->parent_span_id)) {
            ++summary.orphans;
        }
    }
    if (root != nullptr) {
        summary.root_service = service_key(*root->resource);
        summary.root_name = name_key(*root);
    }
    for (auto& [name, count] : services) {
        count.name = name;
        summary.services.push_back(std::move(count));
    }
    return summary;
}

}  // namespace skua::store
