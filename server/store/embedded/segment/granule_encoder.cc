// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/granule_encoder.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/span_codec.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/index/value_hash.h"
#include "store/keys.h"

#include <algorithm>
#include <bit>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kDeltaMax = std::uint64_t{1} << 62;
constexpr std::uint64_t kMicro = 1000;

std::uint32_t& at_or_grow(std::vector<std::uint32_t>& v, std::uint32_t i) {
    if (v.size() <= i) v.resize(std::max<std::size_t>(i + 1, v.size() * 2), kNoRow);
    return v[i];
}

std::uint64_t trace_hash(const model::TraceId& id) {
    // Ids are random, or counters: spread both.
    std::uint64_t h = (id.high ^ (id.low * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32;
    return h * 0x9E3779B97F4A7C15ULL;
}

model::Value value_of(const FieldKey& key, std::uint64_t number, std::string_view text) {
    model::Span unused;
    model::Attribute attribute;
    put_value(key, {number, text}, unused, attribute);
    return attribute.value;
}

}  // namespace

std::uint64_t trace_id_hash(const model::TraceId& id) {
    return trace_hash(id);
}

GranuleEncoder::GranuleEncoder(const MemoryHead& head) : shards_{&head.shard(0), &head.shard(1)} {}

std::uint32_t GranuleEncoder::string_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].strings, id);
    if (to == kNoRow) to = strings_.intern(shards_[shard]->text(id));
    return to;
}

std::uint32_t GranuleEncoder::field_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].fields, id);
    if (to != kNoRow) return to;
    const FieldKey& key = shards_[shard]->field(id).key;
    std::string name{static_cast<char>(key.special), static_cast<char>(key.type)};
    name += key.key;
    const auto [at, created] = fields_by_key_.try_emplace(std::move(name), static_cast<std::uint32_t>(fields_.size()));
    if (created) {
        catalog_.field(key);
        fields_.push_back(
            {key, value_seed(IndexLevel::kSpan, key.key), key_hash(IndexLevel::kSpan, key.key), {}, false});
    }
    return to = at->second;
}

std::uint32_t GranuleEncoder::scope_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].scopes, id);
    if (to != kNoRow) return to;
    const std::string_view bytes = shards_[shard]->text(shards_[shard]->scope(id).bytes_id);
    const auto [at, created] = scopes_by_bytes_.try_emplace(bytes, static_cast<std::uint32_t>(scopes_.size()));
    if (created) {
        catalog_.scope(bytes);
        scopes_.push_back(bytes);
    }
    return to = at->second;
}

std::uint32_t GranuleEncoder::resource_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].resources, id);
    if (to != kNoRow) return to;
    const ResourceSlot& slot = shards_[shard]->resource(id);
    const std::string_view bytes = shards_[shard]->text(slot.bytes_id);
    const auto [at, created] = resources_by_bytes_.try_emplace(bytes, static_cast<std::uint32_t>(resources_.size()));
    if (created) {
        const std::string_view service = shards_[shard]->text(slot.service);
        catalog_.resource(bytes, service);
        resources_.push_back({bytes, service, {}});
    }
    return to = at->second;
}

std::uint32_t GranuleEncoder::operation_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].operations, id);
    if (to != kNoRow) return to;
    const Operation& key = shards_[shard]->operation(id).key;
    const std::uint32_t scope = scope_of(shard, key.scope);
    std::string name;
    ByteWriter w(name);
    w.string(shards_[shard]->text(key.service));
    w.string(shards_[shard]->text(key.name));
    w.signed_varint(static_cast<std::int32_t>(key.kind));
    w.signed_varint(static_cast<std::int32_t>(key.status));
    w.varint(scope);
    const auto [at, created] =
        operations_by_key_.try_emplace(std::move(name), static_cast<std::uint32_t>(operations_by_key_.size()));
    if (created) {
        const CatalogOperation operation{shards_[shard]->text(key.service), shards_[shard]->text(key.name), key.kind,
                                         key.status, scope};
        catalog_.operation(operation.service, operation.name, key, scope);
        operations_.push_back({operation, {}});
        tables_.add_operation(operation);
    }
    return to = at->second;
}

