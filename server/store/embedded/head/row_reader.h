// SPDX-License-Identifier: Apache-2.0
// Turns rows of a head back into spans.
#pragma once

#include "model/span_batch.h"
#include "store/embedded/head/head_shard.h"

#include <memory>
#include <vector>

namespace skua::store::embedded {

class RowReader {
public:
    // `shard` outlives the reader.
    explicit RowReader(const HeadShard& shard) : shard_(shard), objects_(std::make_unique<model::SpanBatch>()) {}
    // The span of a row that was published to the caller; valid until the next call. All views lead into the shard or
    // into this reader.
    const model::Span& read(std::uint32_t row);

private:
    const HeadShard& shard_;
    model::Span span_;
    std::vector<model::Attribute> attributes_;
    std::unique_ptr<model::SpanBatch> objects_;  // decoded events and links, dropped now and then
    std::size_t decoded_bytes_ = 0;
};

}  // namespace skua::store::embedded
