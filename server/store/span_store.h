// SPDX-License-Identifier: Apache-2.0
// The contract of every span store. What holds for all of them is proved by store/contract.
//
// - All calls may come from any thread. They honour the context's cancel (kCancelled) and deadline
//   (kDeadlineExceeded), and see every span acknowledged before they began.
// - Spans come back as they were sent. Exact duplicates (same trace id, span id, and bytes of span, scope, resource and
//   schema URLs) come back once.
// - What a store cannot read is an error that names it, never an answer with something missing.
#pragma once

#include "base/result.h"
#include "model/ingest.h"
#include "model/request_context.h"
#include "model/span_batch.h"
#include "store/dependencies.h"
#include "store/predicate.h"
#include "store/rollup.h"
#include "store/summary.h"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store {

// Of span start times, both ends included.
struct TimeRange {
    std::uint64_t min_ns = 0;
    std::uint64_t max_ns = std::numeric_limits<std::uint64_t>::max();
    [[nodiscard]] bool contains(std::uint64_t ns) const { return min_ns <= ns && ns <= max_ns; }
};

// Takes traces in pieces. The store holds no lock while it calls.
class TraceSink {
public:
    virtual ~TraceSink() = default;
    // Never empty. Chunks of one trace follow each other, ordered by start and then span id through all of them.
    // False: enough, the read ends without an error.
    virtual bool take(const model::TraceId& id, model::SpanBatch chunk) = 0;
};

// Where a trace stands in the order of a search: newest first.
struct SearchKey {
    std::uint64_t start_ns = 0;  // start of its newest span that matches, in the window
    model::TraceId trace_id;
    friend auto operator<=>(const SearchKey&, const SearchKey&) = default;  // NOLINT(modernize-use-nullptr)
};

struct Cursor {
    std::uint64_t view = 0;  // the state of the store the page was made from
    SearchKey last;          // of that page
};

struct SearchRequest {
    TimeRange window;
    // Must hold on one and the same span of the trace, whose start is in the window.
    const Predicate* predicate = nullptr;  // null: every span; lives until the call returns
    std::size_t limit = 20;
    std::optional<Cursor> after;
};

struct SearchPage {
    std::vector<SearchKey> traces;  // descending
    std::uint64_t total = 0;        // matching traces after the cursor's page and before, over all pages
    bool total_exact = true;        // false: at least that many
    bool truncated = false;         // a budget ended the walk: `next` goes on from there
    bool data_changed = false;      // the store is not in the state the cursor was made from
    std::optional<Cursor> next;     // there is more
};

struct Operation {
    std::string name;
    std::string kind;                                                       // "server"…, "" for unspecified
    friend auto operator<=>(const Operation&, const Operation&) = default;  // NOLINT(modernize-use-nullptr)
};

struct StoreStats {
    std::uint64_t spans = 0;
    std::uint64_t traces = 0;
    std::uint64_t bytes = 0;           // held, as accounted
    std::uint64_t evicted_traces = 0;  // since the start
    std::uint64_t duplicate_spans = 0;
};

class SpanReader {
public:
    virtual ~SpanReader() = default;
    // Traces in the order of `ids` (each once); absent ones are skipped.
    virtual base::Status traces(const model::RequestContext& context, std::span<const model::TraceId> ids,
                                TraceSink& sink) const = 0;
    virtual base::Result<SearchPage> search(const model::RequestContext& context,
                                            const SearchRequest& request) const = 0;
    // Sorted; only those with spans in the store.
    virtual base::Result<std::vector<std::string>> services(const model::RequestContext& context) const = 0;
    // Sorted; `kind` as in Operation.
    virtual base::Result<std::vector<Operation>> operations(const model::RequestContext& context,
                                                            std::string_view service,
                                                            std::optional<std::string_view> kind) const = 0;
    // In the order of `ids`; absent ones are skipped.
    virtual base::Result<std::vector<TraceSummary>> summaries(const model::RequestContext& context,
                                                              std::span<const model::TraceId> ids) const = 0;
    // Of the traces that lie wholly inside the range, sorted.
    virtual base::Result<std::vector<DependencyEdge>> dependencies(const model::RequestContext& context,
                                                                   const TimeRange& range) const = 0;
    // Of the minutes that begin in the range, by minute and key; of one service, or of all. A span sent twice may be
    // counted twice until a store has brought both together.
    virtual base::Result<std::vector<RollupCell>> rollups(const model::RequestContext& context, const TimeRange& range,
                                                          std::optional<std::string_view> service) const = 0;
    virtual base::Result<StoreStats> stats(const model::RequestContext& context) const = 0;
};

class SpanStore : public model::SpanWriter, public SpanReader {};

}  // namespace skua::store
