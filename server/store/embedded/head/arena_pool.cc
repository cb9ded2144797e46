// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/arena_pool.h"

#include <new>

namespace skua::store::embedded {

void ArenaPool::Free::operator()(std::byte* p) const {
    ::operator delete (p, std::align_val_t{64});
}

ArenaPool::Block ArenaPool::take() {
    {
        const std::lock_guard lock(mutex_);
        if (!kept_.empty()) {
            Block block = std::move(kept_.back());
            kept_.pop_back();
            return block;
        }
    }
    bytes_.fetch_add(kArenaBlockBytes, std::memory_order_relaxed);
    return Block(static_cast<std::byte*>(::operator new (kArenaBlockBytes, std::align_val_t{64})));
}

void ArenaPool::give_back(Block block) {
    const std::lock_guard lock(mutex_);
    kept_.push_back(std::move(block));
}

void ArenaPool::trim() {
    const std::lock_guard lock(mutex_);
    bytes_.fetch_sub(kept_.size() * kArenaBlockBytes, std::memory_order_relaxed);
    kept_.clear();
}

}  // namespace skua::store::embedded
