// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/searcher.h"

#include "store/embedded/head/row_reader.h"
#include "store/embedded/read/head_filter.h"
#include "store/embedded/read/matcher.h"
#include "store/embedded/read/planner.h"
#include "store/embedded/read/prefilter.h"
#include "store/embedded/read/sources.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <set>
#include <unordered_map>

namespace skua::store::embedded {
namespace {

// Of a head, asked for before they are looked at.
constexpr std::uint32_t kValuesAhead = 16;
constexpr std::uint32_t kTextsAhead = 8;

// Newest first: whatever may hold newer matches is looked at before what cannot.
class Searcher {
public:
    Searcher(const View& view, const SearchRequest& request, Interrupt& interrupt, QueryMemory& memory)
        : view_(view), request_(request), interrupt_(interrupt), memory_(memory) {}

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
            if (memory_.is_over()) return cut_short(unit.bound);
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
        std::unique_ptr<HeadFilter> filter;
        bool any = true;  // rows that the filter does not rule out
        std::unique_ptr<Matcher> matcher;
        std::unique_ptr<RowReader> reader;
    };
    struct OpenedPart {
        std::unique_ptr<SegmentSource> source;
        std::unique_ptr<Matcher> matcher;
        std::unique_ptr<Prefilter> prefilter;
    };
    struct Opened {
        std::unique_ptr<OpenSegment> segment;
        std::vector<OpenedPart> parts;
        std::size_t units = 0;    // still to be looked at
        std::uint64_t bytes = 0;  // accounted
    };
    // A trace in both tables, nodes and all.
    static constexpr std::uint64_t kBytesPerTrace = 160;

    void add_unit(std::uint64_t start_max, Unit::Kind kind, std::uint32_t owner, std::uint32_t number) {
        if (start_max >= request_.window.min_ns)
            units_.push({std::min(start_max, request_.window.max_ns), kind, owner, number});
    }

    void start() {
        for (const HeadView& head : view_.heads) {
            for (std::size_t s = 0; s < kHeadShards; ++s) {
                const HeadShard& shard = static_cast<const MemoryHead&>(*head.head).shard(s);
                const auto owner = static_cast<std::uint32_t>(shards_.size());
                shards_.push_back({&shard, head.rows[s], nullptr, nullptr, true, nullptr, nullptr});
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
        if (created) {
            memory_.add(kBytesPerTrace);
        } else {
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
            SKUA_ASSIGN_OR_RETURN(s.filter, HeadFilter::make(request_.predicate, *s.shard, leaves_));
            s.any = s.filter->any();
            SKUA_ASSIGN_OR_RETURN(s.matcher, Matcher::make(request_.predicate, *s.source, leaves_));
            s.reader = std::make_unique<RowReader>(*s.shard);
        }
        if (!s.any) return {};
        const std::uint32_t first = unit.number * kRowsOfBlock;
        for (std::uint32_t i = std::min(first + kRowsOfBlock, s.rows); i-- > first;) {
            const Row& row = s.shard->row(i);
            if (i >= first + kValuesAhead) s.shard->prefetch_values(s.shard->row(i - kValuesAhead));
            if (i >= first + kTextsAhead) s.filter->prefetch(s.shard->row(i - kTextsAhead));
            if (row.linked == 0 || !request_.window.contains(row.start_ns) || !s.filter->may_match(row)) continue;
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
            if (planner_ == nullptr) {
                SKUA_ASSIGN_OR_RETURN(planner_, Planner::make(request_.predicate->filter()));
            }
            SKUA_ASSIGN_OR_RETURN(wanted, planner_->candidates(segment, meta));
        }
        const std::size_t units = units_.size();
        for (std::uint32_t g = 0; g < granules.size(); ++g) {
            if (wanted[g] && granules[g].start_min_ns <= request_.window.max_ns)
                add_unit(granules[g].start_max_ns, Unit::kGranule, unit.owner, g);
        }
        opened->units = units_.size() - units;
        if (opened->units == 0) return {};
        opened->bytes = meta.bytes();
        memory_.add(opened->bytes);
        opened_[unit.owner] = std::move(opened);
        return {};
    }

    base::Status granule(const Unit& unit) {
        SKUA_RETURN_IF_ERROR(look_at(*opened_[unit.owner], unit));
        if (--opened_[unit.owner]->units == 0) {
            memory_.give_back(opened_[unit.owner]->bytes);
            opened_[unit.owner] = nullptr;
        }
        return {};
    }

    base::Status look_at(Opened& opened, const Unit& unit) {
        const std::size_t number = opened.segment->meta().part_of(unit.number);
        OpenedPart& o = opened.parts[number];
        if (o.matcher == nullptr) {
            SKUA_ASSIGN_OR_RETURN(const OpenSegment::OpenPart* part, opened.segment->part(number));
            opened.bytes += part->catalog->bytes();
            memory_.add(part->catalog->bytes());
            o.source = std::make_unique<SegmentSource>(*part);
            SKUA_ASSIGN_OR_RETURN(o.prefilter,
                                  Prefilter::make(request_.predicate, *part->catalog, *part->texts, leaves_));
            SKUA_ASSIGN_OR_RETURN(o.matcher, Matcher::make(request_.predicate, *o.source, leaves_));
        }
        SKUA_ASSIGN_OR_RETURN(const auto granule, opened.segment->granule(unit.number));
        SKUA_ASSIGN_OR_RETURN(const bool any, o.prefilter->run(*granule, rows_));
        if (!any) return {};
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
                if (!rows_.empty() && rows_[i] == 0) continue;
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

    // The page as far as it is certain: nothing that was not seen is newer than `bound`.
    base::Result<SearchPage> cut_short(std::uint64_t bound) {
        while (!keys_.empty() && keys_.rbegin()->start_ns <= bound) keys_.erase(std::prev(keys_.end()));
        SearchPage cut = page(false);
        // Asking again from the same place would end here again.
        if (cut.traces.empty()) return memory_.check().error();
        cut.truncated = true;
        if (!cut.next) cut.next = Cursor{view_.number, cut.traces.back()};
        return cut;
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
    QueryMemory& memory_;
    Leaves leaves_;
    std::unique_ptr<Planner> planner_;
    std::priority_queue<Unit> units_;
    std::vector<Shard> shards_;
    std::vector<std::unique_ptr<Opened>> opened_;
    std::vector<std::uint8_t> rows_;  // of the granule at hand: may match; empty: all may
    std::unordered_map<model::TraceId, std::uint64_t> newest_;
    std::set<SearchKey, std::greater<>> keys_;
};

}  // namespace

base::Result<SearchPage> search_view(const View& view, const SearchRequest& request, Interrupt& interrupt,
                                     QueryMemory& memory) {
    return Searcher(view, request, interrupt, memory).run();
}

}  // namespace skua::store::embedded
