// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/head_shard.h"

#include "store/embedded/codec/span_codec.h"
#include "store/keys.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kRawUnit = 4;
constexpr std::size_t kRawUnitsPerBlock = kArenaBlockBytes / kRawUnit;
constexpr std::uint32_t kChangesMax = 8;            // a field that changed in so many shapes starts out varying
constexpr std::uint32_t kLookupsMin = 256;          // before judging whether a field's texts repeat
constexpr std::uint32_t kRowsMax = 4096U * 65536U;  // so many have room in rows_
constexpr std::size_t kScopesMax = 64 * 2048;       // and resources: the size of their tables

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const std::uint64_t x = (a ^ b) * 0x9E3779B97F4A7C15ULL;
    return x ^ (x >> 32);
}
std::uint32_t load_acquire(const std::uint32_t& v) {
    return std::atomic_ref<std::uint32_t>(const_cast<std::uint32_t&>(v)).load(std::memory_order_acquire);
}

// Attribute values with their text where Storage says so.
FieldValue field_value(const model::Value& v) {
    switch (v.type) {
        case model::ValueType::kEmpty:
            return {};
        case model::ValueType::kBool:
            return {v.boolean ? 1U : 0U, {}};
        case model::ValueType::kInt:
            return {static_cast<std::uint64_t>(v.integer), {}};
        case model::ValueType::kDouble:
            return {std::bit_cast<std::uint64_t>(v.number), {}};
        default:
            return {0, v.text};
    }
}

}  // namespace

// The text that a field of a group had last: values often come in a row.
struct HeadShard::LastText {
    const char* text = nullptr;  // in the dictionary
    std::size_t size = 0;
    std::uint32_t id = 0;
};

struct HeadShard::Group {
    std::uint32_t operation = 0;
    std::uint32_t shape = 0;
    std::uint32_t specials = 0;  // bits
    struct Key {
        std::string_view key;
        model::ValueType type;
    };
    std::vector<Key> attributes;
    std::vector<LastText> last;  // by field of the shape
};

struct HeadShard::TraceIndex {
    explicit TraceIndex(std::size_t size) : mask(size - 1), slots(new std::atomic<std::uint32_t>[size]) {
        for (std::size_t i = 0; i < size; ++i) slots[i].store(kNoRow, std::memory_order_relaxed);
    }
    std::size_t mask;
    std::unique_ptr<std::atomic<std::uint32_t>[]> slots;
};

// The appender's own.
struct HeadShard::Tables {
    struct OperationEntry {
        std::uint32_t tag = 0;
        std::uint32_t operation = kNoRow;
    };
    std::vector<OperationEntry> operations = std::vector<OperationEntry>(1024);
    std::vector<std::vector<Group*>> groups_of;  // by operation; the one used last is first
    std::vector<std::unique_ptr<Group>> groups;
    std::unordered_map<std::uint32_t, std::uint32_t> resource_of;  // by dictionary id of the bytes
    std::unordered_map<std::uint32_t, std::uint32_t> scope_of;
    std::unordered_map<std::uint64_t, std::uint32_t> field_of;  // by special, type and key id
    // The span being staged: specials first.
    struct Item {
        Special special;
        FieldValue value;
    };
    std::vector<Item> specials;
    std::uint32_t specials_mask = 0;
    model::Attributes attributes;
    std::string events;
    std::string links;
    std::string all_attributes;
    model::TraceId last_trace_id;
    std::uint32_t last_trace = kNoRow;
    const model::Resource* last_resource = nullptr;
    bool over_budget = false;

    [[nodiscard]] FieldValue value(std::size_t i) const {
        return i < specials.size() ? specials[i].value : field_value(attributes[i - specials.size()].value);
    }
};

HeadShard::HeadShard(ArenaPool& pool, const HeadLimits& limits)
    : limits_(limits), rows_(pool), traces_(pool), values_(pool), pool_(pool), tables_(std::make_unique<Tables>()) {
    trace_indexes_.push_back(std::make_unique<TraceIndex>(4096));
    trace_index_.store(trace_indexes_.back().get(), std::memory_order_release);
    account();
}

HeadShard::~HeadShard() {
    for (auto& block : raw_blocks_) pool_.give_back(std::move(block));
}

