// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/view_reader.h"

#include "store/copier.h"
#include "store/duplicates.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/head/row_reader.h"
#include "store/embedded/read/matcher.h"
#include "store/embedded/read/planner.h"
#include "store/embedded/segment/granule.h"
#include "store/interrupt.h"
#include "store/keys.h"

#include <algorithm>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kChunkSpans = 4096;  // of one TraceSink::take

class HeadSource final : public RowSource {
public:
    explicit HeadSource(const HeadShard& shard) : shard_(shard) {}
    const Shape& shape(std::uint32_t n) const override { return shard_.shape(n); }
    const FieldKey& field(std::uint32_t n) const override { return shard_.field(n).key; }
    model::Span operation(std::uint32_t n) const override {
        const embedded::Operation& key = shard_.operation(n).key;
        model::Span span;
        span.name = shard_.text(key.name);
        span.kind = key.kind;
        span.status_code = key.status;
        span.scope = &shard_.scope(key.scope).scope;
        return span;
    }
    const model::Resource& resource(std::uint32_t n) const override { return shard_.resource(n).resource; }
    base::Result<FieldValue> constant(const FieldKey& key, std::uint64_t value) override {
        if (key.storage() == Storage::kText) return FieldValue{0, shard_.text(static_cast<std::uint32_t>(value))};
        return FieldValue{value, {}};
    }
    base::Result<FieldValue> value(std::uint32_t row, const Shape& shape, std::size_t i) override {
        return shard_.value(shard_.row(row), shape.fields[i]);
    }

private:
    const HeadShard& shard_;
};

// A segment as one query uses it.
class OpenSegment {
public:
    static base::Result<std::unique_ptr<OpenSegment>> open(const Segment& from) {
        auto out = std::make_unique<OpenSegment>();
        out->segment_ = static_cast<const StoredSegment*>(&from);
        SKUA_ASSIGN_OR_RETURN(out->meta_, out->segment_->meta());
        out->parts_.resize(out->meta_->footer.parts.size());
        return out;
    }
    [[nodiscard]] const StoredSegment& segment() const { return *segment_; }
    [[nodiscard]] const SegmentMeta& meta() const { return *meta_; }
    struct OpenPart {
        std::shared_ptr<const Catalog> catalog;
        std::unique_ptr<SegmentTexts> texts;
    };
    base::Result<OpenPart*> part(std::size_t number) {
        OpenPart& part = parts_[number];
        if (part.catalog == nullptr) {
            SKUA_ASSIGN_OR_RETURN(part.catalog, segment_->catalog(*meta_, number));
            part.texts = std::make_unique<SegmentTexts>(*segment_, meta_->footer.parts[number], part.catalog);
        }
        return &part;
    }
    base::Result<std::unique_ptr<Granule>> granule(std::uint32_t number) {
        if (number >= meta_->granules.size()) return segment_->corrupt(0, 0, "a granule's number");
        SKUA_ASSIGN_OR_RETURN(OpenPart * of, part(meta_->part_of(number)));
        return Granule::open(*segment_, *meta_, *of->catalog, *of->texts, number);
    }

private:
    const StoredSegment* segment_ = nullptr;
    std::shared_ptr<const SegmentMeta> meta_;
    std::vector<OpenPart> parts_;
};

class SegmentSource final : public RowSource {
public:
    explicit SegmentSource(const OpenSegment::OpenPart& part) : catalog_(*part.catalog), texts_(*part.texts) {}
    void enter(Granule* granule) { granule_ = granule; }
    const Shape& shape(std::uint32_t n) const override { return catalog_.shapes[n]; }
    const FieldKey& field(std::uint32_t n) const override { return catalog_.fields[n]; }
    model::Span operation(std::uint32_t n) const override {
        const CatalogOperation& operation = catalog_.operations[n];
        model::Span span;
        span.name = operation.name;
        span.kind = operation.kind;
        span.status_code = operation.status;
        span.scope = &catalog_.scopes[operation.scope];
        return span;
    }
    const model::Resource& resource(std::uint32_t n) const override { return catalog_.resources[n].resource; }
    base::Result<FieldValue> constant(const FieldKey& key, std::uint64_t value) override {
        if (key.storage() != Storage::kText) return FieldValue{value, {}};
        SKUA_ASSIGN_OR_RETURN(const std::string_view text, texts_.text(value));
        return FieldValue{0, text};
    }
    base::Result<FieldValue> value(std::uint32_t row, const Shape&, std::size_t i) override {
        return granule_->value(row, i);
    }

private:
    const Catalog& catalog_;
    SegmentTexts& texts_;
    Granule* granule_ = nullptr;
};

