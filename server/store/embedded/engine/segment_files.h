// SPDX-License-Identifier: Apache-2.0
// The files of one seal or compaction on their way from tmp/ to seg/. Confined to one thread.
#pragma once

#include "store/embedded/engine/data_half.h"

#include <functional>
#include <string>
#include <vector>

namespace skua::store::embedded {

inline constexpr char kSegmentFolder[] = "seg";
inline constexpr char kTemporaryFolder[] = "tmp";

class PendingFiles final : public SegmentFiles {
public:
    PendingFiles(Disk& disk, std::function<std::uint64_t()> next_id) : disk_(disk), next_id_(std::move(next_id)) {}
    std::uint64_t new_id() override { return next_id_(); }
    base::Result<Created> create(std::uint64_t id, std::string_view suffix) override;

    // Syncs all, moves them into place and syncs the folder: after it the manifest may name them.
    base::Status finish();
    // Removes what is there, in tmp/ or in seg/.
    void abandon();

private:
    struct Pending {
        std::string temporary;
        std::string final_name;
        std::unique_ptr<File> file;
        bool is_moved = false;
    };
    Disk& disk_;
    const std::function<std::uint64_t()> next_id_;
    std::vector<Pending> files_;
};

}  // namespace skua::store::embedded
