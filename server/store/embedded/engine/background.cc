// SPDX-License-Identifier: Apache-2.0
// What happens behind the requests: closing and sealing generations, and the edits of the manifest that publish it.
#include "base/log.h"
#include "store/embedded/engine/engine.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

namespace skua::store::embedded {

namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr std::int64_t kRetrySealNs = 5 * kSecondNs;

void fill(SegmentEntry& entry, const Lineage& lineage) {
    entry.level = lineage.level;
    entry.generation_min = lineage.generation_min;
    entry.generation_max = lineage.generation_max;
    entry.arrival_min_ns = lineage.arrival_min_ns;
    entry.arrival_max_ns = lineage.arrival_max_ns;
    entry.replaces.clear();
}

bool by_age(const SegmentEntry& a, const SegmentEntry& b) {
    return a.generation_min != b.generation_min ? a.generation_min < b.generation_min : a.id < b.id;
}

}  // namespace

std::uint64_t Engine::new_segment_id() {
    return next_segment_id_.fetch_add(1);
}

base::Result<bool> Engine::roll() {
    std::uint64_t number = 0;
    {
        std::unique_lock lock(state_mutex_);
        if (!closed_.empty() || rolling_) return false;  // at most two live
        seal_wanted_ = false;
        {
            const std::lock_guard publish_lock(publish_mutex_);
            if (current_->is_empty() && current_->pending == 0 && staging_ == 0) return false;
        }
        rolling_ = true;
        state_changed_.wait(lock, [this] { return staging_ == 0; });
        number = current_->number + 1;
    }
    auto next = make_generation(number);
    if (next.ok()) {
        if (wal_) wal_->start_generation(number, random_());
        // In the view before anything in it can be acknowledged.
        const std::lock_guard lock(publish_mutex_);
        live_.push_back(*next);
        publish_locked();
    }
    const std::lock_guard lock(state_mutex_);
    rolling_ = false;
    if (next.ok()) {
        closed_.push_back(std::move(current_));
        current_ = *next;
        seal_wanted_ = false;  // what was asked for meanwhile
    }
    state_changed_.notify_all();
    if (!next.ok()) return std::move(next).error();
    return true;
}

base::Result<bool> Engine::seal_step(bool wanted) {
    if (manifest_in_doubt_) return false;
    if (wanted || seal_is_due()) {
        auto rolled = roll();
        if (!rolled.ok()) return std::move(rolled).error();
    }
    std::shared_ptr<Generation> oldest;
    {
        std::unique_lock lock(state_mutex_);
        if (closed_.empty()) return false;
        oldest = closed_.front();
        // Its last group is with the leader.
        if (has_threads_) state_changed_.wait(lock, [&] { return oldest->pending == 0; });
        if (oldest->pending != 0) return false;
    }
    const std::int64_t start_ns = clock_.monotonic_ns();
    const std::shared_ptr<Generation> heads[] = {oldest};
    if (auto status = seal(heads); !status.ok()) {
        ++seal_failures_;
        return std::move(status).error();
    }
    seal_ns_ += clock_.monotonic_ns() - start_ns;
    const std::lock_guard lock(state_mutex_);
    closed_.pop_front();
    state_changed_.notify_all();
    return true;
}

base::Status Engine::seal(std::span<const std::shared_ptr<Generation>> heads) {
    for (int attempt = 0;; ++attempt) {
        PendingFiles files(disk_, [this] { return new_segment_id(); });
        auto status = try_seal(heads, files);
        if (status.ok()) return status;
        // If the edit may yet be found by the next start, so must its files.
        if (!manifest_in_doubt_) files.abandon();
        if (attempt == 0 && status.error().code == base::Code::kResourceExhausted && disk_.unlink(kReserveName).ok()) {
            base::log(base::Level::kWarn, "store", "the disk is full: sealing with the reserve");
            continue;
        }
        return status;
    }
}

