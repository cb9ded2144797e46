// SPDX-License-Identifier: Apache-2.0
// Throws out rows of a head before anything is asked of them one by one: what a leaf says of a shape, a resource, an
// operation or a text is asked once. Never too many: what is left is looked at again.
//
// It knows the leaves that must hold on every match. For one shard; confined to one thread.
#pragma once

#include "store/embedded/head/head_shard.h"
#include "store/embedded/read/leaves.h"
#include "store/predicate.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace skua::store::embedded {

class HeadFilter {
public:
    // `predicate` may be null. All outlive it.
    static base::Result<std::unique_ptr<HeadFilter>> make(const Predicate* predicate, const HeadShard& shard,
                                                          Leaves& leaves);
    ~HeadFilter();
    // False: no row that was published to the caller so far can match.
    bool any();
    // REQUIRES: the row was published to the caller.
    bool may_match(const Row& row);
    // Asks for the texts that may_match() will look at. REQUIRES: as there; its values are in reach.
    void prefetch(const Row& row);

private:
    struct Leaf;
    struct ShapePlan;
    explicit HeadFilter(const HeadShard& shard);
    base::Status add_leaves(const Filter& filter, Leaves& leaves);
    bool any(Leaf& leaf);
    bool may_match(Leaf& leaf, const Row& row);
    const ShapePlan& plan(Leaf& leaf, std::uint32_t shape);
    bool by_resource(Leaf& leaf, std::uint32_t resource);
    bool by_operation(Leaf& leaf, std::uint32_t operation);
    bool by_text(Leaf& leaf, const FieldKey& key, std::uint32_t slot);

    const HeadShard& shard_;
    std::vector<std::unique_ptr<Leaf>> leaves_;
};

}  // namespace skua::store::embedded
