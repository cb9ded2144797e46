// SPDX-License-Identifier: Apache-2.0
// The memory of heads: blocks of 4 MiB, reused from head to head, because fresh pages cost more than filling them.
//
// Thread-safe. Outlives every block it gave out.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace skua::store::embedded {

inline constexpr std::size_t kArenaBlockBytes = std::size_t{4} << 20;

class ArenaPool {
public:
    struct Free {
        void operator()(std::byte* p) const;
    };
    using Block = std::unique_ptr<std::byte, Free>;

    // Contents are unspecified.
    Block take();
    void give_back(Block block);
    // Drops the blocks nobody uses: call it when no ingest has come for a while.
    void trim();
    // Blocks in use and kept.
    [[nodiscard]] std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }

private:
    std::mutex mutex_;
    std::vector<Block> kept_;  // guarded by mutex_
    std::atomic<std::size_t> bytes_ = 0;
};

}  // namespace skua::store::embedded
