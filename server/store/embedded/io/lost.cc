// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/io/lost.h"

#include <set>

namespace skua::store::embedded {

namespace {

base::Result<std::string> free_name(Disk& disk, const std::string& wanted) {
    SKUA_RETURN_IF_ERROR(disk.make_dir(kLostFolder));
    SKUA_RETURN_IF_ERROR(disk.sync_dir(""));
    SKUA_ASSIGN_OR_RETURN(const auto entries, disk.list(kLostFolder));
    std::set<std::string> taken;
    for (const auto& entry : entries) taken.insert(entry.name);
    std::string name = wanted;
    for (int n = 1; taken.contains(name); ++n) name = wanted + "." + std::to_string(n);
    return std::string(kLostFolder) + "/" + name;
}

}  // namespace

base::Status move_to_lost(Disk& disk, const std::string& name) {
    const auto slash = name.find_last_of('/');
    SKUA_ASSIGN_OR_RETURN(const std::string to,
                          free_name(disk, slash == std::string::npos ? name : name.substr(slash + 1)));
    SKUA_RETURN_IF_ERROR(disk.rename(name, to));
    SKUA_RETURN_IF_ERROR(disk.sync_dir(kLostFolder));
    return disk.sync_dir(slash == std::string::npos ? "" : name.substr(0, slash));
}

base::Status write_to_lost(Disk& disk, const std::string& wanted, std::string_view bytes) {
    SKUA_ASSIGN_OR_RETURN(const std::string to, free_name(disk, wanted));
    SKUA_RETURN_IF_ERROR(write_whole(disk, to, bytes));
    return disk.sync_dir(kLostFolder);
}

}  // namespace skua::store::embedded