// All spans of a trace, wherever they are: ordered, exact duplicates once. Spans point into it.
class TraceGatherer {
public:
    TraceGatherer(const View& view, Interrupt& interrupt) : view_(view), interrupt_(interrupt) {}

    base::Result<std::vector<const model::Span*>> gather(const model::TraceId& id) {
        objects_ = std::make_unique<model::SpanBatch>();
        copies_ = std::make_unique<model::SpanBatch>();
        spans_.clear();
        for (const HeadView& head : view_.heads) {
            for (std::size_t s = 0; s < kHeadShards; ++s) {
                SKUA_RETURN_IF_ERROR(from_head(static_cast<const MemoryHead&>(*head.head).shard(s), head.rows[s], id));
            }
        }
        for (const auto& segment : *view_.segments) SKUA_RETURN_IF_ERROR(from_segment(*segment, id));
        std::vector<const model::Span*> all;
        all.reserve(spans_.size() + copies_->spans().size());
        for (const model::Span& span : copies_->spans()) all.push_back(&span);
        for (const model::Span& span : spans_) all.push_back(&span);
        std::stable_sort(all.begin(), all.end(), [](const model::Span* a, const model::Span* b) {
            return a->start_ns != b->start_ns ? a->start_ns < b->start_ns : a->span_id < b->span_id;
        });
        std::vector<const model::Span*> out;
        std::unordered_multimap<std::uint64_t, const model::Span*> seen;
        for (const model::Span* span : all) {
            const std::uint64_t hash = content_hash(*span);
            const auto [first, last] = seen.equal_range(hash);
            if (std::any_of(first, last, [&](const auto& other) { return same_content(*other.second, *span); }))
                continue;
            seen.emplace(hash, span);
            out.push_back(span);
        }
        return out;
    }

private:
    base::Status from_head(const HeadShard& shard, std::uint32_t rows, const model::TraceId& id) {
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
            copies_->append(span, span.resource, span.scope);
        }
        return {};
    }

    base::Status from_segment(const Segment& from, const model::TraceId& id) {
        const auto& segment = static_cast<const StoredSegment&>(from);
        SKUA_ASSIGN_OR_RETURN(const auto meta, segment.meta());
        SKUA_ASSIGN_OR_RETURN(const auto places, segment.find_trace(*meta, id));
        if (places.empty()) return {};
        auto& open = open_[&from];
        if (open == nullptr) {
            SKUA_ASSIGN_OR_RETURN(open, OpenSegment::open(from));
        }
        for (const std::uint32_t place : places) {
            SKUA_ASSIGN_OR_RETURN(const auto granule, open->granule(place >> 12));
            SKUA_ASSIGN_OR_RETURN(const auto* runs, granule->traces());
            if ((place & 4095) >= runs->size()) return segment.corrupt(0, 0, "a place of a trace");
            const Granule::TraceRun& run = (*runs)[place & 4095];
            if (run.id != id) continue;  // another of the same fingerprint
            for (std::uint32_t row = run.first; row < run.first + run.count; ++row) {
                SKUA_RETURN_IF_ERROR(interrupt_.step());
                SKUA_ASSIGN_OR_RETURN(model::Span span, granule->span(row, *objects_));
                spans_.push_back(span);
            }
        }
        return {};
    }

    const View& view_;
    Interrupt& interrupt_;
    std::unordered_map<const Segment*, std::unique_ptr<OpenSegment>> open_;
    std::unique_ptr<model::SpanBatch> objects_;
    std::unique_ptr<model::SpanBatch> copies_;
    std::vector<model::Span> spans_;
};

