// SPDX-License-Identifier: Apache-2.0
// One granule, read column by column as it is asked for. Confined to one thread; lives as long as a query wants it.
#pragma once

#include "store/embedded/codec/int_column.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/segment/granule_tables.h"
#include "store/embedded/segment/stored_segment.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

// The texts of a part by number; keeps the blocks it touched.
class SegmentTexts {
public:
    // `segment` and `part` outlive it.
    SegmentTexts(const StoredSegment& segment, const Part& part, std::shared_ptr<const Catalog> catalog)
        : segment_(segment), part_(part), catalog_(std::move(catalog)) {}
    base::Result<std::string_view> text(std::uint64_t number);

private:
    const StoredSegment& segment_;
    const Part& part_;
    std::shared_ptr<const Catalog> catalog_;
    std::unordered_map<std::size_t, std::shared_ptr<const TextBlock>> blocks_;
};

// The columns of one granule, and what needs no catalog to be read.
class GranuleColumns {
public:
    // `segment` and `info` outlive it.
    GranuleColumns(const StoredSegment& segment, const GranuleInfo& info) : segment_(segment), info_(info) {}
    // Reads the directory. REQUIRES: nothing was asked before.
    base::Status open();

    [[nodiscard]] std::uint32_t rows() const { return info_.rows; }
    [[nodiscard]] const GranuleInfo& info() const { return info_; }
    struct TraceRun {
        model::TraceId id;
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };
    base::Result<const std::vector<TraceRun>*> traces();
    base::Result<Bytes> span_ids();  // u64 each
    base::Result<std::vector<StoredSummary>> summaries();
    // Of one trace. REQUIRES: number < info().traces.
    base::Result<StoredSummary> summary(std::uint32_t number);

protected:
    base::Result<Bytes> column(std::uint32_t number);
    [[nodiscard]] bool has_column(std::uint32_t number) const;
    [[nodiscard]] base::Error bad(std::string_view what) const {
        return segment_.corrupt(info_.offset, info_.bytes, what);
    }
    base::Result<const std::vector<std::uint64_t>*> ints(Column column, std::uint32_t count,
                                                         std::vector<std::uint64_t>& out);

    const StoredSegment& segment_;
    const GranuleInfo& info_;

private:
    struct Chunk {
        std::uint32_t column = 0;
        std::uint64_t offset = 0;
        std::uint64_t bytes = 0;
        std::uint32_t crc = 0;
    };
    std::vector<Chunk> chunks_;  // by column
    std::vector<TraceRun> traces_;
};

class Granule final : public GranuleColumns {
public:
    // All but `number` outlive the granule; catalog and texts are those of its part.
    static base::Result<std::unique_ptr<Granule>> open(const StoredSegment& segment, const SegmentMeta& meta,
                                                       const Catalog& catalog, SegmentTexts& texts,
                                                       std::uint32_t number);

    // Of every row. Shapes and resources are within the catalog.
    base::Result<const std::vector<std::uint64_t>*> shapes();
    base::Result<const std::vector<std::uint64_t>*> resources();
    base::Result<const std::vector<std::uint64_t>*> starts();
    base::Result<const std::vector<std::uint64_t>*> ends();
    // Ids, parent, times, kind and resource of the rows: what telling who called whom needs.
    base::Status skeletons(const TraceRun& run, std::vector<model::Span>& out);
    // Whether the granule has values of a field that varies in some shape.
    [[nodiscard]] bool has_field(std::uint32_t field) const { return has_column(kColumnFields + field); }
    // False: no text of the field has `needle` in it. Looks at the column as it is stored.
    base::Result<bool> field_may_contain(std::uint32_t field, std::string_view needle);
    // Sets flags of rows that have a value of the field for which `matches(row, number)` says so, or, where texts are
    // stored as they are, `text_matches(text)`; numbers of texts are those of the part. REQUIRES: has_field().
    base::Status each_value(std::uint32_t field,
                            const std::function<base::Result<bool>(std::uint32_t, std::uint64_t)>& matches,
                            const std::function<bool(std::string_view)>& text_matches,
                            std::vector<std::uint8_t>& flags);
    // Value of the i-th field of the row's shape. Text lives until the next call.
    base::Result<FieldValue> value(std::uint32_t row, std::size_t field_index);
    // The whole span; objects (arrays, decoded events) lie in `into`, texts are copied there when they have to be.
    base::Result<model::Span> span(std::uint32_t row, model::SpanBatch& into);

private:
    struct FieldColumn {
        Bytes bytes;
        bool dictionary = false;
        std::size_t count = 0;
        IntReader ints;
        TextReader texts;
    };
    Granule(const StoredSegment& segment, const Catalog& catalog, SegmentTexts& texts, const GranuleInfo& info)
        : GranuleColumns(segment, info), catalog_(catalog), texts_(texts) {}
    base::Result<FieldColumn*> field_column(std::uint32_t field);
    [[nodiscard]] std::size_t values_of_shape(std::uint32_t shape, std::uint32_t field) const;
    void count_values(std::uint32_t first, std::uint32_t end, std::vector<std::uint32_t>& counts) const;
    void seek(std::uint32_t row);
    base::Status load_parents();

    const Catalog& catalog_;
    SegmentTexts& texts_;
    std::vector<std::uint64_t> shapes_, resources_, starts_, ends_, parents_;
    Bytes span_ids_;
    std::unordered_map<std::uint32_t, std::unique_ptr<FieldColumn>> fields_;
    std::vector<std::uint32_t> totals_;  // values of each field
    std::vector<std::uint32_t> ranks_;   // of each field, before ranks_row_
    std::uint32_t ranks_row_ = 0;
    std::string scratch_;
};

// Trace and span ids alone: what tells traces and spans apart.
struct GranuleIds {
    std::vector<GranuleColumns::TraceRun> traces;
    std::vector<std::uint64_t> span_ids;
};
base::Result<GranuleIds> read_ids(const StoredSegment& segment, const GranuleInfo& info);

}  // namespace skua::store::embedded
