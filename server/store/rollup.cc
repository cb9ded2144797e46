// SPDX-License-Identifier: Apache-2.0
#include "store/rollup.h"

#include "store/keys.h"

#include <algorithm>
#include <bit>

namespace skua::store {
namespace {

constexpr unsigned kLowestOctave = 10;  // about a microsecond: shorter ones share the first bucket

std::uint64_t minus(std::uint64_t a, std::uint64_t b) {
    return a > b ? a - b : 0;
}

template <class F>
void combine(std::vector<DurationCount>& to, const std::vector<DurationCount>& from, F&& f) {
    for (const DurationCount& one : from) {
        auto at = std::lower_bound(to.begin(), to.end(), one.bucket,
                                   [](const DurationCount& d, std::uint8_t bucket) { return d.bucket < bucket; });
        if (at == to.end() || at->bucket != one.bucket) at = to.insert(at, {one.bucket, 0});
        at->spans = f(at->spans, one.spans);
    }
    std::erase_if(to, [](const DurationCount& d) { return d.spans == 0; });
}

}  // namespace

std::size_t duration_bucket(std::uint64_t duration_ns) {
    const auto octave = static_cast<unsigned>(std::bit_width(duration_ns));
    if (octave <= kLowestOctave) return 0;
    const std::size_t bucket = (octave - 1 - kLowestOctave) * 4 + (duration_ns >> (octave - 3) & 3) + 1;
    return std::min(bucket, kDurationBuckets - 1);
}

std::uint64_t duration_bucket_lower_ns(std::size_t bucket) {
    if (bucket == 0) return 0;
    const std::size_t octave = kLowestOctave + (bucket - 1) / 4;
    return (std::uint64_t{4} + (bucket - 1) % 4) << (octave - 2);
}

void add_cell(RollupCell& to, const RollupCell& from) {
    to.spans += from.spans;
    to.errors += from.errors;
    to.duration_sum_ns += from.duration_sum_ns;
    to.duration_max_ns = std::max(to.duration_max_ns, from.duration_max_ns);
    combine(to.durations, from.durations, [](std::uint64_t a, std::uint64_t b) { return a + b; });
}

void subtract_cell(RollupCell& to, const RollupCell& from) {
    to.spans = minus(to.spans, from.spans);
    to.errors = minus(to.errors, from.errors);
    to.duration_sum_ns = minus(to.duration_sum_ns, from.duration_sum_ns);
    combine(to.durations, from.durations, minus);
}

void RollupCounter::add(const model::Span& span) {
    RollupCell cell;
    cell.minute_ns = span.start_ns - span.start_ns % kRollupMinuteNs;
    cell.key = {std::string(service_key(*span.resource)), std::string(name_key(span)),
                std::string(operation_kind(span.kind)), false};
    cell.spans = 1;
    cell.errors = span.status_code == model::StatusCode::kError ? 1 : 0;
    cell.duration_sum_ns = cell.duration_max_ns = duration_key(span);
    cell.durations.push_back({static_cast<std::uint8_t>(duration_bucket(cell.duration_max_ns)), 1});
    add(cell);
}

void RollupCounter::add(const RollupCell& cell) {
    const auto [at, created] = cells_.try_emplace({cell.minute_ns, cell.key}, cell);
    if (!created) add_cell(at->second, cell);
}

std::vector<RollupCell> RollupCounter::cells() const {
    std::vector<RollupCell> out;
    for (const auto& [place, cell] : cells_) {
        if (cell.spans > 0) out.push_back(cell);
    }
    return out;
}

}  // namespace skua::store
