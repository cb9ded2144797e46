// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/gatherer.h"

#include "store/duplicates.h"
#include "store/embedded/head/row_reader.h"
#include "store/keys.h"

#include <algorithm>
#include <utility>

namespace skua::store::embedded {

base::Result<std::vector<const model::Span*>> TraceGatherer::gather(const model::TraceId& id) {
    objects_ = std::make_unique<model::SpanBatch>();
    copies_ = std::make_unique<model::SpanBatch>();
    spans_.clear();
    memory_.give_back(std::exchange(bytes_, 0));
    for (const HeadView& head : view_.heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            SKUA_RETURN_IF_ERROR(from_head(static_cast<const MemoryHead&>(*head.head).shard(s), head.rows[s], id));
        }
    }
    whole_ = true;
    SKUA_ASSIGN_OR_RETURN(const std::vector<Place> found, places(id));
    for (const Place& place : found) {
        SKUA_ASSIGN_OR_RETURN(Granule * from, granule(place));
        SKUA_ASSIGN_OR_RETURN(const auto* runs, from->traces());
        const Granule::TraceRun& run = (*runs)[place.trace];
        for (std::uint32_t row = run.first; row < run.first + run.count; ++row) {
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            const std::size_t copied = objects_->copied_bytes();
            SKUA_ASSIGN_OR_RETURN(model::Span span, from->span(row, *objects_));
            spans_.push_back(span);
            SKUA_RETURN_IF_ERROR(account(span, objects_->copied_bytes() - copied));
        }
    }
    std::vector<const model::Span*> all;
    all.reserve(spans_.size() + copies_->spans().size());
    for (const model::Span& span : copies_->spans()) all.push_back(&span);
    for (const model::Span& span : spans_) all.push_back(&span);
    std::stable_sort(all.begin(), all.end(), [](const model::Span* a, const model::Span* b) {
        return a->start_ns != b->start_ns ? a->start_ns < b->start_ns : a->span_id < b->span_id;
    });
    // Equal spans have equal start and id.
    std::vector<const model::Span*> out;
    std::size_t first = 0;  // in out, of those with the same start and id
    for (const model::Span* span : all) {
        if (out.empty() || out.back()->start_ns != span->start_ns || out.back()->span_id != span->span_id)
            first = out.size();
        if (std::any_of(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                        [&](const model::Span* other) { return same_content(*other, *span); }))
            continue;
        out.push_back(span);
    }
    return out;
}

base::Status TraceGatherer::account(const model::Span& span, std::size_t copied) {
    // Vectors have up to twice the room that they need; three pointers to each span are held.
    const std::uint64_t bytes = 2 * sizeof(model::Span) + 3 * sizeof(void*) + copied + span.attributes.size_bytes() +
                                span.events.size_bytes() + span.links.size_bytes();
    bytes_ += bytes;
    return memory_.take(bytes);
}

base::Status TraceGatherer::from_head(const HeadShard& shard, std::uint32_t rows, const model::TraceId& id) {
    const std::uint32_t trace = shard.find_trace(id);
    if (trace == kNoRow) return {};
    std::vector<std::uint32_t> found;
    for (std::uint32_t row = shard.newest_of_trace(trace); row != kNoRow; row = shard.row(row).older_in_trace) {
        if (row < rows) found.push_back(row);
    }
    RowReader reader(shard);
    for (auto row = found.rbegin(); row != found.rend(); ++row) {
        SKUA_RETURN_IF_ERROR(interrupt_.step());
        const model::Span& span = reader.read(*row);
        const std::size_t copied = copies_->copied_bytes();
        copies_->append(span, span.resource, span.scope);
        SKUA_RETURN_IF_ERROR(account(span, copies_->copied_bytes() - copied));
    }
    return {};
}

bool TraceGatherer::in_heads(const model::TraceId& id) const {
    for (const HeadView& head : view_.heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            const HeadShard& shard = static_cast<const MemoryHead&>(*head.head).shard(s);
            const std::uint32_t trace = shard.find_trace(id);
            if (trace == kNoRow) continue;
            std::uint32_t row = shard.newest_of_trace(trace);
            while (row != kNoRow && row >= head.rows[s]) row = shard.row(row).older_in_trace;
            if (row != kNoRow) return true;
        }
    }
    return false;
}

base::Result<OpenSegment*> TraceGatherer::open(std::size_t segment) {
    open_.resize(view_.segments->size());
    if (open_[segment] == nullptr) {
        SKUA_ASSIGN_OR_RETURN(open_[segment], OpenSegment::open(*(*view_.segments)[segment]));
    }
    return open_[segment].get();
}

