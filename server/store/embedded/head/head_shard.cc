// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/head_shard.h"

#include "store/embedded/codec/span_codec.h"
#include "store/keys.h"

#include <utility>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::uint32_t kRowsMax = 4096U * 65536U;  // so many have room in rows_
constexpr std::size_t kScopesMax = 64 * 2048;       // and resources: the size of their tables

std::uint32_t load_acquire(const std::uint32_t& v) {
    return std::atomic_ref<std::uint32_t>(const_cast<std::uint32_t&>(v)).load(std::memory_order_acquire);
}

}  // namespace

HeadShard::HeadShard(ArenaPool& pool, const HeadLimits& limits)
    : limits_(limits), rows_(pool), traces_(pool), shapes_(pool, limits_, strings_) {
    account();
}

HeadShard::~HeadShard() = default;

base::Result<model::DecodeCounts> HeadShard::stage(const model::RawBody& body, const model::Decoder& decoder) {
    const std::uint32_t rows = rows_end_;
    const bool is_fresh = resources_.size() == 0;
    const std::uint32_t values = shapes_.values_end();
    failure_.clear();
    resource_ = kNoRow;
    scope_ = kNoRow;
    auto counts = decoder.decode(body, *this);
    if (counts.ok() && failure_.empty() && !traces_.resolve()) fail("the head has too many traces");
    traces_.forget_wanted();
    if (!counts.ok() || !failure_.empty()) {
        rows_end_ = rows;
        shapes_.undo(values);
        account();
        if (!counts.ok()) return counts;
        // A head that nothing was tried on is as good as any: the body would fail again.
        return base::Error{is_fresh ? base::Code::kTooLarge : base::Code::kResourceExhausted,
                           fmt::format("cannot store the body: {}", failure_)};
    }
    operations_end_.store(static_cast<std::uint32_t>(operations_.size()), std::memory_order_release);
    resources_end_.store(static_cast<std::uint32_t>(resources_.size()), std::memory_order_release);
    shapes_end_.store(shapes_.shapes_size(), std::memory_order_release);
    traces_end_.store(traces_.size(), std::memory_order_release);
    account();
    return counts;
}

void HeadShard::undo(std::uint32_t begin) {
    if (begin < rows_end_) shapes_.undo(rows_[begin].values);
    rows_end_ = begin;
}

