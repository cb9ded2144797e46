// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/merger.h"

#include "store/dependencies.h"
#include "store/embedded/segment/fragments.h"
#include "store/embedded/segment/granule.h"

#include <algorithm>
#include <utility>

namespace skua::store::embedded {
namespace {

// Rows to be written anew: some traces of one granule, or all that are alive.
struct Piece {
    std::uint64_t start_ns = 0;
    std::uint32_t source = 0;
    std::uint32_t granule = 0;
};

// Hands rows of a granule to a head.
class GranuleDecoder final : public model::Decoder {
public:
    GranuleDecoder(Granule& granule, const Catalog& catalog, std::span<const Granule::TraceRun> runs)
        : granule_(granule), catalog_(catalog), runs_(runs) {}

    base::Result<model::DecodeCounts> decode(const model::RawBody&, model::SpanSink& sink) const override {
        SKUA_ASSIGN_OR_RETURN(const auto* shapes, granule_.shapes());
        SKUA_ASSIGN_OR_RETURN(const auto* resources, granule_.resources());
        struct Found {
            std::uint32_t resource = 0;
            std::uint32_t scope = 0;
            model::Span span;
        };
        std::vector<Found> found;
        model::SpanBatch objects;
        // In the order of the rows: going back would have the values of all rows before counted again.
        for (const Granule::TraceRun& run : runs_) {
            for (std::uint32_t row = run.first; row < run.first + run.count; ++row) {
                const Shape& shape = catalog_.shapes[(*shapes)[row]];
                SKUA_ASSIGN_OR_RETURN(const model::Span span, granule_.span(row, objects));
                found.push_back(
                    {static_cast<std::uint32_t>((*resources)[row]), catalog_.operations[shape.operation].scope, span});
            }
        }
        // A head takes resources and scopes most cheaply when they seldom change; it sorts the rows again anyway.
        std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
            return a.resource != b.resource ? a.resource < b.resource : a.scope < b.scope;
        });
        model::DecodeCounts counts;
        const Found* before = nullptr;
        for (const Found& each : found) {
            const bool other = before == nullptr || before->resource != each.resource;
            if (other) sink.resource(*each.span.resource);
            if (other || before->scope != each.scope) sink.scope(*each.span.scope);
            sink.span(each.span);
            before = &each;
            ++counts.accepted_spans;
        }
        return counts;
    }

private:
    Granule& granule_;
    const Catalog& catalog_;
    std::span<const Granule::TraceRun> runs_;
};

// Of one input, with its numbers changed to where the granules are now: map(number, put) puts the new ones.
template <class Map>
class Moved final : public HashStream {
public:
    Moved(std::unique_ptr<HashStream> from, Map map) : from_(std::move(from)), map_(std::move(map)) {}
    base::Result<bool> next(HashEntry& entry) override {
        while (at_ == numbers_.size()) {
            SKUA_ASSIGN_OR_RETURN(const bool more, from_->next(last_));
            if (!more) return false;
            numbers_.clear();
            at_ = 0;
            map_(last_.number, [&](std::uint32_t number) { numbers_.push_back(number); });
        }
        entry = {last_.hash, numbers_[at_++]};
        return true;
    }
    base::Status take_to(std::uint64_t last, std::vector<HashEntry>& out) override {
        batch_.clear();
        SKUA_RETURN_IF_ERROR(from_->take_to(last, batch_));
        for (const HashEntry& entry : batch_)
            map_(entry.number, [&](std::uint32_t number) { out.push_back({entry.hash, number}); });
        return {};
    }
    [[nodiscard]] std::uint64_t entries() const override { return from_->entries(); }
    [[nodiscard]] unsigned kept_bits() const override { return from_->kept_bits(); }

private:
    std::unique_ptr<HashStream> from_;
    Map map_;
    HashEntry last_;
    std::vector<HashEntry> batch_;
    std::vector<std::uint32_t> numbers_;
    std::size_t at_ = 0;
};

template <class Map>
std::unique_ptr<HashStream> moved(std::unique_ptr<HashStream> from, Map map) {
    return std::make_unique<Moved<Map>>(std::move(from), std::move(map));
}