GranuleEncoder::ShapePlan& GranuleEncoder::shape_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].shapes, id);
    if (to != kNoRow) return shapes_[to];
    const Shape& from = shards_[shard]->shape(id);
    ShapePlan plan;
    Shape shape = from;
    plan.operation = shape.operation = operation_of(shard, from.operation);
    std::vector<Storage> storages;
    for (ShapeField& f : shape.fields) {
        f.field = field_of(shard, f.field);
        const FieldPlan& field = fields_[f.field];
        const Storage storage = field.key.storage();
        storages.push_back(storage);
        if (field.key.special == Special::kNone) plan.hashes.push_back(field.key_hash);
        if (f.varies) {
            plan.varying.push_back({f.field, f.slot, storage});
            continue;
        }
        if (storage == Storage::kText) f.constant = string_of(shard, static_cast<std::uint32_t>(f.constant));
        if (field.key.special == Special::kNone) {
            const std::string_view text =
                storage == Storage::kText ? strings_[static_cast<std::uint32_t>(f.constant)] : std::string_view{};
            plan.hashes.push_back(value_hash(field.seed, value_of(field.key, f.constant, text)));
        }
    }
    plan.number = catalog_.shape(shape, storages);
    to = static_cast<std::uint32_t>(shapes_.size());
    shapes_.push_back(std::move(plan));
    return shapes_.back();
}

void GranuleEncoder::index_attributes(model::Attributes attributes, IndexLevel level) {
    for (const model::Attribute& a : attributes) {
        index_value(key_hash(level, a.key));
        index_value(value_hash(value_seed(level, a.key), a.value));
    }
}

void GranuleEncoder::index_nested(Special special, std::string_view bytes) {
    model::SpanBatch objects;
    if (special == Special::kAttributes) {
        model::Attributes attributes;
        if (decode_attributes(bytes, objects, attributes)) index_attributes(attributes, IndexLevel::kSpan);
    } else if (special == Special::kEvents) {
        std::span<const model::Event> events;
        if (!decode_events(bytes, objects, events)) return;
        for (const model::Event& e : events) index_attributes(e.attributes, IndexLevel::kEvent);
    } else {
        std::span<const model::Link> links;
        if (!decode_links(bytes, objects, links)) return;
        for (const model::Link& l : links) index_attributes(l.attributes, IndexLevel::kLink);
    }
}

void GranuleEncoder::encode(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, std::uint32_t granule,
                            std::string& out, GranuleInfo& info) {
    granule_ = granule;
    out_ = &out;
    directory_.clear();
    const std::size_t begin = column_begin_ = out.size();
    info.rows = static_cast<std::uint32_t>(rows.size());
    info.traces = static_cast<std::uint32_t>(traces.size());

    put_rows(rows, traces);
    put_parents(rows, traces);
    put_times(rows, traces, info);
    put_ints(static_cast<std::uint32_t>(Column::kShapes), shape_column_, IntHint::kIds);
    put_ints(static_cast<std::uint32_t>(Column::kResources), resource_column_, IntHint::kIds);
    std::sort(touched_.begin(), touched_.end());
    for (const std::uint32_t field : touched_) {
        put_field(fields_[field], field);
        fields_[field].values.clear();
        fields_[field].raw = false;
    }
    touched_.clear();
    put_tables(traces, info);
    info.bytes = out.size() - begin;
    info.directory_bytes = static_cast<std::uint32_t>(directory_.size());
    info.directory_crc = crc32c(directory_);
    out += directory_;
}

void GranuleEncoder::close_column(std::uint32_t column) {
    const std::string_view bytes = std::string_view(*out_).substr(column_begin_);
    ByteWriter w(directory_);
    w.varint(column);
    w.varint(bytes.size());
    w.u32(crc32c(bytes));
    column_bytes_[column] += bytes.size();
    column_begin_ = out_->size();
}

void GranuleEncoder::put_ints(std::uint32_t column, std::span<const std::uint64_t> values, IntHint hint) {
    encode_ints(values, hint, *out_);
    close_column(column);
}

