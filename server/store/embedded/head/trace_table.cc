// SPDX-License-Identifier: Apache-2.0
#include "store/embedded/head/trace_table.h"

namespace skua::store::embedded {

TraceTable::Index::Index(std::size_t size) : mask(size - 1), slots(new std::atomic<std::uint32_t>[size]) {
    for (std::size_t i = 0; i < size; ++i) slots[i].store(kNoRow, std::memory_order_relaxed);
}

TraceTable::TraceTable(ArenaPool& pool) : traces_(pool) {
    indexes_.push_back(std::make_unique<Index>(4096));
    index_.store(indexes_.back().get(), std::memory_order_release);
}

bool TraceTable::resolve() {
    const std::size_t count = wanted_count_;
    wanted_count_ = 0;
    const Index& index = *indexes_.back();
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t likely = index.slots[wanted_[i].hash & index.mask].load(std::memory_order_relaxed);
        if (likely != kNoRow) __builtin_prefetch(&traces_[likely]);
    }
    for (std::size_t i = 0; i < count; ++i) {
        const Wanted& wanted = wanted_[i];
        if (i > 0 && wanted.id == wanted_[i - 1].id) {
            *wanted.to = *wanted_[i - 1].to;
            continue;
        }
        *wanted.to = number_of(wanted.id, wanted.hash);
        if (*wanted.to == kNoRow) return false;
    }
    return true;
}

std::uint32_t TraceTable::number_of(const model::TraceId& id, std::size_t hash) {
    Index& index = *indexes_.back();
    std::size_t at = hash & index.mask;
    for (;; at = (at + 1) & index.mask) {
        const std::uint32_t found = index.slots[at].load(std::memory_order_relaxed);
        if (found == kNoRow) break;
        if (traces_[found].low == id.low && traces_[found].high == id.high) return found;
    }
    if (!traces_.reserve(count_ + std::size_t{1})) return kNoRow;
    const std::uint32_t made = count_++;
    traces_[made] = {id.high, id.low, kNoRow, {}};
    index.slots[at].store(made, std::memory_order_release);
    if (std::size_t{count_} * 2 > index.mask) grow();
    return made;
}

void TraceTable::grow() {
    auto bigger = std::make_unique<Index>((indexes_.back()->mask + 1) * 2);
    for (std::uint32_t i = 0; i < count_; ++i) {
        std::size_t to = hash_of({traces_[i].high, traces_[i].low}) & bigger->mask;
        while (bigger->slots[to].load(std::memory_order_relaxed) != kNoRow) to = (to + 1) & bigger->mask;
        bigger->slots[to].store(i, std::memory_order_relaxed);
    }
    index_.store(bigger.get(), std::memory_order_release);
    indexes_.push_back(std::move(bigger));
}

std::uint32_t TraceTable::find(const model::TraceId& id) const {
    const Index* index = index_.load(std::memory_order_acquire);
    for (std::size_t at = hash_of(id) & index->mask;; at = (at + 1) & index->mask) {
        const std::uint32_t found = index->slots[at].load(std::memory_order_acquire);
        if (found == kNoRow || (traces_[found].low == id.low && traces_[found].high == id.high)) return found;
    }
}

std::size_t TraceTable::bytes() const {
    std::size_t total = traces_.bytes();
    for (const auto& index : indexes_) total += (index->mask + 1) * sizeof(std::uint32_t);
    return total;
}

}  // namespace skua::store::embedded