// Newest first: whatever may hold newer matches is looked at before what cannot.
class Searcher {
public:
    Searcher(const View& view, const SearchRequest& request, Interrupt& interrupt)
        : view_(view), request_(request), interrupt_(interrupt) {}

    base::Result<SearchPage> run() {
        SKUA_RETURN_IF_ERROR(interrupt_.now());
        start();
        bool finished = true;
        while (!units_.empty()) {
            if (enough(units_.top().bound)) {
                finished = false;
                break;
            }
            const Unit unit = units_.top();
            units_.pop();
            SKUA_RETURN_IF_ERROR(interrupt_.now());
            switch (unit.kind) {
                case Unit::kBlock:
                    SKUA_RETURN_IF_ERROR(block(unit));
                    break;
                case Unit::kSegment:
                    SKUA_RETURN_IF_ERROR(segment(unit));
                    break;
                case Unit::kGranule:
                    SKUA_RETURN_IF_ERROR(granule(unit));
                    break;
            }
        }
        return page(finished);
    }

private:
    struct Unit {
        enum Kind : std::uint8_t { kBlock, kSegment, kGranule };
        std::uint64_t bound = 0;
        Kind kind = kBlock;
        std::uint32_t owner = 0;  // in shards_ or the view's segments
        std::uint32_t number = 0;
        friend bool operator<(const Unit& a, const Unit& b) { return a.bound < b.bound; }
    };
    struct Shard {
        const HeadShard* shard = nullptr;
        std::uint32_t rows = 0;
        std::unique_ptr<HeadSource> source;
        std::unique_ptr<Matcher> matcher;
        std::unique_ptr<RowReader> reader;
    };
    struct OpenedPart {
        std::unique_ptr<SegmentSource> source;
        std::unique_ptr<Matcher> matcher;
    };
    struct Opened {
        std::unique_ptr<OpenSegment> segment;
        std::vector<OpenedPart> parts;
    };

    void add_unit(std::uint64_t start_max, Unit::Kind kind, std::uint32_t owner, std::uint32_t number) {
        if (start_max >= request_.window.min_ns)
            units_.push({std::min(start_max, request_.window.max_ns), kind, owner, number});
    }

    void start() {
        for (const HeadView& head : view_.heads) {
            for (std::size_t s = 0; s < kHeadShards; ++s) {
                const HeadShard& shard = static_cast<const MemoryHead&>(*head.head).shard(s);
                const auto owner = static_cast<std::uint32_t>(shards_.size());
                shards_.push_back({&shard, head.rows[s], nullptr, nullptr, nullptr});
                for (std::uint32_t b = 0; b * kRowsOfBlock < head.rows[s]; ++b) {
                    // A block of which no row was accepted has no entry yet.
                    if (b < shard.blocks_end()) add_unit(shard.block_start_max(b), Unit::kBlock, owner, b);
                }
            }
        }
        opened_.resize(view_.segments->size());
        for (std::uint32_t i = 0; i < view_.segments->size(); ++i) {
            const SegmentEntry& entry = (*view_.segments)[i]->entry();
            if (entry.start_min_ns <= request_.window.max_ns) add_unit(entry.start_max_ns, Unit::kSegment, i, 0);
        }
    }

    // Is the page, and one trace more, certain to be newer than anything not seen?
    [[nodiscard]] bool enough(std::uint64_t bound) const {
        auto at = request_.after ? keys_.upper_bound(request_.after->last) : keys_.begin();
        for (std::size_t i = 0; i < request_.limit && at != keys_.end(); ++i) ++at;
        return at != keys_.end() && at->start_ns > bound;
    }

