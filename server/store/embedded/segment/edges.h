// SPDX-License-Identifier: Apache-2.0
// Which service calls which, counted for each granule over the traces that lie whole in it and are alive.
#pragma once

#include "store/embedded/cache/block_cache.h"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace skua::store::embedded {

inline constexpr std::size_t kEdgesMax = 512;  // of a granule; with more its spans have to be asked

struct Edge {
    std::uint32_t parent = 0;  // numbers of services
    std::uint32_t child = 0;
    std::uint64_t calls = 0;
    friend bool operator==(const Edge&, const Edge&) = default;
};

// Of one segment; immutable, lives in the cache.
class EdgeTable final : public CacheItem {
public:
    // Null: not such a table for so many granules.
    static std::shared_ptr<const EdgeTable> decode(std::string bytes, std::size_t granules);
    [[nodiscard]] std::size_t bytes() const override;
    [[nodiscard]] bool is_known(std::size_t granule) const { return known_[granule]; }
    [[nodiscard]] std::span<const Edge> edges(std::size_t granule) const {
        return std::span(edges_).subspan(first_[granule], first_[granule + 1] - first_[granule]);
    }
    std::vector<std::string_view> services;

private:
    bool parse(std::size_t granules);

    std::string text_;
    std::vector<bool> known_;
    std::vector<std::size_t> first_;
    std::vector<Edge> edges_;
};

class EdgeTableWriter {
public:
    std::uint32_t service(std::string_view name);
    // Of the next granule. More than kEdgesMax are written as unknown.
    void granule(std::span<const Edge> edges);
    void unknown_granule();
    void encode(std::string& out) const;

private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::string services_;
    std::string granules_;
};

}  // namespace skua::store::embedded
