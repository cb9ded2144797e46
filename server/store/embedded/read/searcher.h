// SPDX-License-Identifier: Apache-2.0
// The search of the contract: newest first, with limit and cursor. Confined to one thread; one search each.
#pragma once

#include "store/embedded/engine/data_half.h"
#include "store/embedded/read/query_memory.h"
#include "store/interrupt.h"
#include "store/span_store.h"

namespace skua::store::embedded {

// Over the limit of `memory` the page is truncated, or refused when nothing is certain yet.
base::Result<SearchPage> search_view(const View& view, const SearchRequest& request, Interrupt& interrupt,
                                     QueryMemory& memory);

}  // namespace skua::store::embedded
