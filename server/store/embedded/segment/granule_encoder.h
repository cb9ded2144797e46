// SPDX-License-Identifier: Apache-2.0
// Turns rows of a closed head into granules, once, and collects what the segment's tables and indexes need.
//
// Confined to the sealing thread; lives for one segment.
#pragma once

#include "store/embedded/codec/int_column.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/index/pages.h"
#include "store/embedded/index/value_hash.h"
#include "store/embedded/segment/catalog.h"
#include "store/embedded/segment/directory.h"
#include "store/embedded/segment/format.h"
#include "store/embedded/segment/granule_tables.h"
#include "store/embedded/segment/row_order.h"

#include <array>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

// What the trace index is keyed by.
std::uint64_t trace_id_hash(const model::TraceId& id);

class GranuleEncoder {
public:
    explicit GranuleEncoder(const MemoryHead& head);

    // Appends a granule to `out`: columns, then their directory. `info.offset` is the caller's.
    // `granule` is its number in the segment; consecutive ones. REQUIRES: rows.size() <= kGranuleRows; `traces` cover
    // them in order.
    void encode(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, std::uint32_t granule,
                std::string& out, GranuleInfo& info);

    // --- after the last granule
    [[nodiscard]] const CatalogWriter& catalog() const { return catalog_; }
    [[nodiscard]] const StringTable& strings() const { return strings_; }
    std::vector<HashEntry>& trace_entries() { return trace_entries_; }
    std::vector<HashEntry>& value_entries() { return value_entries_; }
    // What the part's rows refer to, by number, and in which granules it occurs, ascending. Views into the head.
    struct OperationUse {
        CatalogOperation operation;
        Postings granules;
    };
    struct ResourceUse {
        std::string_view bytes;
        std::string_view service;
        Postings granules;
    };
    [[nodiscard]] const std::vector<OperationUse>& operations() const { return operations_; }
    [[nodiscard]] const std::vector<ResourceUse>& resources() const { return resources_; }
    [[nodiscard]] const std::vector<std::string_view>& scopes() const { return scopes_; }
    [[nodiscard]] const GranuleTables& tables() const { return tables_; }
    // Edges of the granule encoded last, by numbers of tables().services().
    [[nodiscard]] const std::vector<Edge>& edges() const { return edges_of_granule_; }
    // What a row that is left out would have counted.
    RollupCell cell_of(RowRef row);
    // Bytes written for each column, for the bench.
    [[nodiscard]] const std::map<std::uint32_t, std::uint64_t>& column_bytes() const { return column_bytes_; }

private:
    struct VaryingField {
        std::uint32_t column = 0;  // number of the field in the segment
        std::uint32_t slot = 0;
        Storage storage = Storage::kNothing;
    };
    struct ShapePlan {
        std::uint32_t number = 0;
        std::uint32_t operation = 0;
        std::uint32_t last_granule = kNoRow;
        std::vector<VaryingField> varying;
        std::vector<std::uint64_t> hashes;  // of its keys and constants, for the value index
    };
    struct FieldPlan {
        FieldKey key;
        std::uint64_t seed = 0;
        std::uint64_t key_hash = 0;
        // Values of the granule at hand: numbers, or shard and slot of texts.
        std::vector<std::uint64_t> values;
        bool raw = false;
    };
    // Numbers of one shard in the segment; kNoRow: not met yet.
    struct Remap {
        std::vector<std::uint32_t> strings, fields, scopes, resources, operations, shapes;
    };

    std::uint32_t string_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t field_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t scope_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t resource_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t operation_of(std::uint32_t shard, std::uint32_t id);
    ShapePlan& shape_of(std::uint32_t shard, std::uint32_t id);
    void index_value(std::uint64_t hash) { value_entries_.push_back({hash, granule_}); }
    void index_nested(Special special, std::string_view bytes);
    void index_attributes(model::Attributes attributes, IndexLevel level);

    void put_rows(std::span<const RowRef> rows, std::span<const OrderedTrace> traces);
    void put_parents(std::span<const RowRef> rows, std::span<const OrderedTrace> traces);
    void put_times(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, GranuleInfo& info);
    void put_tables(std::span<const OrderedTrace> traces, const GranuleInfo& info);
    void put_field(FieldPlan& field, std::uint32_t number);
    void index_field(const FieldPlan& field);
    void put_ints(std::uint32_t column, std::span<const std::uint64_t> values, IntHint hint);
    // Closes the column whose bytes were appended since the last call.
    void close_column(std::uint32_t column);
    const Row& row(RowRef r) const { return shards_[r.shard]->row(r.row); }

    std::array<const HeadShard*, kHeadShards> shards_;
    std::array<Remap, kHeadShards> remap_;
    CatalogWriter catalog_;
    StringTable strings_;
    std::vector<FieldPlan> fields_;
    std::vector<ShapePlan> shapes_;
    std::unordered_map<std::string_view, std::uint32_t> resources_by_bytes_, scopes_by_bytes_;
    std::unordered_map<std::string, std::uint32_t> fields_by_key_, operations_by_key_;
    std::vector<HashEntry> trace_entries_, value_entries_;
    std::vector<OperationUse> operations_;
    std::vector<ResourceUse> resources_;
    std::vector<std::string_view> scopes_;
    std::map<std::uint32_t, std::uint64_t> column_bytes_;

    GranuleTables tables_;
    std::vector<Edge> edges_of_granule_;

    // The granule at hand.
    std::vector<TableRow> table_rows_;
    std::vector<std::uint64_t> parents_;
    std::uint32_t granule_ = 0;
    std::string* out_ = nullptr;
    std::size_t column_begin_ = 0;
    std::string directory_;
    std::vector<std::uint64_t> scratch_, shape_column_, resource_column_;
    std::vector<std::uint32_t> touched_;
    std::vector<std::uint32_t> string_mark_;  // number of the last column that had the text
    std::uint32_t mark_ = 0;
    std::vector<std::string_view> texts_;
};

}  // namespace skua::store::embedded
