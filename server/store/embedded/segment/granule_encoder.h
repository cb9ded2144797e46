// SPDX-License-Identifier: Apache-2.0
// Turns rows of a closed head into granules, once, and collects what the segment's tables and indexes need.
//
// Confined to the sealing thread; lives for one segment.
#pragma once

#include "store/embedded/codec/int_column.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/index/pages.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/granule_tables.h"
#include "store/embedded/segment/part_numbers.h"
#include "store/embedded/segment/row_order.h"
#include "store/embedded/segment/value_indexer.h"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace skua::store::embedded {

// What the trace index is keyed by.
std::uint64_t trace_id_hash(const model::TraceId& id);

class GranuleEncoder {
public:
    explicit GranuleEncoder(const MemoryHead& head) : numbers_(head, tables_, indexer_) {}

    // Appends a granule to `out`: columns, then their directory. `info.offset` is the caller's.
    // `granule` is its number in the segment; consecutive ones. REQUIRES: rows.size() <= kGranuleRows; `traces` cover
    // them in order.
    void encode(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, std::uint32_t granule,
                std::string& out, GranuleInfo& info);

    // --- after the last granule
    PartNumbers& numbers() { return numbers_; }
    std::vector<HashEntry>& trace_entries() { return trace_entries_; }
    PackedEntries& value_entries() { return indexer_.entries(); }
    [[nodiscard]] const GranuleTables& tables() const { return tables_; }
    // Edges of the granule encoded last, by numbers of tables().services().
    [[nodiscard]] const std::vector<Edge>& edges() const { return edges_of_granule_; }
    // What a row that is left out would have counted.
    RollupCell cell_of(RowRef row);
    // Bytes written for each column, for the bench.
    [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& column_bytes() const { return column_bytes_; }

private:
    // Values of the granule at hand: numbers, or shard and slot of texts.
    struct FieldValues {
        std::vector<std::uint64_t> values;
        bool raw = false;
    };

    void put_rows(std::span<const RowRef> rows, std::span<const OrderedTrace> traces);
    void put_parents(std::span<const OrderedTrace> traces);
    void put_times(std::span<const OrderedTrace> traces, GranuleInfo& info);
    void put_tables(std::span<const OrderedTrace> traces, const GranuleInfo& info);
    // The operations of the rows, and their longest spans.
    void note_operations();
    void put_field(FieldValues& field, std::uint32_t number);
    void put_texts(FieldValues& field, std::uint32_t number);
    void index_dictionary(const PartNumbers::Field& field, std::span<const std::uint64_t> values);
    void index_texts(const PartNumbers::Field& field);
    void put_ints(std::uint32_t column, std::span<const std::uint64_t> values, IntHint hint);
    // Closes the column whose bytes were appended since the last call.
    void close_column(std::uint32_t column);
    const Row& row(RowRef r) const { return numbers_.shard(r.shard).row(r.row); }
    void prefetch(std::span<const RowRef> rows, std::size_t i) const;

    GranuleTables tables_;
    ValueIndexer indexer_;
    PartNumbers numbers_;
    std::vector<HashEntry> trace_entries_;
    std::map<std::uint32_t, std::uint64_t> column_bytes_;
    std::vector<Edge> edges_of_granule_;

    // The granule at hand.
    std::vector<TableRow> table_rows_;
    std::vector<std::uint64_t> parents_;
    std::uint32_t granule_ = 0;
    std::string* out_ = nullptr;
    std::size_t column_begin_ = 0;
    std::string directory_;
    std::vector<std::uint64_t> scratch_, shape_column_, resource_column_;
    std::vector<FieldValues> fields_;
    std::vector<std::uint32_t> touched_;
    std::vector<std::uint32_t> string_mark_;  // number of the last column that had the text
    std::uint32_t mark_ = 0;
    std::vector<std::string_view> texts_;
};

}  // namespace skua::store::embedded
