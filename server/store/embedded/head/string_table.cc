// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/string_table.h"

#include <cstring>

#include <xxhash.h>

namespace skua::store::embedded {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

StringTable::StringTable() : slots_(1024) {}

std::size_t StringTable::slot_of(std::string_view text, std::uint64_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    const auto tag = static_cast<std::uint32_t>(hash >> 32);
    std::size_t at = hash & mask;
    for (; slots_[at].id != kNone; at = (at + 1) & mask) {
        if (slots_[at].hash == tag && strings_[slots_[at].id] == text) break;
    }
    return at;
}

std::uint32_t StringTable::find(std::string_view text) const {
    return slots_[slot_of(text, hash_bytes(text))].id;
}

std::uint32_t StringTable::intern(std::string_view text, bool& created) {
    const std::uint64_t hash = hash_bytes(text);
    const std::size_t at = slot_of(text, hash);
    created = slots_[at].id == kNone;
    if (!created) return slots_[at].id;
    if (strings_.full()) {
        created = false;
        return kNone;
    }
    const std::uint32_t id = strings_.emplace_back(keep(text));
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), id};
    if (strings_.size() * 2 > slots_.size()) grow();
    return id;
}

std::string_view StringTable::keep(std::string_view text) {
    text_bytes_ += text.size();
    if (text.size() > free_bytes_) {
        const std::size_t size = text.size() > kBlockBytes / 4 ? text.size() : kBlockBytes;
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(size));
        block_bytes_ += size;
        if (size != kBlockBytes) {
            std::memcpy(blocks_.back().get(), text.data(), text.size());
            return {blocks_.back().get(), text.size()};
        }
        free_ = blocks_.back().get();
        free_bytes_ = size;
    }
    if (!text.empty()) std::memcpy(free_, text.data(), text.size());
    const std::string_view kept(free_, text.size());
    free_ += text.size();
    free_bytes_ -= text.size();
    return kept;
}

void StringTable::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    const std::size_t mask = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.id == kNone) continue;
        std::size_t at = hash_bytes(strings_[slot.id]) & mask;
        while (slots_[at].id != kNone) at = (at + 1) & mask;
        slots_[at] = slot;
    }
}

std::size_t StringTable::bytes() const {
    return strings_.bytes() + slots_.size() * sizeof(Slot) + block_bytes_;
}

}  // namespace skua::store::embedded
