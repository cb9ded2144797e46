// SPDX-License-Identifier: Apache-2.0
// Collects what the value index says of granules: which keys and values occur in each of them.
//
// Confined to the sealing thread; lives for one part.
#pragma once

#include "model/span_batch.h"
#include "store/embedded/head/shape.h"
#include "store/embedded/index/packed_entries.h"
#include "store/embedded/index/value_hash.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

class ValueIndexer {
public:
    // Ascending.
    void begin_granule(std::uint32_t granule) { granule_ = granule; }
    void add(std::uint64_t hash) { entries_.add(hash, granule_); }
    // Hashes that many rows have are numbered once, and then added to a granule once.
    std::uint32_t number_of(std::uint64_t hash);
    void add_numbered(std::uint32_t number) {
        Known& known = known_[number];
        if (known.granule == granule_) return;
        known.granule = granule_;
        add(known.hash);
    }
    // Attributes within the bytes of events, links, or all attributes of a span.
    void add_nested(Special special, std::string_view bytes);
    void add_numbers(const FieldKey& key, std::uint64_t seed, std::span<const std::uint64_t> values);

    PackedEntries& entries() { return entries_; }

private:
    struct Known {
        std::uint64_t hash = 0;
        std::uint32_t granule = 0xFFFFFFFF;  // the last one that had it
    };
    void add_attributes(model::Attributes attributes, IndexLevel level);
    void grow();

    std::uint32_t granule_ = 0;
    PackedEntries entries_;
    std::vector<Known> known_;
    std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(1024);  // by hash: number plus one
};

}  // namespace skua::store::embedded
