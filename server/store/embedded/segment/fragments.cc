// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/fragments.h"

#include "store/embedded/segment/granule.h"

#include <algorithm>
#include <span>
#include <unordered_set>

namespace skua::store::embedded {
namespace {

constexpr std::uint32_t kCopied = 0;  // until its place is known
constexpr std::size_t kSpanIdsMax = std::size_t{1} << 21;

// One place of a trace whose hash was seen in several inputs.
struct Suspect {
    std::uint32_t group = 0;  // of equal hashes
    std::uint32_t source = 0;
    std::uint32_t place = 0;
    model::TraceId id;
    std::uint32_t rows = 0;
    std::size_t ids = 0;  // first of its span ids
};

class Planner {
public:
    Planner(std::vector<MergeSource>& sources, const MergeOptions& options, const std::stop_token& stop)
        : sources_(sources), options_(options), stop_(stop) {}

    base::Status run() {
        small_parts();
        SKUA_RETURN_IF_ERROR(find_suspects());
        SKUA_RETURN_IF_ERROR(read_suspects());
        judge();
        leftovers();
        return {};
    }

private:
    void small_parts() {
        std::vector<std::pair<std::uint32_t, std::size_t>> small;
        for (std::uint32_t s = 0; s < sources_.size(); ++s) {
            MergeSource& source = sources_[s];
            source.place.assign(source.meta->granules.size(), kCopied);
            source.dead.resize(source.meta->granules.size());
            for (std::size_t p = 0; p < source.meta->footer.parts.size(); ++p) {
                std::uint64_t bytes = 0;
                each_granule(source, p, [&](std::uint32_t g) {
                    bytes += source.meta->granules[g].bytes;
                    rows_ += source.meta->granules[g].rows;
                });
                if (bytes < options_.small_part_bytes) small.emplace_back(s, p);
            }
        }
        if (small.size() < 2) return;
        for (const auto& [s, p] : small)
            each_granule(sources_[s], p, [&source = sources_[s]](std::uint32_t g) { source.place[g] = kNoGranule; });
    }

    template <class F>
    static void each_granule(const MergeSource& source, std::size_t part, F&& f) {
        const std::uint32_t first = source.meta->first_granule[part];
        for (std::uint32_t g = first; g < first + source.meta->footer.parts[part].granules; ++g) f(g);
    }

    // Places with hashes that several inputs have. What is beyond the bound stays in pieces.
    base::Status find_suspects() {
        std::vector<std::unique_ptr<HashStream>> streams;
        for (const MergeSource& source : sources_) {
            SKUA_ASSIGN_OR_RETURN(auto stream,
                                  source.segment->stream(*source.meta, source.meta->traces, SectionId::kTracePages));
            streams.push_back(std::move(stream));
        }
        MergedStream merged(std::move(streams));
        std::vector<Suspect> group;
        std::uint64_t hash = 0;
        std::uint32_t groups = 0;
        const auto close = [&] {
            const bool several = std::any_of(group.begin(), group.end(),
                                             [&](const Suspect& s) { return s.source != group.front().source; });
            if (several && suspects_.size() + group.size() <= options_.suspects_max) {
                ++groups;
                suspects_.insert(suspects_.end(), group.begin(), group.end());
            }
            group.clear();
        };
        for (HashEntry entry;;) {
            SKUA_ASSIGN_OR_RETURN(const bool more, merged.next(entry));
            if (!more) break;
            if (!group.empty() && entry.hash != hash) close();
            hash = entry.hash;
            Suspect suspect;
            suspect.group = groups;
            suspect.source = static_cast<std::uint32_t>(merged.source());
            suspect.place = entry.number;
            group.push_back(suspect);
        }
        close();
        return {};
    }

