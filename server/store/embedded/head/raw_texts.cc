// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/raw_texts.h"

#include <cstring>
#include <utility>

namespace skua::store::embedded {

RawTexts::~RawTexts() {
    for (auto& block : small_) pool_.give_back(std::move(block));
}

std::uint32_t RawTexts::put(std::string_view text) {
    const std::size_t need = (sizeof(std::uint32_t) + text.size() + kUnit - 1) / kUnit * kUnit;
    if (need > kArenaBlockBytes) return put_large(text, need);
    if (used_ + need > kArenaBlockBytes) {
        if (next_ == kBlocksMax) return kFull;
        small_.push_back(pool_.take());
        block_ = next_++;
        blocks_[block_].store(small_.back().get(), std::memory_order_release);
        used_ = 0;
    }
    std::byte* to = blocks_[block_].load(std::memory_order_relaxed) + used_;
    const auto length = static_cast<std::uint32_t>(text.size());
    std::memcpy(to, &length, sizeof length);
    if (!text.empty()) std::memcpy(to + sizeof length, text.data(), text.size());
    const auto place = static_cast<std::uint32_t>(block_ * kUnitsPerBlock + used_ / kUnit);
    used_ += need;
    return kRawText | place;
}

std::uint32_t RawTexts::put_large(std::string_view text, std::size_t need) {
    const std::size_t blocks = (need + kArenaBlockBytes - 1) / kArenaBlockBytes;
    if (next_ + blocks > kBlocksMax) return kFull;
    large_.push_back(std::make_unique_for_overwrite<std::byte[]>(need));
    large_bytes_ += need;
    std::byte* to = large_.back().get();
    const auto length = static_cast<std::uint32_t>(text.size());
    std::memcpy(to, &length, sizeof length);
    std::memcpy(to + sizeof length, text.data(), text.size());
    const std::size_t number = next_;
    blocks_[number].store(to, std::memory_order_release);
    next_ += blocks;
    return static_cast<std::uint32_t>(kRawText | number * kUnitsPerBlock);
}

}  // namespace skua::store::embedded