    void found(const model::TraceId& id, std::uint64_t start) {
        const auto [at, created] = newest_.try_emplace(id, start);
        if (!created) {
            if (at->second >= start) return;
            keys_.erase({at->second, id});
            at->second = start;
        }
        keys_.insert({start, id});
    }
    // A trace that is known by a newer span already needs no look at older ones.
    [[nodiscard]] bool known(const model::TraceId& id, std::uint64_t start) const {
        const auto at = newest_.find(id);
        return at != newest_.end() && at->second >= start;
    }

    base::Status block(const Unit& unit) {
        Shard& s = shards_[unit.owner];
        if (s.matcher == nullptr) {
            s.source = std::make_unique<HeadSource>(*s.shard);
            SKUA_ASSIGN_OR_RETURN(s.matcher, Matcher::make(request_.predicate, *s.source));
            s.reader = std::make_unique<RowReader>(*s.shard);
        }
        const std::uint32_t first = unit.number * kRowsOfBlock;
        for (std::uint32_t i = std::min(first + kRowsOfBlock, s.rows); i-- > first;) {
            const Row& row = s.shard->row(i);
            if (row.linked == 0 || !request_.window.contains(row.start_ns)) continue;
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            SKUA_ASSIGN_OR_RETURN(Verdict verdict,
                                  s.matcher->row({i, row.shape, row.resource, row.start_ns, row.end_ns}));
            if (verdict == Verdict::kNo) continue;
            const TraceSlot& trace = s.shard->trace(row.trace);
            const model::TraceId id{trace.high, trace.low};
            if (known(id, row.start_ns)) continue;
            if (verdict == Verdict::kMaybe && !request_.predicate->matches(s.reader->read(i))) continue;
            found(id, row.start_ns);
        }
        return {};
    }

    base::Status segment(const Unit& unit) {
        auto opened = std::make_unique<Opened>();
        SKUA_ASSIGN_OR_RETURN(opened->segment, OpenSegment::open(*(*view_.segments)[unit.owner]));
        const StoredSegment& segment = opened->segment->segment();
        const SegmentMeta& meta = opened->segment->meta();
        opened->parts.resize(meta.footer.parts.size());
        const auto& granules = meta.granules;
        std::vector<bool> wanted(granules.size(), true);
        if (request_.predicate != nullptr) {
            SKUA_ASSIGN_OR_RETURN(const auto directory, segment.directory(meta));
            SKUA_ASSIGN_OR_RETURN(wanted, candidate_granules(segment, meta, *directory, request_.predicate->filter()));
        }
        for (std::uint32_t g = 0; g < granules.size(); ++g) {
            if (wanted[g] && granules[g].start_min_ns <= request_.window.max_ns)
                add_unit(granules[g].start_max_ns, Unit::kGranule, unit.owner, g);
        }
        opened_[unit.owner] = std::move(opened);
        return {};
    }

