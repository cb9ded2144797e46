// SPDX-License-Identifier: Apache-2.0
// The store's words for a span's parts, for those above who may not look into the store.
#pragma once

#include "store/keys.h"

namespace skua::query {

using store::find;
using store::operation_kind;

}  // namespace skua::query