base::Result<model::DecodeCounts> HeadShard::stage(const model::RawBody& body, const model::Decoder& decoder) {
    const std::uint32_t rows = rows_end_;
    const std::uint32_t values = values_end_;
    failure_.clear();
    resource_ = kNoRow;
    scope_ = kNoRow;
    tables_->over_budget = strings_.text_bytes() > limits_.interned_bytes;
    auto counts = decoder.decode(body, *this);
    if (!counts.ok() || !failure_.empty()) {
        rows_end_ = rows;
        values_end_ = values;
        account();
        if (!counts.ok()) return counts;
        // A head that was empty is as good as any: the body would fail again.
        const bool hopeless = rows == 0;
        return base::Error{hopeless ? base::Code::kTooLarge : base::Code::kResourceExhausted,
                           fmt::format("cannot store the body: {}", failure_)};
    }
    operations_end_.store(static_cast<std::uint32_t>(operations_.size()), std::memory_order_release);
    resources_end_.store(static_cast<std::uint32_t>(resources_.size()), std::memory_order_release);
    traces_end_.store(traces_count_, std::memory_order_release);
    account();
    return counts;
}

void HeadShard::undo(std::uint32_t begin) {
    if (begin < rows_end_) values_end_ = rows_[begin].values;
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
        OperationSlot& operation = operations_[shapes_[row.shape].operation];
        push(traces_[row.trace].newest, row.older_in_trace, i);
        push(operation.newest, row.older_in_operation, i);
        const std::atomic_ref<std::uint32_t> count(operation.rows);
        count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
}

void HeadShard::account() {
    std::uint64_t total = rows_.bytes() + traces_.bytes() + values_.bytes() + strings_.bytes() + fields_.bytes();
    total += shapes_.bytes() + operations_.bytes() + resources_.bytes() + scopes_.bytes() + objects_.copied_bytes();
    total += raw_blocks_.size() * kArenaBlockBytes + raw_large_bytes_;
    for (const auto& index : trace_indexes_) total += (index->mask + 1) * sizeof(std::uint32_t);
    bytes_.store(total, std::memory_order_relaxed);
    const bool full = strings_.text_bytes() > limits_.interned_bytes || shapes_.size() > limits_.templates;
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
    const auto [at, created] = tables_->resource_of.try_emplace(bytes, static_cast<std::uint32_t>(resources_.size()));
    if (created) {
        if (resources_.size() >= kScopesMax) return fail("the head has too many resources");
        ResourceSlot slot;
        if (!decode_resource(strings_[bytes], objects_, slot.resource)) return fail("a resource cannot be kept");
        slot.bytes_id = bytes;
        slot.service = intern(service_key(resource));
        resources_.emplace_back(slot);
    }
    resource_ = at->second;
}

void HeadShard::scope(const model::Scope& scope) {
    scratch_.clear();
    encode_scope(scope, scratch_);
    const std::uint32_t bytes = intern(scratch_);
    const auto [at, created] = tables_->scope_of.try_emplace(bytes, static_cast<std::uint32_t>(scopes_.size()));
    if (created) {
        if (scopes_.size() >= kScopesMax) return fail("the head has too many scopes");
        ScopeSlot slot;
        if (!decode_scope(strings_[bytes], objects_, slot.scope)) return fail("a scope cannot be kept");
        slot.bytes_id = bytes;
        scopes_.emplace_back(slot);
    }
    scope_ = at->second;
}

void HeadShard::span(const model::Span& span) {
    if (!failure_.empty()) return;
    if (resource_ == kNoRow) resource(*span.resource);
    if (scope_ == kNoRow) scope(*span.scope);
    if (!failure_.empty()) return;
    const std::uint32_t operation = operation_of(span);
    gather(span);
    if (!failure_.empty()) return;
    Group* group = group_of(operation);
    if (group == nullptr) {  // past a bound: its attributes stay together as bytes
        overflow(span);
        group = group_of(operation);
    }
    if (group == nullptr) return fail("the head has too many shapes of spans");
    std::uint32_t first = 0;
    if (!write_values(*group, first)) return fail("the head has no room for values");
    if (rows_end_ >= kRowsMax || !rows_.reserve(rows_end_ + std::size_t{1}))
        return fail("the head has no room for rows");
    const std::uint32_t trace = trace_of(span.trace_id);
    rows_[rows_end_++] = Row{span.span_id.value,
                             span.parent_span_id.value,
                             span.start_ns,
                             span.end_ns,
                             trace,
                             group->shape,
                             resource_,
                             first,
                             kNoRow,
                             kNoRow,
                             0,
                             0};
}

