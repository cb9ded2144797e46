// SPDX-License-Identifier: Apache-2.0
// Raw rows of spans, interned as they arrive. Nothing is encoded here; the seal sorts and encodes once.
//
// A row is 64 bytes plus the values that its shape does not fix: numbers inline, texts as a dictionary id or, where
// most values of a field are new, as bytes in an arena.
//
// Threads: one appends (stage, link, undo) at a time; any number read rows below a count that was published to them.
// Nothing moves or is overwritten while the shard lives, but for rows that were undone before anyone could see them.
#pragma once

#include "model/ingest.h"
#include "model/span_batch.h"
#include "store/embedded/head/operation_table.h"
#include "store/embedded/head/shape.h"
#include "store/embedded/head/span_shapes.h"
#include "store/embedded/head/stable_array.h"
#include "store/embedded/head/string_table.h"
#include "store/embedded/head/trace_table.h"

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace skua::store::embedded {

inline constexpr std::uint32_t kRowsOfBlock = 4096;

struct Row {
    std::uint64_t span_id;
    std::uint64_t parent_id;
    std::uint64_t start_ns;
    std::uint64_t end_ns;
    std::uint32_t trace;
    std::uint32_t shape;
    std::uint32_t resource;
    std::uint32_t values;          // index of the first value slot
    std::uint32_t older_in_trace;  // kNoRow: the first
    std::uint32_t older_in_operation;
    std::uint32_t linked;  // for the seal: 0 when the row was refused
    std::uint32_t unused;
};
static_assert(sizeof(Row) == 64);

struct OperationSlot {
    Operation key;
    std::uint32_t newest = kNoRow;  // row; atomic
    std::uint32_t rows = 0;         // atomic: linked so far
};

struct ResourceSlot {
    model::Resource resource;    // views into the shard
    std::uint32_t bytes_id = 0;  // dictionary id of encode_resource
    std::uint32_t service = 0;
};

struct ScopeSlot {
    model::Scope scope;
    std::uint32_t bytes_id = 0;
};

class HeadShard final : private model::SpanSink {
public:
    HeadShard(ArenaPool& pool, const HeadLimits& limits);
    ~HeadShard() override;

    // The rows from the former rows_end() on are written but linked nowhere. On an error nothing is left.
    base::Result<model::DecodeCounts> stage(const model::RawBody& body, const model::Decoder& decoder);
    // Makes rows reachable from traces and operations; readers skip those not published to them. One caller at a time,
    // in the order of the rows, while another thread may stage. Rows never linked are seen by nobody, nor by the seal.
    void link(std::uint32_t begin, std::uint32_t end);
    // Forgets the rows from `begin` on. REQUIRES: none of them is linked.
    void undo(std::uint32_t begin);
    [[nodiscard]] std::uint32_t rows_end() const { return rows_end_; }
    // Any thread.
    [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
    [[nodiscard]] bool wants_seal() const { return wants_seal_.load(std::memory_order_relaxed); }

    // --- for readers
    [[nodiscard]] const Row& row(std::uint32_t i) const { return rows_[i]; }
    [[nodiscard]] const TraceSlot& trace(std::uint32_t i) const { return traces_[i]; }
    [[nodiscard]] const Shape& shape(std::uint32_t i) const { return shapes_.shape(i); }
    [[nodiscard]] const FieldState& field(std::uint32_t i) const { return shapes_.field(i); }
    [[nodiscard]] const OperationSlot& operation(std::uint32_t i) const { return operations_[i]; }
    [[nodiscard]] const ResourceSlot& resource(std::uint32_t i) const { return resources_[i]; }
    [[nodiscard]] const ScopeSlot& scope(std::uint32_t i) const { return scopes_[i]; }
    [[nodiscard]] std::string_view text(std::uint32_t id) const { return strings_[id]; }
    [[nodiscard]] std::uint32_t slot(const Row& row, std::uint32_t i) const { return shapes_.slots(row.values)[i]; }
    void prefetch_values(const Row& row) const { __builtin_prefetch(shapes_.slots(row.values)); }
    [[nodiscard]] bool may_be_packed(std::string_view key) const { return shapes_.may_be_packed(key); }
    void prefetch_text(std::uint32_t slot) const { shapes_.prefetch_text(slot); }
    [[nodiscard]] std::string_view slot_text(std::uint32_t slot) const { return shapes_.text(slot); }
    [[nodiscard]] FieldValue value(const Row& row, const ShapeField& field) const;
    // No row of the block (kRowsOfBlock rows from number * kRowsOfBlock on) starts later.
    [[nodiscard]] std::uint64_t block_start_max(std::uint32_t block) const;
    [[nodiscard]] std::uint32_t blocks_end() const { return blocks_end_.load(std::memory_order_acquire); }
    // Counts to walk the tables by; what lies below them may be read.
    [[nodiscard]] std::uint32_t operations_end() const { return operations_end_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint32_t traces_end() const { return traces_end_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint32_t resources_end() const { return resources_end_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint32_t shapes_end() const { return shapes_end_.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint32_t newest_of_trace(std::uint32_t trace) const;
    [[nodiscard]] std::uint32_t newest_of_operation(std::uint32_t operation) const;
    // kNoRow: none.
    [[nodiscard]] std::uint32_t find_trace(const model::TraceId& id) const { return traces_.find(id); }
    [[nodiscard]] std::size_t strings_size() const { return strings_.size(); }  // a closed head's
    [[nodiscard]] std::uint32_t fields_size() const { return shapes_.fields_size(); }
    [[nodiscard]] std::uint32_t shapes_size() const { return shapes_.shapes_size(); }

private:
    void resource(const model::Resource& resource) override;
    void scope(const model::Scope& scope) override;
    void span(const model::Span& span) override;

    std::uint32_t intern(std::string_view text);
    std::uint32_t operation_of(const model::Span& span);
    void fail(std::string what);
    void account();

    const HeadLimits limits_;
    ArenaArray<Row, 4096> rows_;
    TraceTable traces_;
    StringTable strings_;
    SpanShapes shapes_;
    StableArray<OperationSlot, 256, 1024> operations_;
    StableArray<ResourceSlot, 64, 2048> resources_;
    StableArray<ScopeSlot, 64, 2048> scopes_;
    model::SpanBatch objects_;  // what resources and scopes point to
    StableArray<std::uint64_t, 256, 4096> block_start_max_;
    // The appender's own.
    OperationTable operation_of_;
    std::unordered_map<std::uint32_t, std::uint32_t> resource_of_;  // by dictionary id of the bytes
    std::unordered_map<std::uint32_t, std::uint32_t> scope_of_;

    // The body being staged.
    std::uint32_t rows_end_ = 0;
    std::uint32_t resource_ = kNoRow;
    std::uint32_t scope_ = kNoRow;
    std::string scratch_;
    std::string failure_;

    std::atomic<std::uint32_t> operations_end_ = 0;
    std::atomic<std::uint32_t> traces_end_ = 0;
    std::atomic<std::uint32_t> blocks_end_ = 0;
    std::atomic<std::uint32_t> resources_end_ = 0;
    std::atomic<std::uint32_t> shapes_end_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
    std::atomic<bool> wants_seal_ = false;
};

}  // namespace skua::store::embedded