    base::Status granule(const Unit& unit) {
        Opened& opened = *opened_[unit.owner];
        const std::size_t number = opened.segment->meta().part_of(unit.number);
        OpenedPart& o = opened.parts[number];
        if (o.matcher == nullptr) {
            SKUA_ASSIGN_OR_RETURN(const OpenSegment::OpenPart* part, opened.segment->part(number));
            o.source = std::make_unique<SegmentSource>(*part);
            SKUA_ASSIGN_OR_RETURN(o.matcher, Matcher::make(request_.predicate, *o.source));
        }
        SKUA_ASSIGN_OR_RETURN(const auto granule, opened.segment->granule(unit.number));
        o.source->enter(granule.get());
        SKUA_ASSIGN_OR_RETURN(const auto* runs, granule->traces());
        SKUA_ASSIGN_OR_RETURN(const auto* shapes, granule->shapes());
        SKUA_ASSIGN_OR_RETURN(const auto* resources, granule->resources());
        SKUA_ASSIGN_OR_RETURN(const auto* starts, granule->starts());
        const std::vector<std::uint64_t>* ends = nullptr;
        model::SpanBatch objects;
        const GranuleInfo& info = granule->info();
        for (std::uint32_t t = 0; t < runs->size(); ++t) {
            const Granule::TraceRun& run = (*runs)[t];
            if (!info.dead.empty() && info.is_dead(t)) continue;
            for (std::uint32_t i = run.first + run.count; i-- > run.first;) {  // the newest first
                const std::uint64_t start = (*starts)[i];
                if (!request_.window.contains(start)) continue;
                const auto shape = static_cast<std::uint32_t>((*shapes)[i]);
                const auto resource = static_cast<std::uint32_t>((*resources)[i]);
                SKUA_ASSIGN_OR_RETURN(Verdict verdict, o.matcher->rows_of(shape, resource));
                if (verdict == Verdict::kNo) continue;
                if (known(run.id, start)) break;
                SKUA_RETURN_IF_ERROR(interrupt_.step());
                if (verdict == Verdict::kMaybe) {
                    if (ends == nullptr) {
                        SKUA_ASSIGN_OR_RETURN(ends, granule->ends());
                    }
                    SKUA_ASSIGN_OR_RETURN(verdict, o.matcher->row({i, shape, resource, start, (*ends)[i]}));
                    if (verdict == Verdict::kNo) continue;
                }
                if (verdict == Verdict::kMaybe) {
                    SKUA_ASSIGN_OR_RETURN(const model::Span span, granule->span(i, objects));
                    if (!request_.predicate->matches(span)) continue;
                }
                found(run.id, start);
                break;
            }
        }
        return {};
    }

    SearchPage page(bool finished) {
        SearchPage page;
        page.total = keys_.size();
        page.total_exact = finished;
        page.data_changed = request_.after && request_.after->view != view_.number;
        auto at = request_.after ? keys_.upper_bound(request_.after->last) : keys_.begin();
        for (; at != keys_.end() && page.traces.size() < request_.limit; ++at) page.traces.push_back(*at);
        if (!page.traces.empty() && at != keys_.end()) page.next = Cursor{view_.number, page.traces.back()};
        return page;
    }

    const View& view_;
    const SearchRequest& request_;
    Interrupt& interrupt_;
    std::priority_queue<Unit> units_;
    std::vector<Shard> shards_;
    std::vector<std::unique_ptr<Opened>> opened_;
    std::unordered_map<model::TraceId, std::uint64_t> newest_;
    std::set<SearchKey, std::greater<>> keys_;
};

// Calls f(service, name, kind) for each operation that has spans in the view.
template <class F>
base::Status each_operation(const View& view, Interrupt& interrupt, F&& f) {
    for (const HeadView& head : view.heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            const HeadShard& shard = static_cast<const MemoryHead&>(*head.head).shard(s);
            for (std::uint32_t i = 0; i < shard.operations_end(); ++i) {
                SKUA_RETURN_IF_ERROR(interrupt.step());
                std::uint32_t row = shard.newest_of_operation(i);
                while (row != kNoRow && row >= head.rows[s]) row = shard.row(row).older_in_operation;
                if (row == kNoRow) continue;
                const embedded::Operation& key = shard.operation(i).key;
                f(shard.text(key.service), shard.text(key.name), key.kind);
            }
        }
    }
    for (const auto& from : *view.segments) {
        const auto& segment = static_cast<const StoredSegment&>(*from);
        SKUA_ASSIGN_OR_RETURN(const auto meta, segment.meta());
        SKUA_ASSIGN_OR_RETURN(const auto directory, segment.directory(*meta));
        for (const auto& [operation, granules] : directory->operations)
            f(operation.service, operation.name, operation.kind);
        SKUA_RETURN_IF_ERROR(interrupt.now());
    }
    return {};
}

}  // namespace

