// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/granule.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/codec/span_codec.h"

#include <algorithm>
#include <cstring>

namespace skua::store::embedded {
namespace {

constexpr std::uint64_t kMicro = 1000;

std::uint64_t load_u64(std::string_view bytes, std::size_t i) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    return value;
}

}  // namespace

base::Result<std::string_view> SegmentTexts::text(std::uint64_t number) {
    const auto& blocks = catalog_->strings.blocks;
    const auto after = std::upper_bound(blocks.begin(), blocks.end(), number,
                                        [](std::uint64_t n, const StringBlock& b) { return n < b.first; });
    if (after == blocks.begin() || number >= catalog_->strings.count) return segment_.corrupt(0, 0, "a text's number");
    const auto index = static_cast<std::size_t>(after - blocks.begin()) - 1;
    auto& block = blocks_[index];
    if (block == nullptr) {
        SKUA_ASSIGN_OR_RETURN(block, segment_.text_block(part_, catalog_->strings, index));
    }
    return block->texts[static_cast<std::size_t>(number - block->first)];
}

base::Result<std::unique_ptr<Granule>> Granule::open(const StoredSegment& segment, const SegmentMeta& meta,
                                                     const Catalog& catalog, SegmentTexts& texts,
                                                     std::uint32_t number) {
    if (number >= meta.granules.size()) return segment.corrupt(0, 0, "a granule's number");
    std::unique_ptr<Granule> granule(new Granule(segment, catalog, texts, meta.granules[number]));
    SKUA_RETURN_IF_ERROR(static_cast<GranuleColumns&>(*granule).open());
    return granule;
}

base::Result<bool> Granule::field_may_contain(std::uint32_t field, std::string_view needle) {
    if (catalog_.fields[field].storage() != Storage::kText) return true;
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(kColumnFields + field));
    if (bytes->text.empty()) return bad("the values of a field");
    if (bytes->text[0] == static_cast<char>(TextMode::kDictionary)) return true;
    return texts_may_contain(std::string_view(bytes->text).substr(1), needle);
}

base::Status Granule::each_value(std::uint32_t field,
                                 const std::function<base::Result<bool>(std::uint32_t, std::uint64_t)>& matches,
                                 const std::function<bool(std::string_view)>& text_matches,
                                 std::vector<std::uint8_t>& flags) {
    SKUA_ASSIGN_OR_RETURN(FieldColumn * values, field_column(field));
    const FieldKey& key = catalog_.fields[field];
    const bool raw = key.storage() == Storage::kText && !values->dictionary;
    const bool zigzagged = key.type == model::ValueType::kInt && key.special == Special::kNone;
    std::vector<std::uint64_t> numbers(raw ? 0 : values->count);
    if (!raw) values->ints.read(0, numbers);
    constexpr std::uint8_t kUnset = 255;
    std::vector<std::uint8_t> values_of(catalog_.shapes.size(), kUnset);  // those of more are looked at one by one
    std::size_t at = 0;
    for (std::uint32_t row = 0; row < info_.rows; ++row) {
        std::uint8_t& known = values_of[static_cast<std::size_t>(shapes_[row])];
        std::size_t count = known;
        if (known == kUnset) {
            count = values_of_shape(static_cast<std::uint32_t>(shapes_[row]), field);
            if (count < kUnset) known = static_cast<std::uint8_t>(count);
        }
        for (const std::size_t end = at + count; at < end; ++at) {
            if (raw) {
                if (text_matches(values->texts.at(at, scratch_))) flags[row] = 1;
                continue;
            }
            const std::uint64_t number = zigzagged ? static_cast<std::uint64_t>(unzigzag(numbers[at])) : numbers[at];
            SKUA_ASSIGN_OR_RETURN(const bool yes, matches(row, number));
            if (yes) flags[row] = 1;
        }
    }
    return {};
}

