// SPDX-License-Identifier: Apache-2.0
// Who calls whom, from the edges counted when segments were written.
//
// These are right for traces that lie whole in one granule. The others, traces in several places, are found by merging
// the trace indexes; what their pieces were counted with is taken away, and they are counted as wholes.
#include "store/dependencies.h"

#include "store/embedded/read/gatherer.h"
#include "store/embedded/read/view_reader.h"
#include "store/embedded/segment/granule_encoder.h"
#include "store/interrupt.h"
#include "store/keys.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace skua::store::embedded {
namespace {

class Dependencies {
public:
    Dependencies(const View& view, const TimeRange& range, Interrupt& interrupt, QueryMemory& memory)
        : view_(view), range_(range), interrupt_(interrupt), memory_(memory) {}

    base::Result<std::vector<DependencyEdge>> run() {
        SKUA_RETURN_IF_ERROR(find_scattered());
        for (std::size_t i = 0; i < view_.segments->size(); ++i) SKUA_RETURN_IF_ERROR(segment(i));
        for (const HeadView& head : view_.heads) {
            for (std::size_t s = 0; s < kHeadShards; ++s) {
                SKUA_RETURN_IF_ERROR(shard(static_cast<const MemoryHead&>(*head.head).shard(s), head.rows[s]));
            }
        }
        TraceGatherer gatherer(view_, interrupt_, memory_);
        for (const model::TraceId& id : in_order_) {
            SKUA_RETURN_IF_ERROR(interrupt_.now());
            SKUA_ASSIGN_OR_RETURN(const auto spans, gatherer.gather(id));
            if (is_inside(spans)) count(spans, 1);
        }
        std::vector<DependencyEdge> out;
        for (const auto& [pair, calls] : calls_) {
            if (calls > 0) out.push_back({pair.first, pair.second, static_cast<std::uint64_t>(calls)});
        }
        return out;
    }

private:
    struct Place {
        std::size_t source = 0;  // segments, then shards of heads
        std::uint32_t number = 0;
        std::uint32_t group = 0;
        model::TraceId id;
    };

    [[nodiscard]] bool is_inside(std::span<const model::Span* const> spans) const {
        return std::all_of(spans.begin(), spans.end(), [&](const model::Span* span) {
            return range_.contains(span->start_ns) && range_.contains(end_key(*span));
        });
    }
    void count(std::span<const model::Span* const> spans, std::int64_t sign) {
        DependencyCounter counter;
        counter.add(spans);
        for (const DependencyEdge& e : counter.edges())
            calls_[{e.parent, e.child}] += sign * static_cast<std::int64_t>(e.calls);
    }
    void count(const std::vector<model::Span>& spans, std::int64_t sign) {
        std::vector<const model::Span*> all;
        all.reserve(spans.size());
        for (const model::Span& span : spans) all.push_back(&span);
        if (sign < 0 || is_inside(all)) count(all, sign);
    }

    std::vector<const HeadShard*> shards() const {
        std::vector<const HeadShard*> out;
        for (const HeadView& head : view_.heads) {
            for (std::size_t s = 0; s < kHeadShards; ++s)
                out.push_back(&static_cast<const MemoryHead&>(*head.head).shard(s));
        }
        return out;
    }