base::Status Engine::try_seal(std::span<const std::shared_ptr<Generation>> heads, PendingFiles& files) {
    const std::uint64_t number = heads.front()->number;
    if (options_.mutants.release_wal_before_manifest && wal_) wal_->release(number);
    std::vector<SegmentEntry> entries;
    for (const auto& generation : heads) {
        SealInput input;
        {
            const std::lock_guard lock(publish_mutex_);
            input.head = generation->view();
            if (generation->is_empty()) continue;
            input.lineage.arrival_min_ns = generation->arrival_min_ns;
            input.lineage.arrival_max_ns = generation->arrival_max_ns;
        }
        input.lineage.store_id = store_id_;
        input.lineage.generation_min = input.lineage.generation_max = number;
        input.view = view();
        input.stop = start_stop_;
        input.segment_bytes_max = options_.retention.bytes_max / 16;
        SKUA_ASSIGN_OR_RETURN(std::vector<SegmentEntry> made, data_.seal(input, files));
        for (SegmentEntry& entry : made) {
            fill(entry, input.lineage);
            entries.push_back(std::move(entry));
        }
    }
    SKUA_RETURN_IF_ERROR(files.finish());
    std::vector<std::shared_ptr<const Segment>> opened;
    SKUA_RETURN_IF_ERROR(open_into(entries, opened));
    const std::lock_guard lock(edit_mutex_);
    SKUA_RETURN_IF_ERROR(edit([&](Manifest& next) {
        next.segments.insert(next.segments.end(), entries.begin(), entries.end());
        next.released_generation = std::max(next.released_generation, number);
    }));
    replace_segments({}, std::move(opened), number);
    ++seals_;
    if (wal_) wal_->release(number);
    return {};
}

base::Status Engine::open_into(const std::vector<SegmentEntry>& entries,
                               std::vector<std::shared_ptr<const Segment>>& opened) {
    for (const SegmentEntry& entry : entries) {
        SKUA_ASSIGN_OR_RETURN(auto segment, data_.open(disk_, entry));
        opened.push_back(std::move(segment));
    }
    return {};
}

base::Status Engine::edit(const std::function<void(Manifest&)>& change) {
    Manifest next = manifest_;
    for (const std::string& name : unlinked_) std::erase(next.dropped, name);
    change(next);
    std::sort(next.segments.begin(), next.segments.end(), by_age);
    next.next_segment_id = next_segment_id_;
    SKUA_RETURN_IF_ERROR(save(next));
    unlinked_.clear();
    manifest_ = std::move(next);
    return {};
}

base::Status Engine::save(Manifest& next) {
    if (options_.in_memory) {
        ++next.number;
        return {};
    }
    if (manifest_in_doubt_) return base::Error{base::Code::kUnavailable, "cannot edit the manifest: the disk failed"};
    bool in_doubt = false;
    auto status = save_manifest(disk_, next, &in_doubt);
    if (status.ok()) return status;
    const base::Error first = status.error();
    if (in_doubt) {
        // The same edit once more: both writings have the same bytes, whichever survives.
        bool again = false;
        status = save_manifest(disk_, next, &again);
        if (status.ok()) return status;
        manifest_in_doubt_ = true;
        base::log(base::Level::kError, "store", "the store is read-only from here on: {}", status.error().message);
    }
    return first;
}

void Engine::replace_segments(const std::vector<std::uint64_t>& removed,
                              std::vector<std::shared_ptr<const Segment>> added, std::uint64_t sealed_generation) {
    const std::lock_guard lock(publish_mutex_);
    auto next = std::make_shared<Segments>(*segments_);
    std::erase_if(*next, [&](const auto& segment) {
        return std::find(removed.begin(), removed.end(), segment->entry().id) != removed.end();
    });
    next->insert(next->end(), added.begin(), added.end());
    std::sort(next->begin(), next->end(), [](const auto& a, const auto& b) { return by_age(a->entry(), b->entry()); });
    segments_ = std::move(next);
    if (added.empty() && !removed.empty()) ++view_number_;  // retention
    manifest_number_ = manifest_.number;
    if (options_.mutants.publish_segments_before_dropping_head) publish_locked();
    std::erase_if(live_, [&](const auto& generation) { return generation->number <= sealed_generation; });
    if (!options_.mutants.publish_segments_before_dropping_head) publish_locked();
}

