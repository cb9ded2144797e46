// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/row_reader.h"

#include "store/embedded/codec/span_codec.h"

namespace skua::store::embedded {

const model::Span& RowReader::read(std::uint32_t index) {
    if (decoded_bytes_ > (std::size_t{1} << 18)) {
        objects_ = std::make_unique<model::SpanBatch>();
        decoded_bytes_ = 0;
    }
    const Row& row = shard_.row(index);
    const Shape& shape = shard_.shape(row.shape);
    const OperationSlot& operation = shard_.operation(shape.operation);
    span_ = model::Span{};
    const TraceSlot& trace = shard_.trace(row.trace);
    span_.trace_id = {trace.high, trace.low};
    span_.span_id = {row.span_id};
    span_.parent_span_id = {row.parent_id};
    span_.start_ns = row.start_ns;
    span_.end_ns = row.end_ns;
    span_.name = shard_.text(operation.key.name);
    span_.kind = operation.key.kind;
    span_.status_code = operation.key.status;
    span_.resource = &shard_.resource(row.resource).resource;
    span_.scope = &shard_.scope(operation.key.scope).scope;
    attributes_.resize(shape.attributes);
    std::size_t attribute = 0;
    model::Attribute ignored;
    for (const ShapeField& f : shape.fields) {
        const FieldKey& key = shard_.field(f.field).key;
        const FieldValue value = shard_.value(row, f);
        const bool special = key.special != Special::kNone;
        put_value(key, value, span_, special ? ignored : attributes_[attribute++]);
        if (!special) continue;
        // What we encoded ourselves in memory decodes.
        if (key.special == Special::kEvents) decode_events(value.text, *objects_, span_.events);
        if (key.special == Special::kLinks) decode_links(value.text, *objects_, span_.links);
        if (key.special == Special::kAttributes) decode_attributes(value.text, *objects_, span_.attributes);
        decoded_bytes_ += value.text.size();
    }
    if (!attributes_.empty()) span_.attributes = attributes_;
    return span_;
}

}  // namespace skua::store::embedded