    // Traces in more than one place, and the places in segments that they have.
    base::Status find_scattered() {
        std::vector<std::unique_ptr<HashStream>> streams;
        for (const auto& from : *view_.segments) {
            const auto& segment = static_cast<const StoredSegment&>(*from);
            SKUA_ASSIGN_OR_RETURN(const auto meta, segment.meta());
            SKUA_ASSIGN_OR_RETURN(auto stream, segment.stream(*meta, meta->traces, SectionId::kTracePages));
            streams.push_back(std::move(stream));
        }
        const std::vector<const HeadShard*> heads = shards();
        for (const HeadShard* head : heads) {
            std::vector<HashEntry> entries;
            for (std::uint32_t t = 0; t < head->traces_end(); ++t)
                entries.push_back({trace_id_hash({head->trace(t).high, head->trace(t).low}), t});
            streams.push_back(hash_stream(std::move(entries)));
        }
        MergedStream merged(std::move(streams));
        std::vector<Place> places;
        std::vector<Place> group;
        std::uint64_t hash = 0;
        std::uint32_t groups = 0;
        const auto close = [&] {
            if (group.size() > 1) {
                ++groups;
                places.insert(places.end(), group.begin(), group.end());
            }
            group.clear();
        };
        for (HashEntry entry;;) {
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            SKUA_ASSIGN_OR_RETURN(const bool more, merged.next(entry));
            if (!more) break;
            if (!group.empty() && entry.hash != hash) close();
            hash = entry.hash;
            group.push_back({merged.source(), entry.number, groups, {}});
        }
        close();
        SKUA_RETURN_IF_ERROR(read_ids(places, heads));
        std::sort(places.begin(), places.end(),
                  [](const Place& a, const Place& b) { return a.group != b.group ? a.group < b.group : a.id < b.id; });
        for (std::size_t i = 0; i + 1 < places.size(); ++i) {
            if (places[i].group == places[i + 1].group && places[i].id == places[i + 1].id)
                scattered_.insert(places[i].id);
        }
        // Neighbours one after the other: they share granules.
        std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
            return a.source != b.source ? a.source < b.source : a.number < b.number;
        });
        std::unordered_set<model::TraceId> listed;
        for (const Place& place : places) {
            if (!scattered_.contains(place.id)) continue;
            if (listed.insert(place.id).second) in_order_.push_back(place.id);
            if (place.source < view_.segments->size())
                scattered_places_[place.source][place.number >> 12].push_back(place.number & 4095);
        }
        return {};
    }

    base::Status read_ids(std::vector<Place>& places, const std::vector<const HeadShard*>& heads) {
        std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
            return a.source != b.source ? a.source < b.source : a.number < b.number;
        });
        const std::vector<GranuleColumns::TraceRun>* runs = nullptr;
        std::unique_ptr<GranuleColumns> columns;
        std::shared_ptr<const SegmentMeta> meta;
        std::size_t source = ~std::size_t{0};
        std::uint32_t granule = 0;
        for (Place& place : places) {
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            if (place.source >= view_.segments->size()) {
                const TraceSlot& slot = heads[place.source - view_.segments->size()]->trace(place.number);
                place.id = {slot.high, slot.low};
                continue;
            }
            const auto& segment = static_cast<const StoredSegment&>(*(*view_.segments)[place.source]);
            if (place.source != source || place.number >> 12 != granule) {
                columns = nullptr;
                if (place.source != source) {
                    SKUA_ASSIGN_OR_RETURN(meta, segment.meta());
                }
                source = place.source;
                granule = place.number >> 12;
                if (granule >= meta->granules.size()) return segment.corrupt(0, 0, "a place of a trace");
                columns = std::make_unique<GranuleColumns>(segment, meta->granules[granule]);
                SKUA_RETURN_IF_ERROR(columns->open());
                SKUA_ASSIGN_OR_RETURN(runs, columns->traces());
            }
            if ((place.number & 4095) >= runs->size()) return segment.corrupt(0, 0, "a place of a trace");
            place.id = (*runs)[place.number & 4095].id;
        }
        return {};
    }

    base::Status segment(std::size_t number) {
        SKUA_ASSIGN_OR_RETURN(const auto open, OpenSegment::open(*(*view_.segments)[number]));
        const SegmentMeta& meta = open->meta();
        SKUA_ASSIGN_OR_RETURN(const auto table, open->segment().edges(meta));
        const auto& scattered = scattered_places_[number];
        static const std::vector<std::uint32_t> kNone;
        for (std::uint32_t g = 0; g < meta.granules.size(); ++g) {
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            const GranuleInfo& info = meta.granules[g];
            if (info.start_max_ns < range_.min_ns || info.start_min_ns > range_.max_ns) continue;
            const auto at = scattered.find(g);
            const std::vector<std::uint32_t>& apart = at == scattered.end() ? kNone : at->second;
            if (info.traces == 1 && !apart.empty()) continue;  // perhaps a piece of a trace larger than a granule
            const bool whole =
                table->is_known(g) && info.start_min_ns >= range_.min_ns && range_.contains(info.end_max_ns);
            if (whole) {
                for (const Edge& e : table->edges(g)) {
                    calls_[{std::string(table->services[e.parent]), std::string(table->services[e.child])}] +=
                        static_cast<std::int64_t>(e.calls);
                }
                if (!apart.empty()) SKUA_RETURN_IF_ERROR(traces(*open, g, apart, -1));
                continue;
            }
            SKUA_RETURN_IF_ERROR(one_by_one(*open, g, apart));
        }
        return {};
    }

    // Of a granule that the range cuts: the traces inside, by their summaries.
    base::Status one_by_one(OpenSegment& open, std::uint32_t number, const std::vector<std::uint32_t>& apart) {
        const GranuleInfo& info = open.meta().granules[number];
        GranuleColumns columns(open.segment(), info);
        SKUA_RETURN_IF_ERROR(columns.open());
        SKUA_ASSIGN_OR_RETURN(const auto summaries, columns.summaries());
        std::vector<std::uint32_t> inside;
        for (std::uint32_t t = 0; t < summaries.size(); ++t) {
            if (!range_.contains(summaries[t].start_ns) || !range_.contains(summaries[t].end_ns)) continue;
            if (!info.is_dead(t) && std::find(apart.begin(), apart.end(), t) == apart.end()) inside.push_back(t);
        }
        return inside.empty() ? base::Status{} : traces(open, number, inside, 1);
    }

    base::Status traces(OpenSegment& open, std::uint32_t number, const std::vector<std::uint32_t>& which,
                        std::int64_t sign) {
        SKUA_ASSIGN_OR_RETURN(const auto granule, open.granule(number));
        SKUA_ASSIGN_OR_RETURN(const auto* runs, granule->traces());
        std::vector<model::Span> spans;
        for (const std::uint32_t t : which) {
            spans.clear();
            SKUA_RETURN_IF_ERROR(granule->skeletons((*runs)[t], spans));
            count(spans, sign);
        }
        return {};
    }

    // Traces that only this shard has. Where ids repeat, spans may have come twice: as scattered ones.
    base::Status shard(const HeadShard& shard, std::uint32_t rows) {
        std::vector<model::Span> spans;
        std::vector<std::uint64_t> ids;
        for (std::uint32_t t = 0; t < shard.traces_end(); ++t) {
            SKUA_RETURN_IF_ERROR(interrupt_.step());
            const model::TraceId id{shard.trace(t).high, shard.trace(t).low};
            if (scattered_.contains(id)) continue;
            spans.clear();
            ids.clear();
            for (std::uint32_t i = shard.newest_of_trace(t); i != kNoRow; i = shard.row(i).older_in_trace) {
                if (i >= rows) continue;
                const Row& row = shard.row(i);
                model::Span& span = spans.emplace_back();
                span.span_id = {row.span_id};
                span.parent_span_id = {row.parent_id};
                span.start_ns = row.start_ns;
                span.end_ns = row.end_ns;
                span.kind = shard.operation(shard.shape(row.shape).operation).key.kind;
                span.resource = &shard.resource(row.resource).resource;
                ids.push_back(row.span_id);
            }
            std::sort(ids.begin(), ids.end());
            if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
                if (scattered_.insert(id).second) in_order_.push_back(id);
            } else {
                count(spans, 1);
            }
        }
        return {};
    }

    const View& view_;
    const TimeRange& range_;
    Interrupt& interrupt_;
    QueryMemory& memory_;
    std::map<std::pair<std::string, std::string>, std::int64_t> calls_;
    std::unordered_set<model::TraceId> scattered_;
    std::vector<model::TraceId> in_order_;  // those of scattered_
    std::map<std::size_t, std::map<std::uint32_t, std::vector<std::uint32_t>>> scattered_places_;
};

}  // namespace

base::Result<std::vector<DependencyEdge>> ViewReader::dependencies(const model::RequestContext& context,
                                                                   const TimeRange& range) const {
    Interrupt interrupt(context, clock_);
    SKUA_RETURN_IF_ERROR(interrupt.now());
    QueryMemory memory(limits_.query_bytes);
    return Dependencies(*view_, range, interrupt, memory).run();
}

}  // namespace skua::store::embedded
