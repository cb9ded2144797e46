// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/read/view_reader.h"

#include "store/copier.h"
#include "store/embedded/head/memory_head.h"
#include "store/embedded/read/gatherer.h"
#include "store/embedded/read/searcher.h"
#include "store/interrupt.h"
#include "store/keys.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kChunkSpans = 4096;  // of one TraceSink::take

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
    QueryMemory memory(limits_.query_bytes);
    TraceGatherer gatherer(*view_, interrupt, memory);
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
    QueryMemory memory(limits_.query_bytes);
    return search_view(*view_, request, interrupt, memory);
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
    QueryMemory memory(limits_.query_bytes);
    TraceGatherer gatherer(*view_, interrupt, memory);
    std::vector<TraceSummary> out;
    for (const model::TraceId& id : ids) {
        SKUA_RETURN_IF_ERROR(interrupt.now());
        SKUA_ASSIGN_OR_RETURN(auto summary, gatherer.summary(id));
        if (summary) out.push_back(std::move(*summary));
    }
    return out;
}

base::Result<StoreStats> ViewReader::stats(const model::RequestContext& /*context*/) const {
    StoreStats out;
    for (const HeadView& head : view_->heads) {
        for (std::size_t s = 0; s < kHeadShards; ++s) {
            out.spans += head.rows[s];
            out.traces += static_cast<const MemoryHead&>(*head.head).shard(s).traces_end();
        }
        out.spans -= std::min(out.spans, static_cast<const MemoryHead&>(*head.head).duplicates());
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