base::Status Engine::exchange_segments(const Segments& removed, const std::vector<SegmentEntry>& added,
                                       std::vector<std::shared_ptr<const Segment>> opened) {
    std::vector<std::uint64_t> ids;
    for (const auto& segment : removed) ids.push_back(segment->entry().id);
    const auto is_removed = [&](std::uint64_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); };
    const auto still_there = std::count_if(manifest_.segments.begin(), manifest_.segments.end(),
                                           [&](const SegmentEntry& entry) { return is_removed(entry.id); });
    if (static_cast<std::size_t>(still_there) != ids.size()) {
        return base::Error{base::Code::kCancelled, "cannot exchange segments: some were dropped meanwhile"};
    }
    std::set<std::string> kept;
    for (const SegmentEntry& entry : added) {
        for (const SegmentFile& file : entry.files) kept.insert(file.name);
    }
    for (const SegmentEntry& entry : manifest_.segments) {
        if (is_removed(entry.id)) continue;
        for (const SegmentFile& file : entry.files) kept.insert(file.name);
    }
    std::map<std::string, std::vector<std::weak_ptr<const Segment>>> gone;
    for (const auto& segment : removed) {
        for (const SegmentFile& file : segment->entry().files) {
            if (!kept.contains(file.name)) gone[file.name].push_back(segment);
        }
    }
    SKUA_RETURN_IF_ERROR(edit([&](Manifest& next) {
        std::erase_if(next.segments, [&](const SegmentEntry& entry) { return is_removed(entry.id); });
        next.segments.insert(next.segments.end(), added.begin(), added.end());
        for (const auto& [name, users] : gone) next.dropped.push_back(name);
    }));
    replace_segments(ids, std::move(opened), 0);
    for (auto& [name, users] : gone) to_unlink_.push_back({name, std::move(users)});
    return {};
}

void Engine::unlink_dropped() {
    std::erase_if(to_unlink_, [this](const Unlink& one) {
        for (const auto& user : one.users) {
            if (!user.expired()) return false;  // an old view still reads it
        }
        if (disk_.unlink(one.name).ok()) unlinked_.push_back(one.name);
        return true;  // what could not be removed stays named as dropped, for the next start
    });
}

Segments Engine::pick_compaction() const {
    const auto now = view();
    std::uint64_t limit = options_.compact_bytes_max;
    if (options_.retention.bytes_max != 0) limit = std::min(limit, options_.retention.bytes_max / 16);
    Segments run;
    std::uint64_t bytes = 0;
    for (const auto& segment : *now->segments) {
        const bool is_aside = set_aside_.contains(segment->entry().id);
        if (is_aside || (!run.empty() && run.back()->entry().level != segment->entry().level)) {
            run.clear();
            bytes = 0;
        }
        if (is_aside) continue;
        run.push_back(segment);
        for (const auto& file : segment->entry().files) bytes += file.bytes;
        if (run.size() < options_.compact_fanout) continue;
        if (bytes <= limit) return run;
        for (const auto& file : run.front()->entry().files) bytes -= file.bytes;
        run.erase(run.begin());
    }
    return {};
}

base::Result<bool> Engine::compact_step() {
    if (manifest_in_doubt_) return false;
    const Segments inputs = pick_compaction();
    if (inputs.empty()) return false;
    std::vector<const SegmentEntry*> entries;
    for (const auto& input : inputs) entries.push_back(&input->entry());
    SKUA_ASSIGN_OR_RETURN(const SpaceInfo space, disk_.space());
    const std::uint64_t floor = options_.in_memory ? 0 : options_.retention.free_min;
    if (space.free_bytes < floor + data_.compaction_bytes_max(entries)) return false;
    const std::int64_t start_ns = clock_.monotonic_ns();
    // Nobody sends: what is kept for the next seals would lie in memory beside what the merge takes.
    if (start_ns - last_group_ns_ >= kSecondNs) data_.trim();
    PendingFiles files(disk_, [this] { return new_segment_id(); });
    auto done = compact(inputs, files);
    if (!done.ok() && !manifest_in_doubt_) files.abandon();
    if (done.ok()) compaction_ns_ += clock_.monotonic_ns() - start_ns;
    if (!done.ok() && done.error().code == base::Code::kCorruption) set_aside(inputs, done.error());
    return done;
}

// Trying again would end the same way: the damaged ones stay as they are, for queries to name what they cannot read.
void Engine::set_aside(const Segments& inputs, const base::Error& error) {
    const std::size_t before = set_aside_.size();
    for (const auto& input : inputs) {
        const base::Status status = data_.verify(disk_, input->entry());
        if (status.ok()) continue;
        set_aside_.insert(input->entry().id);
        base::log(base::Level::kError, "store", "segment {} is damaged and stays out of merges from here on: {}",
                  input->entry().id, status.error().message);
    }
    if (set_aside_.size() == before) {  // each of them reads well, but not together
        for (const auto& input : inputs) set_aside_.insert(input->entry().id);
        base::log(base::Level::kError, "store", "{} segments stay out of merges from here on: {}", inputs.size(),
                  error.message);
    }
    set_aside_count_ = set_aside_.size();
}

