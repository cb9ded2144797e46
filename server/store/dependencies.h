// SPDX-License-Identifier: Apache-2.0
// Which service calls which, counted from parent and child spans.
#pragma once

#include "model/span.h"

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace skua::store {

struct DependencyEdge {
    std::string parent;
    std::string child;  // may be the parent itself, as Jaeger 2 counts
    std::uint64_t calls = 0;
    friend auto operator<=>(const DependencyEdge&, const DependencyEdge&) = default;
};

class DependencyCounter {
public:
    // All spans of one trace, duplicates removed. A span whose parent is not among them counts nothing.
    void add(std::span<const model::Span* const> spans);
    // Sorted by parent and child.
    [[nodiscard]] std::vector<DependencyEdge> edges() const;

private:
    std::map<std::pair<std::string, std::string>, std::uint64_t> calls_;
};

}  // namespace skua::store