std::uint32_t HeadShard::operation_of(const model::Span& span) {
    const std::uint32_t service = resources_[resource_].service;
    const std::uint64_t hash = mix(hash_bytes(span.name), (std::uint64_t{service} << 32 | scope_) * 31 +
                                                              static_cast<std::uint64_t>(span.kind) * 7 +
                                                              static_cast<std::uint64_t>(span.status_code));
    auto& table = tables_->operations;
    const std::size_t mask = table.size() - 1;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & mask;
    for (; table[at].operation != kNoRow; at = (at + 1) & mask) {
        if (table[at].tag != tag) continue;
        const Operation& key = operations_[table[at].operation].key;
        if (key.service == service && key.scope == scope_ && key.kind == span.kind && key.status == span.status_code &&
            strings_[key.name] == span.name) {
            return table[at].operation;
        }
    }
    if (operations_.full()) {
        fail("the head has too many operations");
        return 0;
    }
    OperationSlot slot;
    slot.key = {service, intern(span.name), span.kind, span.status_code, scope_};
    const std::uint32_t id = operations_.emplace_back(slot);
    table[at] = {tag, id};
    tables_->groups_of.emplace_back();
    if (operations_.size() * 2 > table.size()) {
        std::vector<Tables::OperationEntry> old(table.size() * 2);
        old.swap(table);
        // The tag has only the high half of the hash, so place by hashing again.
        for (const auto& entry : old) {
            if (entry.operation == kNoRow) continue;
            const Operation& key = operations_[entry.operation].key;
            const std::uint64_t h =
                mix(hash_bytes(strings_[key.name]), (std::uint64_t{key.service} << 32 | key.scope) * 31 +
                                                        static_cast<std::uint64_t>(key.kind) * 7 +
                                                        static_cast<std::uint64_t>(key.status));
            std::size_t to = h & (table.size() - 1);
            while (table[to].operation != kNoRow) to = (to + 1) & (table.size() - 1);
            table[to] = entry;
        }
    }
    return id;
}

std::uint32_t HeadShard::trace_of(const model::TraceId& id) {
    Tables& t = *tables_;
    if (t.last_trace != kNoRow && t.last_trace_id == id) return t.last_trace;
    TraceIndex* index = trace_indexes_.back().get();
    const std::size_t hash = mix(id.high, id.low * 3);
    std::size_t at = hash & index->mask;
    std::uint32_t found = kNoRow;
    for (;; at = (at + 1) & index->mask) {
        found = index->slots[at].load(std::memory_order_relaxed);
        if (found == kNoRow || (traces_[found].low == id.low && traces_[found].high == id.high)) break;
    }
    if (found == kNoRow) {
        if (!traces_.reserve(traces_count_ + std::size_t{1})) {
            fail("the head has too many traces");
            return 0;
        }
        found = traces_count_++;
        traces_[found] = {id.high, id.low, kNoRow, {}};
        index->slots[at].store(found, std::memory_order_release);
        if (std::size_t{traces_count_} * 2 > index->mask) {
            auto bigger = std::make_unique<TraceIndex>((index->mask + 1) * 2);
            for (std::uint32_t i = 0; i < traces_count_; ++i) {
                std::size_t to = mix(traces_[i].high, traces_[i].low * 3) & bigger->mask;
                while (bigger->slots[to].load(std::memory_order_relaxed) != kNoRow) to = (to + 1) & bigger->mask;
                bigger->slots[to].store(i, std::memory_order_relaxed);
            }
            trace_index_.store(bigger.get(), std::memory_order_release);
            trace_indexes_.push_back(std::move(bigger));
        }
    }
    t.last_trace = found;
    t.last_trace_id = id;
    return found;
}

std::uint32_t HeadShard::find_trace(const model::TraceId& id) const {
    const TraceIndex* index = trace_index_.load(std::memory_order_acquire);
    for (std::size_t at = mix(id.high, id.low * 3) & index->mask;; at = (at + 1) & index->mask) {
        const std::uint32_t found = index->slots[at].load(std::memory_order_acquire);
        if (found == kNoRow || (traces_[found].low == id.low && traces_[found].high == id.high)) return found;
    }
}

