// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/disk.h"

#include <utility>

namespace skua::store::embedded {

base::Result<std::string> read_whole(Disk& disk, const std::string& name, std::uint64_t max_bytes) {
    SKUA_ASSIGN_OR_RETURN(const auto file, disk.open(name, {.access = Access::kRead}));
    SKUA_ASSIGN_OR_RETURN(const std::uint64_t size, file->size());
    if (size > max_bytes) {
        return base::Error{base::Code::kTooLarge, "cannot read " + file->path() + ": got " + std::to_string(size) +
                                                      " bytes; want at most " + std::to_string(max_bytes)};
    }
    std::string bytes(static_cast<std::size_t>(size), '\0');
    SKUA_ASSIGN_OR_RETURN(const std::size_t got, file->read_at(0, bytes));
    bytes.resize(got);
    return bytes;
}

base::Status write_whole(Disk& disk, const std::string& name, std::string_view bytes) {
    auto created = disk.open(name, {.access = Access::kCreate});
    if (!created.ok()) {
        // Most likely it is there already; if it was something else, it fails again below.
        created = disk.open(name, {.access = Access::kUpdate});
        if (!created.ok()) return std::move(created).error();
        SKUA_RETURN_IF_ERROR((*created)->truncate(0));
    }
    File& file = **created;
    SKUA_RETURN_IF_ERROR(file.write_at(0, bytes));
    return file.sync();
}

}  // namespace skua::store::embedded
