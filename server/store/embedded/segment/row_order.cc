// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/row_order.h"

#include "store/duplicates.h"
#include "store/embedded/head/row_reader.h"

#include <algorithm>
#include <array>

namespace skua::store::embedded {
namespace {

struct SortRow {
    std::uint64_t start_ns;
    std::uint64_t span_id;
    RowRef ref;
    friend bool operator<(const SortRow& a, const SortRow& b) {
        return a.start_ns != b.start_ns ? a.start_ns < b.start_ns : a.span_id < b.span_id;
    }
};

class DuplicateCheck {
public:
    explicit DuplicateCheck(const MemoryHead& head) : readers_{Pair(head), Pair(head)} {}
    bool same(RowRef a, RowRef b) {
        return same_content(readers_[0].of[a.shard].read(a.row), readers_[1].of[b.shard].read(b.row));
    }

private:
    struct Pair {
        explicit Pair(const MemoryHead& head) : of{RowReader(head.shard(0)), RowReader(head.shard(1))} {}
        std::array<RowReader, kHeadShards> of;
    };
    std::array<Pair, 2> readers_;
};

}  // namespace

RowOrder order_rows(const MemoryHead& head, const std::array<std::uint32_t, kHeadShards>& rows) {
    RowOrder out;
    // One number for a trace in both shards: the first's slots, then the second's own.
    std::vector<OrderedTrace>& traces = out.traces;
    std::array<std::vector<std::uint32_t>, kHeadShards> trace_of;
    for (std::size_t s = 0; s < kHeadShards; ++s) {
        const HeadShard& shard = head.shard(s);
        for (std::uint32_t t = 0; t < shard.traces_end(); ++t) {
            const model::TraceId id{shard.trace(t).high, shard.trace(t).low};
            std::uint32_t same = kNoRow;
            if (s > 0) same = head.shard(0).find_trace(id);
            if (same == kNoRow || same >= trace_of[0].size()) {
                same = static_cast<std::uint32_t>(traces.size());
                traces.push_back({id, ~std::uint64_t{0}, 0, 0, true});
            }
            trace_of[s].push_back(same);
        }
        for (std::uint32_t i = 0; i < rows[s]; ++i) {
            const Row& row = shard.row(i);
            if (row.linked == 0) continue;  // refused after it was staged
            OrderedTrace& trace = traces[trace_of[s][row.trace]];
            trace.start_ns = std::min(trace.start_ns, row.start_ns);
            ++trace.count;
        }
    }
    std::vector<std::uint32_t> by_start(traces.size());
    for (std::uint32_t i = 0; i < by_start.size(); ++i) by_start[i] = i;
    std::sort(by_start.begin(), by_start.end(), [&](std::uint32_t a, std::uint32_t b) {
        return traces[a].start_ns != traces[b].start_ns ? traces[a].start_ns < traces[b].start_ns
                                                        : traces[a].id < traces[b].id;
    });
    std::uint32_t total = 0;
    std::vector<std::uint32_t> next(traces.size());
    for (const std::uint32_t t : by_start) {
        traces[t].first = next[t] = total;
        total += traces[t].count;
    }
    std::vector<SortRow> sorted(total);
    for (std::uint32_t s = 0; s < kHeadShards; ++s) {
        const HeadShard& shard = head.shard(s);
        for (std::uint32_t i = 0; i < rows[s]; ++i) {
            const Row& row = shard.row(i);
            if (row.linked != 0) sorted[next[trace_of[s][row.trace]]++] = {row.start_ns, row.span_id, {i, s}};
        }
    }
    DuplicateCheck check(head);
    std::vector<OrderedTrace> ordered;
    ordered.reserve(traces.size());
    out.rows.reserve(total);
    for (const std::uint32_t t : by_start) {
        OrderedTrace trace = traces[t];
        if (trace.count == 0) continue;
        const auto first = sorted.begin() + trace.first;
        const auto last = first + trace.count;
        std::sort(first, last);
        trace.first = static_cast<std::uint32_t>(out.rows.size());
        for (auto at = first; at != last; ++at) {
            // Equal spans have equal start and id, so they stand together.
            bool seen = false;
            // More of one start and id than that are hostile; reading drops them.
            std::size_t tries = 16;
            for (auto before = at; before != first && !seen && tries > 0; --tries) {
                --before;
                if (before->start_ns != at->start_ns || before->span_id != at->span_id) break;
                seen = check.same(before->ref, at->ref);
            }
            if (seen) {
                out.duplicates.push_back(at->ref);
            } else {
                out.rows.push_back(at->ref);
            }
        }
        trace.count = static_cast<std::uint32_t>(out.rows.size()) - trace.first;
        ordered.push_back(trace);
    }
    traces = std::move(ordered);
    return out;
}

}  // namespace skua::store::embedded
