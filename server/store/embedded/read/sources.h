// SPDX-License-Identifier: Apache-2.0
// Heads and segments as one query reads them. Confined to its thread.
#pragma once

#include "store/embedded/head/memory_head.h"
#include "store/embedded/read/matcher.h"
#include "store/embedded/segment/granule.h"
#include "store/embedded/segment/stored_segment.h"

#include <memory>
#include <vector>

namespace skua::store::embedded {

class HeadSource final : public RowSource {
public:
    explicit HeadSource(const HeadShard& shard) : shard_(shard) {}
    const Shape& shape(std::uint32_t n) const override { return shard_.shape(n); }
    const FieldKey& field(std::uint32_t n) const override { return shard_.field(n).key; }
    model::Span operation(std::uint32_t n) const override {
        const embedded::Operation& key = shard_.operation(n).key;
        model::Span span;
        span.name = shard_.text(key.name);
        span.kind = key.kind;
        span.status_code = key.status;
        span.scope = &shard_.scope(key.scope).scope;
        return span;
    }
    const model::Resource& resource(std::uint32_t n) const override { return shard_.resource(n).resource; }
    base::Result<FieldValue> constant(const FieldKey& key, std::uint64_t value) override {
        if (key.storage() == Storage::kText) return FieldValue{0, shard_.text(static_cast<std::uint32_t>(value))};
        return FieldValue{value, {}};
    }
    base::Result<FieldValue> value(std::uint32_t row, const Shape& shape, std::size_t i) override {
        return shard_.value(shard_.row(row), shape.fields[i]);
    }

private:
    const HeadShard& shard_;
};

// A segment as one query uses it.
class OpenSegment {
public:
    static base::Result<std::unique_ptr<OpenSegment>> open(const Segment& from) {
        auto out = std::make_unique<OpenSegment>();
        out->segment_ = static_cast<const StoredSegment*>(&from);
        SKUA_ASSIGN_OR_RETURN(out->meta_, out->segment_->meta());
        out->parts_.resize(out->meta_->footer.parts.size());
        return out;
    }
    [[nodiscard]] const StoredSegment& segment() const { return *segment_; }
    [[nodiscard]] const SegmentMeta& meta() const { return *meta_; }
    struct OpenPart {
        std::shared_ptr<const Catalog> catalog;
        std::unique_ptr<SegmentTexts> texts;
    };
    base::Result<OpenPart*> part(std::size_t number) {
        OpenPart& part = parts_[number];
        if (part.catalog == nullptr) {
            SKUA_ASSIGN_OR_RETURN(part.catalog, segment_->catalog(*meta_, number));
            part.texts = std::make_unique<SegmentTexts>(*segment_, meta_->footer.parts[number], part.catalog);
        }
        return &part;
    }
    base::Result<std::unique_ptr<Granule>> granule(std::uint32_t number) {
        if (number >= meta_->granules.size()) return segment_->corrupt(0, 0, "a granule's number");
        SKUA_ASSIGN_OR_RETURN(OpenPart * of, part(meta_->part_of(number)));
        return Granule::open(*segment_, *meta_, *of->catalog, *of->texts, number);
    }

private:
    const StoredSegment* segment_ = nullptr;
    std::shared_ptr<const SegmentMeta> meta_;
    std::vector<OpenPart> parts_;
};

class SegmentSource final : public RowSource {
public:
    explicit SegmentSource(const OpenSegment::OpenPart& part) : catalog_(*part.catalog), texts_(*part.texts) {}
    void enter(Granule* granule) { granule_ = granule; }
    const Shape& shape(std::uint32_t n) const override { return catalog_.shapes[n]; }
    const FieldKey& field(std::uint32_t n) const override { return catalog_.fields[n]; }
    model::Span operation(std::uint32_t n) const override {
        const CatalogOperation& operation = catalog_.operations[n];
        model::Span span;
        span.name = operation.name;
        span.kind = operation.kind;
        span.status_code = operation.status;
        span.scope = &catalog_.scopes[operation.scope];
        return span;
    }
    const model::Resource& resource(std::uint32_t n) const override { return catalog_.resources[n].resource; }
    base::Result<FieldValue> constant(const FieldKey& key, std::uint64_t value) override {
        if (key.storage() != Storage::kText) return FieldValue{value, {}};
        SKUA_ASSIGN_OR_RETURN(const std::string_view text, texts_.text(value));
        return FieldValue{0, text};
    }
    base::Result<FieldValue> value(std::uint32_t row, const Shape&, std::size_t i) override {
        return granule_->value(row, i);
    }

private:
    const Catalog& catalog_;
    SegmentTexts& texts_;
    Granule* granule_ = nullptr;
};

}  // namespace skua::store::embedded
