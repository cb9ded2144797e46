// SPDX-License-Identifier: Apache-2.0
// What goes: by arrival time, by bytes, by traces, and to keep the disk's floor. Whole segments, oldest first.
#include "base/log.h"
#include "store/embedded/engine/engine.h"

#include <algorithm>
#include <map>

namespace skua::store::embedded {

namespace {

std::uint64_t bytes_of(const Segment& segment) {
    std::uint64_t bytes = 0;
    for (const auto& file : segment.entry().files) bytes += file.bytes;
    return bytes;
}

}  // namespace

std::int64_t Engine::steady_now_ns() const {
    return start_wall_ns_ + (clock_.monotonic_ns() - start_monotonic_ns_);
}

std::int64_t Engine::retention_now_ns() const {
    // A wall clock that leaps ahead must not delete what is young.
    return std::min(clock_.now_ns(), steady_now_ns());
}

base::Result<Segments> Engine::expired() {
    const RetentionOptions& keep = options_.retention;
    const std::int64_t now_ns = retention_now_ns();
    Segments oldest_first = *view()->segments;
    std::stable_sort(oldest_first.begin(), oldest_first.end(), [](const auto& a, const auto& b) {
        return a->entry().arrival_max_ns < b->entry().arrival_max_ns;
    });
    // A file that several segments name counts for each: the cap is kept rather too well than not.
    std::uint64_t bytes = 0;
    std::uint64_t traces = 0;
    for (const auto& segment : oldest_first) {
        bytes += bytes_of(*segment);
        traces += segment->entry().traces;
    }
    // Memory is shared with the other tenants, a disk's cap is each one's.
    const std::uint64_t bytes_max = options_.in_memory ? keep.bytes_max / budget_->tenants() : keep.bytes_max;
    std::uint64_t free_bytes = 0;
    std::uint64_t free_wanted = 0;
    if (!options_.in_memory) {
        SKUA_ASSIGN_OR_RETURN(const SpaceInfo space, disk_.space());
        free_bytes = space.free_bytes;
        free_wanted = keep.free_min;
    }
    Segments gone;
    for (const auto& segment : oldest_first) {
        const bool too_old = keep.age_ns > 0 && segment->entry().arrival_max_ns < now_ns - keep.age_ns;
        // A head may hold an eighth of the traces besides.
        const bool too_many = (bytes_max != 0 && bytes > bytes_max) ||
                              (keep.traces_max != 0 && traces > keep.traces_max - keep.traces_max / 8);
        const bool below_floor =
            free_bytes < free_wanted && segment->entry().arrival_max_ns < now_ns - keep.keep_newest_ns;
        if (!too_old && !too_many && !below_floor) break;
        gone.push_back(segment);
        bytes -= bytes_of(*segment);
        traces -= segment->entry().traces;
        free_bytes += bytes_of(*segment);
    }
    const bool full = free_bytes < free_wanted;
    if (full != disk_full_.exchange(full)) {
        base::log(full ? base::Level::kError : base::Level::kInfo, "store", "{}",
                  full ? "the disk is below its floor: ingest is refused" : "the disk has room again");
    }
    return gone;
}

base::Result<bool> Engine::retain_step() {
    const std::lock_guard lock(edit_mutex_);
    SKUA_ASSIGN_OR_RETURN(const Segments gone, expired());
    if (!gone.empty() && !manifest_in_doubt_) {
        SKUA_RETURN_IF_ERROR(exchange_segments(gone, {}, {}));
        dropped_segments_ += gone.size();
        for (const auto& segment : gone) dropped_traces_ += segment->entry().traces;
    }
    unlink_dropped();
    if (!options_.in_memory && !disk_full_) SKUA_RETURN_IF_ERROR(make_reserve());
    return !gone.empty();
}

}  // namespace skua::store::embedded
