// SPDX-License-Identifier: Apache-2.0
// The leaves of a query's filter, each compiled once however many parts and heads are asked. Confined to one thread.
#pragma once

#include "store/predicate.h"

#include <memory>
#include <unordered_map>

namespace skua::store::embedded {

class Leaves {
public:
    // `leaf` outlives this, as a part of the query's predicate does.
    base::Result<const Predicate*> get(const Filter& leaf) {
        auto& known = known_[&leaf];
        if (known == nullptr) {
            SKUA_ASSIGN_OR_RETURN(Predicate compiled, Predicate::compile(leaf));
            known = std::make_unique<const Predicate>(std::move(compiled));
        }
        return known.get();
    }

private:
    std::unordered_map<const Filter*, std::unique_ptr<const Predicate>> known_;
};

}  // namespace skua::store::embedded
