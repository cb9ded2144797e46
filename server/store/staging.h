// SPDX-License-Identifier: Apache-2.0
// Where a decoder puts a body's spans before anyone else sees them: all of them or none go on.
#pragma once

#include "model/ingest.h"
#include "model/span_batch.h"

namespace skua::store {

class Staging final : public model::SpanSink {
public:
    void resource(const model::Resource& resource) override {
        resource_ = batch_.copy(resource);
        scope_ = nullptr;
    }
    void scope(const model::Scope& scope) override { scope_ = batch_.copy(scope); }
    void span(const model::Span& span) override {
        if (resource_ == nullptr) resource_ = batch_.copy(*span.resource);
        if (scope_ == nullptr) scope_ = batch_.copy(*span.scope);
        batch_.append(span, resource_, scope_);
    }
    model::SpanBatch& batch() { return batch_; }

private:
    model::SpanBatch batch_;
    const model::Resource* resource_ = nullptr;
    const model::Scope* scope_ = nullptr;
};

}  // namespace skua::store
