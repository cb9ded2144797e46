// SPDX-License-Identifier: Apache-2.0
// One file of a store as text: WAL, segment or manifest, told apart by their first bytes.
#pragma once

#include "base/result.h"

#include <string>

namespace skua::store::embedded {

// Reads only. What is damaged is said in the text; kInvalidArgument for a file that is none of ours or of a version not
// known here, kNotFound and kIo as the disk says.
base::Result<std::string> inspect_file(const std::string& path);

}  // namespace skua::store::embedded