std::uint32_t HeadShard::field_of(Special special, model::ValueType type, std::string_view key) {
    const std::uint32_t key_id = intern(key);
    const std::uint64_t name =
        std::uint64_t{key_id} << 16 | static_cast<std::uint64_t>(special) << 8 | static_cast<std::uint64_t>(type);
    const auto [at, created] = tables_->field_of.try_emplace(name, static_cast<std::uint32_t>(fields_.size()));
    if (created) {
        if (special == Special::kNone && fields_.size() >= limits_.fields) {
            tables_->field_of.erase(at);
            return kNoRow;
        }
        FieldState state;
        state.key = {special, type, strings_[key_id]};
        state.key_id = key_id;
        fields_.emplace_back(state);
    }
    return at->second;
}

void HeadShard::gather(const model::Span& span) {
    Tables& t = *tables_;
    t.specials.clear();
    t.specials_mask = 0;
    const auto put = [&](Special special, FieldValue value) {
        t.specials.push_back({special, value});
        t.specials_mask |= 1U << static_cast<unsigned>(special);
    };
    if (span.flags != 0) put(Special::kFlags, {span.flags, {}});
    if (!span.trace_state.empty()) put(Special::kTraceState, {0, span.trace_state});
    if (span.dropped_attributes_count != 0) put(Special::kDroppedAttributes, {span.dropped_attributes_count, {}});
    if (span.dropped_events_count != 0) put(Special::kDroppedEvents, {span.dropped_events_count, {}});
    if (span.dropped_links_count != 0) put(Special::kDroppedLinks, {span.dropped_links_count, {}});
    if (!span.status_message.empty()) put(Special::kStatusMessage, {0, span.status_message});
    if (!span.unknown_fields.empty()) put(Special::kUnknownFields, {0, span.unknown_fields});
    if (!span.status_unknown_fields.empty()) put(Special::kStatusUnknownFields, {0, span.status_unknown_fields});
    if (!span.events.empty()) {
        t.events.clear();
        encode_events(span.events, t.events);
        put(Special::kEvents, {0, t.events});
    }
    if (!span.links.empty()) {
        t.links.clear();
        encode_links(span.links, t.links);
        put(Special::kLinks, {0, t.links});
    }
    t.attributes = span.attributes;
}

void HeadShard::overflow(const model::Span& span) {
    Tables& t = *tables_;
    t.all_attributes.clear();
    encode_attributes(span.attributes, t.all_attributes);
    t.specials.push_back({Special::kAttributes, {0, t.all_attributes}});
    t.specials_mask |= 1U << static_cast<unsigned>(Special::kAttributes);
    t.attributes = {};
}

bool HeadShard::same_fields(const Group& group) const {
    const Tables& t = *tables_;
    if (group.specials != t.specials_mask || group.attributes.size() != t.attributes.size()) return false;
    for (std::size_t i = 0; i < group.attributes.size(); ++i) {
        const auto& want = group.attributes[i];
        const auto& got = t.attributes[i];
        if (want.type != got.value.type || want.key.size() != got.key.size() ||
            std::memcmp(want.key.data(), got.key.data(), got.key.size()) != 0) {
            return false;
        }
    }
    return true;
}

HeadShard::Group* HeadShard::group_of(std::uint32_t operation) {
    auto& groups = tables_->groups_of[operation];
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (!same_fields(*groups[i])) continue;
        if (i != 0) std::swap(groups[i], groups[i / 2]);
        return groups[i / 2];
    }
    return new_group(operation);
}

