// SPDX-License-Identifier: Apache-2.0
// What the rows of a part of a segment refer to by number: fields, scopes, resources, operations, shapes.
//
// Immutable; decoded once and kept in the cache. Views lead into the catalog itself.
#pragma once

#include "model/span_batch.h"
#include "store/embedded/cache/block_cache.h"
#include "store/embedded/head/head_shard.h"
#include "store/embedded/segment/format.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace skua::store::embedded {

struct CatalogOperation {
    std::string_view service;  // as found by
    std::string_view name;     // as sent
    model::SpanKind kind = model::SpanKind::kUnspecified;
    model::StatusCode status = model::StatusCode::kUnset;
    std::uint32_t scope = 0;
};

struct CatalogResource {
    model::Resource resource;
    std::string_view service;
};

class Catalog final : public CacheItem {
public:
    // Null: not a catalog. `strings`: where the texts lie that constants name.
    static std::shared_ptr<const Catalog> decode(std::string bytes, StringBlocks strings);
    [[nodiscard]] std::size_t bytes() const override { return bytes_; }
    [[nodiscard]] std::uint8_t patience() const override { return 3; }

    std::vector<FieldKey> fields;
    std::vector<model::Scope> scopes;
    std::vector<CatalogResource> resources;
    std::vector<CatalogOperation> operations;
    std::vector<Shape> shapes;  // ShapeField::constant of a text is its number among the part's strings
    StringBlocks strings;
    std::vector<std::string_view> services;  // of the operations, in order of their first; summaries number them so

private:
    bool parse();

    std::string text_;
    model::SpanBatch objects_;
    std::size_t bytes_ = 0;
};

class CatalogWriter {
public:
    std::uint32_t field(const FieldKey& key);
    std::uint32_t scope(std::string_view bytes);
    std::uint32_t resource(std::string_view bytes, std::string_view service);
    std::uint32_t operation(std::string_view service, std::string_view name, const Operation& key, std::uint32_t scope);
    std::uint32_t shape(const Shape& shape, const std::vector<Storage>& storages);
    void encode(std::string& out) const;
    [[nodiscard]] std::uint32_t fields_count() const { return fields_; }
    [[nodiscard]] std::uint32_t operations_count() const { return operations_; }

private:
    std::uint32_t fields_ = 0;
    std::uint32_t scopes_ = 0;
    std::uint32_t resources_ = 0;
    std::uint32_t operations_ = 0;
    std::uint32_t shapes_ = 0;
    std::string fields_out_;
    std::string scopes_out_;
    std::string resources_out_;
    std::string operations_out_;
    std::string shapes_out_;
};

}  // namespace skua::store::embedded
