// SPDX-License-Identifier: Apache-2.0
// The stores that the contract is proved for.
#pragma once

#include "store/span_store.h"

#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace skua::store::testing {

struct StoreKind {
    std::string name;
    std::unique_ptr<SpanStore> (*make)();
};
inline void PrintTo(const StoreKind& kind, std::ostream* out) {
    *out << kind.name;
}

const std::vector<StoreKind>& all_stores();

}  // namespace skua::store::testing
