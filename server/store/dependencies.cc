// SPDX-License-Identifier: Apache-2.0
#include "store/dependencies.h"

#include "store/keys.h"

#include <unordered_map>

namespace skua::store {

void DependencyCounter::add(std::span<const model::Span* const> spans) {
    // Zipkin gives client and server one id: the server half then is the client's child, and the parent of both's
    // children.
    struct Pair {
        const model::Span* parent_of_children = nullptr;
        const model::Span* client = nullptr;
    };
    std::unordered_map<model::SpanId, Pair> by_id;
    for (const model::Span* span : spans) {
        Pair& pair = by_id[span->span_id];
        if (span->kind == model::SpanKind::kClient) pair.client = span;
        if (pair.parent_of_children == nullptr || span->kind == model::SpanKind::kServer)
            pair.parent_of_children = span;
    }
    for (const model::Span* span : spans) {
        const model::Span* parent = nullptr;
        if (span->kind == model::SpanKind::kServer) parent = by_id[span->span_id].client;
        if (parent == nullptr && !span->parent_span_id.is_zero()) {
            const auto found = by_id.find(span->parent_span_id);
            if (found != by_id.end()) parent = found->second.parent_of_children;
        }
        if (parent == nullptr || parent == span) continue;
        ++calls_[{std::string(service_key(*parent->resource)), std::string(service_key(*span->resource))}];
    }
}

std::vector<DependencyEdge> DependencyCounter::edges() const {
    std::vector<DependencyEdge> edges;
    for (const auto& [pair, calls] : calls_) edges.push_back({pair.first, pair.second, calls});
    return edges;
}

}  // namespace skua::store
