// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/segment/part_numbers.h"

#include "store/embedded/codec/bytes.h"
#include "store/embedded/index/value_hash.h"

#include <algorithm>
#include <utility>

namespace skua::store::embedded {
namespace {

std::uint32_t& at_or_grow(std::vector<std::uint32_t>& v, std::uint32_t i) {
    if (v.size() <= i) v.resize(std::max<std::size_t>(i + 1, v.size() * 2), kNoRow);
    return v[i];
}

}  // namespace

std::uint32_t PartNumbers::string_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].strings, id);
    if (to == kNoRow) to = strings_.intern(shards_[shard]->text(id));
    return to;
}

std::uint32_t PartNumbers::field_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].fields, id);
    if (to != kNoRow) return to;
    const FieldKey& key = shards_[shard]->field(id).key;
    std::string name{static_cast<char>(key.special), static_cast<char>(key.type)};
    name += key.key;
    const auto [at, created] = fields_by_key_.try_emplace(std::move(name), static_cast<std::uint32_t>(fields_.size()));
    if (created) {
        catalog_.field(key);
        fields_.push_back({key, value_seed(IndexLevel::kSpan, key.key)});
    }
    return to = at->second;
}

std::uint32_t PartNumbers::scope_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].scopes, id);
    if (to != kNoRow) return to;
    const std::string_view bytes = shards_[shard]->text(shards_[shard]->scope(id).bytes_id);
    const auto [at, created] = scopes_by_bytes_.try_emplace(bytes, static_cast<std::uint32_t>(scopes_.size()));
    if (created) {
        catalog_.scope(bytes);
        scopes_.push_back(bytes);
    }
    return to = at->second;
}

std::uint32_t PartNumbers::resource_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].resources, id);
    if (to != kNoRow) return to;
    const ResourceSlot& slot = shards_[shard]->resource(id);
    const std::string_view bytes = shards_[shard]->text(slot.bytes_id);
    const auto [at, created] = resources_by_bytes_.try_emplace(bytes, static_cast<std::uint32_t>(resources_.size()));
    if (created) {
        const std::string_view service = shards_[shard]->text(slot.service);
        catalog_.resource(bytes, service);
        resources_.push_back({bytes, service, {}});
    }
    return to = at->second;
}

std::uint32_t PartNumbers::operation_of(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].operations, id);
    if (to != kNoRow) return to;
    const Operation& key = shards_[shard]->operation(id).key;
    const std::uint32_t scope = scope_of(shard, key.scope);
    std::string name;
    ByteWriter w(name);
    w.string(shards_[shard]->text(key.service));
    w.string(shards_[shard]->text(key.name));
    w.signed_varint(static_cast<std::int32_t>(key.kind));
    w.signed_varint(static_cast<std::int32_t>(key.status));
    w.varint(scope);
    const auto [at, created] =
        operations_by_key_.try_emplace(std::move(name), static_cast<std::uint32_t>(operations_by_key_.size()));
    if (created) {
        const CatalogOperation operation{shards_[shard]->text(key.service), shards_[shard]->text(key.name), key.kind,
                                         key.status, scope};
        catalog_.operation(operation.service, operation.name, key, scope);
        operations_.push_back({operation, {}});
        tables_.add_operation(operation);
    }
    return to = at->second;
}

PartNumbers::ShapePlan& PartNumbers::new_shape(std::uint32_t shard, std::uint32_t id) {
    std::uint32_t& to = at_or_grow(remap_[shard].shapes, id);
    const Shape& from = shards_[shard]->shape(id);
    ShapePlan plan;
    Shape shape = from;
    plan.operation = shape.operation = operation_of(shard, from.operation);
    std::vector<Storage> storages;
    for (ShapeField& f : shape.fields) {
        f.field = field_of(shard, f.field);
        const Field& field = fields_[f.field];
        const Storage storage = field.key.storage();
        storages.push_back(storage);
        if (field.key.special == Special::kNone)
            plan.indexed.push_back(indexer_.number_of(key_hash(IndexLevel::kSpan, field.key.key)));
        if (f.varies) {
            plan.varying.push_back({f.field, f.slot, storage});
            continue;
        }
        if (storage == Storage::kText) f.constant = string_of(shard, static_cast<std::uint32_t>(f.constant));
        if (field.key.special == Special::kNone) {
            const std::string_view text =
                storage == Storage::kText ? strings_[static_cast<std::uint32_t>(f.constant)] : std::string_view{};
            const model::Value value = attribute_value(field.key.type, {f.constant, text});
            plan.indexed.push_back(indexer_.number_of(value_hash(field.seed, value)));
        }
    }
    plan.number = catalog_.shape(shape, storages);
    to = static_cast<std::uint32_t>(shapes_.size());
    shapes_.push_back(std::move(plan));
    return shapes_.back();
}

}  // namespace skua::store::embedded
