// SPDX-License-Identifier: Apache-2.0
// What a start does with what it finds. Nothing is deleted but what is known to be needless; what is not understood
// moves to lost/. Each step may be cut off and done again.
#include "base/log.h"
#include "store/embedded/engine/engine.h"
#include "store/embedded/io/aligned_buffer.h"
#include "store/embedded/io/lost.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include <fmt/format.h>

namespace skua::store::embedded {

namespace {

constexpr char kLockName[] = "LOCK";
constexpr std::uint64_t kProgressBytes = 1 << 20;

std::uint64_t segment_id(const std::string& name) {
    std::uint64_t id = 0;
    if (name.size() < 16) return 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 16, id, 16);
    return error == std::errc() && end == name.data() + 16 ? id : 0;
}

}  // namespace

void Engine::lose(const std::string& name, const std::string& why) {
    base::log(base::Level::kError, "store", "{} moves to lost/: {}", name, why);
    recovery_.moved_to_lost.push_back(name + ": " + why);
}

base::Status Engine::recover() {
    if (options_.in_memory) {
        SKUA_RETURN_IF_ERROR(disk_.make_dir(kTemporaryFolder));
        SKUA_RETURN_IF_ERROR(disk_.make_dir(kSegmentFolder));
        SKUA_ASSIGN_OR_RETURN(current_, make_generation(1));
        live_.push_back(current_);
        publish();
        return {};
    }
    SKUA_ASSIGN_OR_RETURN(lock_, disk_.lock(kLockName));
    SKUA_RETURN_IF_ERROR(make_folders());
    SKUA_RETURN_IF_ERROR(load_or_create_manifest());
    store_id_ = manifest_.store_id;
    WalListener& listener = *this;  // privately so
    wal_ = std::make_unique<Wal>(disk_, manifest_.store_id, options_.wal, clock_, listener);
    SKUA_ASSIGN_OR_RETURN(WalScan scan,
                          scan_wal(disk_, manifest_.store_id, manifest_.released_generation, start_stop_));
    wal_->ring().reserve_slot(scan.slot_max);
    for (const std::string& name : scan.free_files) wal_->ring().adopt(name, 0);
    for (const std::string& name : scan.unfinished) SKUA_RETURN_IF_ERROR(disk_.unlink(name));
    for (const UnreadableFile& file : scan.unreadable) {
        SKUA_RETURN_IF_ERROR(move_to_lost(disk_, file.name));
        lose(file.name, file.why);
    }
    SKUA_RETURN_IF_ERROR(sort_out_segment_files());
    SKUA_RETURN_IF_ERROR(open_segments());
    SKUA_RETURN_IF_ERROR(replay(scan));
    const std::uint64_t number =
        std::max({scan.generation_max, manifest_.released_generation, closed_.empty() ? 0 : closed_.back()->number}) +
        1;
    SKUA_ASSIGN_OR_RETURN(current_, make_generation(number));
    wal_->start_generation(number, random_());
    live_.push_back(current_);
    publish();
    if (options_.start_threads) return {};  // the housekeeper makes the reserve: nobody waits for its bytes
    if (auto status = make_reserve(); !status.ok()) {
        base::log(base::Level::kWarn, "store", "no reserve for a full disk: {}", status.error().message);
    }
    return {};
}

base::Status Engine::make_folders() {
    for (const char* folder : {kTemporaryFolder, kSegmentFolder, kWalFolder, kManifestFolder, kLostFolder}) {
        SKUA_RETURN_IF_ERROR(disk_.make_dir(folder));
    }
    SKUA_RETURN_IF_ERROR(disk_.sync_dir(""));
    // A file there was never named by a manifest.
    SKUA_ASSIGN_OR_RETURN(const auto leftovers, disk_.list(kTemporaryFolder));
    for (const DirEntry& entry : leftovers) {
        SKUA_RETURN_IF_ERROR(disk_.unlink(std::string(kTemporaryFolder) + "/" + entry.name));
    }
    return {};
}

base::Status Engine::load_or_create_manifest() {
    SKUA_ASSIGN_OR_RETURN(auto found, load_manifest(disk_));
    if (found) {
        manifest_ = std::move(*found);
        manifest_number_ = manifest_.number;
        next_segment_id_ = manifest_.next_segment_id;
        return {};
    }
    for (const char* folder : {kSegmentFolder, kWalFolder}) {
        SKUA_ASSIGN_OR_RETURN(const auto entries, disk_.list(folder));
        if (!entries.empty()) {
            return base::Error{base::Code::kCorruption,
                               "cannot open " + disk_.path() + ": it has files in " + folder +
                                   "/ but no manifest; `skua verify --rebuild` makes a new one"};
        }
    }
    for (std::size_t i = 0; i < manifest_.store_id.size(); i += 8) {
        const std::uint64_t bits = random_();
        std::memcpy(manifest_.store_id.data() + i, &bits, 8);
    }
    SKUA_RETURN_IF_ERROR(save_manifest(disk_, manifest_));
    manifest_number_ = manifest_.number;
    return {};
}