void HeadShard::link(std::uint32_t begin, std::uint32_t end) {
    const auto push = [](std::uint32_t& newest, std::uint32_t& older, std::uint32_t row) {
        const std::atomic_ref<std::uint32_t> head(newest);
        older = head.load(std::memory_order_relaxed);
        head.store(row, std::memory_order_release);
    };
    for (std::uint32_t i = begin; i < end; ++i) {
        Row& row = rows_[i];
        row.linked = 1;
        while (block_start_max_.size() <= i / kRowsOfBlock) {
            block_start_max_.emplace_back(std::uint64_t{0});
            blocks_end_.store(static_cast<std::uint32_t>(block_start_max_.size()), std::memory_order_release);
        }
        const std::atomic_ref<std::uint64_t> latest(block_start_max_[i / kRowsOfBlock]);
        if (row.start_ns > latest.load(std::memory_order_relaxed))
            latest.store(row.start_ns, std::memory_order_release);
        OperationSlot& operation = operations_[shapes_.shape(row.shape).operation];
        push(traces_[row.trace].newest, row.older_in_trace, i);
        push(operation.newest, row.older_in_operation, i);
        const std::atomic_ref<std::uint32_t> count(operation.rows);
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
}

void HeadShard::account() {
    std::uint64_t total = rows_.bytes() + traces_.bytes() + strings_.bytes() + shapes_.bytes();
    total += operations_.bytes() + resources_.bytes() + scopes_.bytes() + objects_.copied_bytes();
    bytes_.store(total, std::memory_order_relaxed);
    const bool full = strings_.text_bytes() > limits_.interned_bytes || shapes_.shapes_size() > limits_.templates ||
                      resources_.size() >= kScopesMax || scopes_.size() >= kScopesMax;
    if (full) wants_seal_.store(true, std::memory_order_relaxed);
}

void HeadShard::fail(std::string what) {
    if (failure_.empty()) failure_ = std::move(what);
}

std::uint32_t HeadShard::intern(std::string_view text) {
    if (strings_.text_bytes() > 4 * limits_.interned_bytes) {
        fail("the dictionary of the head is full");
        return 0;
    }
    const std::uint32_t id = strings_.intern(text);
    if (id == StringTable::kNone) fail("the dictionary of the head is full");
    return id == StringTable::kNone ? 0 : id;
}

void HeadShard::resource(const model::Resource& resource) {
    scope_ = kNoRow;
    scratch_.clear();
    encode_resource(resource, scratch_);
    const std::uint32_t bytes = intern(scratch_);
    if (!failure_.empty()) return;
    if (const auto known = resource_of_.find(bytes); known != resource_of_.end()) {
        resource_ = known->second;
        return;
    }
    if (resources_.size() >= kScopesMax) return fail("the head has too many resources");
    ResourceSlot slot;
    if (!decode_resource(strings_[bytes], objects_, slot.resource)) return fail("a resource cannot be kept");
    slot.bytes_id = bytes;
    slot.service = intern(service_key(resource));
    if (!failure_.empty()) return;
    resource_ = resources_.emplace_back(slot);
    resource_of_.emplace(bytes, resource_);
}

void HeadShard::scope(const model::Scope& scope) {
    scratch_.clear();
    encode_scope(scope, scratch_);
    const std::uint32_t bytes = intern(scratch_);
    if (!failure_.empty()) return;
    if (const auto known = scope_of_.find(bytes); known != scope_of_.end()) {
        scope_ = known->second;
        return;
    }
    if (scopes_.size() >= kScopesMax) return fail("the head has too many scopes");
    ScopeSlot slot;
    if (!decode_scope(strings_[bytes], objects_, slot.scope)) return fail("a scope cannot be kept");
    slot.bytes_id = bytes;
    scope_ = scopes_.emplace_back(slot);
    scope_of_.emplace(bytes, scope_);
}

void HeadShard::span(const model::Span& span) {
    if (!failure_.empty()) return;
    if (resource_ == kNoRow) resource(*span.resource);
    if (scope_ == kNoRow) scope(*span.scope);
    if (!failure_.empty()) return;
    const std::uint32_t operation = operation_of(span);
    if (!failure_.empty()) return;
    if (rows_end_ >= kRowsMax || !rows_.reserve(rows_end_ + std::size_t{1}))
        return fail("the head has no room for rows");
    Row& row = rows_[rows_end_];
    row = {span.span_id.value,
           span.parent_span_id.value,
           span.start_ns,
           span.end_ns,
           kNoRow,
           0,
           resource_,
           0,
           kNoRow,
           kNoRow,
           0,
           0};
    if (const char* failure = shapes_.put(operation, span, row.shape, row.values)) return fail(failure);
    if (!traces_.want(span.trace_id, &row.trace)) return fail("the head has too many traces");
    ++rows_end_;
}

std::uint32_t HeadShard::operation_of(const model::Span& span) {
    const Operation key{resources_[resource_].service, 0, span.kind, span.status_code, scope_};
    const std::uint64_t hash = OperationTable::hash_of(key, span.name);
    if (const std::uint32_t known = operation_of_.find(hash, key, span.name); known != OperationTable::kNone)
        return known;
    if (operations_.full()) {
        fail("the head has too many operations");
        return 0;
    }
    OperationSlot slot;
    slot.key = key;
    slot.key.name = intern(span.name);
    if (!failure_.empty()) return 0;
    const std::uint32_t id = operations_.emplace_back(slot);
    operation_of_.add(hash, slot.key, strings_[slot.key.name], id);
    shapes_.add_operation();
    return id;
}

FieldValue HeadShard::value(const Row& row, const ShapeField& f) const {
    const Storage storage = shapes_.field(f.field).key.storage();
    if (!f.varies) {
        if (storage == Storage::kText) return {0, strings_[static_cast<std::uint32_t>(f.constant)]};
        return {f.constant, {}};
    }
    const std::uint32_t* slots = shapes_.slots(row.values) + f.slot;
    if (storage == Storage::kText) return {0, slot_text(*slots)};
    if (storage == Storage::kWord) return {*slots, {}};
    return {std::uint64_t{slots[1]} << 32 | slots[0], {}};
}

std::uint64_t HeadShard::block_start_max(std::uint32_t block) const {
    return std::atomic_ref<std::uint64_t>(const_cast<std::uint64_t&>(block_start_max_[block]))
        .load(std::memory_order_acquire);
}

std::uint32_t HeadShard::newest_of_trace(std::uint32_t trace) const {
    return load_acquire(traces_[trace].newest);
}
std::uint32_t HeadShard::newest_of_operation(std::uint32_t operation) const {
    return load_acquire(operations_[operation].newest);
}

}  // namespace skua::store::embedded