HeadShard::Group* HeadShard::new_group(std::uint32_t operation) {
    Tables& t = *tables_;
    constexpr std::uint32_t kAllAttributes = 1U << static_cast<unsigned>(Special::kAttributes);
    const bool overflowed = (t.specials_mask & kAllAttributes) != 0;
    if (shapes_.full()) return nullptr;
    // Past the bounds only the shape without attribute fields is made.
    const bool crowded = shapes_.size() >= limits_.templates || tables_->groups_of[operation].size() >= 64;
    if (!overflowed && (crowded || t.attributes.size() > limits_.fields_of_span)) return nullptr;

    auto group = std::make_unique<Group>();
    group->operation = operation;
    group->specials = t.specials_mask;
    Shape shape;
    shape.operation = operation;
    shape.attributes = static_cast<std::uint32_t>(t.attributes.size());
    for (std::size_t i = 0; i < t.specials.size() + t.attributes.size(); ++i) {
        const bool special = i < t.specials.size();
        const model::Attribute* attribute = special ? nullptr : &t.attributes[i - t.specials.size()];
        const std::uint32_t field = special ? field_of(t.specials[i].special, model::ValueType::kEmpty, {})
                                            : field_of(Special::kNone, attribute->value.type, attribute->key);
        if (field == kNoRow) return nullptr;
        FieldState& state = fields_[field];
        if (!special) group->attributes.push_back({state.key.key, state.key.type});
        ShapeField to;
        to.field = field;
        const FieldValue value = t.value(i);
        const Storage storage = to.storage = state.key.storage();
        const bool blob = special && storage == Storage::kText && t.specials[i].special != Special::kTraceState &&
                          t.specials[i].special != Special::kStatusMessage;
        to.varies = storage != Storage::kNothing && (state.changes >= kChangesMax || state.raw || blob);
        if (storage == Storage::kText && (value.text.size() > limits_.intern_text_max || t.over_budget))
            to.varies = true;
        if (to.varies) {
            to.slot = shape.slots;
            shape.slots += storage == Storage::kLong ? 2 : 1;
        } else {
            to.constant = storage == Storage::kText ? intern(value.text) : value.number;
            if (storage == Storage::kText) to.text = strings_[static_cast<std::uint32_t>(to.constant)];
        }
        shape.fields.push_back(to);
    }
    group->last.resize(shape.fields.size());
    group->shape = shapes_.emplace_back(std::move(shape));
    t.groups.push_back(std::move(group));
    t.groups_of[operation].push_back(t.groups.back().get());
    return t.groups.back().get();
}

// The operation goes on with a shape in which the values that differ from this span's vary.
void HeadShard::release_constants(Group& group) {
    const Tables& t = *tables_;
    Shape shape = shapes_[group.shape];
    shape.slots = 0;
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        ShapeField& f = shape.fields[i];
        FieldState& state = fields_[f.field];
        const Storage storage = state.key.storage();
        if (!f.varies) {
            const FieldValue value = t.value(i);
            const bool same = storage == Storage::kText ? f.text == value.text : f.constant == value.number;
            if (!same) {
                f.varies = true;
                ++state.changes;
            }
        }
        if (f.varies) {
            f.slot = shape.slots;
            shape.slots += storage == Storage::kLong ? 2 : 1;
        }
    }
    group.shape = shapes_.emplace_back(std::move(shape));
}

bool HeadShard::write_values(Group& group, std::uint32_t& first) {
    for (int pass = 0; pass < 2; ++pass) {
        bool same = true;
        if (!write_slots(group, first, same)) return false;
        if (same) return failure_.empty();
        if (shapes_.full()) return false;
        release_constants(group);
    }
    return false;
}

// `same` turns false when a constant of the group's shape is not the span's: nothing is kept then.
bool HeadShard::write_slots(Group& group, std::uint32_t& first, bool& same) {
    const Tables& t = *tables_;
    const Shape& shape = shapes_[group.shape];
    constexpr std::size_t kPerBlock = decltype(values_)::kPerBlock;
    std::size_t at = values_end_;
    if (at % kPerBlock + shape.slots > kPerBlock) at = (at / kPerBlock + 1) * kPerBlock;
    if (!values_.reserve(at + shape.slots + 1)) return false;
    first = static_cast<std::uint32_t>(at);
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        const ShapeField& f = shape.fields[i];
        if (f.varies) continue;
        const FieldValue value = t.value(i);
        same = f.storage == Storage::kText ? f.text == value.text : f.constant == value.number;
        if (!same) return true;
    }
    std::uint32_t* out = &values_[at];
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        const ShapeField& f = shape.fields[i];
        if (!f.varies) continue;
        const FieldValue value = t.value(i);
        switch (f.storage) {
            case Storage::kNothing:
                break;
            case Storage::kWord:
                *out++ = static_cast<std::uint32_t>(value.number);
                break;
            case Storage::kLong:
                *out++ = static_cast<std::uint32_t>(value.number);
                *out++ = static_cast<std::uint32_t>(value.number >> 32);
                break;
            case Storage::kText:
                *out++ = put_text(fields_[f.field], value.text, group.last[i]);
                break;
        }
    }
    values_end_ = static_cast<std::uint32_t>(at + shape.slots);
    return true;
}