base::Result<Granule*> TraceGatherer::granule(const Place& place) {
    if (last_granule_ == nullptr || last_place_.segment != place.segment || last_place_.granule != place.granule) {
        last_granule_ = nullptr;
        SKUA_ASSIGN_OR_RETURN(OpenSegment * segment, open(place.segment));
        if (whole_ && place.granule < segment->meta().granules.size())
            segment->segment().will_read(segment->meta().granules[place.granule]);
        SKUA_ASSIGN_OR_RETURN(last_granule_, segment->granule(place.granule));
        last_place_ = place;
    }
    return last_granule_.get();
}

// Where the trace truly is: what the index says, looked at.
base::Result<std::vector<TraceGatherer::Place>> TraceGatherer::places(const model::TraceId& id) {
    std::vector<Place> out;
    for (std::size_t i = 0; i < view_.segments->size(); ++i) {
        SKUA_ASSIGN_OR_RETURN(OpenSegment * opened, open(i));
        opened->segment().will_find_trace(opened->meta(), id);
    }
    for (std::size_t i = 0; i < view_.segments->size(); ++i) {
        SKUA_ASSIGN_OR_RETURN(OpenSegment * opened, open(i));
        const StoredSegment& segment = opened->segment();
        SKUA_ASSIGN_OR_RETURN(const auto found, segment.find_trace(opened->meta(), id));
        for (const std::uint32_t number : found) {
            const Place place{i, number >> 12, number & 4095};
            SKUA_ASSIGN_OR_RETURN(Granule * from, granule(place));
            SKUA_ASSIGN_OR_RETURN(const auto* runs, from->traces());
            if (place.trace >= runs->size()) return segment.corrupt(0, 0, "a place of a trace");
            if ((*runs)[place.trace].id == id) out.push_back(place);  // or another of the same fingerprint
        }
    }
    return out;
}

base::Result<std::optional<TraceSummary>> TraceGatherer::summary(const model::TraceId& id) {
    if (!in_heads(id)) {
        SKUA_ASSIGN_OR_RETURN(const std::vector<Place> found, places(id));
        if (found.empty()) return std::optional<TraceSummary>();
        if (found.size() == 1) {
            SKUA_ASSIGN_OR_RETURN(TraceSummary stored, stored_summary(found.front(), id));
            return std::optional(std::move(stored));
        }
    }
    // In pieces: parents may lie in other pieces, and spans may have come twice.
    SKUA_ASSIGN_OR_RETURN(const auto spans, gather(id));
    if (spans.empty()) return std::optional<TraceSummary>();
    return std::optional(summarize(spans));
}

base::Result<TraceSummary> TraceGatherer::stored_summary(const Place& place, const model::TraceId& id) {
    SKUA_ASSIGN_OR_RETURN(Granule * from, granule(place));
    SKUA_ASSIGN_OR_RETURN(const auto* runs, from->traces());
    SKUA_ASSIGN_OR_RETURN(const StoredSummary stored, from->summary(place.trace));
    SKUA_ASSIGN_OR_RETURN(OpenSegment * segment, open(place.segment));
    SKUA_ASSIGN_OR_RETURN(const OpenSegment::OpenPart* part, segment->part(segment->meta().part_of(place.granule)));
    const Catalog& catalog = *part->catalog;
    TraceSummary out;
    out.trace_id = id;
    out.start_ns = stored.start_ns;
    out.end_ns = stored.end_ns;
    out.spans = (*runs)[place.trace].count;
    out.errors = stored.errors;
    out.orphans = stored.orphans;
    if (stored.root > catalog.operations.size()) return segment->segment().corrupt(0, 0, "a summary");
    if (stored.root != 0) {
        const CatalogOperation& root = catalog.operations[stored.root - 1];
        model::Span named;
        named.name = root.name;
        out.root_service = root.service;
        out.root_name = name_key(named);
    }
    for (const StoredSummary::Service& service : stored.services) {
        if (service.service >= catalog.services.size()) return segment->segment().corrupt(0, 0, "a summary");
        out.services.push_back({std::string(catalog.services[service.service]), service.spans, service.errors});
    }
    std::sort(out.services.begin(), out.services.end(),
              [](const ServiceCount& a, const ServiceCount& b) { return a.name < b.name; });
    return out;
}

}  // namespace skua::store::embedded