base::Status Granule::skeletons(const TraceRun& run, std::vector<model::Span>& out) {
    SKUA_ASSIGN_OR_RETURN(const auto* row_shapes, shapes());
    SKUA_ASSIGN_OR_RETURN(const auto* row_resources, resources());
    SKUA_ASSIGN_OR_RETURN(const auto* row_starts, starts());
    SKUA_ASSIGN_OR_RETURN(const auto* row_ends, ends());
    SKUA_RETURN_IF_ERROR(load_parents());
    for (std::uint32_t row = run.first; row < run.first + run.count; ++row) {
        const CatalogOperation& operation = catalog_.operations[catalog_.shapes[(*row_shapes)[row]].operation];
        model::Span& span = out.emplace_back();
        span.trace_id = run.id;
        span.span_id = {load_u64(span_ids_->text, row)};
        span.parent_span_id = {parents_[row]};
        span.start_ns = (*row_starts)[row];
        span.end_ns = (*row_ends)[row];
        span.kind = operation.kind;
        span.resource = &catalog_.resources[(*row_resources)[row]].resource;
        span.scope = &catalog_.scopes[operation.scope];
    }
    return {};
}

base::Result<const std::vector<std::uint64_t>*> Granule::shapes() {
    const bool loaded = !shapes_.empty();
    SKUA_ASSIGN_OR_RETURN(const auto* out, ints(Column::kShapes, info_.rows, shapes_));
    if (!loaded &&
        std::any_of(out->begin(), out->end(), [&](std::uint64_t s) { return s >= catalog_.shapes.size(); })) {
        shapes_.clear();
        return bad("the shapes of rows");
    }
    return out;
}

base::Result<const std::vector<std::uint64_t>*> Granule::resources() {
    const bool loaded = !resources_.empty();
    SKUA_ASSIGN_OR_RETURN(const auto* out, ints(Column::kResources, info_.rows, resources_));
    if (!loaded &&
        std::any_of(out->begin(), out->end(), [&](std::uint64_t r) { return r >= catalog_.resources.size(); })) {
        resources_.clear();
        return bad("the resources of rows");
    }
    return out;
}

base::Result<const std::vector<std::uint64_t>*> Granule::starts() {
    if (!starts_.empty()) return &starts_;
    SKUA_ASSIGN_OR_RETURN(const auto* runs, traces());
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(static_cast<std::uint32_t>(Column::kStarts)));
    IntReader reader;
    if (bytes->text.empty() || !reader.open(std::string_view(bytes->text).substr(1), info_.rows))
        return bad("the start times");
    std::vector<std::uint64_t> out(info_.rows);
    reader.read(0, out);
    if (bytes->text[0] == static_cast<char>(TimeMode::kDeltas)) {
        std::uint64_t trace_start = info_.start_min_ns;
        for (const TraceRun& run : *runs) {
            std::uint64_t before = trace_start;
            for (std::uint32_t i = run.first; i < run.first + run.count; ++i) {
                const std::uint64_t code = out[i];
                out[i] = (code & 1) != 0 ? (before / kMicro + (code >> 1)) * kMicro : before + (code >> 1);
                before = out[i];
            }
            if (run.count > 0) trace_start = out[run.first];
        }
    }
    starts_ = std::move(out);
    return &starts_;
}

base::Result<const std::vector<std::uint64_t>*> Granule::ends() {
    if (!ends_.empty()) return &ends_;
    SKUA_ASSIGN_OR_RETURN(const auto* begin, starts());
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(static_cast<std::uint32_t>(Column::kDurations)));
    IntReader reader;
    if (bytes->text.empty() || !reader.open(std::string_view(bytes->text).substr(1), info_.rows))
        return bad("the durations");
    std::vector<std::uint64_t> out(info_.rows);
    reader.read(0, out);
    const bool deltas = bytes->text[0] == static_cast<char>(TimeMode::kDeltas);
    for (std::uint32_t i = 0; i < info_.rows; ++i) {
        const std::uint64_t code = out[i];
        const std::uint64_t duration = !deltas ? code : (code & 1) != 0 ? (code >> 1) * kMicro : code >> 1;
        out[i] = (*begin)[i] + duration;
    }
    ends_ = std::move(out);
    return &ends_;
}

