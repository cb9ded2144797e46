// SPDX-License-Identifier: Apache-2.0
// Which decoder reads which encoding: the one way from net and app into this folder.
#pragma once

#include "model/ingest.h"

namespace skua::ingest {

// A decoder that lives for ever, or nullptr for an encoding that is not supported.
const model::Decoder* decoder_for(model::Encoding encoding);

}  // namespace skua::ingest