void GranuleEncoder::put_rows(std::span<const RowRef> rows, std::span<const OrderedTrace> traces) {
    ByteWriter w(*out_);
    scratch_.clear();
    std::uint32_t ordinal = 0;
    for (const OrderedTrace& trace : traces) {
        w.u64(trace.id.high);
        w.u64(trace.id.low);
        scratch_.push_back(trace.count);
        trace_entries_.push_back({trace_hash(trace.id), granule_ << 12 | ordinal++});
    }
    close_column(static_cast<std::uint32_t>(Column::kTraceIds));
    put_ints(static_cast<std::uint32_t>(Column::kTraceRows), scratch_, IntHint::kIds);
    shape_column_.clear();
    resource_column_.clear();
    table_rows_.clear();
    parents_.clear();
    for (const RowRef r : rows) {
        const Row& from = row(r);
        w.u64(from.span_id);
        ShapePlan& shape = shape_of(r.shard, from.shape);
        shape_column_.push_back(shape.number);
        table_rows_.push_back({from.span_id, from.start_ns, from.end_ns, shape.operation, TableRow::kNoParent});
        parents_.push_back(from.parent_id);
        if (shape.last_granule != granule_) {
            shape.last_granule = granule_;
            for (const std::uint64_t hash : shape.hashes) index_value(hash);
            Postings& granules = operations_[shape.operation].granules;
            if (granules.empty() || granules.back() != granule_) granules.push_back(granule_);
        }
        const std::uint32_t resource = resource_of(r.shard, from.resource);
        resource_column_.push_back(resource);
        Postings& resource_granules = resources_[resource].granules;
        if (resource_granules.empty() || resource_granules.back() != granule_) resource_granules.push_back(granule_);
        for (const VaryingField& v : shape.varying) {
            FieldPlan& field = fields_[v.column];
            if (field.values.empty()) touched_.push_back(v.column);
            const std::uint32_t slot = shards_[r.shard]->slot(from, v.slot);
            switch (v.storage) {
                case Storage::kNothing:
                    break;
                case Storage::kWord:
                    field.values.push_back(slot);
                    break;
                case Storage::kLong:
                    field.values.push_back(std::uint64_t{shards_[r.shard]->slot(from, v.slot + 1)} << 32 | slot);
                    break;
                case Storage::kText:
                    field.values.push_back(std::uint64_t{r.shard} << 32 | slot);
                    field.raw = field.raw || (slot & kRawText) != 0;
                    break;
            }
        }
    }
    close_column(static_cast<std::uint32_t>(Column::kSpanIds));
}

void GranuleEncoder::put_parents(std::span<const RowRef> rows, std::span<const OrderedTrace> traces) {
    scratch_.clear();
    std::vector<std::uint64_t> far;
    std::unordered_map<std::uint64_t, std::size_t> places;
    std::size_t begin = 0;
    for (const OrderedTrace& trace : traces) {
        const std::size_t end = begin + trace.count;
        const bool large = trace.count > 32;
        if (large) {
            places.clear();
            for (std::size_t i = begin; i < end; ++i) places.emplace(row(rows[i]).span_id, i);
        }
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint64_t parent = row(rows[i]).parent_id;
            if (parent == 0) {
                scratch_.push_back(kParentNone);
                continue;
            }
            std::size_t at = end;
            if (large) {
                const auto found = places.find(parent);
                if (found != places.end()) at = found->second;
            } else {
                // Nearest before it first: parents start earlier.
                for (std::size_t j = i; j-- > begin && at == end;) at = row(rows[j]).span_id == parent ? j : end;
                for (std::size_t j = i; j < end && at == end; ++j) at = row(rows[j]).span_id == parent ? j : end;
            }
            if (at == end) {
                scratch_.push_back(kParentFar);
                table_rows_[i].parent = TableRow::kFarParent;
                far.push_back(parent);
            } else {
                table_rows_[i].parent = static_cast<std::int32_t>(at - begin);
                scratch_.push_back(kParentNear + zigzag(static_cast<std::int64_t>(i) - static_cast<std::int64_t>(at)));
            }
        }
        begin = end;
    }
    put_ints(static_cast<std::uint32_t>(Column::kParents), scratch_, IntHint::kIds);
    if (far.empty()) return;
    ByteWriter w(*out_);
    for (const std::uint64_t id : far) w.u64(id);
    close_column(static_cast<std::uint32_t>(Column::kFarParents));
}

void GranuleEncoder::put_tables(std::span<const OrderedTrace> traces, const GranuleInfo& info) {
    std::size_t begin = 0;
    for (const OrderedTrace& trace : traces) {
        tables_.add_trace(std::span(table_rows_).subspan(begin, trace.count),
                          std::span(parents_).subspan(begin, trace.count), trace.whole);
        begin += trace.count;
    }
    tables_.close_granule(info.start_min_ns, *out_, edges_of_granule_);
    close_column(static_cast<std::uint32_t>(Column::kSummaries));
}

RollupCell GranuleEncoder::cell_of(RowRef r) {
    const Row& from = row(r);
    const std::uint32_t operation = shape_of(r.shard, from.shape).operation;
    return tables_.cell_of(operation, from.start_ns, from.end_ns);
}