base::Status Granule::load_parents() {
    if (!parents_.empty()) return {};
    SKUA_ASSIGN_OR_RETURN(span_ids_, span_ids());
    std::vector<std::uint64_t> codes;
    SKUA_ASSIGN_OR_RETURN(const auto* each, ints(Column::kParents, info_.rows, codes));
    Bytes far;
    std::size_t next = 0;
    std::vector<std::uint64_t> out(info_.rows);
    for (std::uint32_t i = 0; i < info_.rows; ++i) {
        const std::uint64_t code = (*each)[i];
        if (code == kParentNone) continue;
        if (code == kParentFar) {
            if (far == nullptr) {
                SKUA_ASSIGN_OR_RETURN(far, column(static_cast<std::uint32_t>(Column::kFarParents)));
            }
            if ((next + 1) * 8 > far->text.size()) return bad("the far parents");
            out[i] = load_u64(far->text, next++);
            continue;
        }
        const std::int64_t at = static_cast<std::int64_t>(i) - unzigzag(code - kParentNear);
        if (at < 0 || at >= static_cast<std::int64_t>(info_.rows)) return bad("the parents");
        out[i] = load_u64(span_ids_->text, static_cast<std::size_t>(at));
    }
    parents_ = std::move(out);
    return {};
}

std::size_t Granule::values_of_shape(std::uint32_t shape, std::uint32_t field) const {
    std::size_t count = 0;
    for (const ShapeField& f : catalog_.shapes[shape].fields) count += f.varies && f.field == field ? 1 : 0;
    return count;
}

// Adds to `counts`, by field, the values that the rows [first, end) have.
void Granule::count_values(std::uint32_t first, std::uint32_t end, std::vector<std::uint32_t>& counts) const {
    constexpr std::uint32_t kFew = 64;
    const auto add = [&](std::uint64_t shape, std::uint32_t rows) {
        for (const ShapeField& f : catalog_.shapes[static_cast<std::size_t>(shape)].fields)
            counts[f.field] += f.varies ? rows : 0;
    };
    if (end - first <= kFew) {
        for (std::uint32_t i = first; i < end; ++i) add(shapes_[i], 1);
        return;
    }
    // Each shape once: they are fewer than the rows.
    std::vector<std::uint32_t> rows(catalog_.shapes.size(), 0);
    std::vector<std::uint32_t> met;
    for (std::uint32_t i = first; i < end; ++i) {
        if (rows[static_cast<std::size_t>(shapes_[i])]++ == 0) met.push_back(static_cast<std::uint32_t>(shapes_[i]));
    }
    for (const std::uint32_t shape : met) add(shape, rows[shape]);
}

// Goes to a row: ranks_ are how many values each field has before it.
void Granule::seek(std::uint32_t row) {
    if (ranks_.empty() || row < ranks_row_) {
        ranks_.assign(catalog_.fields.size(), 0);
        ranks_row_ = 0;
    }
    count_values(ranks_row_, row, ranks_);
    ranks_row_ = row;
}

base::Result<Granule::FieldColumn*> Granule::field_column(std::uint32_t field) {
    auto& slot = fields_[field];
    if (slot != nullptr) return slot.get();
    SKUA_ASSIGN_OR_RETURN(const auto* rows, shapes());
    if (totals_.empty()) {
        totals_.assign(catalog_.fields.size(), 0);
        count_values(0, static_cast<std::uint32_t>(rows->size()), totals_);
    }
    auto made = std::make_unique<FieldColumn>();
    made->count = totals_[field];
    SKUA_ASSIGN_OR_RETURN(made->bytes, column(kColumnFields + field));
    std::string_view chunk = made->bytes->text;
    bool ok = true;
    if (catalog_.fields[field].storage() == Storage::kText) {
        ok = !chunk.empty();
        made->dictionary = ok && chunk[0] == static_cast<char>(TextMode::kDictionary);
        chunk.remove_prefix(ok ? 1 : 0);
        ok = ok && (made->dictionary ? made->ints.open(chunk, made->count) : made->texts.open(chunk, made->count));
    } else {
        ok = made->ints.open(chunk, made->count);
    }
    if (!ok) return bad("the values of a field");
    slot = std::move(made);
    return slot.get();
}

