// SPDX-License-Identifier: Apache-2.0
#include "store/contract/stores.h"

#include "base/clock.h"
#include "store/naive/naive_store.h"

namespace skua::store::testing {

const std::vector<StoreKind>& all_stores() {
    static const std::vector<StoreKind> kStores = {
        {"naive",
         []() -> std::unique_ptr<SpanStore> {
             return std::make_unique<NaiveStore>(NaiveLimits{}, base::system_clock());
         }},
        // Chunks of two: what is true of a trace is true of it in pieces.
        {"naive_small_chunks",
         []() -> std::unique_ptr<SpanStore> {
             NaiveLimits limits;
             limits.chunk_spans = 2;
             return std::make_unique<NaiveStore>(limits, base::system_clock());
         }},
    };
    return kStores;
}

}  // namespace skua::store::testing