    // Their trace and span ids, granule by granule.
    base::Status read_suspects() {
        std::sort(suspects_.begin(), suspects_.end(), [](const Suspect& a, const Suspect& b) {
            return a.source != b.source ? a.source < b.source : a.place < b.place;
        });
        GranuleIds ids;
        std::uint64_t open = ~std::uint64_t{0};
        for (Suspect& suspect : suspects_) {
            const MergeSource& source = sources_[suspect.source];
            const std::uint32_t number = suspect.place >> 12;
            if (number >= source.meta->granules.size()) return source.segment->corrupt(0, 0, "a place of a trace");
            const std::uint64_t key = std::uint64_t{suspect.source} << 32 | number;
            if (open != key) {
                if (stop_.stop_requested()) return base::Error{base::Code::kCancelled, "the merge was stopped"};
                SKUA_ASSIGN_OR_RETURN(ids, read_ids(*source.segment, source.meta->granules[number]));
                open = key;
            }
            const std::uint32_t trace = suspect.place & 4095;
            if (trace >= ids.traces.size()) return source.segment->corrupt(0, 0, "a place of a trace");
            suspect.id = ids.traces[trace].id;
            suspect.rows = ids.traces[trace].count;
            suspect.ids = span_ids_.size();
            if (span_ids_.size() > kSpanIdsMax) suspect.rows = 0;  // it is not looked at
            const auto first = ids.span_ids.begin() + ids.traces[trace].first;
            span_ids_.insert(span_ids_.end(), first, first + suspect.rows);
        }
        return {};
    }

    void judge() {
        std::sort(suspects_.begin(), suspects_.end(), [](const Suspect& a, const Suspect& b) {
            return a.group != b.group ? a.group < b.group : a.id < b.id;
        });
        const std::uint64_t budget = std::min<std::uint64_t>(options_.join_rows_max, rows_ / 4 + 1024);
        std::uint64_t joined = 0;
        for (auto from = suspects_.begin(); from != suspects_.end();) {
            const auto to = std::find_if(from, suspects_.end(),
                                         [&](const Suspect& s) { return s.group != from->group || s.id != from->id; });
            std::uint64_t rows = 0;
            for (auto at = from; at != to; ++at) rows += is_copied(*at) ? at->rows : 0;
            if (rows > 0 && joined + rows <= budget && worth_it({from, to})) {
                joined += rows;
                for (auto at = from; at != to; ++at) {
                    if (is_copied(*at)) sources_[at->source].dead[at->place >> 12].push_back(at->place & 4095);
                }
            }
            from = to;
        }
        for (MergeSource& source : sources_) {
            for (auto& dead : source.dead) std::sort(dead.begin(), dead.end());
        }
    }

    [[nodiscard]] bool is_copied(const Suspect& s) const { return sources_[s.source].place[s.place >> 12] == kCopied; }

    [[nodiscard]] bool worth_it(std::span<const Suspect> fragments) const {
        std::vector<std::uint32_t> inputs;
        std::unordered_set<std::uint64_t> seen;
        std::uint64_t start_min = ~std::uint64_t{0};
        std::uint64_t start_max = 0;
        bool twice = false;
        bool some_anew = false;
        for (const Suspect& s : fragments) {
            inputs.push_back(s.source);
            const GranuleInfo& granule = sources_[s.source].meta->granules[s.place >> 12];
            start_min = std::min(start_min, granule.start_min_ns);
            start_max = std::max(start_max, granule.start_min_ns);
            some_anew = some_anew || !is_copied(s);
            for (std::size_t i = 0; i < s.rows; ++i) twice = !seen.insert(span_ids_[s.ids + i]).second || twice;
        }
        std::sort(inputs.begin(), inputs.end());
        inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
        if (inputs.size() < 2) return false;
        if (twice) return true;
        if (start_max - start_min > options_.join_span_ns) return false;
        return some_anew || inputs.size() >= options_.fragments_min;
    }

    // Granules of which less than half stays are not worth copying.
    void leftovers() {
        for (MergeSource& source : sources_) {
            for (std::uint32_t g = 0; g < source.place.size(); ++g) {
                const GranuleInfo& info = source.meta->granules[g];
                if ((info.dead.size() + source.dead[g].size()) * 2 > info.traces) source.place[g] = kNoGranule;
            }
        }
    }

    std::vector<MergeSource>& sources_;
    const MergeOptions& options_;
    const std::stop_token& stop_;
    std::uint64_t rows_ = 0;
    std::vector<Suspect> suspects_;
    std::vector<std::uint64_t> span_ids_;
};

}  // namespace

base::Status plan_merge(std::vector<MergeSource>& sources, const MergeOptions& options, const std::stop_token& stop) {
    return Planner(sources, options, stop).run();
}

}  // namespace skua::store::embedded
