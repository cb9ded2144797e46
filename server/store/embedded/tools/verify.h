// SPDX-License-Identifier: Apache-2.0
// Looks at every byte of a store's folder that has a checksum, and repairs what can be repaired.
#pragma once

#include "base/result.h"

#include <string>
#include <vector>

namespace skua::store::embedded {

struct VerifyReport {
    // For people, in order. What is wrong begins with "DAMAGED: ".
    std::vector<std::string> lines;
    bool is_sound = true;
};

// Every tenant's manifest, segments and WAL; nothing is changed but the lock's owner. kUnavailable when a process uses
// the folder, kNotFound when there is no store in it.
base::Result<VerifyReport> verify_store(const std::string& path);

// What verify_store looks at, made usable again where the server would not start on it. A sound manifest loses the
// segments that are missing or damaged; one that cannot be read is made anew from the segments' footers. Files left out
// and old manifests move to lost/: nothing is deleted. (Segments that age had already ended, and whose files were still
// there, come back with a new manifest; they go again by age.) Then as verify_store.
base::Result<VerifyReport> rebuild_store(const std::string& path);

}  // namespace skua::store::embedded
