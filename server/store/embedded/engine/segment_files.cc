// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/engine/segment_files.h"

#include <fmt/format.h>

namespace skua::store::embedded {

base::Result<SegmentFiles::Created> PendingFiles::create(std::uint64_t id, std::string_view suffix) {
    Pending pending;
    pending.temporary = fmt::format("{}/{:016x}.{}", kTemporaryFolder, id, suffix);
    pending.final_name = fmt::format("{}/{:016x}.{}", kSegmentFolder, id, suffix);
    SKUA_ASSIGN_OR_RETURN(pending.file, disk_.open(pending.temporary, {.access = Access::kCreate}));
    files_.push_back(std::move(pending));
    return Created{files_.back().file.get(), files_.back().final_name};
}

base::Status PendingFiles::finish() {
    for (Pending& pending : files_) {
        SKUA_RETURN_IF_ERROR(pending.file->sync());
        pending.file.reset();
    }
    for (Pending& pending : files_) {
        pending.is_moved = true;  // a rename that fails may have happened
        SKUA_RETURN_IF_ERROR(disk_.rename(pending.temporary, pending.final_name));
    }
    return files_.empty() ? base::Status() : disk_.sync_dir(kSegmentFolder);
}

void PendingFiles::abandon() {
    for (Pending& pending : files_) {
        pending.file.reset();
        // What cannot be removed now is found at the next start.
        (void)disk_.unlink(pending.temporary);
        if (pending.is_moved) (void)disk_.unlink(pending.final_name);
    }
    files_.clear();
}

}  // namespace skua::store::embedded