// For each number in the value index of an input those in the merged one: numbers[first[n]] to numbers[first[n + 1]].
struct Runs {
    std::vector<std::uint32_t> first;
    std::vector<std::uint32_t> numbers;
};
Runs moved_runs(const MergeSource& source, unsigned shift) {
    const unsigned old_shift = source.directory->value_shift;
    Runs out;
    for (std::size_t g = 0; g < source.place.size(); ++g) {
        const std::size_t run = g >> old_shift;
        if (out.first.size() == run) out.first.push_back(static_cast<std::uint32_t>(out.numbers.size()));
        if (source.place[g] == kNoGranule) continue;
        const std::uint32_t number = source.place[g] >> shift;
        if (out.numbers.size() == out.first.back() || out.numbers.back() != number) out.numbers.push_back(number);
    }
    out.first.push_back(static_cast<std::uint32_t>(out.numbers.size()));
    return out;
}

class Merger {
public:
    Merger(const CompactInput& input, File& file, std::uint64_t id, ArenaPool& pool, const HeadLimits& limits,
           const MergeOptions& options)
        : input_(input),
          pool_(pool),
          limits_(limits),
          options_(options),
          output_(file, id, input.lineage, input.stop, nullptr) {}

    base::Result<SegmentEntry> run() {
        for (const auto& segment : input_.inputs) {
            MergeSource source;
            source.segment = static_cast<const StoredSegment*>(segment.get());
            SKUA_ASSIGN_OR_RETURN(source.meta, source.segment->meta());
            SKUA_ASSIGN_OR_RETURN(source.directory, source.segment->directory(*source.meta));
            duplicates_ += source.meta->footer.duplicates;
            sources_.push_back(std::move(source));
        }
        SKUA_RETURN_IF_ERROR(plan_merge(sources_, options_, input_.stop));
        const std::vector<Piece> pieces = pieces_in_time();
        for (MergeSource& source : sources_) {
            for (std::size_t part = 0; part < source.meta->footer.parts.size(); ++part)
                SKUA_RETURN_IF_ERROR(output_.copy_part(*source.segment, *source.meta, part, source.dead, source.place));
            SKUA_ASSIGN_OR_RETURN(const auto longest, source.segment->longest_spans(*source.meta, *source.directory));
            output_.merge_directory(*source.directory, longest.get(), source.place);
            SKUA_RETURN_IF_ERROR(merge_edges(source));
        }
        SKUA_RETURN_IF_ERROR(count_copied());
        for (const Piece& piece : pieces) SKUA_RETURN_IF_ERROR(stage(piece));
        SKUA_RETURN_IF_ERROR(close_head());
        SegmentOutput::Merged merged;
        merged.duplicates = duplicates_;
        SKUA_ASSIGN_OR_RETURN(merged.traces, trace_streams());
        SKUA_ASSIGN_OR_RETURN(merged.values, value_streams());
        SKUA_ASSIGN_OR_RETURN(merged.rollups, rollup_sources());
        return output_.finish(std::move(merged));
    }

private:
    std::vector<Piece> pieces_in_time() const {
        std::vector<Piece> pieces;
        for (std::uint32_t s = 0; s < sources_.size(); ++s) {
            const MergeSource& source = sources_[s];
            for (std::uint32_t g = 0; g < source.place.size(); ++g) {
                if (source.place[g] != kNoGranule && source.dead[g].empty()) continue;
                pieces.push_back({source.meta->granules[g].start_min_ns, s, g});
            }
        }
        std::stable_sort(pieces.begin(), pieces.end(),
                         [](const Piece& a, const Piece& b) { return a.start_ns < b.start_ns; });
        return pieces;
    }

    // Rows and traces that are alive in what was copied.
    base::Status count_copied() {
        for (const MergeSource& source : sources_) {
            for (std::uint32_t g = 0; g < source.place.size(); ++g) {
                if (source.place[g] == kNoGranule) continue;
                const GranuleInfo& info = output_.granule(source.place[g]);
                std::uint64_t rows = info.rows;
                if (!info.dead.empty()) {
                    SKUA_ASSIGN_OR_RETURN(const GranuleIds ids, read_ids(*source.segment, source.meta->granules[g]));
                    for (const std::uint32_t trace : info.dead) rows -= ids.traces[trace].count;
                }
                output_.add_counts(rows, info.traces - info.dead.size());
            }
        }
        return {};
    }

