// SPDX-License-Identifier: Apache-2.0
// What is computed of rows while they are encoded, so that nobody has to look at spans for it: summaries of traces,
// calls between services, rates and durations by the minute.
//
// Confined to the encoding thread; lives for one part.
#pragma once

#include "store/embedded/segment/catalog.h"
#include "store/embedded/segment/edges.h"
#include "store/rollup.h"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

// A row as the tables see it.
struct TableRow {
    static constexpr std::int32_t kNoParent = -1;
    static constexpr std::int32_t kFarParent = -2;  // not among the rows of its trace here
    std::uint64_t span_id = 0;
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint32_t operation = 0;
    std::int32_t parent = kNoParent;  // place among the rows of its trace
};

// The summary of a trace as far as one granule has it. Services and operations by their numbers in the catalog.
struct StoredSummary {
    std::uint64_t start_ns = 0;
    std::uint64_t end_ns = 0;
    std::uint64_t errors = 0;
    std::uint64_t orphans = 0;
    std::uint32_t root = 0;  // operation of the root, plus one; 0: there is none
    struct Service {
        std::uint32_t service = 0;
        std::uint64_t spans = 0;
        std::uint64_t errors = 0;
    };
    std::vector<Service> services;  // in no order
};

void encode_summaries(std::span<const StoredSummary> summaries, std::uint64_t granule_start_ns, std::string& out);
// Of `traces` traces. False: not such a column.
bool decode_summaries(std::string_view in, std::size_t traces, std::uint64_t granule_start_ns,
                      std::vector<StoredSummary>& out);

// Of the trace with that number alone.
bool decode_summary(std::string_view in, std::size_t traces, std::uint64_t granule_start_ns, std::size_t number,
                    StoredSummary& out);

class GranuleTables {
public:
    // The next operation of the catalog.
    void add_operation(const CatalogOperation& operation);
    // The next trace of the granule, in order of start and id. `whole`: no other granule has rows of it. `parents` are
    // the ids as sent.
    void add_trace(std::span<const TableRow> rows, std::span<const std::uint64_t> parents, bool whole);
    // The granule ends: its column of summaries, its edges by numbers of services.
    void close_granule(std::uint64_t start_ns, std::string& column, std::vector<Edge>& edges);

    [[nodiscard]] const std::vector<std::string_view>& services() const { return services_; }
    // By minute and key.
    [[nodiscard]] std::vector<RollupCell> cells() const;
    // The cell of one span, for taking it away again.
    [[nodiscard]] RollupCell cell_of(std::uint32_t operation, std::uint64_t start_ns, std::uint64_t end_ns) const;

private:
    struct OperationFacts {
        std::uint32_t service = 0;
        std::uint32_t key = 0;  // of rollups
        bool is_error = false;
        model::SpanKind kind = model::SpanKind::kUnspecified;
    };
    struct Cell {
        std::uint64_t minute = 0;
        std::uint32_t key = 0;
        std::uint32_t dense = 0;  // plus one: its counts of durations in dense_
        std::uint64_t spans = 0;
        std::uint64_t errors = 0;
        std::uint64_t sum_ns = 0;
        std::uint64_t max_ns = 0;
        std::map<std::uint8_t, std::uint64_t> sparse;
    };
    using Counts = std::array<std::uint32_t, kDurationBuckets>;

    void count(const TableRow& row);
    Cell& cell(std::uint32_t key, std::uint64_t minute);
    void add_edges(std::span<const TableRow> rows);
    void add_edges_of_shared_ids(std::span<const TableRow> rows, std::span<const std::uint64_t> parents);
    void add_edge(std::uint32_t parent, std::uint32_t child);

    std::vector<OperationFacts> operations_;
    std::unordered_map<std::string, std::uint32_t> service_numbers_;
    std::vector<std::string_view> services_;
    std::vector<RollupKey> keys_;
    std::map<RollupKey, std::uint32_t> key_numbers_;

    std::vector<StoredSummary> summaries_;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> edges_ =
        std::vector<std::pair<std::uint64_t, std::uint64_t>>(1024, {~std::uint64_t{0}, 0});  // by hash of both services
    std::vector<std::uint64_t> edge_places_;                                                 // in use
    std::map<std::uint64_t, std::uint64_t> more_edges_;
    std::vector<std::uint64_t> ids_;

    std::vector<Cell> cells_;
    std::unordered_map<std::uint64_t, std::uint32_t> places_;  // by key and minute
    std::vector<std::uint32_t> last_;                          // of each key, the cell it had last, plus one
    std::vector<Counts> dense_;
};

}  // namespace skua::store::embedded