base::Status Engine::sort_out_segment_files() {
    std::set<std::string> named;
    std::set<std::uint64_t> live_ids;
    for (const SegmentEntry& entry : manifest_.segments) {
        live_ids.insert(entry.id);
        for (const SegmentFile& file : entry.files) named.insert(file.name);
    }
    const std::set<std::string> dropped(manifest_.dropped.begin(), manifest_.dropped.end());
    SKUA_ASSIGN_OR_RETURN(const auto entries, disk_.list(kSegmentFolder));
    std::map<std::string, bool> is_needless;  // of those nobody names
    std::vector<std::string> strangers;
    for (const DirEntry& on_disk : entries) {
        const std::string name = std::string(kSegmentFolder) + "/" + on_disk.name;
        next_segment_id_ = std::max<std::uint64_t>(next_segment_id_, segment_id(on_disk.name) + 1);
        if (named.contains(name)) continue;
        if (dropped.contains(name)) {
            SKUA_RETURN_IF_ERROR(disk_.unlink(name));
            continue;
        }
        strangers.push_back(name);
        const auto described = data_.describe(disk_, name, manifest_.store_id);
        if (!described.ok() || !described->has_value()) continue;
        const SegmentEntry& entry = **described;
        const bool wal_is_there = entry.replaces.empty() && entry.generation_min > manifest_.released_generation;
        const bool inputs_are_there =
            !entry.replaces.empty() && std::all_of(entry.replaces.begin(), entry.replaces.end(),
                                                   [&](std::uint64_t id) { return live_ids.contains(id); });
        const bool has_successor =
            std::any_of(manifest_.segments.begin(), manifest_.segments.end(), [&](const SegmentEntry& other) {
                return other.level > entry.level && other.generation_min <= entry.generation_min &&
                       other.generation_max >= entry.generation_max;
            });
        if (!wal_is_there && !inputs_are_there && !has_successor) continue;
        is_needless[name] = true;
        for (const SegmentFile& file : entry.files) is_needless[file.name] = true;
    }
    for (const std::string& name : strangers) {
        if (is_needless[name]) {
            SKUA_RETURN_IF_ERROR(disk_.unlink(name));
            continue;
        }
        SKUA_RETURN_IF_ERROR(move_to_lost(disk_, name));
        lose(name, "no manifest names it and nothing replaces it");
    }
    unlinked_ = manifest_.dropped;
    return {};
}

base::Status Engine::open_segments() {
    auto segments = std::make_shared<Segments>();
    if (auto status = open_into(manifest_.segments, *segments); !status.ok()) {
        base::Error error = std::move(status).error();
        if (error.code == base::Code::kCorruption || error.code == base::Code::kNotFound) {
            error.message += "; `skua verify --rebuild` leaves it out";
        }
        return error;
    }
    segments_ = std::move(segments);
    publish();
    return {};
}

// Between two records: tells how far it is, and whether to go on.
base::Status Engine::go_on(std::uint64_t replayed_bytes) {
    replayed_.bytes += replayed_bytes;
    const bool is_due = replayed_bytes == 0 || replayed_.bytes - progress_at_ >= kProgressBytes;
    if (is_due && options_.start.progress) {
        progress_at_ = replayed_.bytes;
        options_.start.progress(replayed_);
    }
    if (!start_stop_.stop_requested()) return {};
    return base::Error{base::Code::kCancelled,
                       fmt::format("the start was stopped after {} of {} bytes of the log, which still has them",
                                   replayed_.bytes, replayed_.bytes_total)};
}

// What the process before wrote and did not sync is seen from now on: a power cut must not take it away again. Where it
// cannot be synced, its seal, which comes soon, makes it durable.
base::Status Engine::sync_log(const RecoveredGeneration& recovered) {
    if (options_.wal.durability == Durability::kOff) return {};
    for (const RecoveredFile& recovered_file : recovered.files) {
        const auto file = disk_.open(recovered_file.name, {});
        const base::Status synced = file.ok() ? (*file)->sync() : base::Status(file.error());
        if (!synced.ok()) base::log(base::Level::kError, "store", "cannot sync the log: {}", synced.error().message);
    }
    return {};
}

