// SPDX-License-Identifier: Apache-2.0
// Recovery deletes nothing it does not understand: such files move to lost/, for people to look at.
#pragma once

#include "store/embedded/io/disk.h"

#include <string>

namespace skua::store::embedded {

inline constexpr char kLostFolder[] = "lost";

// "wal/x.wal" becomes "lost/x.wal", or "lost/x.wal.1" and so on where that exists. Both folders are synced.
base::Status move_to_lost(Disk& disk, const std::string& name);
// Writes a file of its own there, named as above.
base::Status write_to_lost(Disk& disk, const std::string& wanted, std::string_view bytes);

}  // namespace skua::store::embedded