base::Status ViewReader::traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                                TraceSink& sink) const {
    Interrupt interrupt(context, clock_);
    TraceGatherer gatherer(*view_, interrupt);
    std::unordered_set<model::TraceId> seen;
    for (const model::TraceId& id : ids) {
        if (!seen.insert(id).second) continue;
        SKUA_RETURN_IF_ERROR(interrupt.now());
        SKUA_ASSIGN_OR_RETURN(const auto spans, gatherer.gather(id));
        for (std::size_t first = 0; first < spans.size(); first += kChunkSpans) {
            model::SpanBatch chunk;
            Copier copier(chunk);
            for (std::size_t i = first; i < std::min(spans.size(), first + kChunkSpans); ++i) copier.append(*spans[i]);
            SKUA_RETURN_IF_ERROR(interrupt.now());
            if (!sink.take(id, std::move(chunk))) return {};
        }
    }
    return {};
}

base::Result<SearchPage> ViewReader::search(const model::RequestContext& context, const SearchRequest& request) const {
    Interrupt interrupt(context, clock_);
    return Searcher(*view_, request, interrupt).run();
}

base::Result<std::vector<std::string>> ViewReader::services(const model::RequestContext& context) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    std::set<std::string, std::less<>> names;
    SKUA_RETURN_IF_ERROR(
        each_operation(*view_, interrupt, [&](std::string_view service, std::string_view, model::SpanKind) {
            if (!names.contains(service)) names.emplace(service);
        }));
    return std::vector<std::string>(names.begin(), names.end());
}

base::Result<std::vector<store::Operation>> ViewReader::operations(const model::RequestContext& context,
                                                                   std::string_view service,
                                                                   std::optional<std::string_view> kind) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    std::set<store::Operation> out;
    SKUA_RETURN_IF_ERROR(
        each_operation(*view_, interrupt, [&](std::string_view of, std::string_view name, model::SpanKind span_kind) {
            const std::string_view word = operation_kind(span_kind);
            if (of != service || (kind && *kind != word)) return;
            model::Span span;
            span.name = name;
            out.insert({std::string(name_key(span)), std::string(word)});
        }));
    return std::vector<store::Operation>(out.begin(), out.end());
}

base::Result<std::vector<TraceSummary>> ViewReader::summaries(const model::RequestContext& context,
                                                              std::span<const model::TraceId> ids) const {
    Interrupt interrupt(context, clock_);
    TraceGatherer gatherer(*view_, interrupt);
    std::vector<TraceSummary> out;
    for (const model::TraceId& id : ids) {
        SKUA_RETURN_IF_ERROR(interrupt.now());
        SKUA_ASSIGN_OR_RETURN(const auto spans, gatherer.gather(id));
        if (!spans.empty()) out.push_back(summarize(spans));
    }
    return out;
}

base::Result<std::vector<DependencyEdge>> ViewReader::dependencies(const model::RequestContext& context,
                                                                   const TimeRange& range) const {
    Interrupt interrupt(context, clock_);
    // Each trace with a span in the range once, then as a whole.
    SearchRequest request;
    request.window = range;
    request.limit = std::numeric_limits<std::size_t>::max();
    SKUA_ASSIGN_OR_RETURN(const SearchPage page, Searcher(*view_, request, interrupt).run());
    TraceGatherer gatherer(*view_, interrupt);
    DependencyCounter counter;
    for (const SearchKey& key : page.traces) {
        SKUA_RETURN_IF_ERROR(interrupt.now());
        SKUA_ASSIGN_OR_RETURN(const auto spans, gatherer.gather(key.trace_id));
        const bool inside = std::all_of(spans.begin(), spans.end(), [&](const model::Span* span) {
            return range.contains(span->start_ns) && range.contains(end_key(*span));
        });
        if (inside) counter.add(spans);
    }
    return counter.edges();
}

base::Result<StoreStats> ViewReader::stats(const model::RequestContext& /*context*/) const {
    StoreStats out;
    for (const HeadView& head : view_->heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            out.spans += head.rows[s];
            out.traces += static_cast<const MemoryHead&>(*head.head).shard(s).traces_end();
        }
        out.bytes += head.head->bytes();
    }
    for (const auto& segment : *view_->segments) {
        out.spans += segment->entry().rows;
        out.traces += segment->entry().traces;
        for (const SegmentFile& file : segment->entry().files) out.bytes += file.bytes;
    }
    return out;
}

}  // namespace skua::store::embedded