base::Result<FieldValue> Granule::value(std::uint32_t row, std::size_t field_index) {
    const Shape& shape = catalog_.shapes[shapes_[row]];
    const ShapeField& f = shape.fields[field_index];
    const FieldKey& key = catalog_.fields[f.field];
    const Storage storage = key.storage();
    if (storage == Storage::kNothing) return FieldValue{};
    std::uint64_t number = f.constant;
    if (f.varies) {
        SKUA_ASSIGN_OR_RETURN(FieldColumn * column, field_column(f.field));
        if (row != ranks_row_ || ranks_.empty()) seek(row);
        std::size_t at = ranks_[f.field];
        for (std::size_t i = 0; i < field_index; ++i)
            at += shape.fields[i].varies && shape.fields[i].field == f.field ? 1 : 0;
        if (storage == Storage::kText && !column->dictionary) return FieldValue{0, column->texts.at(at, scratch_)};
        number = column->ints.at(at);
        if (key.type == model::ValueType::kInt && key.special == Special::kNone)
            number = static_cast<std::uint64_t>(unzigzag(number));
    }
    if (storage != Storage::kText) return FieldValue{number, {}};
    SKUA_ASSIGN_OR_RETURN(const std::string_view text, texts_.text(number));
    return FieldValue{0, text};
}

base::Result<model::Span> Granule::span(std::uint32_t row, model::SpanBatch& into) {
    SKUA_ASSIGN_OR_RETURN(const auto* runs, traces());
    SKUA_ASSIGN_OR_RETURN(const auto* row_shapes, shapes());
    SKUA_ASSIGN_OR_RETURN(const auto* row_resources, resources());
    SKUA_ASSIGN_OR_RETURN(const auto* row_starts, starts());
    SKUA_ASSIGN_OR_RETURN(const auto* row_ends, ends());
    SKUA_RETURN_IF_ERROR(load_parents());
    const auto run = std::upper_bound(runs->begin(), runs->end(), row,
                                      [](std::uint32_t r, const TraceRun& t) { return r < t.first; }) -
                     1;
    const Shape& shape = catalog_.shapes[(*row_shapes)[row]];
    const CatalogOperation& operation = catalog_.operations[shape.operation];
    model::Span span;
    span.trace_id = run->id;
    span.span_id = {load_u64(span_ids_->text, row)};
    span.parent_span_id = {parents_[row]};
    span.start_ns = (*row_starts)[row];
    span.end_ns = (*row_ends)[row];
    span.name = operation.name;
    span.kind = operation.kind;
    span.status_code = operation.status;
    span.scope = &catalog_.scopes[operation.scope];
    span.resource = &catalog_.resources[(*row_resources)[row]].resource;
    const std::span<model::Attribute> attributes = into.allocate<model::Attribute>(shape.attributes);
    std::size_t attribute = 0;
    model::Attribute ignored;
    for (std::size_t i = 0; i < shape.fields.size(); ++i) {
        const FieldKey& key = catalog_.fields[shape.fields[i].field];
        SKUA_ASSIGN_OR_RETURN(FieldValue value, this->value(row, i));
        // Texts of columns live in this granule, or are built anew for each row.
        if (!value.text.empty()) value.text = into.copy(value.text);
        const bool special = key.special != Special::kNone;
        put_value(key, value, span, special ? ignored : attributes[attribute++]);
        bool ok = true;
        if (key.special == Special::kEvents) ok = decode_events(value.text, into, span.events);
        if (key.special == Special::kLinks) ok = decode_links(value.text, into, span.links);
        if (key.special == Special::kAttributes) ok = decode_attributes(value.text, into, span.attributes);
        if (!ok) return bad("events, links or attributes");
    }
    if (!attributes.empty()) span.attributes = attributes;
    return span;
}

}  // namespace skua::store::embedded
