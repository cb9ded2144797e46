// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/granule_tables.h"

#include "store/dependencies.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/int_column.h"
#include "store/keys.h"

#include <algorithm>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kDenseMax = 8192;  // cells with a table of all durations

}  // namespace

void GranuleTables::add_operation(const CatalogOperation& operation) {
    OperationFacts facts;
    const auto [at, created] =
        service_numbers_.try_emplace(std::string(operation.service), static_cast<std::uint32_t>(services_.size()));
    if (created) services_.push_back(operation.service);
    facts.service = at->second;
    model::Span named;
    named.name = operation.name;
    const RollupKey key{std::string(operation.service), std::string(name_key(named)),
                        std::string(operation_kind(operation.kind)), false};
    const auto [place, is_new] = key_numbers_.try_emplace(key, static_cast<std::uint32_t>(keys_.size()));
    if (is_new) {
        keys_.push_back(key);
        last_.push_back(0);
    }
    facts.key = place->second;
    facts.is_error = operation.status == model::StatusCode::kError;
    facts.kind = operation.kind;
    operations_.push_back(facts);
}

GranuleTables::Cell& GranuleTables::cell(std::uint32_t key, std::uint64_t minute) {
    if (const std::uint32_t last = last_[key]; last != 0 && cells_[last - 1].minute == minute) return cells_[last - 1];
    // Minutes of 64-bit nanoseconds need 29 bits, keys of a part fewer than 32.
    const auto [at, created] =
        places_.try_emplace(std::uint64_t{key} << 32 | minute, static_cast<std::uint32_t>(cells_.size()));
    if (created) {
        Cell& made = cells_.emplace_back();
        made.minute = minute;
        made.key = key;
        if (dense_.size() < kDenseMax) {
            dense_.emplace_back().fill(0);
            made.dense = static_cast<std::uint32_t>(dense_.size());
        }
    }
    last_[key] = at->second + 1;
    return cells_[at->second];
}

void GranuleTables::count(const TableRow& row) {
    const OperationFacts& facts = operations_[row.operation];
    const std::uint64_t duration = duration_key(row.start_ns, row.end_ns);
    Cell& to = cell(facts.key, row.start_ns / kRollupMinuteNs);
    ++to.spans;
    to.errors += facts.is_error ? 1 : 0;
    to.sum_ns += duration;
    to.max_ns = std::max(to.max_ns, duration);
    const std::size_t bucket = duration_bucket(duration);
    if (to.dense != 0) {
        ++dense_[to.dense - 1][bucket];
    } else {
        ++to.sparse[static_cast<std::uint8_t>(bucket)];
    }
}

RollupCell GranuleTables::cell_of(std::uint32_t operation, std::uint64_t start_ns, std::uint64_t end_ns) const {
    TableRow row;
    row.start_ns = start_ns;
    row.end_ns = end_ns;
    RollupCell out;
    out.minute_ns = start_ns - start_ns % kRollupMinuteNs;
    out.key = keys_[operations_[operation].key];
    out.spans = 1;
    out.errors = operations_[operation].is_error ? 1 : 0;
    out.duration_sum_ns = out.duration_max_ns = duration_key(row.start_ns, row.end_ns);
    out.durations.push_back({static_cast<std::uint8_t>(duration_bucket(out.duration_max_ns)), 1});
    return out;
}

std::vector<RollupCell> GranuleTables::cells() const {
    std::vector<RollupCell> out;
    out.reserve(cells_.size());
    for (const Cell& from : cells_) {
        RollupCell& to = out.emplace_back();
        to.minute_ns = from.minute * kRollupMinuteNs;
        to.key = keys_[from.key];
        to.spans = from.spans;
        to.errors = from.errors;
        to.duration_sum_ns = from.sum_ns;
        to.duration_max_ns = from.max_ns;
        for (std::size_t b = 0; from.dense != 0 && b < kDurationBuckets; ++b) {
            const std::uint32_t spans = dense_[from.dense - 1][b];
            if (spans != 0) to.durations.push_back({static_cast<std::uint8_t>(b), spans});
        }
        for (const auto& [bucket, spans] : from.sparse) to.durations.push_back({bucket, spans});
    }
    std::sort(out.begin(), out.end(), [](const RollupCell& a, const RollupCell& b) {
        return a.minute_ns != b.minute_ns ? a.minute_ns < b.minute_ns : a.key < b.key;
    });
    return out;
}

