// SPDX-License-Identifier: Apache-2.0
// A new manifest for one tenant's folder.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/manifest/manifest.h"

#include <string>
#include <vector>

namespace skua::store::embedded {

// REQUIRES: the folder's lock is held. Says what it did in `lines`; does nothing when nothing is to be done.
base::Status rebuild_manifest(Disk& disk, DataHalf& data, std::vector<std::string>& lines);

}  // namespace skua::store::embedded
