// SPDX-License-Identifier: Apache-2.0
// What one query holds in memory, as it accounts for it, and how much it may. Confined to the query's thread.
#pragma once

#include "base/result.h"

#include <cstdint>

#include <fmt/core.h>

namespace skua::store::embedded {

class QueryMemory {
public:
    explicit QueryMemory(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

    // kResourceExhausted, naming the limit: the query must end.
    base::Status take(std::uint64_t bytes) {
        used_ += bytes;
        return check();
    }
    // Also when it is over the limit: for those who can end earlier and say so.
    void add(std::uint64_t bytes) { used_ += bytes; }
    void give_back(std::uint64_t bytes) { used_ -= bytes; }
    [[nodiscard]] bool is_over() const { return used_ > limit_; }
    [[nodiscard]] base::Status check() const {
        if (!is_over()) return {};
        return base::Error{base::Code::kResourceExhausted,
                           fmt::format("cannot answer the query: it holds too much in memory; got {} bytes; want at "
                                       "most {} (the store's limit for one query)",
                                       used_, limit_)};
    }

private:
    const std::uint64_t limit_;
    std::uint64_t used_ = 0;
};

}  // namespace skua::store::embedded
