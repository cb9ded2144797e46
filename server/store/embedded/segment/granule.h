// SPDX-License-Identifier: Apache-2.0
// One granule, read column by column as it is asked for. Confined to one thread; lives as long as a query wants it.
#pragma once

#include "store/embedded/codec/int_column.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/segment/stored_segment.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

// The texts of a segment by number; keeps the blocks it touched.
class SegmentTexts {
public:
    SegmentTexts(const StoredSegment& segment, std::shared_ptr<const SegmentMeta> meta)
        : segment_(segment), meta_(std::move(meta)) {}
    base::Result<std::string_view> text(std::uint64_t number);

private:
    const StoredSegment& segment_;
    std::shared_ptr<const SegmentMeta> meta_;
    std::unordered_map<std::size_t, std::shared_ptr<const TextBlock>> blocks_;
};

class Granule {
public:
    // All but `number` outlive the granule.
    static base::Result<std::unique_ptr<Granule>> open(const StoredSegment& segment, const SegmentMeta& meta,
                                                       const Catalog& catalog, SegmentTexts& texts,
                                                       std::uint32_t number);

    [[nodiscard]] std::uint32_t rows() const { return info_.rows; }
    [[nodiscard]] const GranuleInfo& info() const { return info_; }
    struct TraceRun {
        model::TraceId id;
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };
    base::Result<const std::vector<TraceRun>*> traces();
    // Of every row. Shapes and resources are within the catalog.
    base::Result<const std::vector<std::uint64_t>*> shapes();
    base::Result<const std::vector<std::uint64_t>*> resources();
    base::Result<const std::vector<std::uint64_t>*> starts();
    base::Result<const std::vector<std::uint64_t>*> ends();
    // Value of the i-th field of the row's shape. Text lives until the next call.
    base::Result<FieldValue> value(std::uint32_t row, std::size_t field_index);
    // The whole span; objects (arrays, decoded events) lie in `into`, texts are copied there when they have to be.
    base::Result<model::Span> span(std::uint32_t row, model::SpanBatch& into);

private:
    struct Chunk {
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint32_t crc = 0;
    };
    struct FieldColumn {
        Bytes bytes;
        bool dictionary = false;
        std::size_t count = 0;
        IntReader ints;
        TextReader texts;
        std::vector<std::uint32_t> ranks;  // values before each row
    };
    Granule(const StoredSegment& segment, const Catalog& catalog, SegmentTexts& texts, const GranuleInfo& info)
        : segment_(segment), catalog_(catalog), texts_(texts), info_(info) {}
    base::Result<Bytes> column(std::uint32_t number);
    base::Result<const std::vector<std::uint64_t>*> ints(Column column, std::uint32_t count,
                                                         std::vector<std::uint64_t>& out);
    base::Result<FieldColumn*> field_column(std::uint32_t field);
    base::Status load_parents();
    [[nodiscard]] base::Error bad(std::string_view what) const {
        return segment_.corrupt(info_.offset, info_.bytes, what);
    }

    const StoredSegment& segment_;
    const Catalog& catalog_;
    SegmentTexts& texts_;
    const GranuleInfo& info_;
    std::map<std::uint32_t, Chunk> chunks_;
    std::vector<TraceRun> traces_;
    std::vector<std::uint64_t> shapes_, resources_, starts_, ends_, parents_;
    Bytes span_ids_;
    std::unordered_map<std::uint32_t, std::unique_ptr<FieldColumn>> fields_;
    std::string scratch_;
};

}  // namespace skua::store::embedded
