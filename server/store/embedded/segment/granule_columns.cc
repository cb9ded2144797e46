// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/codec/bytes.h"
#include "store/embedded/segment/granule.h"

#include <algorithm>
#include <cstring>

namespace skua::store::embedded {
namespace {

std::uint64_t load_u64(std::string_view bytes, std::size_t i) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    return value;
}

}  // namespace

base::Status GranuleColumns::open() {
    SKUA_ASSIGN_OR_RETURN(const Bytes directory, segment_.read(info_.offset + info_.bytes, info_.directory_bytes,
                                                               info_.directory_crc, "a granule's directory"));
    ByteReader in(directory->text);
    std::uint64_t offset = info_.offset;
    while (in.remaining() > 0 && in.ok()) {
        const auto column = static_cast<std::uint32_t>(in.varint());
        Chunk chunk{column, offset, in.bounded(info_.bytes), in.u32()};
        offset += chunk.bytes;
        chunks_.push_back(chunk);
    }
    if (!in.ok() || offset != info_.offset + info_.bytes) return bad("a granule's directory");
    std::sort(chunks_.begin(), chunks_.end(), [](const Chunk& a, const Chunk& b) { return a.column < b.column; });
    return {};
}

base::Result<Bytes> GranuleColumns::column(std::uint32_t number) {
    const auto at = std::lower_bound(chunks_.begin(), chunks_.end(), number,
                                     [](const Chunk& c, std::uint32_t n) { return c.column < n; });
    if (at == chunks_.end() || at->column != number) return bad("a granule without a needed column");
    return segment_.read(at->offset, at->bytes, at->crc, "a column");
}

bool GranuleColumns::has_column(std::uint32_t number) const {
    const auto at = std::lower_bound(chunks_.begin(), chunks_.end(), number,
                                     [](const Chunk& c, std::uint32_t n) { return c.column < n; });
    return at != chunks_.end() && at->column == number;
}

base::Result<Bytes> GranuleColumns::span_ids() {
    SKUA_ASSIGN_OR_RETURN(Bytes ids, column(static_cast<std::uint32_t>(Column::kSpanIds)));
    if (ids->text.size() != std::size_t{info_.rows} * 8) return bad("the span ids");
    return ids;
}

base::Result<std::vector<StoredSummary>> GranuleColumns::summaries() {
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(static_cast<std::uint32_t>(Column::kSummaries)));
    std::vector<StoredSummary> out;
    if (!decode_summaries(bytes->text, info_.traces, info_.start_min_ns, out)) return bad("the summaries");
    return out;
}

base::Result<GranuleIds> read_ids(const StoredSegment& segment, const GranuleInfo& info) {
    GranuleColumns columns(segment, info);
    SKUA_RETURN_IF_ERROR(columns.open());
    GranuleIds out;
    SKUA_ASSIGN_OR_RETURN(const auto* traces, columns.traces());
    out.traces = *traces;
    SKUA_ASSIGN_OR_RETURN(const Bytes ids, columns.span_ids());
    out.span_ids.resize(info.rows);
    for (std::uint32_t i = 0; i < info.rows; ++i) out.span_ids[i] = load_u64(ids->text, i);
    return out;
}

base::Result<StoredSummary> GranuleColumns::summary(std::uint32_t number) {
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(static_cast<std::uint32_t>(Column::kSummaries)));
    StoredSummary out;
    if (!decode_summary(bytes->text, info_.traces, info_.start_min_ns, number, out)) return bad("the summaries");
    return out;
}

base::Result<const std::vector<std::uint64_t>*> GranuleColumns::ints(Column number, std::uint32_t count,
                                                                     std::vector<std::uint64_t>& out) {
    if (!out.empty() || count == 0) return &out;
    SKUA_ASSIGN_OR_RETURN(const Bytes bytes, column(static_cast<std::uint32_t>(number)));
    IntReader reader;
    if (!reader.open(bytes->text, count)) return bad("a column of numbers");
    out.resize(count);
    reader.read(0, out);
    return &out;
}

base::Result<const std::vector<GranuleColumns::TraceRun>*> GranuleColumns::traces() {
    if (!traces_.empty() || info_.traces == 0) return &traces_;
    std::vector<std::uint64_t> counts;
    SKUA_ASSIGN_OR_RETURN(const auto* each, ints(Column::kTraceRows, info_.traces, counts));
    SKUA_ASSIGN_OR_RETURN(const Bytes ids, column(static_cast<std::uint32_t>(Column::kTraceIds)));
    if (ids->text.size() != std::size_t{info_.traces} * 16) return bad("the trace ids");
    std::uint64_t first = 0;
    std::vector<TraceRun> runs;
    for (std::size_t i = 0; i < each->size(); ++i) {
        const std::uint64_t count = (*each)[i];
        if (count > info_.rows - first) return bad("the rows of traces");
        runs.push_back({{load_u64(ids->text, 2 * i), load_u64(ids->text, 2 * i + 1)},
                        static_cast<std::uint32_t>(first),
                        static_cast<std::uint32_t>(count)});
        first += count;
    }
    if (first != info_.rows) return bad("the rows of traces");
    traces_ = std::move(runs);
    return &traces_;
}

}  // namespace skua::store::embedded