base::Result<bool> Engine::compact(const Segments& inputs, PendingFiles& files) {
    CompactInput input;
    input.inputs = inputs;
    Lineage& lineage = input.lineage;
    lineage.store_id = store_id_;
    lineage.level = inputs.front()->entry().level + 1;
    lineage.generation_min = inputs.front()->entry().generation_min;
    lineage.arrival_min_ns = inputs.front()->entry().arrival_min_ns;
    lineage.arrival_max_ns = inputs.front()->entry().arrival_max_ns;
    for (const auto& segment : inputs) {
        const SegmentEntry& entry = segment->entry();
        lineage.generation_min = std::min(lineage.generation_min, entry.generation_min);
        lineage.generation_max = std::max(lineage.generation_max, entry.generation_max);
        lineage.arrival_min_ns = std::min(lineage.arrival_min_ns, entry.arrival_min_ns);
        lineage.arrival_max_ns = std::max(lineage.arrival_max_ns, entry.arrival_max_ns);
        lineage.replaces.push_back(entry.id);
    }
    input.view = view();
    input.stop = hurry_.get_token();
    input.segment_bytes_max = options_.retention.bytes_max / 16;
    SKUA_ASSIGN_OR_RETURN(std::vector<SegmentEntry> made, data_.compact(input, files));
    for (SegmentEntry& entry : made) fill(entry, lineage);
    SKUA_RETURN_IF_ERROR(files.finish());
    std::vector<std::shared_ptr<const Segment>> opened;
    SKUA_RETURN_IF_ERROR(open_into(made, opened));
    const std::lock_guard lock(edit_mutex_);
    SKUA_RETURN_IF_ERROR(exchange_segments(inputs, made, std::move(opened)));
    ++compactions_;
    return true;
}

bool Engine::rest(std::int64_t ns) {
    std::unique_lock lock(state_mutex_);
    state_changed_.wait_for(lock, std::chrono::nanoseconds(ns), [this] { return stopping_; });
    return !stopping_;
}

void Engine::run_sealer() {
    while (true) {
        {
            std::unique_lock lock(state_mutex_);
            state_changed_.wait_for(lock, std::chrono::nanoseconds(kSecondNs),
                                    [this] { return stopping_ || seal_wanted_ || !closed_.empty(); });
            if (stopping_) return;
        }
        const auto sealed = seal_step();
        if (sealed.ok()) {
            if (*sealed) make_room();
            continue;
        }
        base::log(base::Level::kError, "store", "cannot seal: {}", sealed.error().message);
        if (!rest(kRetrySealNs)) return;
    }
}

void Engine::run_compactor() {
    do {
        const auto compacted = compact_step();
        if (compacted.ok() && *compacted) continue;
        const base::Code code = compacted.ok() ? base::Code::kCancelled : compacted.error().code;
        if (code != base::Code::kCancelled && code != base::Code::kCorruption) {  // of which set_aside() has told
            base::log(base::Level::kError, "store", "cannot compact: {}", compacted.error().message);
        }
    } while (rest(options_.compact_rest_ns));
}

void Engine::make_room() {
    if (const auto retained = retain_step(); !retained.ok()) {
        base::log(base::Level::kError, "store", "cannot apply retention: {}", retained.error().message);
    }
}

void Engine::run_housekeeper() {
    std::int64_t retained_ns = 0;
    // The last group there was when memory was given back, and what had been done behind the requests.
    std::int64_t trimmed_ns = 0;
    std::uint64_t trimmed_work = 0;
    do {
        if (wal_) {
            const auto prepared = wal_->ring().prepare();
            if (prepared.ok() && *prepared) continue;
        }
        weigh();  // what was weighed with the last request may be long gone
        const std::int64_t now_ns = clock_.monotonic_ns();
        const std::int64_t group_ns = last_group_ns_;
        const std::uint64_t work = seals_ + compactions_;
        const bool is_trimmed = group_ns == trimmed_ns && work == trimmed_work;
        if (!is_trimmed && now_ns - group_ns >= options_.trim_after_ns) {
            trimmed_ns = group_ns;
            trimmed_work = work;
            data_.trim();
        }
        if (now_ns - retained_ns < 10 * kSecondNs) continue;
        retained_ns = now_ns;
        make_room();
    } while (rest(kSecondNs / 5));
}

}  // namespace skua::store::embedded
