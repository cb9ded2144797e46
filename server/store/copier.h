// SPDX-License-Identifier: Apache-2.0
// Copies spans of other batches into one, with each resource and scope once.
#pragma once

#include "model/span_batch.h"

#include <unordered_map>

namespace skua::store {

class Copier {
public:
    explicit Copier(model::SpanBatch& into) : into_(into) {}
    void append(const model::Span& span) {
        const model::Resource*& resource = resources_[span.resource];
        if (resource == nullptr) resource = into_.copy(*span.resource);
        const model::Scope*& scope = scopes_[span.scope];
        if (scope == nullptr) scope = into_.copy(*span.scope);
        into_.append(span, resource, scope);
    }

private:
    model::SpanBatch& into_;
    std::unordered_map<const model::Resource*, const model::Resource*> resources_;
    std::unordered_map<const model::Scope*, const model::Scope*> scopes_;
};

}  // namespace skua::store
