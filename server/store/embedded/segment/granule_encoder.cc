// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/granule_encoder.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/crc32c.h"
#include "store/embedded/codec/text_column.h"
#include "store/embedded/index/value_hash.h"
#include "store/keys.h"
#include "store/rollup.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kDeltaMax = std::uint64_t{1} << 62;
constexpr std::uint64_t kMicro = 1000;

void note(Postings& granules, std::uint32_t granule) {
    if (granules.empty() || granules.back() != granule) granules.push_back(granule);
}

std::uint64_t trace_hash(const model::TraceId& id) {
    // Ids are random, or counters: spread both.
    std::uint64_t h = (id.high ^ (id.low * 0x9E3779B97F4A7C15ULL)) * 0xD6E8FEB86659FD93ULL;
    h ^= h >> 32;
    return h * 0x9E3779B97F4A7C15ULL;
}

}  // namespace

std::uint64_t trace_id_hash(const model::TraceId& id) {
    return trace_hash(id);
}

void GranuleEncoder::encode(std::span<const RowRef> rows, std::span<const OrderedTrace> traces, std::uint32_t granule,
                            std::string& out, GranuleInfo& info) {
    granule_ = granule;
    indexer_.begin_granule(granule);
    out_ = &out;
    directory_.clear();
    const std::size_t begin = column_begin_ = out.size();
    info.rows = static_cast<std::uint32_t>(rows.size());
    info.traces = static_cast<std::uint32_t>(traces.size());

    put_rows(rows, traces);
    put_parents(traces);
    put_times(traces, info);
    note_operations();
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
    for (std::size_t i = 0; i < rows.size(); ++i) {
        prefetch(rows, i);
        const RowRef r = rows[i];
        const HeadShard& shard = numbers_.shard(r.shard);
        const Row& from = shard.row(r.row);
        w.u64(from.span_id);
        PartNumbers::ShapePlan& shape = numbers_.shape_of(r.shard, from.shape);
        shape_column_.push_back(shape.number);
        table_rows_.push_back({from.span_id, from.start_ns, from.end_ns, shape.operation, TableRow::kNoParent});
        parents_.push_back(from.parent_id);
        if (shape.last_granule != granule_) {
            shape.last_granule = granule_;
            for (const std::uint32_t number : shape.indexed) indexer_.add_numbered(number);
            fields_.resize(numbers_.fields().size());
        }
        const std::uint32_t resource = numbers_.resource_of(r.shard, from.resource);
        resource_column_.push_back(resource);
        note(numbers_.resources()[resource].granules, granule_);
        for (const PartNumbers::VaryingField& v : shape.varying) {
            FieldValues& field = fields_[v.column];
            if (field.values.empty()) touched_.push_back(v.column);
            const std::uint32_t slot = shard.slot(from, v.slot);
            switch (v.storage) {
                case Storage::kNothing:
                    break;
                case Storage::kWord:
                    field.values.push_back(slot);
                    break;
                case Storage::kLong:
                    field.values.push_back(std::uint64_t{shard.slot(from, v.slot + 1)} << 32 | slot);
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

// Rows lie in the order in which they came: the next ones are asked for while one is taken.
void GranuleEncoder::prefetch(std::span<const RowRef> rows, std::size_t i) const {
    constexpr std::size_t kRowsAhead = 16;
    constexpr std::size_t kValuesAhead = 8;
    if (i + kRowsAhead < rows.size()) __builtin_prefetch(&row(rows[i + kRowsAhead]));
    if (i + kValuesAhead >= rows.size()) return;
    const RowRef r = rows[i + kValuesAhead];
    numbers_.shard(r.shard).prefetch_values(row(r));
}

void GranuleEncoder::put_parents(std::span<const OrderedTrace> traces) {
    scratch_.clear();
    std::vector<std::uint64_t> far;
    std::unordered_map<std::uint64_t, std::size_t> places;
    std::size_t begin = 0;
    for (const OrderedTrace& trace : traces) {
        const std::size_t end = begin + trace.count;
        const bool large = trace.count > 32;
        if (large) {
            places.clear();
            for (std::size_t i = begin; i < end; ++i) places.emplace(table_rows_[i].span_id, i);
        }
        for (std::size_t i = begin; i < end; ++i) {
            const std::uint64_t parent = parents_[i];
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
                for (std::size_t j = i; j-- > begin && at == end;) at = table_rows_[j].span_id == parent ? j : end;
                for (std::size_t j = i; j < end && at == end; ++j) at = table_rows_[j].span_id == parent ? j : end;
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
    const std::uint32_t operation = numbers_.shape_of(r.shard, from.shape).operation;
    return tables_.cell_of(operation, from.start_ns, from.end_ns);
}

void GranuleEncoder::put_times(std::span<const OrderedTrace> traces, GranuleInfo& info) {
    info.start_min_ns = ~std::uint64_t{0};
    bool plain_ends = false;
    for (const TableRow& row : table_rows_) {
        info.start_min_ns = std::min(info.start_min_ns, row.start_ns);
        info.start_max_ns = std::max(info.start_max_ns, row.start_ns);
        info.end_max_ns = std::max(info.end_max_ns, end_key(row.start_ns, row.end_ns));
        info.duration_max_ns = std::max(info.duration_max_ns, duration_key(row.start_ns, row.end_ns));
        plain_ends = plain_ends || row.end_ns - row.start_ns >= kDeltaMax;
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
        if (trace.count > 0) trace_start = table_rows_[i].start_ns;
        for (std::uint32_t k = 0; k < trace.count; ++k, ++i) {
            const std::uint64_t start = table_rows_[i].start_ns;
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
    w.u8(static_cast<std::uint8_t>(plain_ends ? TimeMode::kPlain : TimeMode::kDeltas));
    for (const TableRow& row : table_rows_) {
        const std::uint64_t duration = row.end_ns - row.start_ns;  // wraps when the end is before the start
        if (plain_ends) {
            scratch_.push_back(duration);
        } else {
            scratch_.push_back(duration % kMicro == 0 ? (duration / kMicro) << 1 | 1 : duration << 1);
        }
    }
    put_ints(static_cast<std::uint32_t>(Column::kDurations), scratch_, IntHint::kTimes);
}

void GranuleEncoder::note_operations() {
    std::vector<PartNumbers::OperationUse>& operations = numbers_.operations();
    for (const TableRow& row : table_rows_) {
        const auto bucket = static_cast<std::uint8_t>(duration_bucket(duration_key(row.start_ns, row.end_ns)));
        OperationGranules& in = operations[row.operation].granules;
        if (in.empty() || in.back().granule != granule_) {
            in.push_back({granule_, bucket});
        } else {
            in.back().longest = std::max(in.back().longest, bucket);
        }
    }
}

void GranuleEncoder::put_field(FieldValues& field, std::uint32_t number) {
    const PartNumbers::Field& is = numbers_.fields()[number];
    if (is.key.storage() == Storage::kText) return put_texts(field, number);
    if (is.key.special == Special::kNone) indexer_.add_numbers(is.key, is.seed, field.values);
    if (is.key.type == model::ValueType::kInt && is.key.special == Special::kNone) {
        for (std::uint64_t& v : field.values) v = zigzag(static_cast<std::int64_t>(v));
    }
    put_ints(kColumnFields + number, field.values, IntHint::kIds);
}

void GranuleEncoder::put_texts(FieldValues& field, std::uint32_t number) {
    const PartNumbers::Field& is = numbers_.fields()[number];
    ByteWriter w(*out_);
    if (!field.raw) {
        for (std::uint64_t& v : field.values)
            v = numbers_.string_of(static_cast<std::uint32_t>(v >> 32), static_cast<std::uint32_t>(v));
        index_dictionary(is, field.values);
        w.u8(static_cast<std::uint8_t>(TextMode::kDictionary));
        return put_ints(kColumnFields + number, field.values, IntHint::kIds);
    }
    texts_.clear();
    for (const std::uint64_t v : field.values)
        texts_.push_back(numbers_.shard(v >> 32).slot_text(static_cast<std::uint32_t>(v)));
    index_texts(is);
    w.u8(static_cast<std::uint8_t>(TextMode::kTexts));
    encode_texts(texts_, *out_);
    close_column(kColumnFields + number);
}

void GranuleEncoder::index_dictionary(const PartNumbers::Field& field, std::span<const std::uint64_t> values) {
    if (field.key.special != Special::kNone) return;
    ++mark_;
    string_mark_.resize(numbers_.strings().size(), 0);
    for (const std::uint64_t id : values) {
        if (std::exchange(string_mark_[id], mark_) == mark_) continue;
        const std::string_view text = numbers_.strings()[static_cast<std::uint32_t>(id)];
        indexer_.add(value_hash(field.seed, attribute_value(field.key.type, {0, text})));
    }
}

void GranuleEncoder::index_texts(const PartNumbers::Field& field) {
    switch (field.key.special) {
        case Special::kNone:
            for (const std::string_view text : texts_)
                indexer_.add(value_hash(field.seed, attribute_value(field.key.type, {0, text})));
            return;
        case Special::kEvents:
        case Special::kLinks:
        case Special::kAttributes:
            for (const std::string_view bytes : texts_) indexer_.add_nested(field.key.special, bytes);
            return;
        default:
            return;
    }
}

}  // namespace skua::store::embedded
