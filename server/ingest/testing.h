// SPDX-License-Identifier: Apache-2.0
// For tests, fuzzers and the bench of this folder: keeps what a decoder says, and prints it.
#pragma once

#include "model/ingest.h"
#include "model/span_batch.h"

#include <string>

namespace skua::ingest {

// Copies everything into a SpanBatch.
class BatchSink final : public model::SpanSink {
public:
    void resource(const model::Resource& resource) override { resource_ = batch.copy(resource); }
    void scope(const model::Scope& scope) override { scope_ = batch.copy(scope); }
    void span(const model::Span& span) override { batch.append(span, resource_, scope_); }

    model::SpanBatch batch;

private:
    const model::Resource* resource_ = nullptr;
    const model::Scope* scope_ = nullptr;
};

// Every field that is not at its default, one line per object; unknown fields in hex, containers as JSON.
std::string dump(const model::SpanBatch& batch);

struct Decoded {
    BatchSink sink;
    base::Result<model::DecodeCounts> counts = model::DecodeCounts{};
    // The dump, or the error's message; with a last line for rejected spans.
    [[nodiscard]] std::string text() const;
};
// REQUIRES: the encoding is supported.
Decoded decode(model::Encoding encoding, std::string_view bytes);

}  // namespace skua::ingest