void GranuleEncoder::put_times(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, GranuleInfo& info) {
    info.start_min_ns = ~std::uint64_t{0};
    for (const RowRef r : rows) {
        const std::uint64_t start = row(r).start_ns;
        info.start_min_ns = std::min(info.start_min_ns, start);
        info.start_max_ns = std::max(info.start_max_ns, start);
        model::Span times;
        times.start_ns = start;
        times.end_ns = row(r).end_ns;
        info.end_max_ns = std::max(info.end_max_ns, end_key(times));
        info.duration_max_ns = std::max(info.duration_max_ns, duration_key(times));
    }
    // A difference keeps in its low bit whether both ends are cut to microseconds, as some clocks are.
    ByteWriter w(*out_);
    scratch_.clear();
    const bool plain_starts = info.start_max_ns - info.start_min_ns >= kDeltaMax;
    w.u8(static_cast<std::uint8_t>(plain_starts ? TimeMode::kPlain : TimeMode::kDeltas));
    std::size_t i = 0;
    std::uint64_t trace_start = info.start_min_ns;
    for (const OrderedTrace& trace : traces) {
        std::uint64_t before = trace_start;
        if (trace.count > 0) trace_start = row(rows[i]).start_ns;
        for (std::uint32_t k = 0; k < trace.count; ++k, ++i) {
            const std::uint64_t start = row(rows[i]).start_ns;
            if (plain_starts) {
                scratch_.push_back(start);
            } else if (start % kMicro == 0) {
                scratch_.push_back((start / kMicro - before / kMicro) << 1 | 1);
            } else {
                scratch_.push_back((start - before) << 1);
            }
            before = start;
        }
    }
    put_ints(static_cast<std::uint32_t>(Column::kStarts), scratch_, IntHint::kTimes);

    scratch_.clear();
    bool plain_ends = false;
    for (const RowRef r : rows) plain_ends = plain_ends || row(r).end_ns - row(r).start_ns >= kDeltaMax;
    w.u8(static_cast<std::uint8_t>(plain_ends ? TimeMode::kPlain : TimeMode::kDeltas));
    for (const RowRef r : rows) {
        const std::uint64_t duration = row(r).end_ns - row(r).start_ns;  // wraps when the end is before the start
        if (plain_ends) {
            scratch_.push_back(duration);
        } else {
            scratch_.push_back(duration % kMicro == 0 ? (duration / kMicro) << 1 | 1 : duration << 1);
        }
    }
    put_ints(static_cast<std::uint32_t>(Column::kDurations), scratch_, IntHint::kTimes);
}

void GranuleEncoder::put_field(FieldPlan& field, std::uint32_t number) {
    const std::uint32_t column = kColumnFields + number;
    const Storage storage = field.key.storage();
    ByteWriter w(*out_);
    if (storage != Storage::kText) {
        index_field(field);
        if (field.key.type == model::ValueType::kInt && field.key.special == Special::kNone) {
            for (std::uint64_t& v : field.values) v = zigzag(static_cast<std::int64_t>(v));
        }
        return put_ints(column, field.values, IntHint::kIds);
    }
    if (!field.raw) {
        for (std::uint64_t& v : field.values)
            v = string_of(static_cast<std::uint32_t>(v >> 32), static_cast<std::uint32_t>(v));
        index_field(field);
        w.u8(static_cast<std::uint8_t>(TextMode::kDictionary));
        return put_ints(column, field.values, IntHint::kIds);
    }
    texts_.clear();
    for (const std::uint64_t v : field.values)
        texts_.push_back(shards_[v >> 32]->slot_text(static_cast<std::uint32_t>(v)));
    index_field(field);
    w.u8(static_cast<std::uint8_t>(TextMode::kTexts));
    encode_texts(texts_, *out_);
    close_column(column);
}

void GranuleEncoder::index_field(const FieldPlan& field) {
    const Storage storage = field.key.storage();
    if (field.key.special != Special::kNone) {
        const bool nested = field.key.special == Special::kEvents || field.key.special == Special::kLinks ||
                            field.key.special == Special::kAttributes;
        if (nested && field.raw) {
            for (const std::string_view bytes : texts_) index_nested(field.key.special, bytes);
        }
        return;
    }
    if (storage == Storage::kText && field.raw) {
        for (const std::string_view text : texts_) index_value(value_hash(field.seed, value_of(field.key, 0, text)));
        return;
    }
    if (storage == Storage::kText) {
        ++mark_;
        string_mark_.resize(strings_.size(), 0);
        for (const std::uint64_t v : field.values) {
            const auto id = static_cast<std::uint32_t>(v);
            if (std::exchange(string_mark_[id], mark_) != mark_)
                index_value(value_hash(field.seed, value_of(field.key, 0, strings_[id])));
        }
        return;
    }
    std::array<std::uint64_t, 256> recent;  // most numbers are few
    recent.fill(field.values.empty() ? 0 : ~field.values.front());
    for (const std::uint64_t v : field.values) {
        std::uint64_t& last = recent[(v * 0x9E3779B97F4A7C15ULL) >> 56];
        if (last == v) continue;
        last = v;
        index_value(value_hash(field.seed, value_of(field.key, v, {})));
    }
}

}  // namespace skua::store::embedded
