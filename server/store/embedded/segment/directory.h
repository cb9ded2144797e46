// SPDX-License-Identifier: Apache-2.0
// The operations and resources of a whole segment, over all its parts, and in which granules each of them occurs.
//
// What a search asks of services, names, kinds, status, scopes and resources is settled here once, exactly.
#pragma once

#include "model/span_batch.h"
#include "store/embedded/cache/block_cache.h"
#include "store/embedded/codec/bytes.h"
#include "store/embedded/index/pages.h"
#include "store/embedded/segment/catalog.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace skua::store::embedded {

// Ascending numbers of granules.
using Postings = std::vector<std::uint32_t>;

// A granule in which an operation occurs, and the duration_bucket() of its longest span there.
struct OperationGranule {
    std::uint32_t granule = 0;
    std::uint8_t longest = 0;
};
using OperationGranules = std::vector<OperationGranule>;

// Granules as they are written: a view into the directory. Checked when it was read.
class PostingsView {
public:
    // Reads what DirectoryWriter wrote; false: it did not.
    bool read(ByteReader& in, std::uint32_t all);
    // Calls f(granule), ascending.
    template <class F>
    void each(F&& f) const {
        if (count_ == all_) {
            for (std::uint32_t g = 0; g < all_; ++g) f(g);
        } else if (is_dense()) {
            for (std::uint32_t g = 0; g < all_; ++g) {
                if ((bytes_[g / 8] >> g % 8 & 1) != 0) f(g);
            }
        } else {
            ByteReader in(bytes_);
            std::uint32_t last = 0;
            for (std::uint32_t i = 0; i < count_; ++i) f(last += static_cast<std::uint32_t>(in.varint()));
        }
    }
    [[nodiscard]] std::uint32_t count() const { return count_; }

private:
    [[nodiscard]] bool is_dense() const { return count_ > all_ / 8; }

    std::uint32_t count_ = 0;
    std::uint32_t all_ = 0;
    std::string_view bytes_;
};

// Immutable; lives in the cache. Views lead into it.
class Directory final : public CacheItem {
public:
    // Null: not a directory of a segment with so many granules.
    static std::shared_ptr<Directory> decode(std::string bytes, std::uint32_t granules);
    [[nodiscard]] std::size_t bytes() const override { return bytes_; }
    [[nodiscard]] std::uint8_t patience() const override { return 3; }

    struct OperationEntry {
        CatalogOperation operation;  // `scope` is a place in `scopes`
        PostingsView granules;
    };
    struct ResourceEntry {
        CatalogResource resource;
        std::string_view encoded;
        PostingsView granules;
    };
    struct ServiceEntry {
        std::string_view name;
        std::vector<std::uint32_t> operations;  // places in `operations`
    };
    std::vector<model::Scope> scopes;
    std::vector<std::string_view> encoded_scopes;
    std::vector<ServiceEntry> services;
    std::vector<OperationEntry> operations;
    std::vector<ResourceEntry> resources;
    // Of the value index: its directory, and that its numbers stand for runs of 2^shift granules.
    HashPages values;
    unsigned value_shift = 0;

    void set_values(HashPages pages);

private:
    bool parse(std::uint32_t granules);

    std::string text_;
    model::SpanBatch objects_;
    std::size_t bytes_ = 0;
};

// The longest spans of the operations of a directory: searches for a service's slow ones pass by most granules.
// Immutable; lives in the cache.
class LongestSpans final : public CacheItem {
public:
    // Null: not those of this directory.
    static std::shared_ptr<const LongestSpans> decode(std::string bytes, const Directory& of);
    [[nodiscard]] std::size_t bytes() const override;
    // A duration_bucket() for each granule of the operation.
    [[nodiscard]] std::string_view of(std::size_t operation) const {
        return std::string_view(buckets_).substr(first_[operation], first_[operation + 1] - first_[operation]);
    }

private:
    std::string buckets_;
    std::vector<std::size_t> first_;
};

class DirectoryWriter {
public:
    // Numbers for what may have been met before; scopes and resources as their bytes.
    std::uint32_t scope(std::string_view bytes);
    std::uint32_t operation(const CatalogOperation& operation, std::uint32_t scope);
    std::uint32_t resource(std::string_view bytes, std::string_view service);
    // Granules come in any order.
    void operation_in(std::uint32_t operation, OperationGranule granule) {
        operation_granules_[operation].push_back(granule);
    }
    void resource_in(std::uint32_t resource, std::uint32_t granule) { resource_granules_[resource].push_back(granule); }
    // `longest`: what LongestSpans reads.
    void encode(std::uint32_t granules, unsigned value_shift, std::string& out, std::string& longest);

private:
    std::unordered_map<std::string, std::uint32_t> scopes_, operations_, resources_;
    std::vector<std::string> scope_bytes_, operation_bytes_, resource_bytes_;
    std::vector<OperationGranules> operation_granules_;
    std::vector<Postings> resource_granules_;
};

}  // namespace skua::store::embedded