std::uint32_t HeadShard::put_text(FieldState& field, std::string_view text, LastText& last) {
    if (last.text != nullptr && last.size == text.size() && !field.raw &&
        std::memcmp(last.text, text.data(), text.size()) == 0) {
        ++field.lookups;
        return last.id;
    }
    const bool blob = field.key.special == Special::kEvents || field.key.special == Special::kLinks ||
                      field.key.special == Special::kAttributes || field.key.special == Special::kUnknownFields ||
                      field.key.special == Special::kStatusUnknownFields;
    if (field.raw || blob || text.size() > limits_.intern_text_max || tables_->over_budget) return put_raw(text);
    bool created = false;
    const std::uint32_t id = strings_.intern(text, created);
    if (id == StringTable::kNone) return put_raw(text);
    const std::string_view kept = strings_[id];
    last = {kept.data(), kept.size(), id};
    ++field.lookups;
    if (created) {
        ++field.inserts;
        if (field.lookups >= kLookupsMin && field.inserts > field.lookups / 4) field.raw = true;
    }
    return id;
}

std::uint32_t HeadShard::put_raw(std::string_view text) {
    const std::size_t need = (sizeof(std::uint32_t) + text.size() + kRawUnit - 1) / kRawUnit * kRawUnit;
    const auto length = static_cast<std::uint32_t>(text.size());
    if (need > kArenaBlockBytes) {
        const std::size_t blocks = (need + kArenaBlockBytes - 1) / kArenaBlockBytes;
        if (raw_next_ + blocks > kRawBlocksMax) {
            fail("the head has no room for texts");
            return kRawText;
        }
        raw_large_.push_back(std::make_unique_for_overwrite<std::byte[]>(need));
        raw_large_bytes_ += need;
        std::byte* to = raw_large_.back().get();
        std::memcpy(to, &length, sizeof length);
        std::memcpy(to + sizeof length, text.data(), text.size());
        const std::size_t number = raw_next_;
        raw_[number].store(to, std::memory_order_release);
        raw_next_ += blocks;
        return static_cast<std::uint32_t>(kRawText | number * kRawUnitsPerBlock);
    }
    if (raw_used_ + need > kArenaBlockBytes) {
        if (raw_next_ == kRawBlocksMax) {
            fail("the head has no room for texts");
            return kRawText;
        }
        raw_blocks_.push_back(pool_.take());
        raw_block_ = raw_next_++;
        raw_[raw_block_].store(raw_blocks_.back().get(), std::memory_order_release);
        raw_used_ = 0;
    }
    std::byte* to = raw_[raw_block_].load(std::memory_order_relaxed) + raw_used_;
    std::memcpy(to, &length, sizeof length);
    if (!text.empty()) std::memcpy(to + sizeof length, text.data(), text.size());
    const auto place = static_cast<std::uint32_t>(raw_block_ * kRawUnitsPerBlock + raw_used_ / kRawUnit);
    raw_used_ += need;
    return kRawText | place;
}

std::string_view HeadShard::slot_text(std::uint32_t slot) const {
    if ((slot & kRawText) == 0) return strings_[slot];
    const std::uint32_t place = slot & ~kRawText;
    const std::byte* at =
        raw_[place / kRawUnitsPerBlock].load(std::memory_order_acquire) + place % kRawUnitsPerBlock * kRawUnit;
    std::uint32_t length = 0;
    std::memcpy(&length, at, sizeof length);
    return {reinterpret_cast<const char*>(at + sizeof length), length};
}

FieldValue HeadShard::value(const Row& row, const ShapeField& f) const {
    const bool is_text = f.storage == Storage::kText;
    if (!f.varies) return is_text ? FieldValue{0, f.text} : FieldValue{f.constant, {}};
    const std::uint32_t* slots = &values_[row.values] + f.slot;
    if (is_text) return {0, slot_text(*slots)};
    if (f.storage == Storage::kWord) return {*slots, {}};
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