    // Of the granules of one input, in the order in which they were copied. Where traces leave, edges are counted anew.
    base::Status merge_edges(const MergeSource& source) {
        SKUA_ASSIGN_OR_RETURN(const auto table, source.segment->edges(*source.meta));
        EdgeTableWriter& to = output_.edges();
        std::vector<std::uint32_t> services;
        for (const std::string_view name : table->services) services.push_back(to.service(name));
        std::vector<Edge> edges;
        for (std::uint32_t g = 0; g < source.place.size(); ++g) {
            if (source.place[g] == kNoGranule) continue;
            if (!table->is_known(g)) {
                to.unknown_granule();
                continue;
            }
            edges.clear();
            for (const Edge& edge : table->edges(g))
                edges.push_back({services[edge.parent], services[edge.child], edge.calls});
            if (!source.dead[g].empty()) SKUA_RETURN_IF_ERROR(take_away(source, g, edges));
            to.granule(edges);
        }
        return {};
    }

    base::Status take_away(const MergeSource& source, std::uint32_t number, std::vector<Edge>& edges) {
        const std::size_t part = source.meta->part_of(number);
        SKUA_ASSIGN_OR_RETURN(const auto catalog, source.segment->catalog(*source.meta, part));
        SegmentTexts texts(*source.segment, source.meta->footer.parts[part], catalog);
        SKUA_ASSIGN_OR_RETURN(const auto granule,
                              Granule::open(*source.segment, *source.meta, *catalog, texts, number));
        SKUA_ASSIGN_OR_RETURN(const auto* runs, granule->traces());
        DependencyCounter counter;
        std::vector<model::Span> spans;
        for (const std::uint32_t trace : source.dead[number]) {
            // Pieces of traces larger than a granule were never counted, but such granules have nothing else and are
            // not copied when that leaves.
            if (source.meta->granules[number].is_dead(trace)) continue;
            spans.clear();
            SKUA_RETURN_IF_ERROR(granule->skeletons((*runs)[trace], spans));
            std::vector<const model::Span*> all;
            all.reserve(spans.size());
            for (const model::Span& span : spans) all.push_back(&span);
            counter.add(all);
        }
        for (const DependencyEdge& gone : counter.edges()) {
            const Edge of{output_.edges().service(gone.parent), output_.edges().service(gone.child), 0};
            const auto at = std::find_if(edges.begin(), edges.end(),
                                         [&](const Edge& e) { return e.parent == of.parent && e.child == of.child; });
            if (at != edges.end()) at->calls -= std::min(at->calls, gone.calls);
        }
        std::erase_if(edges, [](const Edge& e) { return e.calls == 0; });
        return {};
    }

    base::Result<std::vector<RollupMerger::Source>> rollup_sources() const {
        std::vector<RollupMerger::Source> out;
        for (const MergeSource& source : sources_) {
            SKUA_ASSIGN_OR_RETURN(auto blocks, source.segment->rollup_blocks(*source.meta));
            out.emplace_back([&source, blocks = std::move(blocks),
                              next = std::size_t{0}]() mutable -> base::Result<std::vector<RollupCell>> {
                if (next == blocks.size()) return std::vector<RollupCell>();
                return source.segment->rollup_cells(*source.meta, blocks[next++]);
            });
        }
        return out;
    }

