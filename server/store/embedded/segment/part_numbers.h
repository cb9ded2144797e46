// SPDX-License-Identifier: Apache-2.0
// The numbers by which a part of a segment knows what the shards of a head number each for itself: texts, fields,
// scopes, resources, operations, shapes. The catalog grows with them.
//
// Confined to the sealing thread; lives for one part. Views lead into the head.
#pragma once

#include "store/embedded/head/memory_head.h"
#include "store/embedded/segment/catalog.h"
#include "store/embedded/segment/directory.h"
#include "store/embedded/segment/granule_tables.h"
#include "store/embedded/segment/value_indexer.h"

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

class PartNumbers {
public:
    PartNumbers(const MemoryHead& head, GranuleTables& tables, ValueIndexer& indexer)
        : shards_{&head.shard(0), &head.shard(1)}, tables_(tables), indexer_(indexer) {}

    struct VaryingField {
        std::uint32_t column = 0;  // number of the field in the part
        std::uint32_t slot = 0;
        Storage storage = Storage::kNothing;
    };
    struct ShapePlan {
        std::uint32_t number = 0;
        std::uint32_t operation = 0;
        std::uint32_t last_granule = kNoRow;
        std::vector<VaryingField> varying;
        std::vector<std::uint32_t> indexed;  // its keys and constants, by their numbers in the indexer
    };
    struct Field {
        FieldKey key;
        std::uint64_t seed = 0;
    };
    // What the part's rows refer to, by number, and in which granules it occurs, ascending.
    struct OperationUse {
        CatalogOperation operation;
        OperationGranules granules;
    };
    struct ResourceUse {
        std::string_view bytes;
        std::string_view service;
        Postings granules;
    };

    ShapePlan& shape_of(std::uint32_t shard, std::uint32_t id) {
        const auto& known = remap_[shard].shapes;
        return id < known.size() && known[id] != kNoRow ? shapes_[known[id]] : new_shape(shard, id);
    }
    std::uint32_t string_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t resource_of(std::uint32_t shard, std::uint32_t id);

    [[nodiscard]] const HeadShard& shard(std::size_t i) const { return *shards_[i]; }
    [[nodiscard]] const CatalogWriter& catalog() const { return catalog_; }
    [[nodiscard]] const StringTable& strings() const { return strings_; }
    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    std::vector<OperationUse>& operations() { return operations_; }
    std::vector<ResourceUse>& resources() { return resources_; }
    [[nodiscard]] const std::vector<std::string_view>& scopes() const { return scopes_; }

private:
    // Numbers of one shard in the part; kNoRow: not met yet.
    struct Remap {
        std::vector<std::uint32_t> strings, fields, scopes, resources, operations, shapes;
    };
    ShapePlan& new_shape(std::uint32_t shard, std::uint32_t id);
    std::uint32_t field_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t scope_of(std::uint32_t shard, std::uint32_t id);
    std::uint32_t operation_of(std::uint32_t shard, std::uint32_t id);

    std::array<const HeadShard*, kHeadShards> shards_;
    GranuleTables& tables_;
    ValueIndexer& indexer_;
    std::array<Remap, kHeadShards> remap_;
    CatalogWriter catalog_;
    StringTable strings_;
    std::vector<Field> fields_;
    std::vector<ShapePlan> shapes_;
    std::unordered_map<std::string_view, std::uint32_t> resources_by_bytes_, scopes_by_bytes_;
    std::unordered_map<std::string, std::uint32_t> fields_by_key_, operations_by_key_;
    std::vector<OperationUse> operations_;
    std::vector<ResourceUse> resources_;
    std::vector<std::string_view> scopes_;
};

}  // namespace skua::store::embedded
