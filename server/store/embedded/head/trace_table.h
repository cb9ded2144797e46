// SPDX-License-Identifier: Apache-2.0
// The traces of a shard by number and by id.
//
// Threads: one appends (want, resolve); others may look up what was published to them. Nothing moves; an index that was
// outgrown stays for those who are in it.
#pragma once

#include "model/ids.h"
#include "store/embedded/head/stable_array.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace skua::store::embedded {

inline constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

struct TraceSlot {
    std::uint64_t high;
    std::uint64_t low;
    std::uint32_t newest;  // row; atomic
    std::uint32_t unused[3];
};
static_assert(sizeof(TraceSlot) == 32);

class TraceTable {
public:
    explicit TraceTable(ArenaPool& pool);

    // Asks for the number of a trace, to be written to `*to` by resolve(), or before. Traces come in no order, so that
    // each is a walk through memory that is far away: asking for several at once hides the wait. False: full.
    bool want(const model::TraceId& id, std::uint32_t* to) {
        Wanted& wanted = wanted_[wanted_count_++];
        wanted = {id, hash_of(id), to};
        const Index& index = *indexes_.back();
        __builtin_prefetch(&index.slots[wanted.hash & index.mask]);
        return wanted_count_ < wanted_.size() || resolve();
    }
    bool resolve();
    void forget_wanted() { wanted_count_ = 0; }

    // kNoRow: not there.
    [[nodiscard]] std::uint32_t find(const model::TraceId& id) const;
    TraceSlot& operator[](std::size_t i) { return traces_[i]; }
    const TraceSlot& operator[](std::size_t i) const { return traces_[i]; }
    [[nodiscard]] std::uint32_t size() const { return count_; }  // the appender's
    [[nodiscard]] std::size_t bytes() const;

private:
    struct Index {
        explicit Index(std::size_t size);
        std::size_t mask;
        std::unique_ptr<std::atomic<std::uint32_t>[]> slots;
    };
    struct Wanted {
        model::TraceId id;
        std::size_t hash = 0;
        std::uint32_t* to = nullptr;
    };
    static std::size_t hash_of(const model::TraceId& id) {
        const std::uint64_t x = (id.high ^ (id.low * 3)) * 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>(x ^ (x >> 32));
    }
    std::uint32_t number_of(const model::TraceId& id, std::size_t hash);
    void grow();

    ArenaArray<TraceSlot, 1024> traces_;
    std::uint32_t count_ = 0;
    std::array<Wanted, 16> wanted_;
    std::size_t wanted_count_ = 0;
    std::atomic<const Index*> index_ = nullptr;
    std::vector<std::unique_ptr<Index>> indexes_;  // the last is current
};

}  // namespace skua::store::embedded