    base::Status stage(const Piece& piece) {
        if (input_.stop.stop_requested()) return base::Error{base::Code::kCancelled, "the merge was stopped"};
        const MergeSource& source = sources_[piece.source];
        const std::size_t part = source.meta->part_of(piece.granule);
        SKUA_ASSIGN_OR_RETURN(const auto catalog, source.segment->catalog(*source.meta, part));
        SegmentTexts texts(*source.segment, source.meta->footer.parts[part], catalog);
        SKUA_ASSIGN_OR_RETURN(const auto granule,
                              Granule::open(*source.segment, *source.meta, *catalog, texts, piece.granule));
        SKUA_ASSIGN_OR_RETURN(const auto* all, granule->traces());
        const GranuleInfo& info = source.meta->granules[piece.granule];
        std::vector<Granule::TraceRun> runs;
        if (source.place[piece.granule] == kNoGranule) {
            for (std::uint32_t i = 0; i < all->size(); ++i) {
                if (!info.is_dead(i)) runs.push_back((*all)[i]);
            }
        } else {
            for (const std::uint32_t i : source.dead[piece.granule]) {
                if (!info.is_dead(i)) runs.push_back((*all)[i]);
            }
        }
        if (runs.empty()) return {};
        const GranuleDecoder decoder(*granule, *catalog, runs);
        for (int attempt = 0;; ++attempt) {
            if (head_ == nullptr) head_ = std::make_unique<MemoryHead>(pool_, limits_);
            auto rows = head_->stage(0, model::RawBody{}, decoder);
            if (rows.ok()) {
                head_->commit(0, *rows);
                break;
            }
            // A dictionary is full: go on in an empty head.
            if (rows.error().code != base::Code::kResourceExhausted || attempt > 0) return rows.error();
            SKUA_RETURN_IF_ERROR(close_head());
        }
        if (head_->bytes() >= options_.head_bytes || head_->wants_seal()) return close_head();
        return {};
    }

    base::Status close_head() {
        if (head_ == nullptr) return {};
        const RowOrder order = order_rows(*head_, {head_->shard(0).rows_end(), 0});
        if (!order.rows.empty()) SKUA_RETURN_IF_ERROR(output_.encode_part(*head_, order));
        head_.reset();
        return {};
    }

    base::Result<std::vector<std::unique_ptr<HashStream>>> trace_streams() const {
        std::vector<std::unique_ptr<HashStream>> out;
        for (const MergeSource& source : sources_) {
            SKUA_ASSIGN_OR_RETURN(auto stream,
                                  source.segment->stream(*source.meta, source.meta->traces, SectionId::kTracePages));
            out.push_back(moved(std::move(stream), [this, &source](std::uint32_t place, auto&& put) {
                const std::uint32_t granule = place >> 12;
                const std::uint32_t trace = place & 4095;
                if (granule >= source.place.size() || source.place[granule] == kNoGranule) return;
                if (output_.granule(source.place[granule]).is_dead(trace)) return;
                put(source.place[granule] << 12 | trace);
            }));
        }
        return out;
    }

    base::Result<std::vector<std::unique_ptr<HashStream>>> value_streams() const {
        std::vector<std::unique_ptr<HashStream>> out;
        for (const MergeSource& source : sources_) {
            SKUA_ASSIGN_OR_RETURN(
                auto stream, source.segment->stream(*source.meta, source.directory->values, SectionId::kValuePages));
            out.push_back(moved(std::move(stream), [runs = moved_runs(source, value_shift(output_.granules()))](
                                                       std::uint32_t run, auto&& put) {
                if (run + std::size_t{1} >= runs.first.size()) return;
                for (std::uint32_t i = runs.first[run]; i < runs.first[run + 1]; ++i) put(runs.numbers[i]);
            }));
        }
        return out;
    }

    const CompactInput& input_;
    ArenaPool& pool_;
    const HeadLimits& limits_;
    const MergeOptions& options_;
    SegmentOutput output_;
    std::vector<MergeSource> sources_;
    std::unique_ptr<MemoryHead> head_;
    std::uint64_t duplicates_ = 0;
};

}  // namespace

base::Result<SegmentEntry> merge_segments(const CompactInput& input, SegmentFiles& files, ArenaPool& pool,
                                          const HeadLimits& limits, const MergeOptions& options) {
    const std::uint64_t id = files.new_id();
    SKUA_ASSIGN_OR_RETURN(SegmentFiles::Created created, files.create(id, "seg"));
    Merger merger(input, *created.file, id, pool, limits, options);
    SKUA_ASSIGN_OR_RETURN(SegmentEntry entry, merger.run());
    entry.files.front().name = created.name;
    return entry;
}

}  // namespace skua::store::embedded