base::Status Engine::replay(WalScan& scan) {
    for (const RecoveredGeneration& recovered : scan.generations) {
        for (const WalChunkPlace& place : recovered.chunks) replayed_.bytes_total += place.header.payload_bytes;
    }
    if (replayed_.bytes_total != 0) SKUA_RETURN_IF_ERROR(go_on(0));
    for (std::size_t i = 0; i < scan.generations.size(); ++i) {
        RecoveredGeneration& recovered = scan.generations[i];
        std::vector<std::shared_ptr<Generation>> heads;
        SKUA_RETURN_IF_ERROR(sync_log(recovered));
        SKUA_RETURN_IF_ERROR(replay_generation(recovered, heads));
        ++recovery_.generations;
        recovery_.torn_chunks += recovered.torn_chunks;
        for (const WalDamage& damage : recovered.damage) {
            base::log(base::Level::kError, "store", "{} at {}, {} bytes, generation {}: {}", damage.file, damage.offset,
                      damage.bytes, damage.generation, damage.what);
            recovery_.damage.push_back(damage);
        }
        std::vector<GenerationLog::LogFile> files;
        std::vector<std::string> damaged;
        for (const RecoveredFile& file : recovered.files) {
            files.push_back({file.name});
            if (file.is_damaged) damaged.push_back(file.name);
        }
        wal_->adopt_generation(recovered.generation, std::move(files), std::move(damaged));
        {
            const std::lock_guard lock(publish_mutex_);
            live_.insert(live_.end(), heads.begin(), heads.end());
        }
        // The last one may wait for the sealer; more would be live than fit into the budget.
        const bool last = i + 1 == scan.generations.size();
        if (last && heads.size() == 1) {
            closed_.push_back(heads.front());
        } else {
            SKUA_RETURN_IF_ERROR(seal(heads));
        }
    }
    return {};
}

base::Status Engine::replay_generation(RecoveredGeneration& recovered,
                                       std::vector<std::shared_ptr<Generation>>& heads) {
    SKUA_ASSIGN_OR_RETURN(auto first, make_generation(recovered.generation));
    heads.push_back(std::move(first));
    return replay_wal(disk_, recovered, [&](const WalRecord& record, std::uint64_t number) -> base::Status {
        SKUA_RETURN_IF_ERROR(replay_record(record, recovered.generation, number, heads));
        return go_on(kWalRecordHeaderBytes + record.limits.size() + record.body.size());
    });
}

base::Status Engine::replay_record(const WalRecord& record, std::uint64_t generation, std::uint64_t number,
                                   std::vector<std::shared_ptr<Generation>>& heads) {
    ++recovery_.records;
    const model::RawBody body{record.door, record.encoding, record.body, record.received_ns};
    const model::Decoder* decoder =
        options_.decoder_for ? options_.decoder_for(record.door, record.encoding, record.interpretation) : nullptr;
    std::string why = "this version cannot decode it";
    const std::size_t shard = number % kHeadShards;
    for (int attempt = 0; decoder != nullptr && attempt < 2; ++attempt) {
        auto staged = heads.back()->head->stage(shard, body, *decoder);
        if (staged.ok()) {
            const std::lock_guard lock(publish_mutex_);
            heads.back()->commit(shard, *staged, record.received_ns);
            return {};
        }
        why = staged.error().message;
        if (staged.error().code != base::Code::kResourceExhausted) break;
        // Budgets were larger when it was written: go on in another head of the same generation.
        SKUA_ASSIGN_OR_RETURN(auto next, make_generation(generation));
        heads.push_back(std::move(next));
    }
    const std::string name = fmt::format("record-{:x}-{:x}.door{}.encoding{}", generation, number,
                                         static_cast<int>(record.door), static_cast<int>(record.encoding));
    SKUA_RETURN_IF_ERROR(write_to_lost(disk_, name, record.body));
    lose(name, why);
    return {};
}

base::Status Engine::make_reserve() {
    const auto existing = disk_.open(kReserveName, {});
    if (existing.ok()) {
        const auto size = (*existing)->size();
        if (size.ok() && *size == options_.reserve_bytes) return {};
        SKUA_RETURN_IF_ERROR(disk_.unlink(kReserveName));
    }
    SKUA_ASSIGN_OR_RETURN(const SpaceInfo space, disk_.space());
    if (space.free_bytes < options_.reserve_bytes + options_.retention.free_min) return {};
    SKUA_ASSIGN_OR_RETURN(const auto file, disk_.open(kReserveName, {.access = Access::kCreate}));
    AlignedBuffer zeros(static_cast<std::size_t>(std::min<std::uint64_t>(options_.reserve_bytes, 1 << 20)));
    std::memset(zeros.data(), 0, zeros.size());
    for (std::uint64_t at = 0; at < options_.reserve_bytes; at += zeros.size()) {
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), options_.reserve_bytes - at));
        if (auto status = file->write_at(at, {zeros.data(), n}); !status.ok()) {
            (void)disk_.unlink(kReserveName);
            return status;
        }
    }
    return file->sync();
}

}  // namespace skua::store::embedded
