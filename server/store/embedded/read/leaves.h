// SPDX-License-Identifier: Apache-2.0
// The leaves of a query's filter, each compiled once however many parts and heads are asked. Confined to one thread.
#pragma once

#include "store/embedded/head/shape.h"
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

// What an operation has, beside its service and scope.
inline bool is_of_operation(Field field) {
    return field == Field::kName || field == Field::kKind || field == Field::kStatus;
}

// Whether a field may hold what a leaf about an attribute asks for: that attribute, or bytes it may be packed into.
inline bool may_hold(const FieldKey& key, const Reference& asked) {
    if (key.special == Special::kNone) return key.key == asked.key;
    const bool nested = key.special == Special::kEvents || key.special == Special::kLinks;
    return key.special == Special::kAttributes || (nested && asked.level == Level::kEverywhere);
}

}  // namespace skua::store::embedded
