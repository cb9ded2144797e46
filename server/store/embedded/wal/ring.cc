// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/wal/ring.h"

#include "store/embedded/io/aligned_buffer.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace skua::store::embedded {

std::string wal_file_name(std::uint64_t slot) {
    return fmt::format("{}/{:016x}.wal", kWalFolder, slot);
}

std::uint64_t wal_slot(const std::string& name) {
    if (name.size() != 20 || !name.ends_with(".wal")) return 0;
    std::uint64_t slot = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + 16, slot, 16);
    return error == std::errc() && end == name.data() + 16 ? slot : 0;
}

void WalRing::adopt(std::string name, std::uint64_t slot) {
    reserve_slot(slot);
    const std::lock_guard lock(mutex_);
    spare_.push_back(std::move(name));
}

void WalRing::reserve_slot(std::uint64_t slot) {
    const std::lock_guard lock(mutex_);
    next_slot_ = std::max(next_slot_, slot + 1);
}

std::size_t WalRing::spare_count() const {
    const std::lock_guard lock(mutex_);
    return spare_.size();
}

base::Result<WalRing::Taken> WalRing::take() {
    while (true) {
        std::string name;
        {
            const std::lock_guard lock(mutex_);
            if (spare_.empty()) break;
            name = std::move(spare_.back());
            spare_.pop_back();
        }
        auto file = disk_.open(name, {.access = Access::kUpdate, .want_direct_sync = options_.direct_sync});
        if (!file.ok()) continue;  // left to the next start, which looks at every file
        const auto size = (*file)->size();
        // Another file size was configured when it was made.
        if (!size.ok() || *size != options_.file_bytes) {
            file->reset();
            (void)disk_.unlink(name);
            continue;
        }
        return Taken{std::move(name), std::move(file).value()};
    }
    return create();
}

base::Result<WalRing::Taken> WalRing::create() {
    Taken taken;
    {
        const std::lock_guard lock(mutex_);
        taken.name = wal_file_name(next_slot_++);
    }
    // Under its own name it is whole: a short file of that name has lost something.
    const std::string unfinished = taken.name.substr(0, taken.name.size() - 4) + std::string(kWalUnfinished);
    const auto fill = [&]() -> base::Status {
        SKUA_ASSIGN_OR_RETURN(
            taken.file, disk_.open(unfinished, {.access = Access::kCreate, .want_direct_sync = options_.direct_sync}));
        AlignedBuffer zeros(static_cast<std::size_t>(std::min<std::uint64_t>(options_.file_bytes, 1 << 20)));
        std::memset(zeros.data(), 0, zeros.size());
        for (std::uint64_t at = 0; at < options_.file_bytes; at += zeros.size()) {
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), options_.file_bytes - at));
            SKUA_RETURN_IF_ERROR(taken.file->write_at(at, {zeros.data(), n}));
        }
        // Size and blocks too, which O_DSYNC alone covers only for the last write.
        SKUA_RETURN_IF_ERROR(taken.file->sync());
        SKUA_RETURN_IF_ERROR(disk_.rename(unfinished, taken.name));
        return disk_.sync_dir(kWalFolder);
    };
    if (auto status = fill(); !status.ok()) {
        const bool exists = taken.file != nullptr;
        taken.file.reset();
        if (exists && !disk_.unlink(unfinished).ok()) (void)disk_.unlink(taken.name);
        return std::move(status).error();
    }
    return taken;
}

void WalRing::recycle(std::string name) {
    {
        const std::lock_guard lock(mutex_);
        if ((spare_.size() + 1) * options_.file_bytes <= options_.ring_bytes_max) {
            spare_.push_back(std::move(name));
            return;
        }
    }
    (void)disk_.unlink(name);  // what is left behind is found, and known to be free, at the next start
}

base::Result<bool> WalRing::prepare() {
    if (spare_count() >= options_.spare_files) return false;
    SKUA_ASSIGN_OR_RETURN(Taken made, create());
    const std::lock_guard lock(mutex_);
    spare_.insert(spare_.begin(), std::move(made.name));  // recently used ones first: their blocks are warm
    return true;
}

void WalRing::shrink() {
    std::vector<std::string> extra;
    {
        const std::lock_guard lock(mutex_);
        while (spare_.size() > options_.spare_files) {
            extra.push_back(std::move(spare_.front()));
            spare_.erase(spare_.begin());
        }
    }
    for (const std::string& name : extra) (void)disk_.unlink(name);
}

}  // namespace skua::store::embedded