void GranuleTables::add_trace(std::span<const TableRow> rows, std::span<const std::uint64_t> parents, bool whole) {
    StoredSummary& summary = summaries_.emplace_back();
    summary.start_ns = rows.front().start_ns;
    for (const TableRow& row : rows) {
        const OperationFacts& facts = operations_[row.operation];
        summary.start_ns = std::min(summary.start_ns, row.start_ns);
        summary.end_ns = std::max(summary.end_ns, end_key(row.start_ns, row.end_ns));
        const std::uint64_t error = facts.is_error ? 1 : 0;
        summary.errors += error;
        summary.orphans += row.parent == TableRow::kFarParent ? 1 : 0;
        if (row.parent == TableRow::kNoParent && summary.root == 0) summary.root = row.operation + 1;
        auto at = std::find_if(summary.services.begin(), summary.services.end(),
                               [&](const StoredSummary::Service& s) { return s.service == facts.service; });
        if (at == summary.services.end()) at = summary.services.insert(at, {facts.service, 0, 0});
        ++at->spans;
        at->errors += error;
        count(row);
    }
    if (!whole) return;
    ids_.clear();
    for (const TableRow& row : rows) ids_.push_back(row.span_id);
    std::sort(ids_.begin(), ids_.end());
    if (std::adjacent_find(ids_.begin(), ids_.end()) == ids_.end()) {
        add_edges(rows);
    } else {
        add_edges_of_shared_ids(rows, parents);
    }
}

void GranuleTables::add_edges(std::span<const TableRow> rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::int32_t parent = rows[i].parent;
        if (parent < 0 || static_cast<std::size_t>(parent) == i) continue;
        add_edge(operations_[rows[static_cast<std::size_t>(parent)].operation].service,
                 operations_[rows[i].operation].service);
    }
}

// Zipkin's halves of a call, or ids that are not unique: the general rule decides.
void GranuleTables::add_edges_of_shared_ids(std::span<const TableRow> rows, std::span<const std::uint64_t> parents) {
    std::vector<model::Attribute> names(services_.size());
    std::vector<model::Resource> resources(services_.size());
    for (std::size_t s = 0; s < services_.size(); ++s) {
        names[s] = {"service.name", model::Value::of_string(services_[s])};
        resources[s].attributes = {&names[s], 1};
    }
    std::vector<model::Span> spans(rows.size());
    std::vector<const model::Span*> all;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const OperationFacts& facts = operations_[rows[i].operation];
        spans[i].span_id = {rows[i].span_id};
        spans[i].parent_span_id = {parents[i]};
        spans[i].kind = facts.kind;
        spans[i].resource = &resources[facts.service];
        all.push_back(&spans[i]);
    }
    DependencyCounter counter;
    counter.add(all);
    for (const DependencyEdge& edge : counter.edges()) {
        for (std::uint64_t i = 0; i < edge.calls; ++i)
            add_edge(service_numbers_.at(edge.parent), service_numbers_.at(edge.child));
    }
}

void GranuleTables::add_edge(std::uint32_t parent, std::uint32_t child) {
    const std::uint64_t key = std::uint64_t{parent} << 32 | child;
    const std::size_t place = (key * 0x9E3779B97F4A7C15ULL) >> 54;
    auto& [of, calls] = edges_[place];
    if (calls == 0) {
        of = key;
        edge_places_.push_back(place);
    }
    if (of == key) {
        ++calls;
    } else {
        ++more_edges_[key];
    }
}

void GranuleTables::close_granule(std::uint64_t start_ns, std::string& column, std::vector<Edge>& edges) {
    encode_summaries(summaries_, start_ns, column);
    summaries_.clear();
    edges.clear();
    const auto put = [&](std::uint64_t key, std::uint64_t calls) {
        edges.push_back({static_cast<std::uint32_t>(key >> 32), static_cast<std::uint32_t>(key), calls});
    };
    for (const std::uint64_t place : edge_places_) {
        put(edges_[place].first, edges_[place].second);
        edges_[place].second = 0;
    }
    for (const auto& [key, calls] : more_edges_) put(key, calls);
    edge_places_.clear();
    more_edges_.clear();
    std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) {
        return a.parent != b.parent ? a.parent < b.parent : a.child < b.child;
    });
}

}  // namespace skua::store::embedded
