// SPDX-License-Identifier: Apache-2.0
// Throws out rows of a granule column by column, before anything is asked of them one by one. Never too many: what is
// left is looked at again.
//
// It knows the leaves that must hold on every match: conditions on attributes of spans (and of what they belong to),
// and on durations. For one part of a segment; confined to one thread.
#pragma once

#include "store/embedded/read/leaves.h"
#include "store/embedded/segment/granule.h"
#include "store/predicate.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace skua::store::embedded {

class Prefilter {
public:
    // `predicate` may be null. All outlive it.
    static base::Result<std::unique_ptr<Prefilter>> make(const Predicate* predicate, const Catalog& catalog,
                                                         SegmentTexts& texts, Leaves& leaves);
    ~Prefilter();

    // False: no row of the granule can match. Else `rows` has a flag for each row that may, or is empty: all may.
    base::Result<bool> run(Granule& granule, std::vector<std::uint8_t>& rows);

private:
    struct Leaf;
    Prefilter(const Catalog& catalog, SegmentTexts& texts, Leaves& leaves);
    base::Status add_leaves(const Filter& filter);
    base::Status add_leaf(const Filter& filter);
    void settle_shapes(Leaf& leaf);
    std::uint8_t settle_field(Leaf& leaf, const ShapeField& field, std::uint8_t settled);
    base::Result<bool> may_contain(const Leaf& leaf, Granule& granule);
    base::Status attribute(Leaf& leaf, Granule& granule, std::vector<std::uint8_t>& rows);
    static base::Status duration(const Leaf& leaf, Granule& granule, std::vector<std::uint8_t>& rows);
    base::Status column(Leaf& leaf, std::uint32_t field, Granule& granule, std::vector<std::uint8_t>& flags);
    base::Result<bool> numbered_text_matches(Leaf& leaf, const FieldKey& key, std::uint64_t number);
    static bool number_matches(Leaf& leaf, const FieldKey& key, std::uint64_t number);
    static bool text_matches(Leaf& leaf, const FieldKey& key, std::string_view text);

    const Catalog& catalog_;
    SegmentTexts& texts_;
    Leaves& compiled_;
    std::vector<std::unique_ptr<Leaf>> leaves_;
};

}  // namespace skua::store::embedded
